"""Where one can go: navigation by work, not by table (SCREENS.md, "Shape"); only what this person may open."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import DatabaseError, transaction

from privacy.desk.queries.addresses import address_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Place:
    """One line of the navigation as declared. names: the first of these URL names that exists is where it leads."""

    code: str
    label: str
    icon: str
    names: Sequence[str]
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
    _Place("today", "Today", "today", ["desk:home"], key="t"),
    _Place("requests", "Requests", "requests", ["tickets:queue"], ["privacy.work_tickets"], "tickets", "r"),
    _Place(
        "mail",
        "Mail",
        "mail",
        ["mailroom:inbox", "mailroom:list", "mailroom:messages"],
        ["privacy.work_tickets"],
        "mailroom",
        "m",
    ),
    _Place("optouts", "Opt-outs", "optouts", ["optouts:list", "optouts:register"], ["privacy.manage_optouts"], "optouts", "o"),
    _Place(
        "access",
        "Access",
        "access",
        ["access:map", "access:grants"],
        ["privacy.administer_access", "privacy.approve_grants", "privacy.revoke_grants"],
        "access",
        "a",
    ),
    _Place("reviews", "Reviews", "reviews", ["access:reviews"], ["privacy.administer_access", "privacy.approve_grants"]),
    _Place(
        "sharing", "Sharing", "sharing", ["agreements:home", "agreements:parties"], ["privacy.manage_sharing"], "agreements", "s"
    ),
    _Place(
        "customers",
        "Customers",
        "customers",
        ["customers:list", "people:list", "admin:customers_customer_changelist"],
        ["customers.view_customer"],
        key="c",
    ),
    _Place("promises", "Promises", "promises", ["promises:statement"], ["privacy.view_promises"], key="p", apart=True),
    _Place("programme", "Programme", "programme", ["programme:home"], ["privacy.manage_programme"], "programme"),
    _Place("settings", "Settings", "settings", ["settings:home"], ["privacy.manage_settings"]),
    _Place("tables", "Tables", "tables", ["desk:tables"], apart=True),
)


def places_for(employee: Any, *, now: datetime) -> list[Place]:
    """The places that a grant in force opens for this person, with what waits there. Counting asks each room once."""
    places = []
    for place in PLACES:
        address = address_of(*place.names)
        if not address or (place.permissions and not any(employee.has_perm(name) for name in place.permissions)):
            continue
        if place.code == "tables" and not employee.has_module_perms("privacy") and not employee.has_module_perms("customers"):
            continue
        waiting = _waiting(place.room, employee, now) if place.room else 0
        places.append(Place(place.code, place.label, place.icon, address, waiting, place.key, place.apart))
    return places


def _waiting(room: str, employee: Any, now: datetime) -> int:
    """What `waiting_for(employee, now=...)` of a room answers: a count. A room without it, or one that fails, counts nothing."""
    name = f"privacy.{room}.queries"
    if find_spec(name) is None:
        return 0
    ask = getattr(import_module(name), "waiting_for", None)
    if ask is None:
        return 0
    try:
        with transaction.atomic():
            return int(ask(employee, now=now))
    except DatabaseError:
        logger.exception("what waits in %s could not be counted", room)
        return 0
