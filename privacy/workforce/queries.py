"""What makes two logins one, or two addresses: said by the database, which keeps them apart. Whose login another imitates."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length

from customers.canonical import looks_like
from customers.instants import end_of
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent


def login_keys(logins: Iterable[str]) -> dict[str, str]:
    """By each login, what it shares with those that are the same login: its lower case as this database makes it.

    Python's would not do: casefold() makes ss of ß, lower() two characters of İ, and each version and locale of PostgreSQL has
    its own answer. Whoever looks up one login asks Employee.objects.called.
    """
    return _made_of(logins, "SELECT said, lower(said) FROM unnest(%s::text[]) AS said")


def address_keys(addresses: Iterable[str]) -> dict[str, str]:
    """By each e-mail address, what the sign-in compares it by: upper case, as iexact does."""
    return _made_of(addresses, "SELECT said, upper(said) FROM unnest(%s::text[]) AS said")


def imitated_by(login: str, *, besides: int | None = None) -> str | None:
    """The colleague's login that this one reads like, because it holds letters of another script; None where it is nobody's.

    besides: whose login this is to be (key). The same login is none that it looks like.
    """
    seen = looks_like(login)
    if seen == login:
        return None
    others = Employee.objects.exclude(Q(pk=besides) | Q(pk__in=Employee.objects.called(login).values("pk")))
    as_long = others.alias(length=Length("login")).filter(length=len(login)).order_by("login")
    return next((other for other in as_long.values_list("login", flat=True) if looks_like(other).lower() == seen.lower()), None)


def values_before(employee: Employee, *names: str) -> dict[str, Any]:
    """These values as they were before the last change of any of them, as the ledger has it; empty where they never changed."""
    history = employee.ledger_events.order_by("-pgh_id").values(*names)  # type: ignore[attr-defined]
    return next((row for row in history if any(row[name] != getattr(employee, name) for name in names)), {})


def last_day_before(leaving: EmploymentEvent) -> date | None:
    """What this person's last day was to be before this leaving was told, as the ledger has it; None: there was none."""
    employee = leaving.employee
    told: Any = leaving.ledger_events.order_by("pgh_id")  # type: ignore[attr-defined]
    rows: Any = employee.ledger_events.order_by("pgh_id")  # type: ignore[attr-defined]
    # The act that wrote the leaving down changed the person first.
    changed = rows.filter(pgh_context__isnull=False, pgh_context__in=told.values("pgh_context")[:1]).first()
    before = rows.filter(pgh_id__lt=changed.pgh_id).values("ends_on").last() if changed is not None else None
    last_day: date | None = (before or values_before(employee, "left_at", "ends_on")).get("ends_on")
    return last_day


def leaving_ahead(employee: Employee, *, now: datetime) -> EmploymentEvent | None:
    """The leaving that HR told beforehand, still stands and has not come; None where there is none."""
    told: Any = employee.employment_events  # type: ignore[attr-defined]
    ahead: EmploymentEvent | None = told.standing().filter(kind=HrEvent.LEFT, effective_at__gt=now).order_by("-pk").first()
    return ahead


def ended_late(people: Iterable[Employee]) -> dict[int, datetime]:
    """When employment was ended here, by key, of those of whom HR told only after their last day.

    Whose last day had been agreed before was gone by the clock, whenever somebody said so once more: the ledger has what it was.
    """
    late = {one.pk: one for one in people if one.left_at and one.ends_on and one.left_at >= end_of(one.ends_on)}
    rows: Any = Employee.ledger_events.rel.related_model.objects  # type: ignore[attr-defined]
    before = rows.filter(pgh_obj__in=late, left_at=None).order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    agreed = dict(before.values_list("pgh_obj_id", "ends_on"))
    return {pk: one.left_at for pk, one in late.items() if one.left_at and agreed.get(pk) != one.ends_on}


def _made_of(texts: Iterable[str], statement: str) -> dict[str, str]:
    asked = {text: text.replace("\x00", "") for text in texts}
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(set(asked.values()))])
        keys: dict[str, str] = dict(cursor.fetchall())
    return {text: keys[said] for text, said in asked.items()}
