"""Doors: people who work here, what they have, and what HR says about them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import number, sought
from customers.doors.tables import csv_of
from customers.doors.words import ReasonForm
from privacy.access import actions, policies, queries
from privacy.access.forms.grants import BackForm, HireForm, LeftForm, MovedForm
from privacy.access.models import SECOND_FACTORS, AccessGrant
from privacy.access.views.parts import ADMINISTERS, MANAGES_PEOPLE, OVERSEE_PEOPLE, REFUSALS, REVOKES, do
from privacy.access.views.progress import person_for_page
from privacy.workforce.actions import hire
from privacy.workforce.errors import AddressTaken
from privacy.workforce.models import Employee, HrEvent, JobFunction, WorkerType
from privacy.workforce.queries import ended_late, leaving_ahead

PEOPLE_STATES = ("here", "contractors", "left", "all")


@staff_page(*OVERSEE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody, with how much access each has."""
    now = timezone.now()
    state = request.GET.get("state", "here")
    state = state if state in PEOPLE_STATES else "here"
    find = sought(request)
    found = queries.find_people(state=state, find=find, now=now)
    if request.method == "POST":
        return csv_of(request, found)
    after = request.GET.get("after", "").replace("\x00", "")[:150]
    rows, following = queries.page_of_people(found, after=after, now=now)
    context = {
        "title": "People",
        "now": now,
        "rows": rows,
        "following": following,
        "state": state,
        "states": PEOPLE_STATES,
        "find": find,
        "section": "access",
    }
    return render(request, "privacy/access/people.html", context)


@staff_page(oversee=OVERSEE_PEOPLE)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what they have and why, what would go if they left now, what HR said."""
    now = timezone.now()
    user: Any = request.user
    found: Any = person_for_page(request, pk)
    day = timezone.localdate(now)
    events = list(found.employment_events.select_related("by")[:20])
    standing = set(found.employment_events.standing().values_list("pk", flat=True))
    for event in events:
        event.employee = found
        event.has_evidence = event.pk in standing and event.effective_at <= now
        # Nobody left on a day that was moved or taken back before it came.
        event.word = "was to leave" if event.kind == HrEvent.LEFT and event.pk not in standing else event.said(at=now)
    rows = queries.grants_of(found, now=now)
    works_here = found.is_employed(at=now)
    # What has ended stands behind what somebody has; of who has left, it is all there is to say.
    ended = [one for one in rows if one.grant.revoked_at or one.grant.denied_at] if works_here else []
    restorable = next((event.pk for event in events if policies.may_restore(event, user, at=now)), None)
    context = {
        "title": str(found),
        "now": now,
        "person": found,
        "works_here": works_here,
        "ended_late_at": ended_late([found]).get(pk),
        "rows": [one for one in rows if one not in ended],
        "ended": ended,
        "would_go": queries.what_would_go(found, now=now),
        "needs_nda": found.worker_type == WorkerType.CONTRACTOR or any(one.grant.sensitive for one in rows if one not in ended),
        "ndas": found.ndas.order_by("-starts_on"),
        "nda_in_force": found.ndas.in_force(on=day).exists(),
        "briefing": found.briefings.first(),
        "has_second_factor": found.authenticator_set.filter(type__in=SECOND_FACTORS).exists(),
        "events": events,
        "restorable_event": restorable,
        "may_say_stays": pk != user.pk and leaving_ahead(found, now=now) is not None,
        "may_tell": policies.may_tell_events(user, at=now),
        "may_revoke_all": user.has_perm(REVOKES),
        "may_have_evidence": policies.may_have_evidence(user.pk, at=now),
        "has_active": AccessGrant.objects.active().filter(employee=found).exists(),
        "section": "access",
    }
    return render(request, "privacy/access/person.html", context)


@staff_page(MANAGES_PEOPLE, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def left(request: HttpRequest, pk: int) -> HttpResponse:
    """“Has left”: shows everything that goes, then ends it in one act."""
    now = timezone.now()
    found = get_object_or_404(Employee, pk=pk)
    form = LeftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, last_day = form.cleaned_data["reason"], form.cleaned_data["last_day"]
        user: Any = request.user
        try:
            if last_day is None:
                ended = actions.end_employment(pk, by=user, reason=reason, now=now, source="page")
                messages.success(request, f"{found} has left. {len(ended)} grants and every session ended.")
            else:
                actions.schedule_leaving(pk, last_day=last_day, by=user, now=now, source="page", reason=reason)
                messages.success(request, f"{found} leaves after {last_day:%B %-d, %Y}. Access ends by itself then.")
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        if pk == user.pk and last_day is None:
            return redirect("account_login")
        return redirect("access:person", pk=pk)
    context = {
        "title": f"{found} has left",
        "now": now,
        "person": found,
        "would_go": queries.what_would_go(found, now=now),
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/left.html", context, status=400 if form.errors else 200)


@staff_page(MANAGES_PEOPLE, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def stays(request: HttpRequest, pk: int) -> HttpResponse:
    """“Stays after all”: takes back a leaving that has not come yet."""
    now = timezone.now()
    found = get_object_or_404(Employee, pk=pk)
    leaving = leaving_ahead(found, now=now)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and leaving is not None and form.is_valid():
        user: Any = request.user
        reason = form.cleaned_data["reason"]
        return do(
            request,
            lambda: actions.schedule_leaving(pk, last_day=None, by=user, now=now, source="page", reason=reason),
            said=f"{found} stays. They sign in anew.",
            to="access:person",
            pk=pk,
        )
    context = {
        "title": f"{found} stays after all",
        "now": now,
        "person": found,
        "leaving": leaving,
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/stays.html", context, status=400 if form.errors else 200)


@staff_page(MANAGES_PEOPLE, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def moved(request: HttpRequest, pk: int) -> HttpResponse:
    """“Changed function”: choose it, see what goes and what stays, then say so."""
    now = timezone.now()
    user: Any = request.user
    found = get_object_or_404(Employee.objects.select_related("job_function"), pk=pk)
    asked = number(request.GET.get("to"))
    to = JobFunction.objects.filter(pk=asked).first() if asked else None
    form = MovedForm(request.POST or None, initial={"to": to})
    if request.method == "POST" and form.is_valid():
        try:
            ended = actions.change_function(pk, to=form.cleaned_data["to"], by=user, now=now, source="page")
            gone = "They have left: nothing ended by it." if found.has_left(at=now) else f"{len(ended)} grants ended."
            messages.success(request, f"{found} is now {form.cleaned_data['to']}. {gone}")
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        return redirect("access:person", pk=pk)
    context = {
        "title": f"{found} changed function",
        "now": now,
        "person": found,
        "to": to,
        "would_go": queries.what_would_go(found, now=now, to=to, leaving=False) if to else None,
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/moved.html", context, status=400 if form.errors else 200)


@staff_page(MANAGES_PEOPLE, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Works here again, without any of the old access."""
    now = timezone.now()
    found = get_object_or_404(Employee, pk=pk)
    form = BackForm(request.POST or None, initial={"starts_on": timezone.localdate(now)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        user: Any = request.user
        if values["ends_on"] and values["ends_on"] < values["starts_on"]:
            form.add_error("ends_on", "Employment cannot end before it starts.")
        else:
            try:
                actions.bring_back(pk, by=user, now=now, source="page", **values)
                messages.success(request, f"{found} works here again, without any of the old access.")
            except REFUSALS as refusal:
                messages.error(request, str(refusal))
            return redirect("access:person", pk=pk)
    context = {"title": f"{found} is back", "now": now, "person": found, "form": form, "section": "access"}
    return render(request, "privacy/access/back.html", context, status=400 if form.errors else 200)


@staff_page(REVOKES)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of one person at once, without saying that they left."""
    now = timezone.now()
    found = get_object_or_404(Employee, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            ended = actions.revoke_everything(pk, by=user, reason=form.cleaned_data["reason"], now=now)
            messages.success(request, f"{len(ended)} grants of {found} ended, and every session.")
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        return redirect("account_login") if pk == user.pk else redirect("access:person", pk=pk)
    context = {
        "title": f"Revoke everything of {found}",
        "now": now,
        "person": found,
        "would_go": queries.what_would_go(found, now=now),
        "form": form,
        "section": "access",
    }
    return render(request, "privacy/access/revoke_all.html", context, status=400 if form.errors else 200)


@staff_page(MANAGES_PEOPLE, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: HttpRequest) -> HttpResponse:
    """Somebody new, without any access."""
    now = timezone.now()
    form = HireForm(request.POST or None, managers=Employee.objects.employed(at=now).order_by("name"))
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            made = hire(by=user, now=now, source="page", **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error("email" if isinstance(refusal, AddressTaken) else "login", str(refusal))
        else:
            messages.success(
                request,
                f"{made} works here now, without any access. “Forgot password?” at the sign-in lets them set a password.",
            )
            return redirect("access:person", pk=made.pk)
    context = {"title": "Somebody new", "now": now, "form": form, "section": "access"}
    return render(request, "privacy/access/add_person.html", context, status=400 if form.errors else 200)
