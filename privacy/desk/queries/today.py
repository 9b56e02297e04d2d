"""What waits for one person, soonest first, and the figures of the day: only of rooms that a grant in force opens for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from privacy.access.models import AccessGrant, DeniedAttempt
from privacy.access.policies import REQUEST_LAPSES_AFTER_DAYS, may_decide
from privacy.agreements.models import Nda
from privacy.desk.queries.addresses import address_of
from privacy.mailroom.models import Message
from privacy.optouts.models import OptOut
from privacy.tickets.models import Ticket

STRIP_DAYS = 14
TREND_DAYS = 14
SHOWN = 12
NDA_WARNED_DAYS = 30


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for this person: what, about what, until when, and the page where it is done."""

    what: str
    about: str
    icon: str
    address: str
    due_at: datetime | None
    note: str = ""
    mine: bool = False


@dataclass(frozen=True)
class FigureTile:
    """One figure of the day with its trend, oldest first."""

    label: str
    value: str
    note: str
    tone: str = ""
    address: str = ""
    trend: list[float] = field(default_factory=list)


def waits_for(employee: Any, *, now: datetime) -> list[Waiting]:
    """What waits for this person, soonest first; at most SHOWN of each kind."""
    found = [*_tickets(employee, now), *_requests_for_access(employee, now), *_ndas(employee, now), *_quarantine(employee)]
    latest = now + timedelta(days=3650)
    return sorted(found, key=lambda one: one.due_at or latest)


def _tickets(employee: Any, now: datetime) -> Iterator[Waiting]:
    if not employee.has_perm("privacy.work_tickets"):
        return
    open_ones = Ticket.objects.open().select_related("assignee").prefetch_related("rights").order_by("due_at", "pk")
    mine = list(open_ones.filter(assignee=employee)[:SHOWN])
    free = list(open_ones.filter(assignee=None)[: max(0, SHOWN - len(mine))])
    for ticket in mine + free:
        kinds = ", ".join(right.get_kind_display() for right in ticket.rights.all()) or "request"
        yield Waiting(
            what=f"{ticket.reference} · {kinds}",
            about=ticket.requester_masked or "somebody",
            icon="requests",
            address=address_of("tickets:ticket", "tickets:detail", "admin:privacy_ticket_change", pk=ticket.pk),
            due_at=ticket.due_at,
            note="yours" if ticket.assignee_id else "nobody has it",
            mine=ticket.assignee_id is not None,
        )


def _requests_for_access(employee: Any, now: datetime) -> Iterator[Waiting]:
    about = AccessGrant.objects.waiting().select_related("employee", "employee__manager", "entitlement", "entitlement__owner")
    theirs = Q(entitlement__owner=employee) | Q(employee__manager=employee)
    if not employee.has_perm("privacy.approve_grants"):
        about = about.filter(theirs)
    for grant in about.order_by("requested_at")[: SHOWN * 3]:
        if may_decide(grant, employee, at=now):
            yield Waiting(
                what=f"Decide: {grant.entitlement.name}",
                about=grant.employee.name or grant.employee.login,
                icon="access",
                address=address_of("access:grant", "access:request", "admin:privacy_accessgrant_change", pk=grant.pk),
                due_at=grant.requested_at + timedelta(days=REQUEST_LAPSES_AFTER_DAYS),
                note="lapses then",
                mine=True,
            )


def _ndas(employee: Any, now: datetime) -> Iterator[Waiting]:
    if not employee.has_perm("privacy.administer_access") and not employee.has_perm("privacy.manage_sharing"):
        return
    today = timezone.localdate(now)
    ending = Nda.objects.filter(ends_on__gte=today, ends_on__lte=today + timedelta(days=NDA_WARNED_DAYS), ended_reason="")
    for nda in ending.select_related("employee", "third_party").order_by("ends_on")[:SHOWN]:
        yield Waiting(
            what="Renew or let go: nondisclosure agreement",
            about=str(nda.employee or nda.third_party),
            icon="sharing",
            address=address_of("agreements:nda", "admin:privacy_nda_change", pk=nda.pk),
            due_at=_end_of(nda.ends_on) if nda.ends_on else None,
            note="access that needs it stops then",
        )


def _quarantine(employee: Any) -> Iterator[Waiting]:
    if not employee.has_perm("privacy.work_tickets"):
        return
    for message in Message.objects.filter(outcome="quarantined").order_by("-received_at")[:3]:
        yield Waiting(
            what="Read by hand: a message that could not be parsed",
            about=f"message {message.pk}",
            icon="mail",
            address=address_of("mailroom:message", "mailroom:detail", "admin:privacy_message_change", pk=message.pk),
            due_at=message.received_at + timedelta(days=1),
        )


def figures(employee: Any, *, now: datetime) -> list[FigureTile]:
    """Four figures of the day that this person may see, with the trend of the last TREND_DAYS days."""
    tiles: list[FigureTile] = []
    since = timezone.localdate(now) - timedelta(days=TREND_DAYS - 1)
    if employee.has_perm("privacy.work_tickets"):
        tiles += _of_tickets(now, since)
    if employee.has_perm("privacy.manage_optouts") or employee.has_perm("privacy.work_tickets"):
        tiles.append(_of_opt_outs(employee, now, since))
    if employee.has_perm("privacy.administer_access"):
        tiles += _of_access(now, since)
    return tiles[:4]


def _of_tickets(now: datetime, since: date) -> list[FigureTile]:
    soon = now + timedelta(days=7)
    counted = Ticket.objects.open().aggregate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=soon)),
    )
    received = (
        Ticket.objects.filter(received_at__gte=_start_of(since)).values_list(TruncDate("received_at")).annotate(Count("pk"))
    )
    queue = address_of("tickets:queue")
    overdue = counted["overdue"]
    return [
        FigureTile(
            "Open requests", f"{counted['open']:,}", f"{counted['soon']:,} due within a week", "", queue, _by_day(received, since)
        ),
        FigureTile(
            "Overdue",
            f"{overdue:,}",
            "past a clock of the law" if overdue else "every clock is kept",
            "bad" if overdue else "ok",
            f"{queue}?tab=overdue" if queue else "",
        ),
    ]


def _of_opt_outs(employee: Any, now: datetime, since: date) -> FigureTile:
    by_day = (
        OptOut.objects.filter(received_at__gte=_start_of(since))
        .order_by()
        .values_list(TruncDate("received_at"))
        .annotate(Count("pk"))
    )
    trend = _by_day(by_day, since)
    return FigureTile(
        "Opt-outs in 14 days",
        f"{int(sum(trend)):,}",
        "suppressed as they arrive",
        "",
        address_of("optouts:list", "optouts:register") if employee.has_perm("privacy.manage_optouts") else "",
        trend,
    )


def _of_access(now: datetime, since: date) -> list[FigureTile]:
    held = AccessGrant.objects.active().aggregate(
        active=Count("pk"), sensitive=Count("pk", filter=Q(sensitive=True)), people=Count("employee", distinct=True)
    )
    in_force = AccessGrant.objects.in_force(at=now).order_by().count()
    revoked = AccessGrant.objects.filter(revoked_at__gte=_start_of(since)).order_by().values_list(TruncDate("revoked_at"))
    idle = held["active"] - in_force
    denied = DeniedAttempt.objects.filter(at__gte=_start_of(since)).order_by().values_list(TruncDate("at"))
    refused = _by_day(denied.annotate(Count("pk")), since)
    return [
        FigureTile(
            "Grants in force",
            f"{in_force:,}",
            f"of {held['people']:,} people; {held['sensitive']:,} sensitive",
            "",
            address_of("access:map", "access:people", "access:grants", "admin:privacy_accessgrant_changelist"),
        ),
        FigureTile(
            "Held, not in force",
            f"{idle:,}",
            "an NDA, a briefing or a second factor is missing" if idle else "every condition is met",
            "warn" if idle else "ok",
        ),
        FigureTile(
            "Revoked in 14 days",
            f"{int(sum(_by_day(revoked.annotate(Count('pk')), since))):,}",
            "sessions ended in the same instant",
            "",
            "",
            _by_day(revoked.annotate(Count("pk")), since),
        ),
        FigureTile(
            "Refused in 14 days", f"{int(sum(refused)):,}", "attempts, all written down", "", address_of("access:denied"), refused
        ),
    ]


def due_days(*, now: datetime) -> list[tuple[date, int, str, str]]:
    """(day, tickets whose next clock ends that day, address, tone) for STRIP_DAYS days; the first day has what is overdue too."""
    today = timezone.localdate(now)
    last = _start_of(today + timedelta(days=STRIP_DAYS))
    open_ones = Ticket.objects.open().filter(due_at__lt=last).order_by()
    counted = dict(open_ones.values_list(TruncDate("due_at")).annotate(Count("pk")))
    overdue = sum(count for place, count in counted.items() if place < today)
    queue = address_of("tickets:queue")
    days = []
    for place in (today + timedelta(days=ahead) for ahead in range(STRIP_DAYS)):
        count = counted.get(place, 0) + (overdue if place == today else 0)
        tone = "bad" if place == today and overdue else "warn" if count and (place - today).days < 3 else ""
        days.append((place, count, queue, tone))
    return days


def _by_day(pairs: Any, since: date) -> list[float]:
    counted = dict(pairs)
    return [float(counted.get(since + timedelta(days=ahead), 0)) for ahead in range(TREND_DAYS)]


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _end_of(day: date) -> datetime:
    return _start_of(day + timedelta(days=1))
