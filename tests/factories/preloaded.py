"""What `warm.py` has in memory before it forks. Imported there and nowhere else: it sets Django up for the house as it runs."""

import django
from django.urls import get_resolver

from lumens_admin.starting import kept_to_the_end

with kept_to_the_end():
    django.setup()
    len(get_resolver().url_patterns)  # every view

    import privacy.access.views.scim_door  # noqa: F401
    import tests.factories.warm  # noqa: F401
