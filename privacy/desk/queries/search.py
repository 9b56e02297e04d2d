"""One box for everything: a person, a ticket, a colleague, a third party. Everything found is masked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from customers.doors.masks import masked
from customers.models import Customer
from customers.queries import TooSlow, search_customers
from privacy.agreements.models import ThirdParty
from privacy.tickets.models import Ticket
from privacy.workforce.models import Employee

SHOWN = 20


@dataclass(frozen=True)
class Hit:
    """One thing found: what to call it (masked), what is known about it, the page it leads to."""

    title: str
    note: str
    address: str
    status: str = ""


@dataclass(frozen=True)
class Found:
    """What one kind of thing answered. more: there are others than those shown; problem: why nothing could be looked up."""

    label: str
    icon: str
    hits: Sequence[Hit] = field(default_factory=list)
    more: bool = False
    problem: str = ""


def find(asked: str, *, employee: Any, now: datetime) -> list[Found]:
    """Everything that this person may look for, by kind; kinds they may not look for are left out."""
    asked = " ".join(asked.replace("\x00", "").split())[:200]
    found = []
    if employee.has_perm("privacy.work_tickets"):
        found.append(_tickets(asked))
    if employee.has_perm("customers.view_customer"):
        found.append(_customers(asked, by_parts=employee.has_perm("customers.reveal_contact")))
    if employee.has_perm("privacy.view_employee"):
        found.append(_employees(asked, now))
    if employee.has_perm("privacy.view_thirdparty"):
        found.append(_third_parties(asked))
    return found


def _tickets(asked: str) -> Found:
    reference = Q(reference__iexact=asked)
    if re.fullmatch(r"[\w-]*\d[\w-]*", asked):
        reference |= Q(reference__icontains=asked)
    tickets = list(Ticket.objects.filter(reference).prefetch_related("rights").order_by("-received_at")[: SHOWN + 1])
    return Found(
        "Requests",
        "requests",
        [
            Hit(
                ticket.reference,
                " · ".join([*(right.get_kind_display() for right in ticket.rights.all()), ticket.requester_masked or "somebody"]),
                reverse("tickets:ticket", args=[ticket.pk]),
                ticket.get_state_display(),
            )
            for ticket in tickets[:SHOWN]
        ],
        len(tickets) > SHOWN,
    )


def _customers(asked: str, *, by_parts: bool) -> Found:
    try:
        page = search_customers(asked, ["member_id", "name", "email", "phone"], by_parts=by_parts, size=SHOWN)
    except TooSlow as slow:
        return Found("Customers", "customers", problem=str(slow))
    columns: list[Any] = [Customer._meta.get_field(name) for name in ("name", "email", "phone")]
    hits = [
        Hit(
            member_id,
            " · ".join(masked(value, column) for value, column in zip(values, columns, strict=True)),
            reverse("desk:person", args=[pk]),
        )
        for pk, member_id, *values in page.rows
    ]
    return Found("Customers", "customers", hits, page.following is not None)


def _employees(asked: str, now: datetime) -> Found:
    people = Employee.objects.filter(Q(name__icontains=asked) | Q(login__iexact=asked) | Q(email__iexact=asked))
    rows = list(people.select_related("job_function", "department")[: SHOWN + 1])
    return Found(
        "Colleagues",
        "person",
        [
            Hit(
                person.name or person.login,
                " · ".join(str(part) for part in (person.login, person.job_function, person.department) if part),
                reverse("access:person", args=[person.pk]),
                "" if person.is_employed(at=now) else "left",
            )
            for person in rows[:SHOWN]
        ],
        len(rows) > SHOWN,
    )


def _third_parties(asked: str) -> Found:
    parties = list(ThirdParty.objects.filter(Q(name__icontains=asked) | Q(code__iexact=asked))[: SHOWN + 1])
    return Found(
        "Third parties",
        "sharing",
        [
            Hit(
                party.name,
                party.get_kind_display(),
                reverse("agreements:party", args=[party.code]),
            )
            for party in parties[:SHOWN]
        ],
        len(parties) > SHOWN,
    )
