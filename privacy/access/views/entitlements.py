"""Doors: what can be given, who owns it, which functions it belongs to; and what was refused."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import Part, number, sought
from customers.doors.tables import csv_of
from privacy.access import actions, queries
from privacy.access.forms.grants import JustifyForm, OwnerForm
from privacy.access.models import DeniedKind, Entitlement
from privacy.access.views.parts import ADMINISTERS, do
from privacy.workforce.models import Employee


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def entitlements(request: HttpRequest) -> HttpResponseBase:
    """Everything that can be given."""
    now = timezone.now()
    rows = queries.list_entitlements(now=now)
    if request.method == "POST":
        return csv_of(request, rows)
    context = {"title": "Entitlements", "now": now, "rows": rows, "section": "access"}
    return render(request, "privacy/access/entitlements.html", context)


@staff_page(ADMINISTERS)
@require_safe
def entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    """One entitlement: what it gives, who owns it, who has it, which functions justify it."""
    now = timezone.now()
    found = get_object_or_404(Entitlement.objects.select_related("system", "owner"), pk=pk)
    held = found.grants.active().select_related("employee", "entitlement", "entitlement__system").order_by("employee__name")
    holders = Part(held, most=200)
    people = Employee.objects.employed(at=now).order_by("name")
    context = {
        "title": f"{found.name[:1].upper()}{found.name[1:]}",
        "now": now,
        "entitlement": found,
        "holders": holders,
        "rows": queries.seen(holders, now=now),
        "justified": found.justified_by.select_related("job_function"),
        "owner_form": OwnerForm(people=people, initial={"owner": found.owner_id}),
        "justify_form": JustifyForm(),
        "section": "access",
    }
    return render(request, "privacy/access/entitlement.html", context)


@staff_page(ADMINISTERS)
@require_POST
def own(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Entitlement, pk=pk)
    form = OwnerForm(request.POST, people=Employee.objects.employed(at=timezone.now()))
    if not form.is_valid():
        messages.error(request, "Choose somebody who works here, or nobody.")
        return redirect("access:entitlement", pk=pk)
    user: Any = request.user
    owner = form.cleaned_data["owner"]
    said = f"{owner} decides on requests for it now." if owner else "The security administrators decide on requests for it now."
    return do(request, lambda: actions.set_owner(found.pk, owner=owner, by=user), said=said, to="access:entitlement", pk=pk)


@staff_page(ADMINISTERS)
@require_POST
def justify(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or take away a function that justifies this entitlement."""
    found = get_object_or_404(Entitlement, pk=pk)
    form = JustifyForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a function of the list.")
        return redirect("access:entitlement", pk=pk)
    user: Any = request.user
    verb = actions.no_longer_justify if "take_away" in request.POST else actions.justify
    function = form.cleaned_data["job_function"]
    return do(request, lambda: verb(function, found, by=user), said="Changed.", to="access:entitlement", pk=pk)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def denied(request: HttpRequest) -> HttpResponseBase:
    """What was refused: sign-ins, pages, reveals."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in DeniedKind.values else ""
    find = sought(request)
    found = queries.find_denied(kind=kind, find=find)
    if request.method == "POST":
        return csv_of(request, found)
    rows, following = queries.page_of_denied(found, after=number(request.GET.get("after")))
    context = {
        "title": "Refused attempts",
        "now": timezone.now(),
        "rows": rows,
        "following": following,
        "kinds": DeniedKind.choices,
        "kind": kind,
        "find": find,
        "sign_in_page": reverse("account_login"),
        "section": "access",
    }
    return render(request, "privacy/access/denied.html", context)
