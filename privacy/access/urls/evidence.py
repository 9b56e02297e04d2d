"""Addresses of timeliness and evidence."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
