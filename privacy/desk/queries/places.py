"""Where one can go: navigation by work, not by table (SCREENS.md, "Shape"); only what this person may open."""

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from customers.composed import Composed
from privacy.access import policies
from privacy.access import queries as access
from privacy.agreements.models import Nda
from privacy.agreements.queries import NDA_WAITS_DAYS
from privacy.mailroom.models import Message
from privacy.tickets.models import Ticket

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Place:
    """One line of the navigation as declared. name: of the address it leads to."""

    code: str
    label: str
    icon: str
    name: str
    permissions: Sequence[str] = ()
    room: str = ""
    key: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Place:
    """One line of the navigation for one person. waiting: how much waits there for them; key: opens it after `g`."""

    code: str
    label: str
    icon: str
    address: str
    waiting: int = 0
    key: str = ""
    apart: bool = False


PLACES = (
    _Place("today", "Today", "today", "desk:home", key="t"),
    _Place("requests", "Requests", "requests", "tickets:queue", ["privacy.work_tickets"], "tickets", "r"),
    _Place(
        "mail",
        "Mail",
        "mail",
        "mailroom:inbox",
        ["privacy.work_tickets"],
        "mailroom",
        "m",
    ),
    _Place("optouts", "Opt-outs", "optouts", "optouts:list", ["privacy.manage_optouts"], "optouts", "o"),
    _Place(
        "access",
        "Access",
        "access",
        "access:grants",
        ["privacy.administer_access", "privacy.approve_grants", "privacy.revoke_grants"],
        "access",
        "a",
    ),
    # Who is asked in a running review finds their items here, whatever else they may do.
    _Place(
        "reviews",
        "Reviews",
        "reviews",
        "access:reviews",
        ["privacy.administer_access", "privacy.view_ledger"],
        "reviews",
        "v",
    ),
    _Place("sharing", "Sharing", "sharing", "agreements:parties", ["privacy.manage_sharing"], "agreements", "s"),
    _Place(
        "customers",
        "Customers",
        "customers",
        "admin:customers_customer_changelist",
        ["customers.view_customer"],
        key="c",
    ),
    _Place("promises", "Promises", "promises", "promises:statement", ["privacy.view_promises"], key="p", apart=True),
    _Place("programme", "Programme", "programme", "programme:home", ["privacy.manage_programme"], "programme"),
    _Place("settings", "Settings", "settings", "datamap:overview", ["privacy.manage_settings"]),
    _Place("tables", "Tables", "tables", "desk:tables", apart=True),
)


def places_for(employee: Any, *, now: datetime) -> list[Place]:
    """The places that a grant in force opens for this person, with what waits there. Counting asks each room once."""
    found = []
    for place in PLACES:
        label, room, address = place.label, place.room, reverse(place.name)
        permitted = not place.permissions or any(employee.has_perm(name) for name in place.permissions)
        if place.code == "reviews" and not permitted and access.is_asked_in_reviews(employee):
            address, permitted = reverse("access:my_reviews"), True
        # Auditors come for the evidence; what else of access concerns them waits on Today.
        reads_ledger = place.code == "access" and not permitted and employee.has_perm("privacy.view_ledger")
        if reads_ledger and policies.may_have_evidence(employee.pk, at=now):
            label, room, address, permitted = "Evidence", "", reverse("access:evidence"), True
        if not permitted:
            continue
        if place.code == "tables" and not employee.has_module_perms("privacy") and not employee.has_module_perms("customers"):
            continue
        found.append((Place(place.code, label, place.icon, address, 0, place.key, place.apart), room))
    counted = _waiting([room for _, room in found if room in COUNTS], employee, now)
    return [replace(place, waiting=counted.get(room, 0)) for place, room in found]


def _waiting(rooms: Sequence[str], employee: Any, now: datetime) -> dict[str, int]:
    """How much waits in each room for this person. A count that fails is left out: the page matters more."""
    # A failed statement spoils a transaction that is open already; where none is, there is nothing to guard.
    guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with guard:
            return {room: COUNTS[room](employee, now) for room in rooms}
    except DatabaseError:
        if len(rooms) > 1:  # which of them it was
            return {room: number for one in rooms for room, number in _waiting([one], employee, now).items()}
        logger.exception("what waits in %s could not be counted", rooms[0])
        return {}


def _requests(*, at: datetime, person: int) -> QuerySet[Any, Any]:
    return Ticket.objects.open().filter(Q(assignee=person) | Q(assignee=None)).values("pk")


def _quarantined(*, at: datetime, person: int) -> QuerySet[Any, Any]:
    return Message.objects.quarantined().values("pk")


def _running_out(*, at: datetime, person: int) -> QuerySet[Any, Any]:
    return Nda.objects.running_out(within_days=NDA_WAITS_DAYS, at=at).filter(ended_reason="").values("pk")


_REQUESTS = Composed(_requests, takes=["person"])
_MAIL = Composed(_quarantined, takes=[])
_AGREEMENTS = Composed(_running_out, takes=["day"])


def requests_waiting(employee: Any, now: datetime) -> int:
    """Open requests that are this person's, or nobody's."""
    return _REQUESTS.count(at=now, person=employee.pk)


def _mail(employee: Any, now: datetime) -> int:
    """Messages that somebody has to read by hand."""
    return _MAIL.count(at=now, person=employee.pk)


def _agreements(employee: Any, now: datetime) -> int:
    """Nondisclosure agreements that run out within two weeks."""
    return _AGREEMENTS.count(at=now, person=employee.pk)


def _access(employee: Any, now: datetime) -> int:
    return access.waiting_for(employee, now=now)


def _reviews(employee: Any, now: datetime) -> int:
    """Items of running reviews that wait for this person's answer."""
    return access.review_items_waiting(employee, now=now)


COUNTS: dict[str, Callable[[Any, datetime], int]] = {
    "tickets": requests_waiting,
    "mailroom": _mail,
    "agreements": _agreements,
    "access": _access,
    "reviews": _reviews,
}
