"""Doors: what I have, ask for more, decide, revoke, suspend (ACCESS.md, "Pages that people ask for")."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import number, sought
from customers.doors.tables import csv_of
from customers.doors.words import ReasonForm
from privacy.access import actions, errors, policies, queries
from privacy.access.forms.grants import RequestForm
from privacy.access.models import AccessGrant, GrantState
from privacy.access.views.parts import ADMINISTERS, OVERSEE_GRANTS, REFUSALS, do
from privacy.workforce.models import Employee


@staff_page()
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I have, why something is not in force, and what waits for my decision."""
    now = timezone.now()
    context = {
        "title": "My access",
        "now": now,
        "rows": queries.grants_of(request.user, now=now),  # type: ignore[arg-type]
        "to_decide": queries.to_decide(request.user, now=now),  # type: ignore[arg-type]
        "section": "access",
    }
    return render(request, "privacy/access/mine.html", context)


@staff_page(*OVERSEE_GRANTS)
@require_http_methods(["GET", "HEAD", "POST"])
def grants(request: HttpRequest) -> HttpResponseBase:
    """Every grant, by standing."""
    now = timezone.now()
    state = request.GET.get("state", "in force")
    state = state if state in queries.STATES else "in force"
    find, entitlement = sought(request), request.GET.get("entitlement", "").replace("\x00", "")[:100]
    found = queries.find_grants(state=state, entitlement=entitlement, find=find, now=now)
    if request.method == "POST":
        return csv_of(request, found)
    rows, following = queries.page_of_grants(found, after=number(request.GET.get("after")), now=now)
    context = {
        "title": "Grants",
        "now": now,
        "rows": rows,
        "following": following,
        "state": state,
        "states": queries.STATES,
        "waits": {one.grant.pk: queries.approvers_of(one.grant, now=now) for one in rows} if state == "waiting" else {},
        "lapses": {one.grant.pk: policies.request_lapses_at(one.grant) for one in rows} if state == "waiting" else {},
        "find": find,
        "entitlement": entitlement,
        "entitlements": queries.requestable(),
        "to_decide": queries.to_decide(request.user, now=now),  # type: ignore[arg-type]
        "section": "access",
    }
    return render(request, "privacy/access/grants.html", context)


def grant_for_page(request: HttpRequest, pk: int) -> AccessGrant:
    """A grant that this person has something to do with. Raises Http404, PermissionDenied (ASVS 8.2.2)."""
    user: Any = request.user
    administers = any(user.has_perm(name) for name in OVERSEE_GRANTS)
    found = AccessGrant.objects.select_related(
        "employee__manager", "employee__job_function", "entitlement__owner", "entitlement__system"
    )
    grant = found.filter(pk=pk).first()
    if grant is None:
        if not administers:
            raise PermissionDenied  # whether there is such a grant is nobody else's business
        return get_object_or_404(AccessGrant, pk=pk)
    concerned = {grant.employee_id, grant.requested_by_id, grant.employee.manager_id, grant.entitlement.owner_id}
    if not administers and user.pk not in concerned:
        raise PermissionDenied
    return grant


@staff_page(oversee=OVERSEE_GRANTS)
@require_safe
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One grant: why it exists, who approved it, whether it is in force, and if not, why not."""
    now = timezone.now()
    found = grant_for_page(request, pk)
    user: Any = request.user
    active = found.state in (GrantState.APPROVED, GrantState.SUSPENDED)
    context = {
        "title": f"{found.employee}: {found.entitlement.name}",
        "now": now,
        "seen": queries.seen([found], now=now)[0],
        "grant": found,
        "waits_for": queries.approvers_of(found, now=now),
        "lapsed": policies.request_has_lapsed(found, at=now),
        "lapses_at": policies.request_lapses_at(found),
        "may_decide": policies.may_decide(found, user, at=now),
        "against": policies.stands_against(found),
        "may_withdraw": found.state == GrantState.REQUESTED and user.pk in (found.employee_id, found.requested_by_id),
        "may_revoke": active and policies.may_revoke(found, user, at=now),
        "may_keep": found.state == GrantState.APPROVED and policies.may_keep(found, user, at=now),
        "may_renew": active and found.ends_at is not None and policies.may_request_for(user, found.employee, at=now),
        "may_look": found.looked_at is None and policies.is_over(found, at=now) and policies.may_look_at(found, user, at=now),
        "may_suspend": active and policies.may_resume(found, user, at=now),
        "justified": found.entitlement.justified_by.filter(job_function=found.employee.job_function).exists(),
        "reason_form": ReasonForm(),
        "section": "access",
    }
    return render(request, "privacy/access/grant.html", context)


def _people_i_may_ask_for(user: Any, now: Any) -> Any:
    people = Employee.objects.employed(at=now)
    if not user.has_perm(ADMINISTERS):
        people = people.filter(pk=user.pk) | people.filter(manager=user)
    return people.order_by("name", "login")


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for access."""
    now = timezone.now()
    user: Any = request.user
    initial = {"employee": number(request.GET.get("for")) or user.pk, "entitlement": number(request.GET.get("what"))}
    form = RequestForm(
        request.POST or None, people=_people_i_may_ask_for(user, now), entitlements=queries.requestable(), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = actions.request_grant(
                values["employee"],
                values["entitlement"],
                by=user,
                reason=values["reason"],
                now=now,
                starts_at=form.starts_at,
                ends_at=form.ends_at,
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Asked for. It waits for {queries.approvers_of(made, now=now)}.")
            return redirect("access:grant", pk=made.pk)
    offered = queries.eligible_through_groups(user)
    context = {"title": "Ask for access", "now": now, "form": form, "offered": offered, "section": "access"}
    return render(request, "privacy/access/ask.html", context, status=400 if form.errors else 200)


@staff_page()
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    grant_for_page(request, pk)
    try:
        decided = actions.approve_grant(pk, by=request.user, now=now)  # type: ignore[arg-type]
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("access:grant", pk=pk)
    if decided.state == GrantState.REQUESTED:
        messages.success(request, f"Approved by you. It waits for {queries.approvers_of(decided, now=now)} too.")
    else:
        failing = policies.why_not(decided, now)
        waits = f" It is not in force yet. {' '.join(failing)}" if failing else " It is in force."
        messages.success(request, f"Approved.{waits}")
    return redirect("access:grant", pk=pk)


def _with_reason(request: HttpRequest, pk: int, verb: Any, *, said: str) -> HttpResponse:
    now = timezone.now()
    grant_for_page(request, pk)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return do(request, lambda: verb(pk, by=request.user, reason=reason, now=now), said=said, to="access:grant", pk=pk)


@staff_page()
@require_POST
def deny(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, actions.deny_grant, said="Denied.")


@staff_page()
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    grant_for_page(request, pk)
    return do(
        request,
        lambda: actions.withdraw_request(pk, by=request.user, now=now),  # type: ignore[arg-type]
        said="Taken back.",
        to="access:mine",
    )


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what will go and asks why; POST ends it; then the grant's page shows what happened.

    Of what was renewed meanwhile, both lead to the grant as which it goes on.
    """
    now = timezone.now()
    found = grant_for_page(request, pk)
    if request.method != "POST" and (successor := policies.goes_on_as(found)) is not None:
        messages.info(request, str(errors.RenewedMeanwhile(successor)))
        return redirect("access:revoke", pk=successor.pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended_own = found.employee_id == request.user.pk
        try:
            ended = actions.revoke_grant(pk, by=request.user, reason=form.cleaned_data["reason"], now=now)  # type: ignore[arg-type]
        except errors.RenewedMeanwhile as refusal:
            messages.error(request, str(refusal))
            return redirect("access:revoke", pk=refusal.successor.pk)
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            gone = "Revoked. It gives nothing any more, and open sessions have ended."
            if ended.state == GrantState.REVOKING:
                gone = f"Revoked. It is being taken away in {ended.entitlement.system}; this page shows when that is proven."
            messages.success(request, gone)
            if ended_own:
                return redirect("account_login")
        return redirect("access:grant", pk=pk)
    context = {
        "title": "Revoke access",
        "now": now,
        "grant": found,
        "seen": queries.seen([found], now=now)[0],
        "sessions": queries.what_would_go(found.employee, now=now).sessions,
        "may_revoke": found.state in (GrantState.APPROVED, GrantState.SUSPENDED)
        and policies.may_revoke(found, request.user, at=now),  # type: ignore[arg-type]
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/revoke.html", context, status=400 if form.errors else 200)


@staff_page()
@require_POST
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    found = grant_for_page(request, pk)
    said = "Suspended. It gives nothing until it is resumed."
    if not found.entitlement.system.is_here:
        said = f"Suspended until it is resumed. It is being taken away in {found.entitlement.system}: see below."
    return _with_reason(request, pk, actions.suspend_grant, said=said)


@staff_page()
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, actions.resume_grant, said="Resumed.")
