"""Verbs: write down how the promises stand."""

from collections.abc import Iterable
from datetime import datetime

from privacy.ledger.actions import act
from privacy.ledger.promises import Figure
from privacy.promises import queries
from privacy.promises.models import Measurement
from privacy.promises.queries import Stand
from privacy.workforce.models import Employee


NAMED = 2  # rows that a line says by name


def why(figure: Figure) -> str:
    """What a line says about a figure: the rows that break it or soon will, by name; where there are none, its detail."""
    rows = [*figure.broken, *figure.at_risk]
    if not rows:
        return figure.detail
    named = "; ".join(row.label for row in rows[:NAMED])
    return f"{named}; and {len(rows) - NAMED} more" if len(rows) > NAMED else named


def measure_promises(*, now: datetime, by: Employee | None, only: Iterable[str] | None = None) -> list[Stand]:
    """Measure every promise (or those in `only`, by id) and keep the figures for the trend."""
    stands = queries.standings(now=now, only=only, wait_ms=queries.JOB_WAITS_MS)
    with act("measure_promises", by=by):
        Measurement.objects.bulk_create(
            Measurement(
                promise=stand.promise.id,
                at=now,
                standing=stand.standing,
                figure=stand.figure.value,
                detail=why(stand.figure),
                broken_rows=len(stand.figure.broken),
            )
            for stand in stands
            if stand.promise.measure is not None
        )
    return stands
