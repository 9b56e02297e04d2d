"""Reads: every declared promise, and how it stands now."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.db import connection, transaction
from django.utils import timezone
from psycopg.errors import QueryCanceled

from privacy.ledger.promises import Figure, Promise
from privacy.promises.models import Measurement, Standing

logger = logging.getLogger(__name__)

ROOMS = (
    "ledger",
    "datamap",
    "workforce",
    "statement",
    "programme",
    "agreements",
    "access",
    "optouts",
    "tickets",
    "mailroom",
    "desk",
)
# A figure that takes longer than this is left to the job, which has time; the page shows the job's last one.
PAGE_WAITS_MS = 2_000
JOB_WAITS_MS = 120_000
STILL_FRESH = timedelta(minutes=20)
# An older figure is no answer to a measurement that does not end: eight times, the job did not come to its end either.
KNOWN_FOR = timedelta(hours=2)
REMEMBERED = timedelta(days=7)  # a page looks back no further, however many years of figures there are


@dataclass(frozen=True)
class Stand:
    """How one promise stands. measured_at is None where nothing could be measured."""

    promise: Promise
    standing: Standing
    figure: Figure
    measured_at: datetime | None

    @property
    def is_broken(self) -> bool:
        return self.standing == Standing.BROKEN

    @property
    def evidence(self) -> str:
        """The page with what one is shown now: at risk, what is due soon, because nothing is late."""
        soon = self.promise.evidence_soon if self.standing == Standing.AT_RISK else ""
        return soon or self.promise.evidence


@cache
def declared() -> tuple[Promise, ...]:
    """Every promise that a room declares, in the statement's order. Raises ValueError where two have one id."""
    found: dict[str, Promise] = {}
    for room in ROOMS:
        name = f"privacy.{room}.promises"
        if find_spec(name) is None:
            continue
        for promise in getattr(import_module(name), "PROMISES", []):
            if promise.id in found:
                raise ValueError(f"two promises are called {promise.id}")
            found[promise.id] = promise
    return tuple(sorted(found.values(), key=lambda promise: (promise.section, promise.id)))


def by_id(promise_id: str) -> Promise | None:
    """The promise of that id, if one is declared."""
    return next((promise for promise in declared() if promise.id == promise_id), None)


def judge(promise: Promise, figure: Figure) -> Standing:
    """The standing that a figure gives: broken outside the bound or with broken rows, at risk with rows that soon will be."""
    if figure.value is None:
        return Standing.NOT_MEASURED
    if figure.broken or figure.value > promise.bound:
        return Standing.BROKEN
    return Standing.AT_RISK if figure.at_risk else Standing.KEPT


def measure(promise: Promise, *, now: datetime, wait_ms: int = PAGE_WAITS_MS, or_last: bool = True) -> Stand:
    """Measure one promise now, at most `wait_ms` milliseconds for each query. A measurement that fails is "not measured".

    or_last: where it does not end in time, what was written down last, with its own instant, if that is not older than KNOWN_FOR.
    """
    if promise.measure is None:
        return Stand(promise, Standing.NOT_MEASURED, Figure(None, detail="Nothing measures this yet."), None)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(wait_ms)])
            figure = promise.measure(now)
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except Exception as error:
        if _ran_out_of_time(error):
            return _in_time(promise, now=now if or_last else None)
        logger.exception("the promise %s could not be measured", promise.id)
        return Stand(promise, Standing.NOT_MEASURED, Figure(None, detail="The measurement failed: see the log."), None)
    return Stand(promise, judge(promise, figure), figure, now)


def _ran_out_of_time(error: BaseException | None) -> bool:
    """Whether the database's limit on a statement is behind this, whatever it was turned into on its way."""
    return error is not None and (isinstance(error, QueryCanceled) or _ran_out_of_time(error.__cause__))


def _in_time(promise: Promise, *, now: datetime | None) -> Stand:
    """What was written down in the KNOWN_FOR before `now`; not measured without such a figure, or without an instant."""
    known = Measurement.objects.filter(promise=promise.id, figure__isnull=False)
    last = None if now is None else known.filter(at__lte=now, at__gt=now - KNOWN_FOR).first()
    if last is None:
        return Stand(promise, Standing.NOT_MEASURED, Figure(None, detail="The measurement did not finish in time."), None)
    return Stand(promise, Standing(last.standing), Figure(last.figure, detail=last.detail), last.at)


def standings(
    *, now: datetime, only: Iterable[str] | None = None, wait_ms: int = PAGE_WAITS_MS, or_last: bool = True
) -> list[Stand]:
    """How every promise (or those in `only`, by id) stands now; see `measure`."""
    wanted = None if only is None else frozenset(only)
    return [
        measure(promise, now=now, wait_ms=wait_ms, or_last=or_last)
        for promise in declared()
        if wanted is None or promise.id in wanted
    ]


def written_down(*, now: datetime) -> list[Stand]:
    """How every promise stood when last written down, with the instant; nothing is measured here.

    For pages that only mention the promises and must not wait for them. A figure older than STILL_FRESH says nothing of today:
    it is "not measured", and says what it was and when, for as long as REMEMBERED.
    """
    known = Measurement.objects.filter(at__lte=now, at__gt=now - REMEMBERED)
    last = {one.promise: one for one in known.order_by("promise", "-at", "-pk").distinct("promise")}
    return [_as_written_down(promise, last.get(promise.id), now=now) for promise in declared()]


def _as_written_down(promise: Promise, last: Measurement | None, *, now: datetime) -> Stand:
    if last is None:
        return Stand(promise, Standing.NOT_MEASURED, Figure(None, detail="Nothing was measured yet."), None)
    if last.at >= now - STILL_FRESH:
        return Stand(promise, Standing(last.standing), Figure(last.figure, detail=last.detail), last.at)
    detail = f"{last.get_standing_display()} on {timezone.localtime(last.at):%B %-d, %H:%M}; not measured since."
    return Stand(promise, Standing.NOT_MEASURED, Figure(None, detail=detail[:1].upper() + detail[1:]), last.at)


def trend(promise_id: str, *, limit: int = 60) -> list[Measurement]:
    """The last measurements of one promise, oldest first."""
    return list(reversed(Measurement.objects.filter(promise=promise_id, figure__isnull=False)[:limit]))
