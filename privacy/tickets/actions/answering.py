"""What is said in a request: acknowledgement, comments, replies, extensions, what the requester writes."""

from datetime import datetime
from typing import Any

from privacy.ledger.actions import act
from privacy.optouts.actions import write_letter
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import Letter, LetterKind
from privacy.tickets.actions.common import locked, move, note, settle, standing_rights
from privacy.tickets.errors import CannotExtend, CannotReply, ReasonMissing, TicketClosed
from privacy.tickets.models import EventKind, RightKind, Ticket, TicketChannel, TicketEvent, TicketRight, TicketState
from privacy.tickets.policies import BY_MAIL, COMPANY_ZONE, may_be_extended, was_extended
from privacy.tickets.queries import clocks


def write_to_requester(ticket: Ticket, kind: LetterKind, *, subject: str, body: str, now: datetime, **more: Any) -> Letter | None:
    """A letter to the requester's address about this ticket; None where there is none, or the limits on

    automatic letters are reached.
    """
    if not ticket.requester_email:
        return None
    try:
        return write_letter(
            kind,
            to_address=ticket.requester_email,
            subject=subject,
            body=body,
            now=now,
            ticket_reference=ticket.reference,
            **more,
        )
    except NoSubject:
        return None


def _tell(ticket: Ticket, kind: LetterKind, *, subject: str, body: str, now: datetime, in_reply_to: str = "") -> Letter | None:
    """What a colleague tells the requester leaves as a letter; None where they prefer another channel. Raises CannotReply."""
    if ticket.preferred_channel not in BY_MAIL:
        return None
    letter = write_to_requester(ticket, kind, subject=subject, body=body, now=now, automatic=False, in_reply_to=in_reply_to)
    if letter is None:  # nothing may be on record as told that nobody was told
        raise CannotReply("we have no usable e-mail address of the requester; choose another channel first")
    return letter


def acknowledge(ticket_id: int, *, by: Any, now: datetime) -> TicketEvent:
    """Tell the requester that the request is here, and remember that it was done (11 CCR 7021(a)). Done twice, it stands once.

    Raises CannotReply where they want to be answered by mail and we know no address.
    """
    with act("acknowledge", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by)
        done = ticket.events.filter(kind=EventKind.ACKNOWLEDGED).first()
        if done:
            return done
        letter = _tell(
            ticket,
            LetterKind.ACKNOWLEDGEMENT,
            subject=f"We received your request [{ticket.reference}]",
            body=f"We have received your request and are working on it. Its number is {ticket.reference}.\n",
            now=now,
        )
        event = note(ticket, EventKind.ACKNOWLEDGED, at=now, by=by, letter=letter, facts={"channel": ticket.preferred_channel})
        if ticket.state == TicketState.RECEIVED:
            ticket.state = TicketState.ACKNOWLEDGED
        settle(ticket)
        return event


def comment(ticket_id: int, *, by: Any, text: str, now: datetime) -> TicketEvent:
    """A note among colleagues; the requester does not see it."""
    if not text.strip():
        raise ReasonMissing("Write something.")
    with act("comment", by=by, ticket=ticket_id):
        return note(locked(ticket_id, by=by, open_only=False), EventKind.COMMENT, at=now, by=by, text=text)


def reply(ticket_id: int, *, by: Any, text: str, now: datetime) -> TicketEvent:
    """Answer on the channel that the customer prefers (statement C, "Customer Service").

    By e-mail the text leaves as a letter; by phone, post or fax the text says what was told or sent. The same words again, when
    nothing came in between (a double click, a page sent twice), are told once. Raises CannotReply, NotYours.
    """
    if not text.strip():
        raise ReasonMissing("Write what is said to the requester.")
    with act("reply", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        last = ticket.events.order_by("pk").last()
        if last and last.kind == EventKind.REPLY and last.text == text and last.facts.get("channel") == ticket.preferred_channel:
            return last
        letter = _tell(
            ticket,
            LetterKind.REPLY,
            subject=f"Re: {ticket.subject or 'your request'} [{ticket.reference}]",
            body=text,
            now=now,
            in_reply_to=_last_message_id(ticket),
        )
        event = note(
            ticket, EventKind.REPLY, at=now, by=by, text=text, letter=letter, facts={"channel": ticket.preferred_channel}
        )
        settle(ticket)
        return event


def _last_message_id(ticket: Ticket) -> str:
    event = ticket.events.filter(message__isnull=False).last()
    return str(event.facts.get("message_id", "")) if event else ""


def set_preferred_channel(ticket_id: int, *, channel: str, by: Any, reason: str, now: datetime) -> None:
    """The customer said how they want to be answered. Raises NotYours."""
    with act("set_preferred_channel", by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        before, ticket.preferred_channel = ticket.preferred_channel, TicketChannel(channel)
        note(ticket, EventKind.COMMENT, at=now, by=by, text=reason, facts={"from": before, "to": channel})
        settle(ticket, "preferred_channel")


def extend(ticket_id: int, *, by: Any, reason: str, now: datetime) -> TicketEvent:
    """Take more time, once, told to the requester with the reason inside the first period.

    California: 45 days more, inside the first 45 (11 CCR 7021(b)). Europe: two months more, for any right, inside the first
    (Art. 12(3)). The letter says until when. Raises CannotExtend, CannotReply.
    """
    if not reason.strip():
        raise ReasonMissing("Say why more time is needed: the requester is told.")
    with act("extend", by=by, reason=reason, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=True)
        if was_extended(ticket.events.all()):
            raise CannotExtend("it was extended already")
        extended = [*ticket.events.all(), TicketEvent(ticket=ticket, kind=EventKind.EXTENDED, at=now)]
        waiting = [
            due
            for right, due in clocks(ticket, events=extended)
            if right.ended_at is None and may_be_extended(right.kind, ticket.regime)
        ]
        if not waiting:
            raise CannotExtend("none of its rights can be")
        if any(now > due.first_answer_by for due in waiting):
            raise CannotExtend("the first period has run out")
        until = max(due.answer_by for due in waiting).astimezone(COMPANY_ZONE)
        letter = _tell(
            ticket,
            LetterKind.REPLY,
            subject=f"We need more time for your request [{ticket.reference}]",
            body=f"We need more time to answer {ticket.reference}, at most until {until:%B %-d, %Y}.\n\nThe reason: {reason}\n",
            now=now,
        )
        facts = {"until": until.date().isoformat()}
        event = note(ticket, EventKind.EXTENDED, at=now, by=by, text=reason, letter=letter, facts=facts)
        settle(ticket)
        return event


def receive_message(
    ticket_id: int, *, message: int, message_id: str, at: datetime, now: datetime, same_sender: bool, may_reopen: bool
) -> TicketEvent:
    """The requester (or somebody else who knows the number) wrote again. A closed request is reopened by it, if it may be.

    Raises TicketClosed where it is closed, and may not be: of what was looked at before the lock, nothing counts.
    at: when the message arrived, which is when the clock of what it asks starts, however late it is read (OPTOUTS.md).
    """
    with act("receive_message", by=None, ticket=ticket_id, message=message):
        ticket = locked(ticket_id, by=None, open_only=False)
        before = ticket.events.filter(kind=EventKind.MESSAGE, message=message).first()
        if before:
            return before
        reopens = ticket.closed_at is not None
        if reopens and not may_reopen:
            raise TicketClosed
        event = note(
            ticket,
            EventKind.MESSAGE,
            at=at,
            by=None,
            message=message,
            facts={"message_id": message_id[:250], "same_sender": same_sender},
        )
        if reopens:
            _reopen(ticket, at=at, now=now)
        settle(ticket, "closed_at", "outcome", "duplicate_of")
        return event


def _reopen(ticket: Ticket, *, at: datetime, now: datetime) -> None:
    ticket.closed_at, ticket.outcome, ticket.duplicate_of = None, "", None
    move(ticket, TicketState.ACKNOWLEDGED, at=now, by=None)
    note(ticket, EventKind.REOPENED, at=at, by=None)
    if not standing_rights(ticket):
        right, made = TicketRight.objects.get_or_create(ticket=ticket, kind=RightKind.QUESTION, defaults={"proposed": True})
        if not made:
            right.outcome, right.ended_at, right.denial_reason, right.denial_text = "", None, "", None
            right.save(update_fields=["outcome", "ended_at", "denial_reason", "denial_text"])
