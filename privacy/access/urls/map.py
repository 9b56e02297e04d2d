"""Addresses of the access map."""

from django.urls import URLPattern, path

from privacy.access.views import map as access_map

urlpatterns: list[URLPattern] = [
    path("map/", access_map.access_map, name="map"),
    path("map/export.csv", access_map.export, name="map_export"),
    path("people/<int:pk>/would-go/", access_map.would_go, name="would_go"),
]
