"""Promises that requests keep: sections C, E.4, J and L of the statement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Count, Exists, F, Func, JSONField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from privacy.datamap.promises import referrals
from privacy.ledger.promises import Figure, Promise, Row
from privacy.tickets.models import EventKind, RightKind, Ticket, TicketChannel, TicketEvent, TicketRight
from privacy.tickets.queries import clocks, closures

SOON = timedelta(days=5)
MOST_NAMED = 100
_BY_MAIL = [TicketChannel.EMAIL, TicketChannel.WEB, TicketChannel.AGENT]


@dataclass(frozen=True)
class Late:
    """Requests whose clock has run out. count: of them all; oldest: when the first of them came. named, soon: the first of those
    that are late and of those that soon will be, soonest due first.
    """

    count: int
    oldest: datetime | None
    named: Sequence[Ticket]
    soon: Sequence[Ticket]


def late_and_nearly_late(*kinds: RightKind, now: datetime) -> Late:
    """Requests with an open right of these kinds whose clock has run out, and those where it soon will."""
    still_open = TicketRight.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=True)
    near = Ticket.objects.overdue(at=now + SOON).filter(Exists(still_open.filter(kind__in=kinds))).order_by("due_at", "pk")
    # The soonest clock of a ticket is kept beside it. Where nothing else is open it is theirs, and the database counts; of the
    # few that ask for more, each clock is looked at.
    asks_for_more = Exists(still_open.exclude(kind__in=kinds))
    late, soon = near.exclude(asks_for_more).filter(due_at__lt=now), near.exclude(asks_for_more).filter(due_at__gte=now)
    late_too: list[Ticket] = []
    soon_too: list[Ticket] = []
    closed = closures()
    for ticket in near.filter(asks_for_more).prefetch_related("rights", "events").iterator(chunk_size=500):
        due = [due.soonest for right, due in clocks(ticket, closed=closed) if right.kind in kinds and right.ended_at is None]
        if due and min(due) < now + SOON:
            (late_too if min(due) < now else soon_too).append(ticket)
    of_late = late.order_by().aggregate(count=Count("pk"), oldest=Min("received_at"))
    came = [at for at in (of_late["oldest"], *(ticket.received_at for ticket in late_too)) if at is not None]
    return Late(of_late["count"] + len(late_too), min(came, default=None), _first(late, late_too), _first(soon, soon_too))


def _first(found: "QuerySet[Ticket]", more: Iterable[Ticket]) -> list[Ticket]:
    return sorted([*found[:MOST_NAMED], *more], key=attrgetter("due_at", "pk"))[:MOST_NAMED]


def rows_of(tickets: Iterable[Ticket]) -> list[Row]:
    """Requests, as what breaks a promise or soon will."""
    return [Row(ticket.reference, reverse("tickets:ticket", args=[ticket.pk])) for ticket in tickets]


def past_the_clock(*kinds: RightKind) -> Callable[[datetime], Figure]:
    """A measure: requests for these rights that are not answered (or acknowledged) although their clock has run out."""

    def measure(now: datetime) -> Figure:
        if not TicketRight.objects.filter(kind__in=kinds).exists():
            return Figure(None, detail="Nobody has asked for that yet.")
        late = late_and_nearly_late(*kinds, now=now)
        return Figure(late.count, broken=rows_of(late.named), at_risk=rows_of(late.soon))

    return measure


def replies_on_the_other_channel(now: datetime) -> Figure:
    """Replies that went by mail although the customer's channel was another one then, or the other way round.

    By mail is what left as a letter. The channel then: what the next change of it says it was before, or else what it is now.
    """
    replies = TicketEvent.objects.filter(kind=EventKind.REPLY)
    if not replies.exists():
        return Figure(None, detail="Nobody has been answered yet.")
    changes = TicketEvent.objects.filter(
        ticket=OuterRef("ticket"), kind=EventKind.COMMENT, pk__gt=OuterRef("pk"), facts__has_keys=["from", "to"]
    )
    wanted = Coalesce(
        Subquery(changes.order_by("pk").values("facts__from")[:1], output_field=JSONField()),
        Cast(Func(F("ticket__preferred_channel"), function="to_jsonb"), JSONField()),
    )
    asked_by_mail = Q(wanted__in=_BY_MAIL)
    said_by_mail = Q(facts__channel__in=_BY_MAIL)
    left, other = Q(letter__isnull=False), Q(letter__isnull=True)
    wrong = replies.annotate(wanted=wanted).filter(
        Q(left & ~asked_by_mail) | Q(other & asked_by_mail) | Q(left & ~said_by_mail) | Q(other & said_by_mail)
    )
    count = wrong.count()
    named = wrong.select_related("ticket").order_by("-at", "-pk")[:MOST_NAMED] if count else ()
    return Figure(count, broken=rows_of(event.ticket for event in named))


def without_a_channel(now: datetime) -> Figure:
    """Requests that do not say by which channel they came."""
    if not Ticket.objects.exists():
        return Figure(None, detail="No request has come in yet.")
    without = Ticket.objects.exclude(channel__in=TicketChannel.values)
    counted = {channel.label: Ticket.objects.filter(channel=channel).count() for channel in TicketChannel}
    return Figure(
        without.count(),
        broken=rows_of(without[:MOST_NAMED]),
        detail=", ".join(f"{label} {count}" for label, count in counted.items() if count),
    )


def referred_friends(now: datetime) -> Figure:
    """Friends invited twice, removals overdue, and requests for a removal past their clock."""
    invited, asked = referrals(now), past_the_clock(RightKind.REFERRAL_REMOVAL)(now)
    values = [figure.value for figure in (invited, asked) if figure.value is not None]
    return Figure(
        sum(values) if values else None,
        broken=[*invited.broken, *asked.broken],
        at_risk=[*invited.at_risk, *asked.at_risk],
        detail=invited.detail if not values else "",
    )


_ACCESS = (RightKind.ACCESS_CATEGORIES, RightKind.ACCESS_SPECIFIC)
# No sentence of the statement names deletion or the recipients of the last year; the law does. Both reach us as what section L
# promises an answer to: "the practices or your dealings with the Lumens.com Web site".
_DEALINGS = (RightKind.QUESTION, RightKind.DELETION, RightKind.SHINE_THE_LIGHT)

PROMISES = [
    Promise(
        id="C-service",
        section="C",
        quote="we reply via e-mail or phone, in accordance with the Customer's wishes",
        title="We reply on the channel that the customer chose",
        measures="replies on another channel than the customer's",
        measure=replies_on_the_other_channel,
        evidence="/admin/requests/?tab=all",
    ),
    Promise(
        id="C-referral",
        section="C",
        quote="Lumens.com will automatically send the friend a one-time e-mail inviting them to visit the site.",
        title="A friend is invited once, and removed on request",
        measures="second invitations, removals overdue by more than 15 days, and requests for a removal past their clock",
        measure=referred_friends,
        evidence="/admin/customers/referral/",
    ),
    Promise(
        id="E4-verify",
        section="E.4",
        quote="We also grant Customers access to their information in order to verify that the data is still accurate",
        title="Who asks to see their data is answered in time",
        measures="access requests past their clock",
        measure=past_the_clock(*_ACCESS),
        evidence="/admin/requests/?tab=overdue",
        evidence_soon="/admin/requests/?tab=due",
    ),
    Promise(
        id="J-access",
        section="J",
        quote="The Lumens.com Web site allows Customers to access and correct any inaccuracies in the information",
        title="Who asks to see their data is answered in time",
        measures="access requests past their clock",
        measure=past_the_clock(*_ACCESS),
        evidence="/admin/requests/?tab=overdue",
        evidence_soon="/admin/requests/?tab=due",
    ),
    Promise(
        id="J-correct",
        section="J",
        quote="Lumens.com allows Customers to edit and update their information",
        title="Corrections are made in time",
        measures="correction requests past their clock",
        measure=past_the_clock(RightKind.CORRECTION),
        evidence="/admin/requests/?tab=overdue&kind=correction",
        evidence_soon="/admin/requests/?tab=due&kind=correction",
    ),
    Promise(
        id="J-channels",
        section="J",
        quote="by calling Customer Service at 877-445-4486 during regular business hours",
        title="Every request says how it came",
        measures="requests that name no channel",
        measure=without_a_channel,
        evidence="/admin/requests/?tab=all",
    ),
    Promise(
        id="L-contact",
        section="L",
        quote="If you have any questions about this Privacy Statement, the practices or your dealings",
        title="Questions and deletions are answered in time",
        measures="questions, deletions and requests for last year's recipients past their clock",
        measure=past_the_clock(*_DEALINGS),
        evidence="/admin/requests/?tab=overdue",
        evidence_soon="/admin/requests/?tab=due",
    ),
    Promise(
        id="L-printed",
        section="L",
        quote="or wish to receive a printed version of this Privacy Statement, please contact us",
        title="A printed statement is sent in time",
        measures="requests for a printed statement past their clock",
        measure=past_the_clock(RightKind.PRINTED_STATEMENT),
        evidence="/admin/requests/?tab=overdue&kind=printed_statement",
        evidence_soon="/admin/requests/?tab=due&kind=printed_statement",
    ),
]
