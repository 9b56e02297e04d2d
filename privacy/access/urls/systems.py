"""Addresses of systems, changes in them, drift, tasks by hand."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
