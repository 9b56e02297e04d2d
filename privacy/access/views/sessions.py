"""Doors: who is signed in now, and ending it (statement E.1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.doors.pages import staff_page
from privacy.access import actions, queries
from privacy.access.views.parts import ADMINISTERS, REVOKES
from privacy.workforce.actions import end_every_session
from privacy.workforce.models import Employee


@staff_page(REVOKES, ADMINISTERS)
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Everybody who is signed in; whatever has outlived its limits first."""
    now = timezone.now()
    context = {
        "title": "Sessions",
        "now": now,
        "rows": queries.open_sessions(now=now),
        "past_count": queries.sessions_past_a_limit(now=now).count(),
        "section": "access",
    }
    return render(request, "privacy/access/sessions.html", context)


@staff_page(REVOKES, ADMINISTERS)
@require_POST
def end_sessions_of(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of one person, without taking anything from them: a lost laptop, a strange address."""
    found = get_object_or_404(Employee, pk=pk)
    user: Any = request.user
    end_every_session(pk, by=user, reason="ended by a security administrator")
    if pk == user.pk:
        return redirect("account_login")
    messages.success(request, f"Every session of {found} is over. They can sign in again.")
    return redirect("access:sessions")


@staff_page(REVOKES, ADMINISTERS)
@require_POST
def end_past_a_limit(request: HttpRequest) -> HttpResponse:
    """End what has outlived its limits, whoever it belongs to."""
    user: Any = request.user
    ended = actions.end_sessions_past_a_limit(by=user, now=timezone.now())
    messages.success(request, f"{ended} session{'' if ended == 1 else 's'} past a limit ended.")
    return redirect("access:sessions")
