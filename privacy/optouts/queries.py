"""Who has opted out of what, asked one at a time or by the million; figures for the page."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from customers.models import Customer
from privacy.optouts.models import Channel, OptOut, Purpose, SubjectKind
from privacy.optouts.policies import Subject


def is_suppressed(subject: Subject, *, channel: str, purpose: str, at: datetime, customer_id: int | None = None) -> bool:
    """Whether this purpose is forbidden on this channel at that instant, for the address or for the customer behind it.

    `all` on either side of a recorded choice covers everything. With Channel.ALL or Purpose.ALL asked for, any choice counts.
    """
    who = Q(subject_key=subject.key)
    if subject.kind == SubjectKind.CUSTOMER:
        who |= Q(customer_id=int(subject.canonical))
    if customer_id is not None:
        who |= Q(customer_id=customer_id) | Q(subject_key=Subject.of_customer(customer_id).key)
    return covering(channel=channel, purpose=purpose, at=at).filter(who).exists()


def choices_of(subjects: Iterable[Subject]) -> Q:
    """The choices of whoever has one of these addresses or numbers: recorded for it, or for the customer whose it is."""
    subjects = list(subjects)
    emails = [subject.canonical for subject in subjects if subject.kind == SubjectKind.EMAIL]
    phones = [subject.canonical for subject in subjects if subject.kind == SubjectKind.PHONE]
    theirs = list(Customer.objects.filter(Q(email_key__in=emails) | Q(phone__in=phones)).values_list("pk", flat=True))
    keys = [*(subject.key for subject in subjects), *(Subject.of_customer(pk).key for pk in theirs)]
    return Q(subject_key__in=keys) | Q(customer_id__in=theirs)


def covering(*, channel: str, purpose: str, at: datetime) -> "OptOut.objects.__class__":  # type: ignore[name-defined]
    """The active choices that forbid this purpose on this channel."""
    channels = set(Channel) if channel == Channel.ALL else {channel, Channel.ALL}
    purposes = set(Purpose) if purpose == Purpose.ALL else {purpose, Purpose.ALL}
    return OptOut.objects.active(at=at).filter(channel__in=channels, purpose__in=purposes)


def opt_outs_by_day(days: Iterable[date]) -> list[tuple[date, int]]:
    """How many opt-outs reached us on each of these days (the company's time zone)."""
    wanted = sorted(days)
    if not wanted:
        return []
    counted = dict(
        OptOut.objects.order_by()
        .annotate(day=TruncDate("received_at"))
        .filter(day__gte=wanted[0], day__lte=wanted[-1])
        .values_list("day")
        .annotate(Count("pk"))
    )
    return [(day, counted.get(day, 0)) for day in wanted]
