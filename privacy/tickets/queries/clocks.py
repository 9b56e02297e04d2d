"""When the rights of a request are due, and the drawing of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from privacy.tickets.models import Closure, EventKind, Ticket, TicketEvent, TicketRight
from privacy.tickets.policies import Due, Fact, as_written_down, due_dates


def closures() -> frozenset[date]:
    """The company's own closed days."""
    return frozenset(Closure.objects.values_list("day", flat=True))


def facts_of(events: Iterable[TicketEvent], right: TicketRight) -> list[Fact]:
    """The events that bear on the clock of one right, as they were written down: its own, and those of the whole ticket."""
    mine = [event for event in events if event.right_id in (None, right.pk)]
    return [Fact(event.kind, event.at, event.facts) for event in as_written_down(mine)]


def clocks(
    ticket: Ticket,
    *,
    events: Iterable[TicketEvent] | None = None,
    rights: Iterable[TicketRight] | None = None,
    closed: frozenset[date] | None = None,
) -> list[tuple[TicketRight, Due]]:
    """Every right of a ticket with its due dates. events, rights, closed: the ticket's and the company's, where at hand."""
    events = list(ticket.events.all() if events is None else events)
    closed = closures() if closed is None else closed
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
        for right in (ticket.rights.all() if rights is None else rights)
    ]


def next_due(
    ticket: Ticket,
    *,
    events: Iterable[TicketEvent] | None = None,
    rights: Iterable[TicketRight] | None = None,
    closed: frozenset[date] | None = None,
) -> datetime | None:
    """The soonest instant at which a clock of an open right runs out; None when nothing is open."""
    if ticket.closed_at:
        return None
    found = clocks(ticket, events=events, rights=rights, closed=closed)
    return min((due.soonest for right, due in found if right.ended_at is None), default=None)


@dataclass(frozen=True)
class Mark:
    """One instant on the drawn clock: x in units of the drawing (0 to WIDTH), what it is, when, and

    whether it is past its due date.
    """

    x: float
    label: str
    at: datetime
    css: str


@dataclass(frozen=True)
class Drawing:
    """The clock of a request: from receipt to the last due date.

    first, elapsed, end: x of the first due date, of now, of the end.
    """

    marks: list[Mark]
    first: float
    elapsed: float
    end: float
    words: str
    late: bool

    @property
    def extension(self) -> float:
        return round(self.end - self.first, 1)


WIDTH = 300.0


def clock_drawing(
    ticket: Ticket, clocks: list[tuple[TicketRight, Due]], events: Iterable[TicketEvent], *, now: datetime
) -> Drawing | None:
    """What to draw for a request: received, acknowledged, due, extended, answered, and now. None without any right."""
    shown = [due for right, due in clocks if right.ended_at is None] or [due for _, due in clocks]
    if not shown:
        return None
    tightest = min(shown, key=lambda due: due.answer_by)
    until = ticket.closed_at or now
    span = (max(tightest.answer_by, until) - ticket.received_at).total_seconds() or 1.0

    def place(at: datetime) -> float:
        return round(max(0.0, min(1.0, (at - ticket.received_at).total_seconds() / span)) * WIDTH, 1)

    marks = [Mark(0.0, "received", ticket.received_at, "done")]
    acknowledged = next((event.at for event in events if event.kind == EventKind.ACKNOWLEDGED), None)
    if acknowledged:
        marks.append(Mark(place(acknowledged), "acknowledged", acknowledged, "done"))
    elif tightest.acknowledge_by:
        css = "bad" if tightest.acknowledge_by < now and not ticket.closed_at else "due"
        marks.append(Mark(place(tightest.acknowledge_by), "acknowledge by", tightest.acknowledge_by, css))
    late = tightest.answer_by < until
    if tightest.answer_by != tightest.first_answer_by:
        marks.append(Mark(place(tightest.first_answer_by), "first due date", tightest.first_answer_by, "due"))
    marks.append(
        Mark(
            place(tightest.answer_by),
            "extended to" if tightest.answer_by != tightest.first_answer_by else "due",
            tightest.answer_by,
            "bad" if late else "due",
        )
    )
    if ticket.closed_at:
        marks.append(Mark(place(ticket.closed_at), "closed", ticket.closed_at, "done"))
    words = "; ".join(f"{mark.label} {timezone.localtime(mark.at):%-d %B %Y}" for mark in marks)
    return Drawing(marks, place(tightest.first_answer_by), place(until), place(tightest.answer_by), words, late)
