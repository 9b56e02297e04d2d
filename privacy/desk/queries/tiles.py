"""The four figures of the day, each with its trend: only of rooms that a grant in force opens for this person."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from customers.instants import start_of
from privacy.access.models import AccessGrant, DeniedAttempt, Origin
from privacy.ledger.models import ReadKind, RecordedRead
from privacy.optouts.models import OptOut
from privacy.tickets.models import Ticket
from privacy.tickets.queries import SOON_DAYS

TREND_DAYS = 14
SHOWN = 4


@dataclass(frozen=True)
class FigureTile:
    """One figure of the day with its trend, a value a day, oldest first. trend_label: what the trend says beyond the label."""

    label: str
    value: str
    note: str
    tone: str = ""
    address: str = ""
    trend: list[float] = field(default_factory=list)
    trend_label: str = ""


def figures(employee: Any, *, now: datetime) -> list[FigureTile]:
    """The SHOWN figures nearest to this person's work, with the trend of the last TREND_DAYS days."""
    tiles: list[FigureTile] = []
    since = timezone.localdate(now) - timedelta(days=TREND_DAYS - 1)
    works = employee.has_perm("privacy.work_tickets")
    if works:
        tiles += _of_tickets(now, since)
    if works or employee.has_perm("privacy.manage_optouts"):
        tiles.append(_of_opt_outs(employee, since))
    if works:
        tiles.append(_closed(since))
    if len(tiles) < SHOWN and employee.has_perm("privacy.administer_access"):
        tiles += [*_of_access(now, since), _revoked(since), _refused(employee, since)]
    if len(tiles) < SHOWN and employee.has_perm("privacy.view_ledger"):
        tiles += [*_of_reads(since), *([] if tiles else [_revoked(since), _refused(employee, since)])]
    return tiles[:SHOWN]


def _of_tickets(now: datetime, since: date) -> list[FigureTile]:
    soon = now + timedelta(days=SOON_DAYS)
    counted = Ticket.objects.open().aggregate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        overdue_before=Count("pk", filter=Q(due_at__lt=start_of(since))),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=soon)),
    )
    fell_due = Ticket.objects.open().filter(due_at__gte=start_of(since), due_at__lt=now)
    received, closed = _by_day(Ticket.objects.all(), "received_at", since), _by_day(Ticket.objects.all(), "closed_at", since)
    queue, overdue = reverse("tickets:queue"), counted["overdue"]
    return [
        FigureTile(
            "Open requests",
            f"{counted['open']:,}",
            f"{counted['soon']:,} due within a week",
            "",
            f"{queue}?tab=all",
            _standing(counted["open"], received, closed),
            "Open at the end of each day",
        ),
        FigureTile(
            "Overdue",
            f"{overdue:,}",
            "past a clock of the law" if overdue else "every clock is kept",
            "bad" if overdue else "ok",
            f"{queue}?tab=overdue",
            list(accumulate(_by_day(fell_due, "due_at", since), initial=counted["overdue_before"]))[1:],
            "Open and overdue, by the day they fell due",
        ),
    ]


def _of_opt_outs(employee: Any, since: date) -> FigureTile:
    trend = _by_day(OptOut.objects.all(), "received_at", since)
    address = reverse("optouts:list") if employee.has_perm("privacy.manage_optouts") else ""
    return FigureTile("Opt-outs in 14 days", f"{int(sum(trend)):,}", "suppressed as they arrive", "", address, trend)


def _closed(since: date) -> FigureTile:
    trend = _by_day(Ticket.objects.all(), "closed_at", since)
    return FigureTile("Closed in 14 days", f"{int(sum(trend)):,}", "requests answered to their end", "", "", trend)


def _of_access(now: datetime, since: date) -> list[FigureTile]:
    held = AccessGrant.objects.active().aggregate(
        active=Count("pk"), sensitive=Count("pk", filter=Q(sensitive=True)), people=Count("employee", distinct=True)
    )
    in_force = AccessGrant.objects.in_force(at=now).order_by().count()
    idle = held["active"] - in_force
    grants = AccessGrant.objects.all()
    # What was restored, made at the terminal or taken in an emergency has that instant, too, and nobody asked for it then.
    asked = _by_day(grants.filter(origin=Origin.REQUEST), "requested_at", since)
    waiting = AccessGrant.objects.waiting().order_by().count()
    given, ended = _by_day(grants, "approved_at", since), _by_day(grants.filter(approved_at__isnull=False), "revoked_at", since)
    return [
        FigureTile(
            "Grants in force",
            f"{in_force:,}",
            f"{idle:,} more held: a condition is missing"
            if idle
            else f"of {held['people']:,} people; {held['sensitive']:,} sensitive",
            "warn" if idle else "",
            reverse("access:grants") + ("?state=not+in+force" if idle else ""),
            _standing(held["active"], given, ended),
            "Held at the end of each day",
        ),
        FigureTile(
            "Asked for in 14 days",
            f"{int(sum(asked)):,}",
            f"{waiting:,} wait{'' if waiting != 1 else 's'} for a decision" if waiting else "all decided",
            "",
            reverse("access:grants") + "?state=waiting",
            asked,
        ),
    ]


def _revoked(since: date) -> FigureTile:
    trend = _by_day(AccessGrant.objects.filter(renewed_by=None), "revoked_at", since)
    return FigureTile("Revoked in 14 days", f"{int(sum(trend)):,}", "grants, renewals left out", "", "", trend)


def _refused(employee: Any, since: date) -> FigureTile:
    trend = _by_day(DeniedAttempt.objects.all(), "at", since)
    address = reverse("access:denied") if employee.has_perm("privacy.administer_access") else ""
    return FigureTile("Refused in 14 days", f"{int(sum(trend)):,}", "attempts, all written down", "", address, trend)


def _of_reads(since: date) -> list[FigureTile]:
    reveals = _by_day(RecordedRead.objects.filter(kind=ReadKind.REVEAL), "at", since)
    others = _by_day(RecordedRead.objects.filter(kind__in=[kind for kind in ReadKind if kind != ReadKind.REVEAL]), "at", since)
    return [
        FigureTile("Reveals in 14 days", f"{int(sum(reveals)):,}", "each with its reason and grant", "", "", reveals),
        FigureTile("Searches and files in 14 days", f"{int(sum(others)):,}", "searches, exports, evidence", "", "", others),
    ]


def _by_day(rows: QuerySet[Any], column: str, since: date) -> list[float]:
    """How many rows have `column` on each of the TREND_DAYS days from `since`."""
    pairs = (
        rows.filter(**{f"{column}__gte": start_of(since)}).order_by().values_list(TruncDate(column)).annotate(count=Count("pk"))
    )
    counted = dict(pairs)
    return [float(counted.get(since + timedelta(days=ahead), 0)) for ahead in range(TREND_DAYS)]


def _standing(latest: int, came: list[float], went: list[float]) -> list[float]:
    """How many there were at the end of each day, told backwards from how many there are now."""
    steps = [gone - arrived for arrived, gone in zip(came, went, strict=True)]
    return list(accumulate(reversed(steps[1:]), initial=float(latest)))[::-1]
