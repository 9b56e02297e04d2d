"""Addresses of access. One file per subject."""

from privacy.access.urls import evidence, grants, life, map, reviews, scim, systems

app_name = "access"
urlpatterns = [
    *grants.urlpatterns,
    *life.urlpatterns,
    *systems.urlpatterns,
    *scim.urlpatterns,
    *reviews.urlpatterns,
    *evidence.urlpatterns,
    *map.urlpatterns,
]
