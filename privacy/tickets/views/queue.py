"""The work queue, and a new request by phone, post or fax."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from customers.doors import paging
from customers.doors.pages import staff_page
from customers.doors.tables import csv_of
from privacy.tickets import actions, queries
from privacy.tickets.errors import TicketRefused
from privacy.tickets.forms import NewTicketForm
from privacy.tickets.models import RightKind, Ticket, TicketChannel, TicketRight, TicketState
from privacy.tickets.policies import STATED_HOURS, is_open
from privacy.tickets.views.taking_down import take_down

LABELS = {"mine": "Mine", "unassigned": "Unassigned", "due": "Due soon", "overdue": "Overdue", "all": "All"}
MOST_IN_BULK = 200
SOONEST_FIRST = ("due_at", "pk")  # nulls last


@staff_page("privacy.work_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest) -> HttpResponseBase:
    """One tab of the queue, soonest due first, a page at a time by key; sent by its button, all of the tab as a file."""
    now = timezone.now()
    counts = queries.queue_counts(by=request.user, now=now)
    tab = request.GET.get("tab", "")
    if tab not in LABELS:
        tab = "mine" if counts["mine"] else "unassigned"
    chosen = {
        "kind": _one_of(request.GET.get("kind", ""), RightKind.values),
        "channel": _one_of(request.GET.get("channel", ""), TicketChannel.values),
        "state": _one_of(request.GET.get("state", ""), TicketState.values),
    }
    rows = queries.queue(tab, by=request.user, now=now, **chosen)
    if request.method == "POST":
        return csv_of(request, rows.order_by(*(paging.NEWEST_FIRST if tab == "all" else SOONEST_FIRST)))
    tickets, following = _page(rows, after=request.GET.get("after", ""), newest_first=tab == "all")
    closed = queries.closures()
    ahead = queries.due_by_week(now=now)
    context = {
        "now": now,
        "tab": tab,
        "tabs": [(code, label, counts.get(code)) for code, label in LABELS.items()],
        "tickets": tickets,
        "following": following,
        "kinds": RightKind.choices,
        "channels": TicketChannel.choices,
        "states": TicketState.choices,
        "chosen": chosen,
        "due_finding": ahead.finding,
        "due_weeks": [
            ("overdue", ahead.overdue, "bad"),
            *((f"{monday:%-d %b}", count, "") for monday, count in ahead.weeks),
            ("later", ahead.later, ""),
        ],
        "phones_open": is_open(now, closed),
        "hours": [f"{start:%H:%M} to {end:%H:%M}" for start, end in (STATED_HOURS[0], STATED_HOURS[5])],
        "title": "Requests",
    }
    return render(request, "privacy/tickets/queue.html", context)


def _one_of(value: str, known: list[str]) -> str:
    return value if value in known else ""


def _page(rows: Any, *, after: str, newest_first: bool) -> tuple[list[Ticket], str]:
    """PAGE rows after the key of the last one shown, and the key of the next page ("" at the end)."""
    rows = rows.select_related("assignee", "customer").prefetch_related(Prefetch("rights", TicketRight.objects.order_by("pk")))
    if newest_first:
        return paging.newest_first(rows, after=after, size=queries.PAGE)
    rows = rows.order_by(*SOONEST_FIRST)
    if key := paging.read_key(after):
        due_at, pk = key
        later = Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk) | Q(due_at__isnull=True)
        rows = rows.filter(later if due_at else Q(due_at__isnull=True, pk__gt=pk))
    found = list(rows[: queries.PAGE + 1])
    if len(found) <= queries.PAGE:
        return found, ""
    last = found[queries.PAGE - 1]
    return found[: queries.PAGE], paging.key_of(last.due_at, last.pk)


@staff_page("privacy.work_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take down a request that came by phone, post or fax."""
    now = timezone.now()
    form = NewTicketForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        opened = take_down(
            request,
            form,
            channel=data["channel"],
            kinds=data["kinds"],
            requester=form.requester(),
            received_at=data["received_at"] or now,
            now=now,
            text=data["text"],
            regime=data["regime"],
            preferred_channel=data["preferred_channel"],
        )
        if opened is not None:
            return opened
    context = {"form": form, "now": now, "title": "New request"}
    return render(request, "privacy/tickets/new.html", context, status=422 if form.errors else 200)


@staff_page("privacy.work_tickets")
@require_POST
def bulk(request: HttpRequest, verb: str) -> HttpResponse:
    """Claim or acknowledge several requests; each is its own act, and what was refused is said."""
    verbs = {"claim": actions.claim, "acknowledge": actions.acknowledge}
    act = verbs.get(verb)
    chosen = (paging.number(key) for key in request.POST.getlist("ticket")[:MOST_IN_BULK])
    done = 0
    for key in dict.fromkeys(key for key in chosen if key is not None) if act else []:
        try:
            act(key, by=request.user, now=timezone.now())  # type: ignore[operator,misc]
            done += 1
        except Ticket.DoesNotExist:
            messages.error(request, f"There is no request {key}.")
        except TicketRefused as refusal:
            messages.error(request, f"Request {key}: {refusal}")
    if done:
        messages.success(request, f"{done} request{'s' if done != 1 else ''}: {verb} done.")
    return redirect(reverse("tickets:queue"))
