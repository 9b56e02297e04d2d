"""What would happen if somebody left now: what goes in each system, and what passes to others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from privacy.access.models import HERE, Decision, Entitlement, System, SystemAccount
from privacy.access.queries.changes import tasks
from privacy.workforce.models import Employee


@dataclass(frozen=True)
class Elsewhere:
    """What of a person would go in one system: the grants there, the account, how it is taken away and how soon."""

    system: System
    grants: list[Any]
    account: str


def by_system(seen: list[Any], employee: Employee) -> list[Elsewhere]:
    """Grants (queries.Seen) put together by their system, this house first."""
    accounts = dict(SystemAccount.objects.filter(employee=employee).values_list("system", "name"))
    systems: dict[int, Elsewhere] = {}
    for one in seen:
        system = one.grant.entitlement.system
        account = "" if system.code == HERE else accounts.get(system.pk, employee.login)
        systems.setdefault(system.pk, Elsewhere(system, [], account)).grants.append(one)
    return sorted(systems.values(), key=lambda one: (not one.system.is_here, one.system.name))


@dataclass(frozen=True)
class HandedOn:
    """What somebody is asked for, answers for or owns, that others take over when they leave."""

    entitlements: list[Entitlement]
    systems: list[System]
    reports: list[Employee]
    review_items: int
    tasks: int


def handed_on(employee: Employee, *, now: datetime) -> HandedOn:
    """What would pass to others if this person left at that instant."""
    return HandedOn(
        list(employee.owned_entitlements.select_related("system").order_by("system__name", "code")),
        list(employee.owned_systems.order_by("name")),
        list(employee.reports.employed(at=now).order_by("name")),
        Decision.objects.asked().filter(reviewer=employee).count(),
        tasks(now=now, employee=employee).count(),
    )
