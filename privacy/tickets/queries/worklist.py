"""The work queue."""

from datetime import datetime, timedelta
from typing import Any

from privacy.tickets.models import Ticket, TicketQuerySet, TicketRight

DUE_SOON_DAYS = 5
TABS = ("mine", "unassigned", "due", "overdue", "all")
PAGE = 50


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
