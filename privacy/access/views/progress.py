"""Doors: removals turning from pending to pushed to proven, live."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.doors.pages import staff_page
from privacy.access import queries
from privacy.access.models import AccessGrant
from privacy.access.views.grants import grant_for_page
from privacy.access.views.parts import OVERSEE_PEOPLE
from privacy.workforce.models import Employee

STOP_POLLING = 286  # htmx: swap this, and do not ask again


def _signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/access/systems/progress_over.html", {}, status=STOP_POLLING)


def _stops_when_signed_out(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A part of a page that refreshes itself must not swap the sign-in page into itself when the session ends."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and getattr(request, "htmx", False):
            return _signed_out(request)
        return view(request, *args, **kwargs)

    return wrapped


def _progress(request: HttpRequest, progress: Any) -> HttpResponse:
    """204 where nothing changed since what the page shows; the part again where it did; stop where nothing is outstanding."""
    if progress is None:
        return HttpResponse(status=STOP_POLLING)
    if request.GET.get("seen") == progress.fingerprint and progress.outstanding:
        return HttpResponse(status=204)
    status = 200 if progress.polls_every else STOP_POLLING
    context = {"progress": progress, "now": timezone.now(), "announce": True}
    return render(request, "privacy/access/systems/progress_part.html", context, status=status)


@_stops_when_signed_out
@staff_page()
@require_safe
def progress_of_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one grant is gone elsewhere: a part of its page, asked for again while something is outstanding."""
    grant: AccessGrant = grant_for_page(request, pk)
    return _progress(request, queries.progress_of_grant(grant))


@_stops_when_signed_out
@staff_page()
@require_safe
def progress_of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """How far what a person lost lately is gone elsewhere: a part of their page."""
    found = person_for_page(request, pk)
    return _progress(request, queries.progress_of_person(found, now=timezone.now()))


def person_for_page(request: HttpRequest, pk: int) -> Employee:
    """A person that the one who asks oversees, manages or is. Raises PermissionDenied, Http404."""
    user: Any = request.user
    oversees = any(user.has_perm(name) for name in OVERSEE_PEOPLE)
    found = Employee.objects.select_related("job_function", "department", "manager").filter(pk=pk).first()
    if not oversees and (found is None or user.pk not in (found.pk, found.manager_id)):
        raise PermissionDenied
    return found or get_object_or_404(Employee, pk=pk)
