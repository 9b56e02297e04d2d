"""Verbs: write down how the promises stand."""

from collections.abc import Iterable
from datetime import datetime

from privacy.ledger.actions import act, check_still_allowed
from privacy.ledger.promises import Figure
from privacy.promises import queries
from privacy.promises.models import Measurement
from privacy.promises.queries import Stand
from privacy.workforce.models import Employee


def _in_short(figure: Figure, *, counts: bool) -> str:
    """A figure in words for lists: the worst row that breaks it or soon will, by name, and what was looked at.

    counts: the figure is a number of rows. Of many, only the first are named.
    """
    rows = [*figure.broken, *figure.at_risk]
    at_least = "at least " if counts and (figure.value or 0) > len(figure.broken) else ""
    named = f"{rows[0].label}{f', and {at_least}{len(rows) - 1} more' if len(rows) > 1 else ''}." if rows else ""
    return " ".join(part for part in (named, figure.detail) if part)


def measure_promises(*, now: datetime, by: Employee | None, only: Iterable[str] | None = None) -> list[Stand]:
    """Measure every promise (or those in `only`, by id) and keep the figures for the trend. Raises NoLongerAllowed.

    What could not be measured is written down as that: an old figure never gets a new date.
    """
    stands = queries.standings(now=now, only=only, wait_ms=queries.JOB_WAITS_MS, or_last=False)
    with act("measure_promises", by=by):
        check_still_allowed(by, "privacy.view_promises")
        Measurement.objects.bulk_create(
            Measurement(
                promise=stand.promise.id,
                at=now,
                standing=stand.standing,
                figure=stand.figure.value,
                detail=_in_short(stand.figure, counts=not stand.promise.unit),
                broken_rows=len(stand.figure.broken),
            )
            for stand in stands
            if stand.promise.measure is not None
        )
    return stands
