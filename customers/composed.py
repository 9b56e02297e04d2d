"""Queries that every page or every request asks: composed by Django once, then run with other values.

Composing such a query costs several times what running it costs.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

# Stand-ins while it is composed.
_SOME_INSTANT = datetime(1234, 5, 6, 7, 8, 9, tzinfo=UTC)
_SOME_DAY = timezone.localdate(_SOME_INSTANT)
_SOMEBODY = -1_234_567_890
_NEAR = timedelta(days=3660)
_DAY = timedelta(days=1)


class Composed:
    """A query about an instant, its day and one person, composed when it is first asked.

    compose(at=…, person=…): gives its QuerySet, of `values_list` where the rows matter. It is called once, with stand-ins, and
    may do no more with them than pass them on, or add whole days to them. takes: which of "instant", "day" and "person" must
    then stand in the query; AssertionError where one does not, or where another was made of them.
    """

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], *, takes: Collection[str]) -> None:
        self._compose, self._takes = compose, set(takes)
        self._made: tuple[str, list[tuple[str, Any]]] | None = None

    def rows(self, *, at: datetime, person: int) -> list[tuple[Any, ...]]:
        """What it finds at that instant for the person of that key."""
        return self._ask("{}", at, person)

    def count(self, *, at: datetime, person: int) -> int:
        """How many rows it finds."""
        return int(self._ask("SELECT count(*) FROM ({}) AS found", at, person)[0][0])

    def _ask(self, around: str, at: datetime, person: int) -> list[tuple[Any, ...]]:
        if self._made is None:
            self._made = self._composed()
        statement, parameters = self._made
        real = {
            "instant": lambda apart: at + apart,
            "day": lambda apart: timezone.localdate(at) + apart,
            "person": lambda _: person,
            "": lambda value: value,
        }
        with connection.cursor() as cursor:
            cursor.execute(around.replace("{}", statement), [real[kind](value) for kind, value in parameters])
            return list(cursor.fetchall())

    def _composed(self) -> tuple[str, list[tuple[str, Any]]]:
        statement, parameters = self._compose(at=_SOME_INSTANT, person=_SOMEBODY).order_by().query.sql_with_params()
        told = [_told(parameter) for parameter in parameters]
        if missing := self._takes - {kind for kind, _ in told}:
            raise AssertionError(f"the composed query no longer names its {', '.join(sorted(missing))}")
        return statement, told


def _told(parameter: Any) -> tuple[str, Any]:
    """What a parameter stands for, and how far from it; ("", itself) for one that stays."""
    if isinstance(parameter, datetime):
        kind, apart = "instant", parameter - _SOME_INSTANT
    elif isinstance(parameter, date):
        kind, apart = "day", parameter - _SOME_DAY
    else:
        return ("person", None) if parameter == _SOMEBODY else ("", parameter)
    if abs(apart) > _NEAR:
        return "", parameter
    if apart % _DAY:
        raise AssertionError(f"a composed query makes {parameter} of its instant: more than whole days later or earlier")
    return kind, apart
