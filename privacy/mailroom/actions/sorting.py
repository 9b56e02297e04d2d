"""What becomes of a message, in the order of OPTOUTS.md ("Mailroom: sorting a message")."""

import logging
import re
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

from privacy.ledger.actions import act
from privacy.mailroom.actions.outcome import Sorted, done, told
from privacy.mailroom.actions.wishes import (
    choice_by_address,
    note_undeliverable,
    sender_of,
    settle_feedback,
    wish_by_address,
    wish_by_word,
)
from privacy.mailroom.gateways.reader import CannotRead, Reader
from privacy.mailroom.models import Message, MessageOutcome
from privacy.mailroom.policies import (
    asks_to_unsubscribe,
    beside_the_wish,
    bounced,
    earlier_identity_of,
    feedback,
    identity_of,
    is_automatic,
    may_be_a_robots,
    may_be_answered,
    not_shown,
    part_by_part,
    shown_text,
    unforwarded,
)
from privacy.optouts.models import Letter
from privacy.tickets.actions import open_ticket, receive_message
from privacy.tickets.errors import TicketClosed
from privacy.tickets.models import RightKind, Ticket, TicketChannel
from privacy.tickets.policies import named_kinds, proposed_kind
from privacy.tickets.queries import Requester

logger = logging.getLogger(__name__)
_TAG = re.compile(r"\[?\b(LUM-\d{4}-\d{6,})\b\]?", re.IGNORECASE)
TRIES = 3
Facts = dict[str, Any]


def sort_message(message_id: int, *, reader: Reader, now: datetime, raw: bytes | None = None, size: int = 0) -> Sorted:
    """Decide what becomes of a kept message, and do it, in one commit. Done twice, it is done once.

    raw: its bytes, if at hand; size: how many it had.
    What cannot be read goes to quarantine, and so does what fails on the way: nothing stops the queue, nothing is lost. When the
    database itself or the machine fails (OperationalError, OSError), the message stays kept and waiting, and `sort_waiting`
    takes it up.
    """
    if raw is None:
        message = Message.objects.get(pk=message_id)
        if message.outcome:
            return told(message)
        raw, size = bytes(message.raw) if message.raw is not None else _raw_of_first(message), message.raw_size
    if size > len(raw):
        return _quarantine(message_id, f"it has {size:,} bytes, and only its beginning is kept", now=now)
    try:
        facts = reader.read(raw)
    except CannotRead as error:
        return _quarantine(message_id, str(error), now=now)
    except OSError:  # no process could be started: that is not the message's fault, it waits
        raise
    except Exception as error:  # what a reader answered that nobody expected
        logger.exception("message %s could not be read", message_id)
        return _quarantine(message_id, f"reading it failed ({type(error).__name__})", now=now)
    for tries_left in reversed(range(TRIES)):
        try:
            with act("sort_message", by=None, message=message_id):
                return _sort(message_id, facts, now=now)
        except OperationalError:  # a lock that took too long, a connection that was lost
            if not tries_left:
                raise
        except Exception as error:
            logger.exception("message %s could not be sorted", message_id)
            return _quarantine(message_id, f"sorting it failed ({type(error).__name__})", now=now)
    raise AssertionError("unreachable")


def _raw_of_first(message: Message) -> bytes:
    first = message.duplicate_of
    assert first is not None
    assert first.raw is not None
    return bytes(first.raw)


def _sort(message_id: int, facts: Facts, *, now: datetime) -> Sorted:
    identity = _identity(facts, message_id)
    message = _locked(message_id, identity)
    if message.outcome:
        return told(message)
    reported = feedback(facts)
    returned = None if reported else bounced(facts)
    facts = part_by_part(facts)
    _write_down(message, facts)
    robot = "" if reported or returned else is_automatic(facts)
    if repeated := _repeats(message, identity, facts, automatic=bool(robot), now=now):
        return repeated
    if reported:
        return settle_feedback(message, facts, reported, now=now)
    if returned:
        return note_undeliverable(message, returned, now=now)
    if robot:
        return done(message, MessageOutcome.AUTOMATIC, robot, now=now)
    beside = partial(_keep_what_stands_beside, message, facts, now=now)
    doubt, why = may_be_a_robots(facts), ""
    kinds: list[RightKind] = []
    if chosen := choice_by_address(facts):
        if not doubt:
            return wish_by_address(message, facts, *chosen, now=now, beside=beside)
        why, kinds = f"sent to an unsubscribe address, but {doubt}", [RightKind.OPT_OUT]
        message.notes = [*message.notes, f"{why}: nobody was opted out by machine"[:200]]
    elif where := asks_to_unsubscribe(facts["subject"], facts["text"]):
        if where == "text" and facts["may_be_quoted"]:
            doubt = doubt or "it may stand in what is quoted above a picture"
        if not doubt and (wish := wish_by_word(message, facts, where, now=now, beside=beside)):
            return wish
        why = f"an unsubscribe word, but {doubt}" if doubt else ""
    if _joins(message, facts, may_reopen=True, now=now):
        same = message.ticket is not None and _is_the_requester(message, message.ticket)
        return done(message, MessageOutcome.TICKET_REPLY, "" if same else "from another address than the request", now=now)
    if closed := _ticket_named(facts):
        why = why or f"names {closed.reference}, which is closed, from another address"
    # What they say themselves; where that is nothing, what they forward.
    kinds = kinds or [
        proposed_kind(facts["subject"], f"{unforwarded(facts['text'])}\n{facts['more']}".strip() or shown_text(facts))
    ]
    message.ticket = _opened(message, facts, kinds, acknowledged=may_be_answered(facts), now=now)
    return done(message, MessageOutcome.TICKET_OPENED, why, now=now)


def _locked(message_id: int, identity: bytes) -> Message:
    """The message, for this act alone. Of two that sort the same message at once, one comes second and sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(identity[:8], "big", signed=True)])
    return Message.objects.select_for_update(of=("self",)).defer("raw", "text").get(pk=message_id)


def _repeats(message: Message, identity: bytes, facts: Facts | None = None, *, automatic: bool, now: datetime) -> Sorted | None:
    """A duplicate is done with. Otherwise the message is the one of this identity from now on.

    Where the first copy came as a robot's (through a list) and this one did not, nothing was done yet that could be done twice:
    this one is acted on, and copies that follow are its own.
    """
    earlier = earlier_identity_of(facts) if facts else identity
    others = Message.objects.filter(identity__in=[identity, earlier]).exclude(outcome=MessageOutcome.DUPLICATE)
    found = others.exclude(pk=message.pk).only("pk", "outcome", "identity", "from_address", "subject")
    first = next((one for one in found if bytes(one.identity or b"") == identity or _is_of_the_same(one, message)), None)
    if first and first.outcome == MessageOutcome.AUTOMATIC and not automatic:
        Message.objects.filter(pk=first.pk).update(identity=None)
    elif first:
        message.duplicate_of = first
        return done(message, MessageOutcome.DUPLICATE, f"same as message {first.pk}", now=now)
    message.identity = identity
    return None


def _is_of_the_same(one: Message, other: Message) -> bool:
    """Whether two messages have the same sender and subject."""
    return one.from_address == other.from_address and one.subject == other.subject


def _identity(facts: Facts, message_id: int) -> bytes:
    """Message-ID, sender, subject and body make a message; without a Message-ID, all of it does."""
    return identity_of(facts) or bytes(Message.objects.values_list("raw_sha256", flat=True).get(pk=message_id))


def _write_down(message: Message, facts: Facts) -> None:
    message.message_id = facts["message_id"] or None
    message.subject = facts["subject"] or None
    message.text = shown_text(facts) or None
    message.notes = [*facts["notes"], *not_shown(facts, message.text or "")]
    sender = sender_of(facts)
    if sender:
        message.from_address, message.from_key, message.from_masked = sender.canonical, sender.key, sender.masked
    elif facts["from"]:
        message.from_address = facts["from"][0][1]
        message.notes = [*message.notes, "the sender's address cannot be used"]


def _ticket_meant(facts: Facts) -> Ticket | None:
    """The request that this answers, by the letters it refers to: only who got one of them knows its Message-ID."""
    if not facts["references"]:
        return None
    letters = Letter.objects.filter(own_message_id__in=facts["references"]).exclude(ticket_reference="")
    reference = letters.values_list("ticket_reference", flat=True).first()
    return Ticket.objects.filter(reference=reference).first() if reference else None


def _ticket_named(facts: Facts) -> Ticket | None:
    """The request whose number stands in the subject, where anybody can write one."""
    match = _TAG.search(facts["subject"][:1000])
    return Ticket.objects.filter(reference=match[1].upper()).first() if match else None


def _is_the_requester(message: Message, ticket: Ticket) -> bool:
    return message.from_key is not None and bytes(message.from_key) == bytes(ticket.requester_key or b"")


def _joins(message: Message, facts: Facts, *, may_reopen: bool, now: datetime) -> bool:
    """Whether the message belongs to a request, which has it from now on. A closed one is reopened only if that is allowed."""
    if (ticket := _ticket_meant(facts)) and _handed_over(message, ticket, facts, may_reopen=may_reopen, now=now):
        return True
    ticket = _ticket_named(facts)
    if ticket is None:
        return False
    return _handed_over(message, ticket, facts, may_reopen=may_reopen and _is_the_requester(message, ticket), now=now)


def _handed_over(message: Message, ticket: Ticket, facts: Facts, *, may_reopen: bool, now: datetime) -> bool:
    try:
        receive_message(
            ticket.pk,
            message=message.pk,
            message_id=facts["message_id"],
            at=message.received_at,
            now=now,
            same_sender=_is_the_requester(message, ticket),
            may_reopen=may_reopen,
        )
    except TicketClosed:
        return False
    message.ticket = ticket
    return True


def _keep_what_stands_beside(message: Message, facts: Facts, *, now: datetime) -> str:
    """What a message says beside its unsubscribe word reaches a person, and so do the files that came with it; returns how.

    A word alone reopens and opens nothing.
    """
    senders = [address for _, address in facts["from"]] + [name for name, _ in facts["from"] if not named_kinds("", name)]
    our_domains = [settings.OWN_DOMAIN]
    said = beside_the_wish(facts["subject"], facts["text"], senders, our_domains)
    if more := beside_the_wish("", facts["more"], senders, our_domains):
        said = f"{said}\n{more}".strip()
    if _joins(message, facts, may_reopen=bool(said or facts["files"]), now=now):
        return "; it answers a request"
    if not said and not facts["files"]:
        return ""
    # The wish is confirmed, and a message is answered once: a colleague acknowledges the request.
    message.ticket = _opened(message, facts, [proposed_kind("", said)], acknowledged=False, now=now)
    return "; what else it says is a request" if said else "; the files that came with it are a request"


def _opened(message: Message, facts: Facts, kinds: list[RightKind], *, acknowledged: bool, now: datetime) -> Ticket:
    name, address = facts["from"][0] if facts["from"] else ("", "")
    sender = sender_of(facts)
    return open_ticket(
        channel=TicketChannel.EMAIL,
        kinds=kinds,
        proposed=True,
        requester=Requester(name=name, email=sender.canonical if sender else address),
        received_at=message.received_at,
        now=now,
        subject=facts["subject"],
        origin_message=message.pk,
        acknowledge_reply_to=facts["message_id"] if sender and acknowledged else None,
    )


def _quarantine(message_id: int, why: str, *, now: datetime) -> Sorted:
    with act("quarantine", by=None, reason=why, message=message_id):
        identity = bytes(Message.objects.values_list("raw_sha256", flat=True).get(pk=message_id))
        message = _locked(message_id, identity)
        if message.outcome:
            return told(message)
        if repeated := _repeats(message, identity, automatic=True, now=now):
            return repeated
        return done(message, MessageOutcome.QUARANTINED, why, now=now)
