"""What the verbs of this room share: the lock, the check of who may act, the event, the due date that follows from it."""

from datetime import datetime
from typing import Any

from django.db import connection

from privacy.ledger.actions import holds_now
from privacy.tickets.errors import MayNotFollow, MayNotWorkTickets, NotYours, TicketClosed
from privacy.tickets.models import MAY_FOLLOW, EventKind, Ticket, TicketEvent, TicketRight, TicketState
from privacy.tickets.queries import next_due

PERMISSION = "privacy.work_tickets"
_CALENDAR = 0x4441_5953  # an advisory lock of PostgreSQL: many reckon by the calendar at once, one changes it


def under_the_calendar(*, changing: bool = False) -> None:
    """Until the act ends, nobody changes the days on which the company is closed; changing: nobody reckons by them meanwhile.

    Taken before any ticket is locked, so that a request which is opened or settled at that moment is found by `_settle_all`, or
    finds the new calendar.
    """
    function = "pg_advisory_xact_lock" if changing else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_CALENDAR])


def locked(ticket_id: int, *, by: Any, open_only: bool = True, own: bool = False) -> Ticket:
    """The ticket, locked until the act ends. `by` None is the system. Raises MayNotWorkTickets, TicketClosed, NotYours."""
    under_the_calendar()
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    check_worker(by)
    if open_only and ticket.closed_at:
        raise TicketClosed
    if own and by is not None and ticket.assignee_id != by.pk:
        raise NotYours
    return ticket


def check_worker(by: Any) -> None:
    """Ask again, under the lock, whether this person may work on requests. Raises MayNotWorkTickets."""
    if not holds_now(by, PERMISSION):
        raise MayNotWorkTickets(str(by))


def note(ticket: Ticket, kind: EventKind, *, at: datetime, by: Any, **more: Any) -> TicketEvent:
    """Write one dated fact."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, at=at, by=by, **more)


def move(ticket: Ticket, to: TicketState, *, at: datetime, by: Any, text: str = "") -> None:
    """Change the state, if it may follow. Raises MayNotFollow. The caller saves the ticket (`settle`)."""
    if ticket.state == to:
        return
    if to not in MAY_FOLLOW[ticket.state]:
        raise MayNotFollow(ticket.get_state_display(), TicketState(to).label)
    note(ticket, EventKind.STATE, at=at, by=by, facts={"from": ticket.state, "to": str(to)}, text=text or None)
    ticket.state = to


def settle(ticket: Ticket, *also: str) -> None:
    """Save the state, and the due date that the events give now."""
    ticket.due_at = next_due(ticket)
    ticket.save(update_fields=["state", "due_at", *also])


def standing_rights(ticket: Ticket) -> list[TicketRight]:
    """Rights that still wait for an outcome."""
    return list(ticket.rights.select_for_update().filter(ended_at__isnull=True))
