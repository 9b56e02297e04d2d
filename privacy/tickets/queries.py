"""Reads that span tables: who a requester may be, the queue, the timeline."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Q

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.models import Customer
from privacy.tickets.models import Closure, Ticket, TicketEvent, TicketQuerySet, TicketRight
from privacy.tickets.policies import Due, Fact, due_dates

CERTAIN = 90  # from this score on, and only when nobody else reaches it, the person is matched without being asked
MOST_CANDIDATES = 5
DUE_SOON_DAYS = 5
TABS = ("mine", "unassigned", "due", "overdue", "all")
PAGE = 50


@dataclass(frozen=True)
class Requester:
    """What a requester told us about themselves; every part may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    post: str = ""


@dataclass(frozen=True)
class Match:
    """A customer who may be the requester: score 0 to 100, and why."""

    customer: Customer
    score: int
    reasons: list[str] = field(default_factory=list)


def find_person(requester: Requester) -> list[Match]:
    """Customers who may be this requester, likeliest first.

    Nobody is merged by a look-alike: addresses match whole or not at all.
    """
    email = _key(email_key, NotAnAddress, requester.email)
    phone = _key(phone_key, NotAPhoneNumber, requester.phone)
    asked = Q()
    if email:
        asked |= Q(email_key=email)
    if phone:
        asked |= Q(phone=phone)
    found = list(Customer.objects.filter(asked).order_by("pk")[:MOST_CANDIDATES]) if asked else []
    name = " ".join(requester.name.split())
    if not found and len(name) >= 3:
        found = list(Customer.objects.filter(name__iexact=name).order_by("pk")[:MOST_CANDIDATES])
    matches = [_scored(customer, email=email, phone=phone, name=name) for customer in found]
    return sorted(matches, key=lambda match: (-match.score, match.customer.pk))


def certain_match(matches: list[Match]) -> Match | None:
    """The one customer who is surely meant, if there is one."""
    sure = [match for match in matches if match.score >= CERTAIN]
    return sure[0] if len(sure) == 1 else None


def _scored(customer: Customer, *, email: str, phone: str, name: str) -> Match:
    score, reasons = 0, []
    if email and customer.email_key == email:
        score, reasons = 90, ["same e-mail address"]
    if phone and customer.phone == phone:
        score, reasons = max(score, 70) + (8 if score else 0), [*reasons, "same phone number"]
    if name and customer.name:
        likeness = SequenceMatcher(None, name.casefold(), customer.name.casefold()).ratio()
        if likeness > 0.95:
            score, reasons = score + (2 if score >= CERTAIN else 15 if score else 40), [*reasons, "same name"]
        elif likeness > 0.75:
            score, reasons = score + (1 if score >= CERTAIN else 8), [*reasons, "similar name"]
        elif score:
            reasons.append("another name")
    return Match(customer, min(score, 100), reasons)


def _key(canonical: Any, refusal: type[Exception], text: str) -> str:
    try:
        return str(canonical(text)) if text else ""
    except refusal:
        return ""


def closures() -> frozenset[date]:
    """The company's own closed days."""
    return frozenset(Closure.objects.values_list("day", flat=True))


def facts_of(events: Iterable[TicketEvent], right: TicketRight) -> list[Fact]:
    """The events that bear on the clock of one right: its own, and those of the whole ticket."""
    return [Fact(event.kind, event.at, event.facts) for event in events if event.right_id in (None, right.pk)]


def clocks(ticket: Ticket) -> list[tuple[TicketRight, Due]]:
    """Every right of a ticket with its due dates."""
    events = list(ticket.events.all())
    closed = closures()
    return [
        (
            right,
            due_dates(
                kind=right.kind,
                regime=ticket.regime,
                received_at=ticket.received_at,
                events=facts_of(events, right),
                closures=closed,
            ),
        )
        for right in ticket.rights.all()
    ]


def next_due(ticket: Ticket) -> datetime | None:
    """The soonest instant at which a clock of an open right runs out; None when nothing is open."""
    if ticket.closed_at:
        return None
    return min((due.soonest for right, due in clocks(ticket) if right.ended_at is None), default=None)


def queue(tab: str, *, by: Any, now: datetime, kind: str = "", channel: str = "", state: str = "") -> TicketQuerySet:
    """The rows of one tab of the work queue, soonest due first."""
    rows: TicketQuerySet = Ticket.objects.all()
    if tab == "mine":
        rows = rows.open().filter(assignee=by)
    elif tab == "unassigned":
        rows = rows.open().filter(assignee__isnull=True)
    elif tab == "due":
        rows = rows.due_before(at=now + timedelta(days=DUE_SOON_DAYS)).filter(due_at__gte=now)
    elif tab == "overdue":
        rows = rows.overdue(at=now)
    elif tab != "all":
        raise ValueError(f"no such tab: {tab!r}")
    if kind:
        rows = rows.filter(pk__in=TicketRight.objects.filter(kind=kind).values("ticket_id"))
    if channel:
        rows = rows.filter(channel=channel)
    if state:
        rows = rows.filter(state=state)
    return rows


def queue_counts(*, by: Any, now: datetime) -> dict[str, int]:
    """How many rows each tab of open work has."""
    return {tab: queue(tab, by=by, now=now).count() for tab in TABS if tab != "all"}


def ticket_of_reference(reference: str) -> Ticket | None:
    """The ticket that people name like this ("LUM-2026-000123"), in any case."""
    return Ticket.objects.filter(reference=reference.upper()).first()
