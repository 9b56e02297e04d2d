"""The business calendar: federal holidays by law, and the company's own closures (REQUESTS.md, "Clocks")."""

from typing import Any

import holidays
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from customers.doors.pages import staff_page
from privacy.tickets import actions
from privacy.tickets.forms import ClosureForm
from privacy.tickets.models import Closure

SETS = "privacy.manage_settings"


@staff_page(SETS)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Days on which no business day is counted, this year and next; a closure of the company can be added."""
    now = timezone.now()
    today = timezone.localdate(now)
    user: Any = request.user
    form = ClosureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        actions.close_on(day, name=form.cleaned_data["name"], by=user)
        messages.success(request, f"Closed on {day:%B %-d, %Y}. Due dates of open requests were counted again.")
        return redirect("tickets:calendar")
    federal = holidays.country_holidays("US", years=[today.year, today.year + 1])
    context = {
        "title": "Business calendar",
        "now": now,
        "form": form,
        "closures": Closure.objects.filter(day__year__gte=today.year),
        "federal": [(day, name) for day, name in sorted(federal.items()) if day >= today],
        "section": "settings",
    }
    return render(request, "privacy/tickets/calendar.html", context, status=400 if form.errors else 200)


@staff_page(SETS)
@require_POST
def open_after_all(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    actions.open_after_all(pk, by=user, reason="not closed after all")
    messages.success(request, "A business day again. Due dates of open requests were counted again.")
    return redirect("tickets:calendar")
