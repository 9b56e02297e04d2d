"""Addresses of identity providers."""

from django.urls import path

from privacy.access.views import scim

urlpatterns = [
    path("scim/", scim.scim_clients, name="scim_clients"),
    path("scim/connect/", scim.connect_scim, name="connect_scim"),
    path("scim/<int:pk>/revoke/", scim.revoke_scim, name="revoke_scim"),
    path("scim/groups/<int:pk>/", scim.scim_group, name="scim_group"),
    path("scim/groups/<int:pk>/eligible/", scim.scim_eligible, name="scim_eligible"),
]
