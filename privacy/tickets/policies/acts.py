"""What may be done with a request now, and what should be done next."""

from collections.abc import Collection, Iterable
from math import inf
from typing import Any

from privacy.tickets.models import EventKind, RightKind, Ticket, TicketChannel, TicketEvent, TicketRight, TicketState
from privacy.tickets.policies.proof import NEEDS_VERIFICATION, needs_more_proof

# Channels on which an answer leaves as a letter of ours; on the others a colleague answers and writes down what was said.
BY_MAIL = frozenset({TicketChannel.EMAIL, TicketChannel.WEB, TicketChannel.AGENT})


def was_verified(events: Iterable[TicketEvent]) -> bool:
    """Whether somebody recorded that the requester is who they say, and how, and nothing put that in doubt since.

    Who was verified as one customer is not verified as another; who was verified for categories is not for specific pieces;
    and who writes on a closed request may be somebody else.
    """
    verified = False
    for event in as_written_down(events):
        if event.kind == EventKind.STATE and event.facts.get("to") in {TicketState.VERIFYING, TicketState.VERIFIED}:
            verified = event.facts["to"] == TicketState.VERIFIED
        elif (
            event.kind == EventKind.REOPENED
            or (event.kind == EventKind.MATCHED and _names_somebody_else(event))
            or (event.kind == EventKind.KIND_CHANGED and needs_more_proof(event.facts.get("from", ()), event.facts.get("to", ())))
        ):
            verified = False
    return verified


def was_answered(events: Iterable[TicketEvent]) -> bool:
    """Whether somebody replied to the requester, in whatever way, since the request was opened, or opened again.

    Whoever was verified since was asked for proof by what was said before, and told nothing; and that somebody is opted out
    answers nothing else that they ask.
    """
    answered = False
    for event in as_written_down(events):
        if event.kind == EventKind.REPLY:
            answered = answered or not event.facts.get("confirms_opt_out")
        elif event.kind == EventKind.REOPENED or (
            event.kind == EventKind.STATE and event.facts.get("to") == TicketState.VERIFIED
        ):
            answered = False
    return answered


def _names_somebody_else(matched: TicketEvent) -> bool:
    """Whether another customer (or none) became the requester. Where it is not on record who it was before: yes."""
    return "before" not in matched.facts or matched.facts["before"] != matched.facts.get("customer")


def is_paused(events: Iterable[TicketEvent]) -> bool:
    """Whether we wait for the requester: the last pause was not ended, by us or by their writing on a closed request."""
    ends = {EventKind.PAUSED, EventKind.RESUMED, EventKind.REOPENED}
    turns = [event.kind for event in as_written_down(events) if event.kind in ends]
    return bool(turns) and turns[-1] == EventKind.PAUSED


def was_extended(events: Iterable[TicketEvent]) -> bool:
    """Whether its clock was extended, which is done once; once more for what is asked when it was closed and is reopened."""
    turns = [event.kind for event in as_written_down(events) if event.kind in {EventKind.EXTENDED, EventKind.REOPENED}]
    return bool(turns) and turns[-1] == EventKind.EXTENDED


def as_written_down(events: Iterable[TicketEvent]) -> list[TicketEvent]:
    """By when each was written, not by its date: mail is dated by its arrival, and may be read after what happened meanwhile.

    What is not saved yet comes last.
    """
    return sorted(events, key=lambda event: event.pk or inf)


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
    if not was_answered(events):
        return "reply"
    return "answer"
