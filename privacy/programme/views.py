"""Doors of the security programme: policies, briefings, department reviews, threats."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import Part, number, sought
from privacy.programme import actions, errors, queries
from privacy.programme.forms import BriefingForm, DepartmentReviewForm, PolicyForm, ThreatForm
from privacy.programme.models import Briefing, DepartmentReview, Policy, Threat
from privacy.workforce.models import Employee

MANAGES, ADMINISTERS = "privacy.manage_programme", "privacy.administer_access"

# Where the forms lead back to, in words.
BACK_TO = {"programme:home": "Programme", "programme:briefings": "Briefings"}


@staff_page(MANAGES)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The programme at a glance: what is overdue first."""
    now = timezone.now()
    day = timezone.localdate(now)
    policies = [(policy, queries.uninformed(policy, now=now).count()) for policy in queries.policies_in_force()]
    context = {
        "title": "Programme",
        "now": now,
        "day": day,
        "policies": policies,
        "unbriefed": Part(queries.unbriefed(now=now), most=50),
        "departments": queries.departments_with_last_review(),
        "overdue": {department.pk for department in queries.departments_overdue(now=now)},
        "reviews": DepartmentReview.objects.select_related("department", "recorded_by")[:20],
        "threats": queries.open_threats(),
        "section": "programme",
    }
    return render(request, "privacy/programme/home.html", context)


@staff_page()
@require_safe
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """A policy's text, for everybody; with who has not acknowledged it, for those who manage the programme."""
    now = timezone.now()
    user: Any = request.user
    found = get_object_or_404(Policy, pk=pk)
    context = {
        "title": str(found),
        "now": now,
        "policy": found,
        "said": found.acknowledgements.filter(employee=user).first(),
        "uninformed": Part(queries.uninformed(found, now=now), most=200) if user.has_perm(MANAGES) else None,
        "section": "programme",
    }
    return render(request, "privacy/programme/policy.html", context)


@staff_page()
@require_safe
def to_read(request: HttpRequest) -> HttpResponse:
    """Policies that I have not acknowledged yet."""
    user: Any = request.user
    context = {
        "title": "Policies",
        "now": timezone.now(),
        "waiting": queries.to_acknowledge(user),
        "all": queries.policies_in_force(),
    }
    return render(request, "privacy/programme/to_read.html", context)


@staff_page()
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Policy, pk=pk)
    user: Any = request.user
    try:
        actions.acknowledge_policy(pk, by=user, now=timezone.now())
        messages.success(request, "Thank you. It is written down that you have read it.")
    except errors.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("programme:policy", pk=pk)


@staff_page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        values = form.cleaned_data
        made = actions.publish_policy(
            values["code"], title=values["title"], text=values["text"], by=user, day=timezone.localdate()
        )
        messages.success(request, f"{made} is published. Everybody is asked to acknowledge it.")
        return redirect("programme:policy", pk=made.pk)
    return _form(request, "Publish a policy", form, button="Publish")


@staff_page(MANAGES, ADMINISTERS)
@require_safe
def briefings(request: HttpRequest) -> HttpResponse:
    """Who was briefed, and who was not."""
    now = timezone.now()
    find = sought(request)
    rows = Briefing.objects.select_related("employee", "given_by")
    if find:
        rows = rows.filter(employee__name__icontains=find) | rows.filter(employee__login__icontains=find)
    context = {
        "title": "Briefings",
        "now": now,
        "rows": Part(rows, most=200),
        "unbriefed": Part(queries.unbriefed(now=now), most=200),
        "find": find,
        "section": "access",
    }
    return render(request, "privacy/programme/briefings.html", context)


@staff_page(MANAGES, ADMINISTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_briefing(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    user: Any = request.user
    initial = {"employee": number(request.GET.get("for")), "given_on": timezone.localdate(now)}
    people = Employee.objects.employed(at=now).exclude(pk=user.pk).order_by("name")
    form = BriefingForm(request.POST or None, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.record_briefing(
                values["employee"], given_on=values["given_on"], note=values["note"], by=user, today=timezone.localdate(now)
            )
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The briefing of {values['employee']} is on record.")
            return redirect("programme:briefings")
    return _form(request, "Record a briefing", form, button="Record", back="programme:briefings")


@staff_page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_review(request: HttpRequest) -> HttpResponse:
    form = DepartmentReviewForm(request.POST or None, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            actions.record_department_review(by=user, today=timezone.localdate(), **form.cleaned_data)
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The review is on record.")
            return redirect("programme:home")
    return _form(request, "Record a department review", form, button="Record")


@staff_page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_threat(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    form = ThreatForm(request.POST or None, day=day)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        actions.record_threat(by=user, assessed_on=day, **form.cleaned_data)
        messages.success(request, "The threat is on record.")
        return redirect("programme:home")
    return _form(request, "Record a threat", form, button="Record")


@staff_page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def reassess(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a threat again, or close it."""
    found = get_object_or_404(Threat, pk=pk)
    day = timezone.localdate()
    user: Any = request.user
    review_by = found.review_by if found.review_by and found.review_by > day else None
    initial = {"title": found.title, "description": found.description, "countermeasure": found.countermeasure}
    form = ThreatForm(request.POST or None, day=day, initial={**initial, "review_by": review_by})
    for name in ("title", "description"):
        form.fields[name].disabled = True
        form.fields[name].widget = forms.HiddenInput()
    if request.method == "POST" and "close" in request.POST:
        actions.close_threat(pk, by=user, reason="closed on the page", day=day)
        messages.success(request, "Closed.")
        return redirect("programme:home")
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.reassess_threat(pk, countermeasure=values["countermeasure"], review_by=values["review_by"], by=user, day=day)
        except errors.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Looked at.")
            return redirect("programme:home")
    lede = f"{found.description} Is what is done against it still enough?".strip()
    return _form(request, f"Look again: {found.title}", form, button="Looked at again", closable=True, lede=lede)


def _form(
    request: HttpRequest,
    title: str,
    form: Any,
    *,
    button: str,
    back: str = "programme:home",
    closable: bool = False,
    lede: str = "",
) -> HttpResponse:
    context = {
        "title": title,
        "now": timezone.now(),
        "form": form,
        "back": reverse(back),
        "button": button,
        "closable": closable,
        "back_words": BACK_TO[back],
        "lede": lede,
        "section": "access" if back == "programme:briefings" else "programme",
    }
    return render(request, "privacy/programme/form.html", context, status=400 if form.errors else 200)
