"""The register of opt-outs, for colleagues."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.addresses import client_address
from customers.doors.masks import search_subject, searching
from customers.doors.pages import staff_page
from customers.doors.paging import NEWEST_FIRST, newest_first
from customers.doors.tables import csv_of
from customers.queries import TooMany
from privacy.ledger.actions import holds_now, record_read
from privacy.ledger.errors import NoLongerAllowed
from privacy.ledger.models import ReadKind
from privacy.optouts import actions, queries
from privacy.optouts.errors import NoSubject, OnAnotherChannel, OptOutRefused
from privacy.optouts.forms import EvidenceForm, OptOutForm, ReceiptForm
from privacy.optouts.models import Channel, OptOut, Purpose, SuppressionDelivery
from privacy.optouts.policies import Subject
from privacy.optouts.policies.gate import APPLY_WITHIN_DAYS

MAY_LOOK = ("privacy.manage_optouts", "privacy.view_optout")
PAGE = 50
DAYS_SHOWN = 30


@staff_page(*MAY_LOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """Newest first, with figures; a search for one address or number comes by POST, so that it stays out of URLs and logs."""
    now = timezone.now()
    rows = OptOut.objects.select_related("customer", "recorded_by")
    sought = request.POST.get("who", "").strip() if request.method == "POST" else ""
    if sought:
        try:
            searching.send(OptOut, request=request)
        except TooMany as refusal:
            messages.error(request, str(refusal))
            return redirect("optouts:list")
    subjects = _subjects(sought)
    # What is asked about one person is answered whole: no filter of the list's address, and no later page of it.
    asked = {} if sought else request.GET
    if sought:
        rows = rows.filter(queries.choices_of(subjects))
    chosen = {"channel": asked.get("channel", ""), "purpose": asked.get("purpose", "")}
    if chosen["channel"] in Channel.values:
        rows = rows.filter(channel=chosen["channel"])
    if chosen["purpose"] in Purpose.values:
        rows = rows.filter(purpose=chosen["purpose"])
    if "csv" in request.POST:
        return csv_of(request, rows.order_by(*NEWEST_FIRST))
    page, following = newest_first(rows, after=asked.get("after", ""), size=PAGE)
    if sought:  # asked for again, and written down, before anything is shown
        if not holds_now(request.user, *MAY_LOOK):
            raise NoLongerAllowed(str(request.user))
        record_read(
            ReadKind.SEARCH,
            search_subject("opt-outs", sought),
            by=request.user,
            now=now,
            address=client_address(request),
            rows_seen=len(page),
        )
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    by_day = queries.opt_outs_by_day(days)
    counts = [count for _, count in by_day]
    week, before = sum(counts[-7:]), sum(counts[-14:-7])
    context = {
        "now": now,
        "opt_outs": page,
        "following": following,
        "sought": bool(sought),
        "sought_masked": subjects[0].masked if subjects else "",
        "in_force": sum(one.withdrawn_at is None for one in page) if sought else 0,
        "chosen": chosen,
        "channels": Channel.choices,
        "purposes": Purpose.choices,
        "totals": queries.totals(),
        "week": week,
        "trend": counts,
        "finding": _finding(week, before),
        "chart": [(f"{day:%-d %b}", count) for day, count in by_day],
        "title": "Opt-outs",
        "section": "optouts",
    }
    return render(request, "privacy/optouts/list.html", context)


def _finding(week: int, before: int) -> str:
    if not week and not before:
        return "Nobody opted out in the last two weeks"
    if week == before:
        return f"{week} opted out in the last seven days, as many as in the seven before"
    compared = "more" if week > before else "fewer"
    return f"{week} opted out in the last seven days, {compared} than the {before} of the seven before"


def _subjects(sought: str) -> list[Subject]:
    """Whom an address or a number names; nobody where it is neither."""
    subjects = []
    for make in (Subject.of_email, partial(Subject.of_phone, as_before=True)):
        try:
            subjects.append(make(sought))
        except NoSubject:
            continue
    return subjects


@staff_page("privacy.manage_optouts")
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record a choice that came by phone, post or fax."""
    now = timezone.now()
    form = OptOutForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            wish, new = actions.opt_out(form.cleaned_data.pop("who"), **form.cleaned_data, now=now, by=request.user)
        except OnAnotherChannel as refusal:
            form.add_error("who", str(refusal))
        else:
            said = "Opted out, as of now." if new else "That person had opted out of it already; the first choice stands."
            messages.success(request, said)
            return redirect(reverse("optouts:opt_out", args=[wish.pk]))
    context = {"form": form, "now": now, "title": "Record an opt-out", "section": "optouts"}
    return render(request, "privacy/optouts/record.html", context, status=422 if form.errors else 200)


@staff_page(*MAY_LOOK)
@require_safe
def opt_out(request: HttpRequest, pk: int) -> HttpResponse:
    """One choice, and the two steps that withdraw it."""
    return _one(request, pk, EvidenceForm())


def _one(request: HttpRequest, pk: int, form: EvidenceForm, *, status: int = 200) -> HttpResponse:
    wish = get_object_or_404(OptOut.objects.select_related("customer", "recorded_by"), pk=pk)
    context = {"opt_out": wish, "form": form, "now": timezone.now(), "title": "Opt-out", "section": "optouts"}
    return render(request, "privacy/optouts/opt_out.html", context, status=status)


@staff_page("privacy.manage_optouts")
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """First step of withdrawing."""
    return _step(request, pk, actions.ask_to_withdraw)


@staff_page("privacy.manage_optouts")
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Second step of withdrawing, when the person confirmed to a colleague."""
    return _step(request, pk, actions.confirm_withdrawal)


def _step(request: HttpRequest, pk: int, verb: Any) -> HttpResponse:
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return _one(request, pk, form, status=422)
    get_object_or_404(OptOut, pk=pk)
    try:
        done = verb(pk, now=timezone.now(), by=request.user, evidence=form.cleaned_data["evidence"])
    except OptOutRefused as refusal:
        form.add_error(None, str(refusal))
        return _one(request, pk, form, status=409)
    if isinstance(done, OptOut):
        said = "Withdrawn: the person receives this again."
    elif done[1]:
        said = "Noted. A letter asks the person to confirm; until then the opt-out holds."
    else:
        said = "Noted, but no letter goes out: there is no address, or it had its letters for today. Ask the person yourself."
    messages.success(request, said)
    return redirect(reverse("optouts:opt_out", args=[pk]))


@staff_page("privacy.send_suppression", "privacy.manage_sharing")
@require_http_methods(["GET", "HEAD", "POST"])
def deliveries(request: HttpRequest) -> HttpResponseBase:
    """What third parties were sent, and whether they confirmed it."""
    now = timezone.now()
    rows = SuppressionDelivery.objects.select_related("third_party").order_by("-made_at", "-pk")
    if request.method == "POST":
        return csv_of(request, rows)
    context = {
        "deliveries": rows[:200],
        "overdue": set(SuppressionDelivery.objects.overdue(at=now).values_list("pk", flat=True)),
        "waiting": queries.parties_not_told(since=now, now=now),
        "apply_within_days": APPLY_WITHIN_DAYS,
        "form": ReceiptForm(),
        "now": now,
        "title": "Suppression lists",
        "section": "optouts",
    }
    return render(request, "privacy/optouts/deliveries.html", context)


@staff_page("privacy.send_suppression", "privacy.manage_sharing")
@require_POST
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The third party answered."""
    get_object_or_404(SuppressionDelivery, pk=pk)
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose what they answered.")
        return redirect(reverse("optouts:deliveries"))
    try:
        actions.record_receipt(pk, state=form.cleaned_data["state"], by=request.user, now=timezone.now())
    except OptOutRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Their answer is recorded.")
    return redirect(reverse("optouts:deliveries"))
