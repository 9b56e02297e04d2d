"""Doors of the mailroom: what came in and what became of it, quarantine first; what went out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.doors.pages import staff_page
from customers.doors.paging import NEWEST_FIRST, newest_first
from customers.doors.tables import csv_of
from privacy.mailroom import actions, queries
from privacy.mailroom.forms import SettledForm
from privacy.mailroom.models import Message, MessageOutcome
from privacy.optouts.actions import send_again
from privacy.optouts.errors import OptOutRefused
from privacy.optouts.models import Letter

PAGE = 50


@staff_page("privacy.work_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponseBase:
    """Received messages, newest first, by outcome; those in quarantine that nobody has dealt with stand on top."""
    now = timezone.now()
    chosen = request.GET.get("outcome", "")
    rows = Message.objects.defer("raw", "text").select_related("ticket", "opt_out")
    if chosen == "waiting":
        rows = rows.waiting()
    elif chosen in MessageOutcome.values:
        rows = rows.filter(outcome=chosen)
    if request.method == "POST":
        return csv_of(request, rows.order_by(*NEWEST_FIRST))
    page, following = newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    totals = queries.totals()
    context = {
        "now": now,
        "received": page,
        "following": following,
        "chosen": chosen,
        "outcomes": [(value, label, totals.by_outcome.get(value)) for value, label in MessageOutcome.choices],
        "totals": totals,
        "uncertain": Letter.objects.uncertain(at=now).count(),
        "title": "Mail",
        "section": "mail",
    }
    return render(request, "privacy/mailroom/inbox.html", context)


@staff_page("privacy.work_tickets")
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what became of it and why. What it says is revealed like any other mail."""
    return _one(request, pk, SettledForm())


def _one(request: HttpRequest, pk: int, form: SettledForm, *, status: int = 200) -> HttpResponse:
    one = get_object_or_404(Message.objects.defer("raw", "text").select_related("ticket", "opt_out", "duplicate_of"), pk=pk)
    letters = Letter.objects.filter(evidence_message=pk).order_by("made_at")
    context = {
        "message": one,
        "letters": letters,
        "form": form,
        "now": timezone.now(),
        "title": f"Message {pk}",
        "section": "mail",
        "undeliverables": one.undeliverables.all(),
    }
    return render(request, "privacy/mailroom/message.html", context, status=status)


@staff_page("privacy.work_tickets")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody dealt with a message in quarantine."""
    form = SettledForm(request.POST)
    get_object_or_404(Message, pk=pk, outcome=MessageOutcome.QUARANTINED)
    if not form.is_valid():
        return _one(request, pk, form, status=422)
    actions.settle_quarantined(pk, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    messages.success(request, "Settled.")
    return redirect(reverse("mailroom:inbox") + "?outcome=quarantined")


@staff_page("privacy.work_tickets")
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Letters that did not leave: waiting, refused by the mail server, or cut short so that nobody knows."""
    now = timezone.now()
    rows = Letter.objects.filter(sent_at__isnull=True).order_by("-made_at", "-pk")[:200]
    context = {
        "letters": rows,
        "now": now,
        "cut_short": set(Letter.objects.uncertain(at=now).values_list("pk", flat=True)),
        "being_sent": set(Letter.objects.being_sent(at=now).values_list("pk", flat=True)),
        "title": "Letters not sent",
        "section": "mail",
    }
    return render(request, "privacy/mailroom/letters.html", context)


@staff_page("privacy.work_tickets")
@require_POST
def letter_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a letter that waits, or whose sending was cut short, now."""
    get_object_or_404(Letter, pk=pk, sent_at__isnull=True)
    try:
        send_again(pk, by=request.user, reason="sent again by hand", now=timezone.now())
    except OptOutRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It will be sent now.")
    return redirect(reverse("mailroom:letters"))
