"""Doors: other systems, what they give, whose account is whose there, and what differs from what people should have."""

from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import recently_proven, staff_page
from customers.doors.paging import Part, number
from customers.doors.words import ReasonForm
from privacy.access import actions, queries
from privacy.access.forms.systems import AccountForm, ConnectForm, EntitlementForm, NewEntitlementForm, SystemForm
from privacy.access.models import Drift, Entitlement, System, SystemAccount, SystemKind
from privacy.access.views.parts import ADMINISTERS, REFUSALS, do
from privacy.workforce.models import Employee


def _people() -> Any:
    return Employee.objects.employed(at=timezone.now()).order_by("name", "login")


def _other_system(pk: int) -> System:
    """A system that is not this house. Raises Http404."""
    found = get_object_or_404(System.objects.select_related("owner").defer("secret"), pk=pk)
    if found.is_here:
        raise Http404
    return found


@staff_page(ADMINISTERS)
@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """Every system with its health."""
    now = timezone.now()
    found = queries.health_of_systems(now=now)
    asked = sum(one.system.kind not in (SystemKind.HERE, SystemKind.BY_HAND) for one in found)
    context = {
        "title": "Systems",
        "now": now,
        "rows": found,
        "outstanding": sum(one.outstanding for one in found),
        "late": sum(one.late for one in found),
        "drift": sum(one.drift for one in found),
        "failing": sum(one.is_failing for one in found),
        "compared": any(one.last is not None and not one.last.failure for one in found),
        "can_be_asked": f"of {asked} that can be asked" if asked else "none can be asked: all are worked by hand",
        "section": "access",
    }
    return render(request, "privacy/access/systems/systems.html", context)


@staff_page(ADMINISTERS)
@require_safe
def system(request: HttpRequest, pk: int) -> HttpResponse:
    """One system: what it gives and who has it, accounts, changes, differences."""
    now = timezone.now()
    found = _other_system(pk)
    changes, following = queries.list_changes(system=pk, after=number(request.GET.get("after")))
    context = {
        "title": found.name,
        "now": now,
        "system": found,
        "health": queries.health_of_systems(now=now, only=pk)[0],
        "has_secret": System.objects.filter(pk=pk, secret__isnull=False).exists(),
        "entitlements": queries.entitlements_there(found),
        "accounts": Part(queries.accounts_there(found), most=500),
        "changes": changes,
        "following": following,
        "drift": queries.drift_there(found),
        "settled": queries.drift_there(found, settled=True)[:20],
        "compared": found.reconciliations.select_related("by")[:8],
        "account_form": AccountForm(people=_people()),
        "reason_form": ReasonForm(),
        "section": "access",
    }
    return render(request, "privacy/access/systems/system.html", context)


@sensitive_post_parameters("secret")
@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Connect a system. A fresh proof of who one is comes first, because a secret is stored."""
    form = ConnectForm(request.POST or None, people=_people(), initial={"kind": SystemKind.POSTGRESQL, "reconciled": True})
    if not recently_proven(request):
        return _prove_first(request)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            made = actions.connect_system(by=user, now=timezone.now(), **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made} is connected. Say what it gives, and compare it with what people should have.")
            return redirect("access:system", pk=made.pk)
    context = {"title": "Connect a system", "now": timezone.now(), "form": form, "section": "access"}
    return render(request, "privacy/access/systems/connect.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters("secret")
@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_system(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how a system is called, reached and owned. The secret is written, never shown."""
    found = _other_system(pk)
    initial = {"name": found.name, "address": found.address, "owner": found.owner_id, "reconciled": found.reconciled}
    form = SystemForm(request.POST or None, people=_people(), kind=found.kind, initial=initial)
    if not recently_proven(request):
        return _prove_first(request)
    if request.method == "POST" and form.is_valid():
        values = {"secret": None, "reconciled": False, **form.cleaned_data}
        user: Any = request.user
        try:
            actions.change_system(pk, by=user, now=timezone.now(), **values)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Changed. What is outstanding goes to the address above from now on.")
            return redirect("access:system", pk=pk)
    context = {"title": f"Change {found}", "now": timezone.now(), "system": found, "form": form, "section": "access"}
    return render(request, "privacy/access/systems/connect.html", context, status=400 if form.errors else 200)


def _prove_first(request: HttpRequest) -> HttpResponse:
    """Ask who it is before a secret is typed. A form that was sent is not kept: allauth would write it into the session."""
    if request.method == "POST":
        messages.warning(request, "Confirm that it is you, then fill this in again: nothing that you typed was kept.")
        return redirect(request.path)
    raise ReauthenticationRequired


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    found = _other_system(pk)
    form = NewEntitlementForm(request.POST or None, people=_people(), system=found)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            made = actions.add_entitlement(pk, by=user, now=timezone.now(), **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found} gives {made} now. Say which functions it belongs to.")
            return redirect("access:entitlement", pk=made.pk)
    context = {"title": f"Add what {found} gives", "now": timezone.now(), "system": found, "form": form, "section": "access"}
    return render(request, "privacy/access/systems/entitlement.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Entitlement.objects.select_related("system"), pk=pk)
    if found.system.is_here:
        raise Http404
    named = ("name", "external_name", "sensitive", "categories")
    initial = {**{name: getattr(found, name) for name in named}, "owner": found.owner_id}
    form = EntitlementForm(request.POST or None, people=_people(), initial=initial)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            actions.change_entitlement(pk, by=user, now=timezone.now(), **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Changed.")
            return redirect("access:entitlement", pk=pk)
    context = {
        "title": f"Change {found}",
        "now": timezone.now(),
        "system": found.system,
        "entitlement": found,
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/systems/entitlement.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which account a person has there."""
    found = _other_system(pk)
    form = AccountForm(request.POST, people=_people())
    if not form.is_valid():
        messages.error(request, "Name a person and their account there.")
        return redirect("access:system", pk=pk)
    user: Any = request.user
    values = form.cleaned_data
    said = f"{values['name']} is {values['employee']}'s account in {found}."
    return do(
        request,
        lambda: actions.link_account(
            pk, values["employee"], name=values["name"], external_id=values["external_id"], by=user, now=timezone.now()
        ),
        said=said,
        to="access:system",
        pk=pk,
    )


@staff_page(ADMINISTERS)
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SystemAccount, pk=pk)
    user: Any = request.user
    return do(
        request,
        lambda: actions.unlink_account(pk, by=user, now=timezone.now()),
        said="Unlinked. The account itself stays there.",
        to="access:system",
        pk=found.system_id,
    )


@staff_page(ADMINISTERS)
@require_POST
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare a system now, in the background; the page shows what was found when it is done."""
    found = _other_system(pk)
    if found.kind == SystemKind.BY_HAND:
        messages.error(request, "Nobody can ask this system: it is worked by hand.")
        return redirect("access:system", pk=pk)
    from privacy.access.jobs.changes import reconcile_system

    reconcile_system.defer(system_id=pk, by_id=request.user.pk)
    messages.success(request, f"{found} is being compared. What differs appears here in a moment.")
    return redirect("access:system", pk=pk)


@staff_page(ADMINISTERS)
@require_POST
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend one difference, in one click."""
    found = get_object_or_404(Drift, pk=pk)
    user: Any = request.user
    return do(
        request,
        lambda: actions.mend_drift(pk, by=user, now=timezone.now()),
        said="Being mended. It is gone when the system says so.",
        to="access:system",
        pk=found.system_id,
    )


@staff_page(ADMINISTERS)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one difference be, with a reason."""
    found = get_object_or_404(Drift, pk=pk)
    form = ReasonForm(request.POST)
    user: Any = request.user
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return do(
        request,
        lambda: actions.accept_drift(pk, by=user, reason=reason, now=timezone.now()),
        said="Accepted. It is not listed as open any more.",
        to="access:system",
        pk=found.system_id,
    )
