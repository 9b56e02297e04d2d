"""A request begins: its number, its rights, its clock, the person behind it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from customers.models import Customer
from privacy.ledger.actions import act
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import LetterKind
from privacy.optouts.policies import Subject
from privacy.tickets.actions.answering import write_to_requester
from privacy.tickets.actions.common import check_worker, under_the_calendar
from privacy.tickets.errors import NothingAsked
from privacy.tickets.models import EventKind, Regime, RightKind, Ticket, TicketChannel, TicketEvent, TicketRight, TicketState
from privacy.tickets.policies import COMPANY_ZONE
from privacy.tickets.queries import CHOSEN, Match, Requester, certain_match, find_person, next_due


def open_ticket(
    *,
    channel: str,
    kinds: Collection[str],
    requester: Requester,
    received_at: datetime,
    now: datetime,
    by: Any = None,
    subject: str = "",
    text: str = "",
    regime: str = Regime.CCPA,
    preferred_channel: str = "",
    proposed: bool = False,
    origin_message: int | None = None,
    acknowledge_reply_to: str | None = None,
    claimed: bool = False,
    customer: Customer | None = None,
    reasons: Collection[str] = (),
) -> Ticket:
    """Open a request for these rights. Clocks start at received_at. Raises NothingAsked, MayNotWorkTickets.

    The customer is matched where exactly one surely is the requester, or is the one whom a colleague names, for these reasons.
    claimed: who opens it works on it from the start. proposed: the kinds were read from a mail. With acknowledge_reply_to (a
    Message-ID, or "") the receipt is acknowledged by mail at once, where the limits on automatic letters allow.
    """
    if not kinds:
        raise NothingAsked
    with act("open_ticket", by=by, reason=channel, fails_alone=False, message=origin_message):
        check_worker(by)
        under_the_calendar()
        subject_of_key = _subject_of(requester)
        sure = Match(customer, None, [*reasons, CHOSEN]) if customer else certain_match(find_person(requester))
        pk = _next_number()
        ticket = Ticket(
            pk=pk,
            reference=f"LUM-{received_at.astimezone(COMPANY_ZONE).year}-{pk:06d}",
            channel=TicketChannel(channel),
            regime=Regime(regime),
            received_at=min(received_at, now),
            requester_name=requester.name[:200] or None,
            requester_email=requester.email[:254] or None,
            requester_phone=requester.phone[:40] or None,
            requester_post=requester.post[:1000] or None,
            requester_key=subject_of_key.key if subject_of_key else None,
            requester_masked=subject_of_key.masked if subject_of_key else "",
            subject=" ".join(subject.split())[:500] or None,
            preferred_channel=preferred_channel
            or (sure.customer.preferred_contact if sure else _reachable_by(channel, requester)),
            customer=sure.customer if sure else None,
            match_score=sure.score if sure else None,
            match_reasons=sure.reasons if sure else [],
            opened_by=by,
            assignee=by if claimed else None,
            claimed_at=now if claimed else None,
            origin_message=origin_message,
        )
        rights = [TicketRight(ticket=ticket, kind=RightKind(kind), proposed=proposed) for kind in dict.fromkeys(kinds)]
        received = {"at": ticket.received_at, "by": by, "text": text or None, "message": origin_message}
        events = [TicketEvent(ticket=ticket, kind=EventKind.RECEIVED, **received)]
        if claimed:
            events.append(TicketEvent(ticket=ticket, kind=EventKind.CLAIMED, at=now, by=by))
        if customer:
            facts = {"customer": customer.pk, "before": None, "score": None}
            events.append(TicketEvent(ticket=ticket, kind=EventKind.MATCHED, at=now, by=by, facts=facts))
        if acknowledge_reply_to is not None and requester.email:
            events += _acknowledged_by_mail(ticket, in_reply_to=acknowledge_reply_to, now=now)
        # Each row is written once, as it stays: a ticket that is changed as soon as it is made costs the ledger twice.
        ticket.due_at = next_due(ticket, events=events, rights=rights)
        ticket.save(force_insert=True)
        TicketRight.objects.bulk_create(rights)
        TicketEvent.objects.bulk_create(events)
        return ticket


def _acknowledged_by_mail(ticket: Ticket, *, in_reply_to: str, now: datetime) -> list[TicketEvent]:
    body = (
        f"We have received your message and will answer it. Its number is {ticket.reference}; please keep it in the subject.\n\n"
        "A colleague reads every request. Where you ask for your data, its correction or its deletion, we may ask you for\n"
        "something that shows who you are, and answer within 45 days. If you only wish not to be contacted, we need no more.\n"
    )
    letter = write_to_requester(
        ticket,
        LetterKind.ACKNOWLEDGEMENT,
        subject=f"We received your message [{ticket.reference}]",
        body=body,
        now=now,
        in_reply_to=in_reply_to,
        automatic=True,
        evidence_message=ticket.origin_message,
    )
    if letter is None:
        return []
    ticket.state = TicketState.ACKNOWLEDGED
    return [TicketEvent(ticket=ticket, kind=EventKind.ACKNOWLEDGED, at=now, letter=letter)]


def _subject_of(requester: Requester) -> Subject | None:
    for make, value in ((Subject.of_email, requester.email), (Subject.of_phone, requester.phone)):
        try:
            if value:
                return make(value)
        except NoSubject:
            continue
    return None


def _reachable_by(channel: str, requester: Requester) -> str:
    if requester.email and channel not in {TicketChannel.PHONE, TicketChannel.POST}:
        return TicketChannel.EMAIL
    if channel == TicketChannel.PHONE and requester.phone:
        return TicketChannel.PHONE
    if channel == TicketChannel.POST and requester.post:
        return TicketChannel.POST
    return TicketChannel.EMAIL if requester.email else TicketChannel.PHONE if requester.phone else TicketChannel.POST


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Ticket._meta.db_table])
        return int(cursor.fetchone()[0])
