"""Addresses of the access map."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
