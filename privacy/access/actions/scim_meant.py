"""Whom and what a provider's words mean here: the function of a title, a department, a manager."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Value
from django.db.models.functions import Lower
from django.utils.text import slugify

from privacy.access import errors
from privacy.access.actions.scim_words import ENTERPRISE
from privacy.access.queries.scim import live_users
from privacy.workforce import actions as workforce
from privacy.workforce.models import Department, Employee, JobFunction

_ONE_MANAGER_AT_A_TIME = 7_643_7_644  # an advisory lock: two changes that close a circle of managers see each other


def function_of(title: str) -> JobFunction | None:
    """The function that a title names by code or name; None for any other title, which changes nothing."""
    return JobFunction.objects.filter(code__iexact=title).first() or JobFunction.objects.filter(name__iexact=title).first()


def department_of(said: str | None) -> Department | None:
    """The department of that code or name, made where there is none: a department gives nobody anything."""
    if said is None:
        return None
    departments = Department.objects.order_by("pk")
    found = departments.filter(code__iexact=said).first() or departments.filter(name__iexact=said).first()
    if found is not None:
        return found
    code = slugify(said)[:40] or "department"
    if departments.filter(code__iexact=code).exists():
        code = f"{code}-{(departments.aggregate(last=Max('pk'))['last'] or 0) + 1}"
    return workforce.add_department(code, by=None, name=said)


def manager_of(employee: Employee, said: str | None) -> tuple[bool, Employee | None]:
    """Whether we know whom they mean, and who it is: by id, login, external id or employee number. Raises ManagedInACircle."""
    if said is None:
        return True, None
    users = live_users().select_related("employee").alias(spelled=Lower("user_name"))
    lookups: Iterable[dict[str, Any]] = (
        {"uid": said} if _is_uuid(said) else {"spelled": Lower(Value(said))},
        {"external_id": said},
        {f"told__resource__{ENTERPRISE}__employeeNumber": said},
    )
    found = next((user for lookup in lookups for user in users.filter(**lookup)[:1]), None)
    if found is None:
        if _is_uuid(said):
            raise errors.NoSuchMember(said)
        return False, None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_MANAGER_AT_A_TIME])
    above: int | None = found.employee_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == employee.pk:
            raise errors.ManagedInACircle
        seen.add(above)
        above = Employee.objects.filter(pk=above).values_list("manager_id", flat=True).first()
    return True, found.employee


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
