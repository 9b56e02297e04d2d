"""The one address that identity providers speak to."""

from django.urls import path

from privacy.access.views.scim_door import scim

urlpatterns = [
    path("scim/v2", scim, name="scim"),
    path("scim/v2/", scim, name="scim"),
    path("scim/v2/<path:path>", scim, name="scim"),
]
