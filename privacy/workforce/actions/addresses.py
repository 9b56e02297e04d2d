"""An e-mail address is one person's among those who have not left (statement E.1): asked by each verb that gives one, or back.

No constraint can hold it: whether somebody has left is a matter of the clock, and a leaver's address may be used again. So the
rows are written first; then, behind a lock that whoever gives the same address waits for, it is asked whose it is.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef

from privacy.workforce import errors
from privacy.workforce.models import Employee

_ADDRESSES = 0x4144_4452  # advisory locks of PostgreSQL: 256 of them, because a roster gives thousands of addresses at once
LOCKS = """
SELECT pg_advisory_xact_lock(%s, bucket) FROM (
    SELECT DISTINCT hashtext(upper(email)) & 255 AS bucket FROM privacy_employee WHERE id = ANY(%s) AND email <> '' ORDER BY 1
) AS sorted
"""
_together: ContextVar[set[int] | None] = ContextVar("addresses_together", default=None)


@contextmanager
def addresses_together(*, now: datetime) -> Iterator[None]:
    """Inside, addresses may pass from one person to another; whose each is, is asked once, at the end. Raises AddressTaken.

    For a roster, and for whoever comes back with another address. Enter it inside an act, which what is refused undoes.
    """
    if _together.get() is not None:
        yield
        return
    given: set[int] = set()
    token = _together.set(given)
    try:
        yield
    finally:
        _together.reset(token)
    _check(given, now=now)


def check_address(employee_id: int, *, now: datetime) -> None:
    """Refuse that this person has an address which a colleague has. Call it behind the write. Raises AddressTaken."""
    given = _together.get()
    if given is None:
        _check([employee_id], now=now)
    else:
        given.add(employee_id)


def _check(employees: Collection[int], *, now: datetime) -> None:
    if not employees:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOCKS, [_ADDRESSES, list(employees)])
    people = Employee.objects.not_left(at=now).exclude(email="")
    same = people.filter(email__iexact=OuterRef("email")).exclude(pk=OuterRef("pk"))
    found = people.filter(Exists(same), pk__in=employees).first()
    if found is not None:
        raise errors.AddressTaken(found, people.filter(email__iexact=found.email).exclude(pk=found.pk).first())
