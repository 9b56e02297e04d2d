"""Who has opted out of what, asked one at a time or by the million; who waits to be told; figures for the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, Exists, F, Func, IntegerField, Max, OuterRef, Q, Subquery, Value
from django.utils import timezone

from customers.instants import start_of
from customers.models import Customer
from customers.queries import about_how_many
from privacy.agreements.models import DataSharingAgreement, SharingPurpose, ThirdParty
from privacy.optouts.models import Channel, OptOut, Purpose, SubjectKind, SuppressionDelivery, SuppressionItem
from privacy.optouts.policies import Subject

COUNTED_EXACTLY = 10_000
# An act that began before a list was made may be written down after it: what is that near to a list is looked for in it.
NOT_SEEN_BY_A_LIST = timedelta(days=1)


def choices_of(subjects: Iterable[Subject]) -> Q:
    """The choices of whoever has one of these addresses or numbers: recorded for it, or for the customer whose it is."""
    subjects = list(subjects)
    emails = [subject.canonical for subject in subjects if subject.kind == SubjectKind.EMAIL]
    phones = [subject.canonical for subject in subjects if subject.kind == SubjectKind.PHONE]
    theirs = list(Customer.objects.filter(Q(email_key__in=emails) | Q(phone__in=phones)).values_list("pk", flat=True))
    keys = [*(subject.key for subject in subjects), *(Subject.of_customer(pk).key for pk in theirs)]
    return Q(subject_key__in=keys) | Q(customer_id__in=theirs)


def covering(*, channel: str, purpose: str, at: datetime) -> "OptOut.objects.__class__":  # type: ignore[name-defined]
    """The active choices that forbid this purpose on this channel.

    `all` on either side of a recorded choice covers everything. With Channel.ALL or Purpose.ALL asked for, any choice counts.
    """
    channels = set(Channel) if channel == Channel.ALL else {channel, Channel.ALL}
    purposes = set(Purpose) if purpose == Purpose.ALL else {purpose, Purpose.ALL}
    return OptOut.objects.active(at=at).filter(channel__in=channels, purpose__in=purposes)


def opt_outs_by_day(days: Iterable[date]) -> list[tuple[date, int]]:
    """How many opt-outs reached us on each of these days (the company's time zone)."""
    wanted = sorted(days)
    if not wanted:
        return []
    # By where each day begins, found in the index: asking each row for its day in our time zone takes five times as long.
    all_days = [wanted[0] + timedelta(days=n) for n in range((wanted[-1] - wanted[0]).days + 2)]
    begins = [start_of(day) for day in all_days]
    begun = Func(
        F("received_at"),
        Value(begins, output_field=ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    counted = dict(
        OptOut.objects.order_by()
        .filter(received_at__gte=begins[0], received_at__lt=begins[-1])
        .annotate(place=begun)
        .values_list("place")
        .annotate(came=Count("*"))
    )
    return [(day, counted.get((day - wanted[0]).days + 1, 0)) for day in wanted]


@dataclass(frozen=True)
class Totals:
    """How many opt-outs are in force, and how many were withdrawn, in words: counting millions would hold up the page."""

    active: str
    withdrawn: str


def totals() -> Totals:
    """Exact up to COUNTED_EXACTLY; beyond that, those in force as the database last estimated the table."""
    rows = OptOut.objects.order_by()
    withdrawn = rows.filter(withdrawn_at__isnull=False)[: COUNTED_EXACTLY + 1].count()
    active = rows.filter(withdrawn_at__isnull=True)[: COUNTED_EXACTLY + 1].count()
    return Totals(
        f"{active:,}" if active <= COUNTED_EXACTLY else f"about {max(active, about_how_many(OptOut) - withdrawn):,}",
        f"{withdrawn:,}" if withdrawn <= COUNTED_EXACTLY else f"more than {COUNTED_EXACTLY:,}",
    )


@dataclass(frozen=True)
class Waiting:
    """A party to an agreement in force that was not told of opt-outs. since: from when on the oldest of them was owed to it."""

    third_party: ThirdParty
    since: datetime


def parties_not_told(*, since: datetime, now: datetime) -> list[Waiting]:
    """Third parties that stop sending for us by an agreement in force, to whom opt-outs are owed since that instant or before;
    those that wait longest first.

    Owed from when it holds here, or from when the agreement did. A list holds everything that was owed when it was made, so only
    what came after the last one is looked at.
    """
    by_agreement: Any = DataSharingAgreement.objects.filter(
        third_party=OuterRef("pk"), purposes__contains=[SharingPurpose.SUPPRESSION]
    )
    today, then = timezone.localdate(now), timezone.localdate(since)
    held_from = by_agreement.in_force(on=then).order_by("starts_on").values("starts_on")[:1]
    parties = ThirdParty.objects.annotate(held_from=Subquery(held_from)).filter(
        Exists(by_agreement.in_force(on=today)), held_from__isnull=False
    )
    last_made = dict(SuppressionDelivery.objects.order_by().values_list("third_party").annotate(Max("made_at")))
    found = []
    for party in parties:
        owed = OptOut.objects.owed_to_mailers().filter(suppressed_at__lte=since)
        if made_at := last_made.get(party.pk):
            owed = owed.filter(suppressed_at__gte=made_at - NOT_SEEN_BY_A_LIST)
        told = SuppressionItem.objects.filter(third_party=party, owed_sha256=OuterRef("owed_sha256"), removed_in__isnull=True)
        oldest = owed.exclude(Exists(told)).order_by("suppressed_at").values_list("suppressed_at", flat=True).first()
        if oldest is not None:
            found.append(Waiting(party, max(oldest, start_of(party.held_from))))
    return sorted(found, key=lambda waiting: waiting.since)
