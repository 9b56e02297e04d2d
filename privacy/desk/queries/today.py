"""What waits for one person, soonest first, and what is due: only of rooms that a grant in force opens for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from customers.instants import start_of
from privacy.access import queries as access
from privacy.access.models import AccessGrant
from privacy.access.models.grants import SECOND_FACTORS
from privacy.access.policies import request_lapses_at
from privacy.agreements.models import Nda
from privacy.agreements.queries import NDA_WAITS_DAYS, SOON_DAYS
from privacy.desk.queries.places import requests_waiting
from privacy.ledger.queries import READ_AGAIN_WITHIN, SEALED_WITHIN, last_verification, unread_since, unsealed_since
from privacy.mailroom.models import Message
from privacy.tickets.models import Ticket
from privacy.tickets.policies import is_business_day
from privacy.tickets.queries import DUE_SOON_DAYS, closures

STRIP_DAYS = 14
SHOWN = 12


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for this person: what, about what, until when, and the page where it is done.

    word: what happens at due_at ("due", "ends"); soon_days: how long before it is shown in amber.
    """

    what: str
    about: str
    icon: str
    address: str
    due_at: datetime | None
    note: str = ""
    mine: bool = False
    word: str = "due"
    soon_days: int = DUE_SOON_DAYS


def waits_for(employee: Any, *, now: datetime) -> list[Waiting]:
    """What waits for this person, soonest first; at most SHOWN of each kind."""
    found = [*_tickets(employee, now), *_requests_for_access(employee, now), *_ndas(employee, now), *_quarantine(employee)]
    found += [*_reviews(employee, now), *_ledger(employee, now)]
    latest = now + timedelta(days=3650)
    return [*_second_factor(employee), *sorted(found, key=lambda one: one.due_at or latest)]


def asked_for(employee: Any) -> list[AccessGrant]:
    """What this person asked for, or was asked for them, and nobody has decided yet."""
    return list(AccessGrant.objects.waiting().filter(employee=employee).select_related("entitlement").order_by("requested_at"))


def _second_factor(employee: Any) -> Iterator[Waiting]:
    """Before everything else, because sensitive access stays out of force until then."""
    if not employee.authenticator_set.filter(type__in=SECOND_FACTORS).exists():
        yield Waiting(
            what="Set up your second factor",
            about="Access to customers' sensitive data is out of force until then",
            icon="lock",
            address=reverse("mfa_index"),
            due_at=None,
            mine=True,
        )


def requests_beyond(employee: Any, waiting: list[Waiting], *, now: datetime) -> int:
    """How many open requests, this person's or nobody's, wait beside those that `waiting` lists."""
    if not employee.has_perm("privacy.work_tickets"):
        return 0
    return max(0, requests_waiting(employee, now) - sum(one.icon == "requests" for one in waiting))


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
            address=reverse("tickets:ticket", args=[ticket.pk]),
            due_at=ticket.due_at,
            note="yours" if ticket.assignee_id else "nobody has it",
            mine=ticket.assignee_id is not None,
        )


def _requests_for_access(employee: Any, now: datetime) -> Iterator[Waiting]:
    for grant in access.to_decide(employee, now=now)[:SHOWN]:
        yield Waiting(
            what=f"Decide: {grant.entitlement.name}",
            about=grant.employee.name or grant.employee.login,
            icon="access",
            address=reverse("access:grant", args=[grant.pk]),
            due_at=request_lapses_at(grant),
            mine=True,
            word="lapses",
        )


def _ndas(employee: Any, now: datetime) -> Iterator[Waiting]:
    if not employee.has_perm("privacy.administer_access") and not employee.has_perm("privacy.manage_sharing"):
        return
    ending = Nda.objects.running_out(within_days=SOON_DAYS, at=now).filter(ended_reason="")
    for nda in ending.select_related("employee", "third_party").order_by("ends_on")[:SHOWN]:
        yield Waiting(
            what=f"Renew the NDA of {nda.employee or nda.third_party}, or let it run out",
            about="Nondisclosure agreement",
            icon="sharing",
            address=f"{reverse('agreements:ndas')}?state=ends+soon",
            due_at=_last_moment_of(nda.ends_on) if nda.ends_on else None,
            note="access that needs it stops then",
            word="ends",
            soon_days=NDA_WAITS_DAYS,
        )


def _reviews(employee: Any, now: datetime) -> Iterator[Waiting]:
    """Items to review; for security administrators: what to launch and to sign off, and which review the calendar misses."""
    for review, left, _ in access.my_reviews(employee):
        if left:
            yield Waiting(
                what=f"Review access: {left} item{'' if left == 1 else 's'}",
                about=review.name,
                icon="reviews",
                address=reverse("access:my_reviews"),
                due_at=review.due_at,
                note="what nobody decides is not kept",
                mine=True,
            )
    if not employee.has_perm("privacy.administer_access"):
        return
    for review in access.reviews_waiting_for(employee):
        complete = review.state == "complete"
        yield Waiting(
            what="Sign off a complete review" if complete else "Launch a prepared review, as the second person",
            about=review.name,
            icon="reviews",
            address=reverse("access:review", args=[review.pk]),
            due_at=None if complete else review.due_at,
        )
    for standing in access.review_calendar(now=now):
        if standing.running is None and (standing.is_overdue or standing.is_soon):
            yield Waiting(
                what=f"Prepare a review of {standing.what}",
                about="asked for " + standing.cadence,
                icon="reviews",
                address=reverse("access:prepare_review"),
                due_at=standing.due_at,
                note="complete by then",
            )


def _ledger(employee: Any, now: datetime) -> Iterator[Waiting]:
    """What the last verification found, until one finds nothing; that there was none for days, or no seal for hours."""
    reads = employee.has_perm("privacy.view_ledger")
    if not reads and not employee.has_perm("privacy.administer_access"):
        return
    undone = (
        ("The ledger was not sealed for hours", unsealed_since(now=now), SEALED_WITHIN),
        ("The ledger was not read again for days", unread_since(now=now), READ_AGAIN_WITHIN),
    )
    for what, since, within in undone:
        if since:
            yield Waiting(
                what=what,
                about="Look whether the background worker runs",
                icon="warning",
                address=reverse("ledger:seals") if reads else "",
                due_at=since + within,
            )
    verification = last_verification()
    if verification is None or not verification.found:
        return
    first, more = verification.findings[0], verification.found - 1
    yield Waiting(
        what="The ledger is not what was sealed",
        about=f"{first[:1].upper()}{first[1:]}",
        icon="warning",
        address=reverse("ledger:seals") if reads else "",
        due_at=verification.began_at,
        note=f"and {more:,} more" if more else "",
    )


def _quarantine(employee: Any) -> Iterator[Waiting]:
    if not employee.has_perm("privacy.work_tickets"):
        return
    for message in Message.objects.quarantined().order_by("-received_at")[:3]:
        yield Waiting(
            what="Read by hand: a message that could not be parsed",
            about=f"message {message.pk}",
            icon="mail",
            address=reverse("mailroom:message", args=[message.pk]),
            due_at=message.received_at + timedelta(days=1),
        )


def due_days(*, now: datetime) -> list[tuple[date, int, str, str, str]]:
    """(day, tickets whose next clock ends that day, address, tone, why nobody works then) for STRIP_DAYS days; the first day has
    what is overdue too.
    """
    today = timezone.localdate(now)
    last = start_of(today + timedelta(days=STRIP_DAYS))
    open_ones = Ticket.objects.open().filter(due_at__lt=last).order_by()
    counted = dict(open_ones.values_list(TruncDate("due_at")).annotate(Count("pk")))
    overdue = sum(count for place, count in counted.items() if place < today)
    queue = reverse("tickets:queue")
    closed = closures()
    days = []
    for place in (today + timedelta(days=ahead) for ahead in range(STRIP_DAYS)):
        count = counted.get(place, 0) + (overdue if place == today else 0)
        tone = "bad" if place == today and overdue else "warn" if count and (place - today).days < DUE_SOON_DAYS else ""
        days.append((place, count, queue, tone, "" if is_business_day(place, closed) else "not a business day"))
    return days


def _last_moment_of(day: date) -> datetime:
    """A last day counts to its end, and is still that day: the lists of the house say "ends in 12 days" of it too."""
    return timezone.make_aware(datetime.combine(day, time.max))
