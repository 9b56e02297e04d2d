"""What may be done with a request now, and what should be done next."""

from collections.abc import Collection, Iterable
from typing import Any

from privacy.tickets.models import EventKind, RightKind, Ticket, TicketChannel, TicketEvent, TicketRight, TicketState

# Rights that are granted only to a verified requester (11 CCR 7060 ff). Opt-outs and limits are never verified.
NEEDS_VERIFICATION = frozenset({RightKind.ACCESS_CATEGORIES, RightKind.ACCESS_SPECIFIC, RightKind.CORRECTION, RightKind.DELETION})
# Channels on which an answer leaves as a letter of ours; on the others a colleague answers and writes down what was said.
BY_MAIL = frozenset({TicketChannel.EMAIL, TicketChannel.WEB, TicketChannel.AGENT})


def was_verified(events: Iterable[TicketEvent]) -> bool:
    """Whether somebody recorded that the requester is who they say, and how."""
    return any(event.kind == EventKind.STATE and event.facts.get("to") == TicketState.VERIFIED for event in events)


def is_paused(events: Iterable[TicketEvent]) -> bool:
    """Whether we wait for the requester: the last pause was not ended. Events come oldest first."""
    turns = [event.kind for event in events if event.kind in {EventKind.PAUSED, EventKind.RESUMED}]
    return bool(turns) and turns[-1] == EventKind.PAUSED


def was_extended(events: Iterable[TicketEvent]) -> bool:
    """Whether its clock was extended, which is done once."""
    return any(event.kind == EventKind.EXTENDED for event in events)


def next_act(ticket: Ticket, rights: Collection[TicketRight], events: Collection[TicketEvent], *, by: Any) -> str:
    """The one act that moves this request on: the primary button. Empty for a closed request."""
    standing = [right for right in rights if right.ended_at is None]
    if ticket.closed_at:
        return ""
    if ticket.assignee_id != by.pk:
        return "claim" if ticket.assignee_id is None else "comment"
    if any(right.proposed for right in standing):
        return "confirm_kinds"
    if any(right.kind in {RightKind.OPT_OUT, RightKind.LIMIT_USE} for right in standing):
        return "suppress"
    if ticket.state == TicketState.RECEIVED:
        return "acknowledge"
    if any(right.kind in NEEDS_VERIFICATION for right in standing) and not was_verified(events):
        return "verify" if ticket.state == TicketState.VERIFYING else "begin_verifying"
    if not any(event.kind == EventKind.REPLY for event in events):
        return "reply"
    return "answer"
