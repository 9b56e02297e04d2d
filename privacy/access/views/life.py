"""Doors: emergencies (break-glass), mistakes of HR, and what a mover keeps."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import Part
from customers.doors.words import ReasonForm
from privacy.access import actions, policies, queries
from privacy.access.forms.life import EmergencyForm, KeepForm, NameForm, NoteForm
from privacy.access.models import SECOND_FACTORS, AccessGrant, BreakGlassEligibility, GrantState
from privacy.access.views.grants import grant_for_page
from privacy.access.views.parts import ADMINISTERS, APPROVES, REFUSALS, do
from privacy.workforce.models import Employee, EmploymentEvent
from privacy.workforce.queries import leaving_ahead


def second_factor_proven_at(request: HttpRequest) -> datetime | None:
    """When the second factor was last proven again, after the sign-in; None where only the sign-in asked for it."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    again = [record["at"] for record in records if record.get("method") == "mfa" and record.get("reauthenticated")]
    return datetime.fromtimestamp(max(again), tz=UTC) if again else None


@staff_page()
@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """What I may take in an emergency; for administrators also who is named, and what was taken and not looked at."""
    now = timezone.now()
    user: Any = request.user
    administers = user.has_perm(ADMINISTERS)
    taken = queries.emergencies(at=now)
    if not administers:
        taken = taken.filter(entitlement__owner=user) | taken.filter(employee=user)
    mine = [
        {"naming": one, "refusal": queries.why_not_taken(user, one.entitlement, at=now)}
        for one in queries.named_for_emergencies(at=now, employee=user)
    ]
    listed = Part(taken, most=100)
    context = {
        "title": "Emergencies",
        "now": now,
        "mine": mine,
        "named": queries.named_for_emergencies(at=now) if administers else [],
        "taken": [{"grant": one, "is_over": policies.is_over(one, at=now)} for one in listed],
        "listed": listed,
        "administers": administers,
        "section": "access",
    }
    return render(request, "privacy/access/life/emergencies.html", context)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest, pk: int) -> HttpResponse:
    """Take access in an emergency: the second factor is proven again first, for each taking; owners are told at once."""
    now = timezone.now()
    user: Any = request.user
    eligibility = get_object_or_404(queries.named_for_emergencies(at=now, employee=user), pk=pk)
    proven_at = second_factor_proven_at(request)
    if proven_at is None or not policies.counts_for_a_taking(user, proven_at=proven_at, at=now):
        if not user.authenticator_set.filter(type__in=SECOND_FACTORS).exists():
            messages.error(request, "Set up a second factor first: emergency access asks for it again each time.")
            return redirect("mfa_index")
        query = urlencode({"next": reverse("access:break_glass", args=[pk])})
        return redirect(f"{reverse('mfa_reauthenticate')}?{query}")
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            grant = actions.break_glass(pk, by=user, now=now, proven_at=proven_at, **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            failing = policies.why_not(grant, now)
            waits = f" It is not in force, though. {' '.join(failing)}" if failing else ""
            messages.success(request, f"The glass is broken: this access is yours until it ends by itself.{waits}")
            return redirect("access:grant", pk=grant.pk)
    context = {"title": "Break the glass", "now": now, "eligibility": eligibility, "form": form, "section": "access"}
    return render(request, "privacy/access/life/break_glass.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def name_for_emergencies(request: HttpRequest) -> HttpResponse:
    """Name somebody who may break the glass."""
    now = timezone.now()
    user: Any = request.user
    people = Employee.objects.employed(at=now).exclude(pk=user.pk).order_by("name")
    form = NameForm(request.POST or None, people=people, entitlements=queries.requestable())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.name_for_emergencies(
                values["employee"], values["entitlement"], by=user, reason=values["reason"], ends_at=form.ends_at, now=now
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{values['employee']} may take this in an emergency now.")
            return redirect("access:emergencies")
    context = {"title": "Name somebody for emergencies", "now": now, "form": form, "section": "access"}
    return render(request, "privacy/access/life/name.html", context, status=400 if form.errors else 200)


@staff_page(ADMINISTERS)
@require_POST
def end_naming(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(BreakGlassEligibility, pk=pk)
    user: Any = request.user
    return do(
        request,
        lambda: actions.end_naming(pk, by=user, now=timezone.now()),
        said="Not named for it any more.",
        to="access:emergencies",
    )


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at what was taken in an emergency: why, when, what was done with it; then write down what one found."""
    now = timezone.now()
    user: Any = request.user
    found = grant_for_page(request, pk)
    if not policies.may_look_at(found, user, at=now):
        raise PermissionDenied
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.look_at_emergency(pk, by=user, note=form.cleaned_data["note"], now=now)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Written down.")
            return redirect("access:emergencies")
    context = {
        "title": "Look at an emergency",
        "now": now,
        "grant": found,
        "reads": queries.reads_under(found),
        "is_over": policies.is_over(found, at=now),
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/life/look.html", context, status=400 if form.errors else 200)


def _besides(given: actions.Restored) -> list[str]:
    """What restoring did beside giving back, and what it did not give back, as sentences for the restorer."""
    said = [f"Not given back, because {why}: {'; '.join(lines)}." for why, lines in given.found.left_out]
    changed = [
        ("Ended, because it was approved under the other function and this one does not justify it", given.ended),
        ("Kept for a while no more; its end is the one of before", given.unkept),
    ]
    said += [f"{what}: {', '.join(one.entitlement.name for one in grants)}." for what, grants in changed if grants]
    if str(given.handed_back):
        said.append(f"Theirs again: {given.handed_back}.")
    if given.handed_back.stay:
        said.append(f"{given.handed_back.stay} of what was handed on stay where they are: changed or answered since.")
    return said


@staff_page(APPROVES)
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """HR was mistaken: shows what comes back, then gives it back in one act."""
    now = timezone.now()
    user: Any = request.user
    event = get_object_or_404(EmploymentEvent.objects.select_related("employee__job_function"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = actions.restore_after_mistake(pk, by=user, reason=form.cleaned_data["reason"], now=now)
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            said = f"Restored: {event.employee} works here as before, with {len(given)} grants. They sign in anew."
            messages.success(request, said)
            for line in _besides(given):
                messages.warning(request, line)
        return redirect("access:person", pk=event.employee_id)
    back = queries.returning(event, at=now)
    context = {
        "title": f"Restore {event.employee}",
        "now": now,
        "event": event,
        "person": event.employee,
        "word": event.said(at=now),
        "lies_ahead": leaving_ahead(event.employee, now=now) == event,
        "may": policies.may_restore(event, user, at=now),
        "restorable": policies.is_restorable(event, at=now),
        "would_have_left_on": None if event.employee.is_employed(at=now) else policies.would_have_left_on(event, at=now),
        "days": policies.RESTORED_WITHIN_DAYS,
        "rows": queries.seen(back.given, now=now),
        "left_out": back.left_out,
        "told": back.told,
        "undone_with": policies.undone_with(event),
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/life/restore.html", context, status=400 if form.errors else 200)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner lets a mover keep a grant, for at most 30 days."""
    now = timezone.now()
    user: Any = request.user
    found: AccessGrant = grant_for_page(request, pk)
    if found.state != GrantState.APPROVED or not policies.may_keep(found, user, at=now):
        raise PermissionDenied
    form = KeepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_grant(pk, by=user, reason=form.cleaned_data["reason"], until=form.until, now=now)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Kept until {form.cleaned_data['last_day']:%B %-d, %Y}, whatever the function is.")
            return redirect("access:grant", pk=pk)
    context = {"title": "Keep through a change of function", "now": now, "grant": found, "form": form, "section": "access"}
    return render(request, "privacy/access/life/keep.html", context, status=400 if form.errors else 200)
