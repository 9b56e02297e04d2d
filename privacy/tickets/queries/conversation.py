"""What was said in a request, and who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from privacy.ledger.models import ReadKind, RecordedRead
from privacy.tickets.models import EventKind, Outcome, RightKind, Ticket, TicketEvent, TicketState

READ_CONVERSATION = "customers.reveal_mail"
READABLE_FOR = timedelta(hours=8)
_REACHED = {TicketState.VERIFYING: "Verification begun", TicketState.FULFILLING: "Fulfilment begun"}
_SAID_BY_US = frozenset({EventKind.REPLY, EventKind.EXTENDED})
_SAID_BY_THEM = frozenset({EventKind.RECEIVED, EventKind.MESSAGE})


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline. side: "theirs", "ours", "note" or "fact".

    text: empty where it may not be read or nothing was said. message: the key of the message that holds more than is shown
    (a file, a quote), or None.
    """

    event: TicketEvent
    side: str
    text: str
    hidden: bool
    notes: list[str]
    message: int | None = None

    @property
    def heading(self) -> str:
        """What happened, in words: the new state and the new kinds themselves, not that something changed."""
        to = self.event.facts.get("to")
        if self.event.kind == EventKind.STATE and to in TicketState:
            return _REACHED.get(to) or str(TicketState(to).label).capitalize()
        if self.event.kind == EventKind.KIND_CHANGED and to:
            return "What is asked: " + ", ".join(str(RightKind(kind).label) if kind in RightKind else kind for kind in to)
        if self.event.kind == EventKind.RIGHT_ENDED and self.event.right:
            return str(self.event.right.get_kind_display()).capitalize()
        return str(self.event.get_kind_display()).capitalize()

    @property
    def outcome(self) -> str:
        """How it ended, in words."""
        said = self.event.facts.get("outcome") or ""
        return str(Outcome(said).label) if said in Outcome else str(said)


def _says_closed(event: TicketEvent) -> bool:
    return event.kind == EventKind.STATE and event.facts.get("to") == TicketState.CLOSED


def subject_of(ticket: Ticket) -> str:
    """What a recorded read of this ticket's conversation names."""
    return f"privacy.ticket:{ticket.pk}"


def may_read_conversation(ticket: Ticket, *, by: Any, now: datetime) -> bool:
    """Whether this person works on the request, has a grant in force for mail, and it was written down that they read it."""
    return (
        ticket.assignee_id == by.pk
        and by.has_perm(READ_CONVERSATION)
        and RecordedRead.objects.filter(
            by=by, kind=ReadKind.REVEAL, subject=subject_of(ticket), category="mail", at__gt=now - READABLE_FOR
        ).exists()
    )


def conversation(ticket: Ticket, events: Iterable[TicketEvent], *, readable: bool) -> list[Entry]:
    """The whole life of a request, oldest first. What customers wrote, and what was written to them, only where `readable`."""
    messages = ticket.messages.defer("raw") if readable else ticket.messages.only("pk", "ticket", "notes")
    received = {message.pk: message for message in messages}
    entries = []
    events = list(events)
    closed_at = {event.at for event in events if event.kind == EventKind.CLOSED}
    rights_ended = [event for event in events if event.kind == EventKind.RIGHT_ENDED]
    for event in events:
        if event.at in closed_at and (_says_closed(event) or (rights_ended == [event] and not event.text)):
            continue  # one act, and one entry: "Closed: fulfilled"
        message = received.get(event.message) if event.message else None
        text, notes = event.text or "", list(message.notes) if message else []
        side = "fact"
        if event.kind in _SAID_BY_THEM:
            side, text = "theirs", (message.text or "" if message and readable else "") or text
            if event.facts.get("same_sender") is False:
                notes.append("from another address than the request")
        elif event.kind in _SAID_BY_US:
            side, text = "ours", text or (event.letter.body if event.letter and readable else "")
        elif event.kind == EventKind.COMMENT:
            side = "note"
        private = side in {"theirs", "ours"} or event.kind == EventKind.RIGHT_ENDED
        hidden = private and not readable and bool(text or event.message or event.letter_id)
        held = message.pk if message and message.notes else None
        entries.append(Entry(event, side, "" if hidden else text, hidden, notes, held))
    return entries
