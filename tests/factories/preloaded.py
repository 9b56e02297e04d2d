"""What `warm.py` has in memory before it forks. Imported there and nowhere else: it sets Django up for the house as it runs."""

import django
from django.urls import get_resolver

django.setup()
len(get_resolver().url_patterns)  # every view

import privacy.access.views.scim_door  # noqa: E402, F401
import tests.factories.warm  # noqa: E402, F401
