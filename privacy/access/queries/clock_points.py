"""The five clock points of each leaver and mover: known, effective, enforced here, pushed, proven (ACCESS.md, "Timeliness")."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from privacy.access.queries.timeliness import HERE_BOUND, MEASURED, parameters
from privacy.workforce.models import EmploymentEvent

EVENTS_PAGE = 25


@dataclass(frozen=True)
class EventTimes:
    """One leaver or mover with the five points: known, effective, enforced here, pushed everywhere, proven everywhere.

    pushed_at, proven_at: None where something is outstanding, or where nothing had to go elsewhere (`removals` is 0).
    """

    event: EmploymentEvent
    enforced_at: datetime | None
    taken_over: bool
    removals: int
    proven: int
    over: int
    late: int
    pushed_at: datetime | None
    proven_at: datetime | None

    @property
    def since(self) -> datetime:
        """The instant at which access had to be gone."""
        return self.event.clock_starts_at

    def seconds_to(self, at: datetime | None) -> float | None:
        return None if at is None else max(0.0, (at - self.since).total_seconds())

    @property
    def here_seconds(self) -> float | None:
        return None if self.taken_over else self.seconds_to(self.enforced_at)

    @property
    def pushed_seconds(self) -> float | None:
        return self.seconds_to(self.pushed_at)

    @property
    def proven_seconds(self) -> float | None:
        return self.seconds_to(self.proven_at)

    @property
    def outstanding(self) -> int:
        return self.removals - self.proven

    @property
    def is_late(self) -> bool:
        """Whether something of it was, or is, later than its bound."""
        return bool(self.over or self.late) or (self.here_seconds or 0) > HERE_BOUND

    @property
    def word(self) -> str:
        """What is said about it."""
        if self.over:
            return "overdue"
        if self.outstanding:
            return "under way"
        if self.is_late:
            return "late"
        return "told afterwards" if self.taken_over else "in time"

    @property
    def tone(self) -> str:
        return {"overdue": "bad", "late": "bad", "under way": "info", "in time": "ok"}.get(self.word, "muted")


_EVENT_TIMES = f"""{MEASURED}, page AS (
    SELECT e.* FROM enforced e
    WHERE (%(after)s::bigint IS NULL OR (e.since, e.id) <
        (SELECT greatest(known_at, effective_at), id FROM privacy_employmentevent WHERE id = %(after)s))
        AND (%(event)s::bigint IS NULL OR e.id = %(event)s)
        AND (%(system)s::bigint IS NULL OR %(system)s IN (SELECT id FROM house) OR EXISTS (
            SELECT 1 FROM privacy_systemchange c WHERE c.event_id = e.id AND c.system_id = %(system)s AND c.wanted = 'removed'))
    ORDER BY e.since DESC, e.id DESC LIMIT %(most)s
)
SELECT page.id, page.enforced_at, page.taken_over, coalesce(removal.n, 0), coalesce(removal.proven, 0), coalesce(removal.over, 0),
    coalesce(removal.late, 0), removal.pushed_at, removal.proven_at
FROM page LEFT JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE c.state = 'proven') AS proven,
        count(*) FILTER (WHERE c.state <> 'proven' AND c.due_at < %(now)s) AS over,
        count(*) FILTER (WHERE c.proven_at > c.due_at) AS late,
        CASE WHEN bool_and(c.pushed_at IS NOT NULL) THEN max(c.pushed_at) END AS pushed_at,
        CASE WHEN bool_and(c.state = 'proven') THEN max(c.proven_at) END AS proven_at
    FROM privacy_systemchange c WHERE c.event_id = page.id AND c.wanted = 'removed' AND c.state <> 'withdrawn'
        AND (%(system)s::bigint IS NULL OR c.system_id = %(system)s)
) removal ON true ORDER BY page.since DESC, page.id DESC
"""  # noqa: S608


def event_times(
    *, begin: datetime, end: datetime, now: datetime, system: int | None = None, after: int | None = None
) -> tuple[list[EventTimes], int | None]:
    """A page of the leavers and movers of a period, newest first, and where the next begins (an event's key)."""
    rows = _event_times(parameters(begin, end, now, system), after=after, event=None, most=EVENTS_PAGE + 1)
    more = len(rows) > EVENTS_PAGE
    return rows[:EVENTS_PAGE], rows[EVENTS_PAGE - 1].event.pk if more else None


def times_of(event: EmploymentEvent, *, now: datetime) -> EventTimes | None:
    """The five points of one leaver or mover; None for other events, and for one that has not taken effect yet."""
    since = event.clock_starts_at
    rows = _event_times(parameters(since, since, now), after=None, event=event.pk, most=1)
    return rows[0] if rows and since <= now else None


def _event_times(given: dict[str, Any], *, after: int | None, event: int | None, most: int) -> list[EventTimes]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENT_TIMES, {**given, "after": after, "event": event, "most": most})
        rows = cursor.fetchall()
    events = EmploymentEvent.objects.select_related("employee").in_bulk([row[0] for row in rows])
    return [EventTimes(events[row[0]], *row[1:]) for row in rows]
