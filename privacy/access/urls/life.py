"""Addresses of emergencies (break-glass), restoring after a mistake of HR, and what a mover keeps."""

from django.urls import URLPattern, path

from privacy.access.views import life

urlpatterns: list[URLPattern] = [
    path("emergencies/", life.emergencies, name="emergencies"),
    path("emergencies/name/", life.name_for_emergencies, name="name_for_emergencies"),
    path("emergencies/<int:pk>/", life.break_glass, name="break_glass"),
    path("emergencies/<int:pk>/end/", life.end_naming, name="end_naming"),
    path("grants/<int:pk>/look/", life.look, name="look"),
    path("grants/<int:pk>/keep/", life.keep, name="keep"),
    path("events/<int:pk>/restore/", life.restore, name="restore"),
]
