"""Addresses of break-glass, restoring, keeping."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
