"""A right gets its outcome; a request ends when its last right has one."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from customers.actions import remove_friend
from customers.canonical import NotAnAddress
from privacy.ledger.actions import act
from privacy.optouts.actions import opt_out
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import Channel, Letter, LetterKind, OptOut, OptOutSource, Purpose
from privacy.optouts.policies import Subject
from privacy.tickets.actions.answering import write_to_requester
from privacy.tickets.actions.common import locked, move, note, settle, standing_rights, under_the_calendar
from privacy.tickets.errors import (
    NobodyToRemove,
    NotAnswered,
    NotSuppressed,
    NotVerified,
    OnlyAWholeRequestRepeats,
    ReasonMissing,
    TicketRefused,
)
from privacy.tickets.models import (
    MAY_FOLLOW,
    NEEDS_EXPLANATION,
    DenialReason,
    EventKind,
    Outcome,
    RightKind,
    Ticket,
    TicketChannel,
    TicketRight,
    TicketState,
)
from privacy.tickets.policies import BY_MAIL, NEEDS_VERIFICATION, was_answered, was_verified
from privacy.tickets.queries import subjects_of

GONE = "This right is not asked for any more; look at the request again."
GRANTED = frozenset({Outcome.FULFILLED, Outcome.PARTIAL})
OPT_OUTS = frozenset({RightKind.OPT_OUT, RightKind.LIMIT_USE})
_SOURCE = {
    TicketChannel.EMAIL: OptOutSource.MAIL,
    TicketChannel.PHONE: OptOutSource.PHONE,
    TicketChannel.POST: OptOutSource.POST,
    TicketChannel.FAX: OptOutSource.FAX,
    TicketChannel.WEB: OptOutSource.WEB,
    TicketChannel.AGENT: OptOutSource.AGENT,
}


def end_right(
    right_id: int, *, outcome: str, by: Any, now: datetime, denial_reason: str = "", explanation: str = ""
) -> TicketRight:
    """Give one right its outcome; the request closes when it was the last.

    Raises OnlyAWholeRequestRepeats for a duplicate (see `close_ticket`), ReasonMissing for a denial without its reason,
    NotVerified for granting what only a verified requester may have, NotAnswered where nobody told them, NotSuppressed for an
    opt-out that opted nobody out, NobodyToRemove for the removal of a friend whose address the request does not name.
    """
    if outcome == Outcome.DUPLICATE:
        raise OnlyAWholeRequestRepeats
    with act("end_right", by=by, reason=denial_reason, right=right_id):
        ticket_id = TicketRight.objects.filter(pk=right_id).values_list("ticket_id", flat=True).first()
        if ticket_id is None:
            raise TicketRefused(GONE)
        ticket = locked(ticket_id, by=by, own=True)
        right = TicketRight.objects.select_for_update().filter(pk=right_id).first()
        if right is None:  # somebody set other rights meanwhile
            raise TicketRefused(GONE)
        _end(ticket, right, Outcome(outcome), by=by, now=now, denial_reason=denial_reason, explanation=explanation)
        _close_when_done(ticket, by=by, now=now)
        settle(ticket, "closed_at", "outcome")
        return right


def close_ticket(
    ticket_id: int,
    *,
    outcome: str,
    by: Any,
    now: datetime,
    denial_reason: str = "",
    explanation: str = "",
    duplicate_of: Ticket | None = None,
) -> Ticket:
    """Give every open right this outcome, and close the request. Refuses as `end_right` does.

    A duplicate names the request that it repeats, and that one is no duplicate itself: of two that repeat each other nobody
    would answer either.
    """
    with act("close_ticket", by=by, reason=denial_reason or outcome, ticket=ticket_id):
        under_the_calendar()
        if outcome == Outcome.DUPLICATE and duplicate_of is not None:
            # Both are locked, in one order: two may name each other at once.
            both = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=[ticket_id, duplicate_of.pk]).order_by("pk")
            duplicate_of = {one.pk: one for one in both}.get(duplicate_of.pk)
        ticket = locked(ticket_id, by=by, own=True)
        if outcome == Outcome.DUPLICATE:
            if duplicate_of is None or duplicate_of.pk == ticket.pk:
                raise ReasonMissing("Say which request this one repeats.")
            if duplicate_of.duplicate_of_id is not None:
                raise ReasonMissing(f"{duplicate_of} is a duplicate itself: name the request that is answered.")
            ticket.duplicate_of = duplicate_of
        for right in standing_rights(ticket):
            _end(ticket, right, Outcome(outcome), by=by, now=now, denial_reason=denial_reason, explanation=explanation)
        _close_when_done(ticket, by=by, now=now)
        settle(ticket, "closed_at", "outcome", "duplicate_of")
        return ticket


def suppress(ticket_id: int, *, channel: str, purpose: str, by: Any, now: datetime) -> OptOut:
    """Opt the requester out, as they asked: nothing is verified, and it holds from now on. Confirmed by mail. Raises NoSubject.

    For every channel, each address and number of theirs that we know is opted out; the first choice is returned. The opt-out
    right of the ticket, if it has one, ends as fulfilled. Said again, nothing is new and nothing is confirmed again.
    """
    with act("suppress", by=by, ticket=ticket_id):
        ticket = locked(ticket_id, by=by, own=by is not None)
        wishes = [
            opt_out(
                who,
                channel=channel,
                purpose=purpose,
                source=_SOURCE[TicketChannel(ticket.channel)],
                received_at=ticket.received_at,
                now=now,
                by=by,
                evidence=f"request {ticket.reference}",
                evidence_message=ticket.origin_message,
                customer_id=ticket.customer_id,
            )
            for who in _who(ticket, channel)
        ]
        wish = wishes[0][0]
        if TicketState.SUPPRESSED in MAY_FOLLOW[ticket.state]:
            move(ticket, TicketState.SUPPRESSED, at=now, by=by)
        confirmed = Letter.objects.filter(kind=LetterKind.CONFIRMATION, ticket_reference=ticket.reference).exists()
        says_something_new = not confirmed or any(made for _, made in wishes)
        if ticket.preferred_channel in BY_MAIL and says_something_new:
            letter = write_to_requester(
                ticket,
                LetterKind.CONFIRMATION,
                subject=f"You are opted out [{ticket.reference}]",
                body=f"As you asked, we stopped using your data for this: {wish.get_purpose_display()},"
                f" by {wish.get_channel_display()}.\n",
                now=now,
                automatic=False,
            )
            if letter:
                facts = {"channel": ticket.preferred_channel, "confirms_opt_out": True}
                note(ticket, EventKind.REPLY, at=now, by=by, letter=letter, facts=facts)
                confirmed = True
        for right in standing_rights(ticket):
            if right.kind in OPT_OUTS:
                _end(ticket, right, Outcome.FULFILLED, by=by, now=now, suppressed=True)
        if not standing_rights(ticket):
            # Where no letter goes out, nothing says that they were told.
            if confirmed and TicketState.CONFIRMED in MAY_FOLLOW[ticket.state]:
                move(ticket, TicketState.CONFIRMED, at=now, by=by)
            _close_when_done(ticket, by=by, now=now)
        settle(ticket, "closed_at", "outcome")
        return wish


def _who(ticket: Ticket, channel: str) -> list[Subject]:
    """Whom the wish is about: the address of that channel, or another of theirs; for every channel all of them."""
    known = subjects_of(ticket)
    if channel in {Channel.PHONE, Channel.SMS}:
        known.reverse()
    if channel == Channel.ALL and known:
        return known
    if channel != Channel.POST and known:
        return known[:1]
    if ticket.customer_id:
        return [Subject.of_customer(ticket.customer_id, str(ticket.customer))]
    raise NoSubject("the request names no usable address, and no customer is matched.")


def _end(
    ticket: Ticket,
    right: TicketRight,
    outcome: Outcome,
    *,
    by: Any,
    now: datetime,
    denial_reason: str = "",
    explanation: str = "",
    suppressed: bool = False,
) -> None:
    if right.ended_at:
        raise TicketRefused("This right has its outcome already.")
    if outcome in {Outcome.DENIED, Outcome.PARTIAL}:
        if denial_reason not in DenialReason.values:
            raise ReasonMissing
        if denial_reason in NEEDS_EXPLANATION and not explanation.strip():
            raise ReasonMissing("This reason needs an explanation in words.")
    else:
        denial_reason = ""
    if outcome in GRANTED and right.kind in NEEDS_VERIFICATION:
        if not was_verified(ticket.events.all()):
            raise NotVerified
        if not was_answered(ticket.events.all()):
            raise NotAnswered
    if outcome in GRANTED and right.kind in OPT_OUTS and not (suppressed or _is_opted_out_since(ticket)):
        raise NotSuppressed
    if outcome in GRANTED and right.kind == RightKind.REFERRAL_REMOVAL:
        _remove_friend(ticket, now=now)
    right.outcome, right.denial_reason, right.ended_at, right.proposed = outcome, denial_reason, now, False
    right.denial_text = explanation or None
    right.save(update_fields=["outcome", "denial_reason", "denial_text", "ended_at", "proposed"])
    facts = {"outcome": str(outcome), "denial_reason": denial_reason}
    note(ticket, EventKind.RIGHT_ENDED, at=now, by=by, right=right, text=explanation or None, facts=facts)


def _remove_friend(ticket: Ticket, *, now: datetime) -> None:
    """What we keep of a referred friend goes with the answer that says so; the digest stays: nobody invites them again."""
    try:
        remove_friend(ticket.requester_email or "", now=now)
    except NotAnAddress as refusal:
        raise NobodyToRemove from refusal


def _is_opted_out_since(ticket: Ticket) -> bool:
    """Whether the requester was opted out of something since they asked, or of everything before.

    An old choice of something else answers no new wish.
    """
    keys = [subject.key for subject in subjects_of(ticket)]
    if ticket.customer_id:
        keys.append(Subject.of_customer(ticket.customer_id).key)
    since = Q(received_at__gte=ticket.received_at) | Q(channel=Channel.ALL, purpose=Purpose.ALL)
    return OptOut.objects.filter(since, subject_key__in=keys, withdrawn_at__isnull=True).exists()


def _close_when_done(ticket: Ticket, *, by: Any, now: datetime) -> None:
    if standing_rights(ticket):
        return
    outcomes = set(ticket.rights.values_list("outcome", flat=True))
    ticket.outcome = outcomes.pop() if len(outcomes) == 1 else _together(outcomes)
    ticket.closed_at = now
    move(ticket, TicketState.CLOSED, at=now, by=by)
    note(ticket, EventKind.CLOSED, at=now, by=by, facts={"outcome": ticket.outcome})


def _together(outcomes: set[str]) -> str:
    """One outcome of a request whose rights ended differently: granted in part where anything was granted."""
    if outcomes & GRANTED:
        return Outcome.PARTIAL
    return Outcome.DENIED if Outcome.DENIED in outcomes else Outcome.WITHDRAWN
