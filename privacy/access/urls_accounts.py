"""Sign-in, second factor, one's own sessions: allauth's views, less the ones this house does not have."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
