"""Doors of the desk: Today, search, my access."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from customers.doors.pages import staff_page


@staff_page()
def home(request: HttpRequest) -> HttpResponse:
    """Today: what waits for this person, soonest first."""
    now = timezone.now()
    return render(request, "privacy/desk/home.html", {"now": now, "title": "Today", "section": "today"})


@staff_page()
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/desk/search.html", {"title": "Find", "now": timezone.now()})


@staff_page()
def my_access(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/desk/my_access.html", {"title": "My access", "now": timezone.now()})


@staff_page()
def tables(request: HttpRequest) -> HttpResponse:
    """Every table that this person may look at."""
    apps = admin.site.get_app_list(request)
    return render(request, "privacy/desk/tables.html", {"title": "Tables", "app_list": apps, "section": "tables"})
