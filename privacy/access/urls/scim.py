"""Addresses of identity providers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
