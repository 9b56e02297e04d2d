"""Who works on a request, what it asks for, who it is about, how far it is."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from customers.classification import Category
from customers.models import Customer
from privacy.access.policies import grant_for
from privacy.ledger.actions import act, check_still_allowed, holds_now, record_read
from privacy.ledger.models import ReadKind
from privacy.tickets.actions.common import PERMISSION, locked, move, note, settle, standing_rights, under_the_calendar
from privacy.tickets.errors import AlreadyClaimed, MayNotFollow, MayNotWorkTickets, NothingAsked, NotPaused, ReasonMissing
from privacy.tickets.models import Closure, EventKind, RightKind, Ticket, TicketRight, TicketState
from privacy.tickets.policies import is_paused, needs_more_proof, was_verified
from privacy.tickets.queries import CHOSEN, READ_CONVERSATION, closures, next_due, subject_of

SETS_THE_CALENDAR = "privacy.manage_settings"


def claim(ticket_id: int, *, by: Any, now: datetime) -> Ticket:
    """Take a request on. Of two who try at once, one gets it. Raises AlreadyClaimed."""
    with act("claim", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by)
        if ticket.assignee_id == by.pk:
            return ticket
        if ticket.assignee is not None:
            raise AlreadyClaimed(str(ticket.assignee))
        ticket.assignee, ticket.claimed_at = by, now
        note(ticket, EventKind.CLAIMED, at=now, by=by)
        settle(ticket, "assignee", "claimed_at")
        return ticket


def read_conversation(ticket_id: int, *, by: Any, now: datetime, address: str | None = None) -> None:
    """Open the conversation to the person who works on the request; written down before anything is shown (ACCESS.md, "Reveal").

    Raises NotYours, MayNotWorkTickets.
    """
    with act("read_conversation", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, open_only=False, own=True)
        grant = grant_for(by.pk, READ_CONVERSATION, at=now)
        if grant is None:
            raise MayNotWorkTickets(str(by))
        record_read(
            ReadKind.REVEAL,
            subject_of(ticket),
            by=by,
            now=now,
            reason=f"works on {ticket.reference}",
            category=Category.MAIL,
            grant_id=grant.pk,
            address=address,
        )


def release(ticket_id: int, *, by: Any, now: datetime, reason: str = "") -> Ticket:
    """Put a request back for others."""
    with act("release", by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        ticket.assignee = ticket.claimed_at = None
        note(ticket, EventKind.RELEASED, at=now, by=by, text=reason or None)
        settle(ticket, "assignee", "claimed_at")
        return ticket


def hand_over(ticket_id: int, *, to: Any, by: Any, reason: str, now: datetime) -> Ticket:
    """Give a request to a colleague who may work on requests. Raises MayNotWorkTickets."""
    with act("hand_over", by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by)
        if not holds_now(to, PERMISSION):
            raise MayNotWorkTickets(str(to))
        ticket.assignee, ticket.claimed_at = to, now
        note(ticket, EventKind.HANDED_OVER, at=now, by=by, text=reason or None, facts={"to": to.pk})
        settle(ticket, "assignee", "claimed_at")
        return ticket


def change_kinds(ticket_id: int, *, kinds: Collection[str], by: Any, now: datetime) -> Ticket:
    """Say what the person asks for. Rights that have ended stay as they are; the clocks still start at receipt.

    Raises NotYours: nobody takes a right out of a request that somebody else answers. Who now asks for what needs more proof than
    they gave is verified again (11 CCR 7060).
    """
    wanted = {RightKind(kind) for kind in kinds}
    if not wanted:
        raise NothingAsked
    with act("change_kinds", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        standing = standing_rights(ticket)
        before = sorted(right.kind for right in standing)
        again = needs_more_proof(before, wanted) and was_verified(ticket.events.all())
        ended = set(ticket.rights.filter(ended_at__isnull=False).values_list("kind", flat=True))
        for right in standing:
            if right.kind in wanted:
                right.proposed = False
                right.save(update_fields=["proposed"])
            else:
                right.delete()
        for kind in wanted - {right.kind for right in standing} - ended:
            TicketRight.objects.create(ticket=ticket, kind=kind)
        note(ticket, EventKind.KIND_CHANGED, at=now, by=by, facts={"from": before, "to": sorted(wanted)})
        if again:
            move(ticket, TicketState.VERIFYING, at=now, by=by)
        settle(ticket)
        return ticket


def match_person(
    ticket_id: int, *, customer: Customer | None, by: Any, now: datetime, score: int | None = None, reasons: Collection[str] = ()
) -> Ticket:
    """Say which customer the requester is, or that it is none. Raises NotYours.

    Who was verified as one customer is not verified as another: verification begins again.
    """
    with act("match_person", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        before, after = ticket.customer_id, customer.pk if customer else None
        again = before != after and was_verified(ticket.events.all())
        ticket.customer, ticket.match_score, ticket.match_reasons = customer, score, [*reasons, CHOSEN]
        if customer is None:
            ticket.match_score, ticket.match_reasons = None, []
        note(ticket, EventKind.MATCHED, at=now, by=by, facts={"customer": after, "before": before, "score": score})
        if again:
            move(ticket, TicketState.VERIFYING, at=now, by=by)
        settle(ticket, "customer", "match_score", "match_reasons")
        return ticket


def advance(ticket_id: int, *, to: str, by: Any, now: datetime, how: str = "") -> Ticket:
    """Move a request on. `verified` needs how the person was verified. Raises MayNotFollow, ReasonMissing.

    Nobody who is verified is verified again, unless they turn out to be somebody else (`match_person`).
    """
    if to == TicketState.VERIFIED and not how.strip():
        raise ReasonMissing("Say how the requester was verified: which facts matched, or which code was answered.")
    if to == TicketState.CLOSED:
        raise ReasonMissing("A request is closed with an outcome.")
    with act("advance", by=by, reason=how, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        if to == TicketState.VERIFYING and was_verified(ticket.events.all()):
            raise MayNotFollow(ticket.get_state_display(), TicketState(to).label)
        move(ticket, TicketState(to), at=now, by=by, text=how)
        settle(ticket)
        return ticket


def pause(ticket_id: int, *, by: Any, reason: str, now: datetime) -> Ticket:
    """We wait for the requester. Moves only the clocks that may be paused (policies.due_dates). Done twice, it stands once."""
    with act(EventKind.PAUSED, by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        if is_paused(ticket.events.all()):
            return ticket
        return _dated(ticket, EventKind.PAUSED, by=by, reason=reason, now=now)


def resume(ticket_id: int, *, by: Any, reason: str, now: datetime) -> Ticket:
    """What we waited for has come. Done twice, it stands once. Raises NotPaused where we never waited."""
    with act(EventKind.RESUMED, by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        if is_paused(ticket.events.all()):
            return _dated(ticket, EventKind.RESUMED, by=by, reason=reason, now=now)
        if not ticket.events.filter(kind=EventKind.RESUMED).exists():
            raise NotPaused
        return ticket


def _dated(ticket: Ticket, kind: EventKind, *, by: Any, reason: str, now: datetime) -> Ticket:
    note(ticket, kind, at=now, by=by, text=reason or None)
    settle(ticket)
    return ticket


def close_on(day: date, *, name: str, by: Any) -> Closure:
    """The company is closed on that day: no business day. Due dates of open requests follow."""
    with act("close_on", by=by, reason=name):
        check_still_allowed(by, SETS_THE_CALENDAR)
        under_the_calendar(changing=True)
        closure, _ = Closure.objects.get_or_create(day=day, defaults={"name": name})
        _settle_all()
        return closure


def open_after_all(closure_id: int, *, by: Any, reason: str) -> None:
    """The company is not closed on that day after all. Due dates of open requests follow. Idempotent."""
    with act("open_after_all", by=by, reason=reason):
        check_still_allowed(by, SETS_THE_CALENDAR)
        under_the_calendar(changing=True)
        Closure.objects.filter(pk=closure_id).delete()
        _settle_all()


def settle_clocks() -> None:
    """Due dates are what the events and the rules say now: a new version may bring other rules, and nobody is to rely on a row.

    Done every night. Writes nothing where nothing is different.
    """
    with act("settle_clocks", by=None):
        under_the_calendar(changing=True)
        _settle_all()


def _settle_all() -> None:
    """Due dates follow the calendar. Events and rights are read by the chunk, and only what moved is written."""
    closed = closures()
    waiting = Ticket.objects.open().select_for_update(of=("self",)).order_by("pk").prefetch_related("events", "rights")
    for ticket in waiting.iterator(chunk_size=500):
        due_at = next_due(ticket, events=ticket.events.all(), rights=ticket.rights.all(), closed=closed)
        if due_at != ticket.due_at:
            ticket.due_at = due_at
            ticket.save(update_fields=["due_at"])
