"""How long it takes until access is gone: from "must be gone" to enforced here, to pushed, to proven (ACCESS.md, "Timeliness").

"Must be gone" is the later of "HR's word reached us" and "takes effect". In this house the ledger's own clock says when it was
gone (the rows that its triggers wrote); a last day told beforehand ends access by the clock itself, which takes 0 seconds. In
another system the removal's row holds the instants, and its proofs hold what the system answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from privacy.access.models import BOUND_SECONDS, System, SystemKind

HERE_BOUND = BOUND_SECONDS[SystemKind.HERE]
# What is said about a system's kind: systems that a machine asks have one bound and are one group.
GROUPS = {"here": "In this back-office", "connected": "In connected systems", "by_hand": "In systems worked by hand"}
GROUP_OF = {
    SystemKind.HERE: "here",
    SystemKind.POSTGRESQL: "connected",
    SystemKind.SCIM: "connected",
    SystemKind.BY_HAND: "by_hand",
}
GROUP_BOUND = {group: max(BOUND_SECONDS[kind] for kind in SystemKind if GROUP_OF[kind] == group) for group in GROUPS}
# An event that the ledger wrote down so long after the fact was taken over from elsewhere: its time was not measured here.
TAKEN_OVER_AFTER = timedelta(days=30)
# A decision made here is written down by the verb that makes it: what says that it was made earlier was told afterwards.
RETOLD_AFTER = timedelta(minutes=10)
LISTED = 100
# Upper edges, in seconds, of the bars of a distribution; the last is the bound.
EDGES = {
    "here": (0.1, 0.5, 1, 5, 15, 30, 60),
    "connected": (1, 5, 15, 30, 60, 120, 300),
    "by_hand": (3600, 7200, 14400, 28800, 43200, 64800, 86400),
}


@dataclass(frozen=True)
class Spread:
    """How long removals took, in seconds: the middle one, 95 of 100, the longest; None where none is finished.

    count: finished ones. late: finished after their bound. outstanding: not finished; open: of these, past their bound.
    """

    group: str
    bound: int
    count: int = 0
    p50: float | None = None
    p95: float | None = None
    worst: float | None = None
    late: int = 0
    outstanding: int = 0
    open: int = 0
    system: Any = None

    @property
    def label(self) -> str:
        return str(self.system) if self.system else GROUPS[self.group]

    @property
    def is_kept(self) -> bool:
        return not self.late and not self.open

    @property
    def tone(self) -> str:
        """How it is shown."""
        return "bad" if self.open else "warn" if self.late else "ok" if self.count else "muted"

    @property
    def note(self) -> str:
        """What stands beside the figure: of how many, and the bound."""
        bound = _short(self.bound)
        if not self.count and not self.outstanding:
            return f"nothing had to go; limit {bound}"
        said = f"95 % of {self.count:,} removals took no longer" if self.count else "none is finished"
        said = f"{'1 removal' if self.count == 1 else said}; limit {bound}"
        if self.late:
            said += f"; {self.late:,} late"
        return f"{said}; {self.outstanding:,} outstanding" if self.outstanding else said


@dataclass(frozen=True)
class Timeliness:
    """Everything measured in one period. groups: by the keys of GROUPS; taken_over: events whose time was told, not measured."""

    groups: dict[str, Spread]
    systems: list[Spread]
    weeks: dict[str, list[tuple[date, float, float, int]]] = field(default_factory=dict)
    bars: dict[str, list[int]] = field(default_factory=dict)
    taken_over: int = 0

    @property
    def count(self) -> int:
        return sum(one.count + one.outstanding for one in self.groups.values())

    @property
    def open(self) -> int:
        return sum(one.open for one in self.groups.values())

    @property
    def late(self) -> int:
        return sum(one.late for one in self.groups.values())


def _group_case(column: str, values: Mapping[Any, Any]) -> str:
    whens = " ".join(f"WHEN '{kind}' THEN {value!r}" for kind, value in values.items())
    return f"CASE {column} {whens} END"


# Every removal of the period with its seconds. Constants only are put into the text; everything asked is a parameter.
MEASURED = f"""
WITH event AS (
    SELECT id, employee_id, kind, known_at, effective_at, greatest(known_at, effective_at) AS since
    FROM privacy_employmentevent e
    WHERE kind IN ('left', 'changed_function')
        -- A newcomer's first function is no change of function, unless it ended something.
        AND (kind = 'left' OR note NOT LIKE 'no function →%%'
            OR EXISTS (SELECT 1 FROM privacy_accessgrant g WHERE g.ended_by_event_id = e.id))
        -- Nobody left on a day that was moved or taken back before it came (EmploymentEventQuerySet.standing).
        AND NOT (kind = 'left' AND EXISTS (
            SELECT 1 FROM privacy_employmentevent later
            WHERE later.employee_id = e.employee_id AND later.id > e.id AND later.known_at < e.effective_at
                AND later.kind IN ('left', 'returned', 'stays')))
        AND greatest(known_at, effective_at) >= %(begin)s AND greatest(known_at, effective_at) <= %(end)s
), told AS (
    SELECT pgh_obj_id AS id, min(pgh_created_at) AS at FROM privacy_employmenteventledgerevent
    WHERE pgh_obj_id IN (SELECT id FROM event) GROUP BY pgh_obj_id
), ended AS (
    -- The first row of each grant's end: a later one says that it was proven gone elsewhere.
    SELECT ended_by_event_id AS id, max(first) AS at FROM (
        SELECT ended_by_event_id, pgh_obj_id, min(pgh_created_at) AS first FROM privacy_accessgrantledgerevent
        WHERE ended_by_event_id IN (SELECT id FROM event) AND state IN ('revoking', 'revoked')
        GROUP BY ended_by_event_id, pgh_obj_id
    ) AS each_grant GROUP BY ended_by_event_id
), enforced AS (
    SELECT e.*, CASE WHEN e.effective_at > e.known_at THEN e.since ELSE greatest(told.at, ended.at, e.since) END AS enforced_at,
        e.effective_at <= e.known_at AND told.at > e.since + %(taken_over)s AS taken_over
    FROM event e LEFT JOIN told ON told.id = e.id LEFT JOIN ended ON ended.id = e.id
), single AS (
    -- Grants that somebody ended by itself: a decision here, written down here.
    SELECT g.id, g.employee_id, g.revoked_at AS since, min(l.pgh_created_at) AS at
    FROM privacy_accessgrant g
    JOIN privacy_entitlement n ON n.id = g.entitlement_id JOIN privacy_system s ON s.id = n.system_id AND s.kind = 'here'
    JOIN privacy_accessgrantledgerevent l ON l.pgh_obj_id = g.id AND l.state IN ('revoking', 'revoked')
    WHERE g.revoked_at >= %(begin)s AND g.revoked_at <= %(end)s AND g.ended_by_event_id IS NULL
        AND g.state IN ('revoking', 'revoked') AND (g.ends_at IS NULL OR g.ends_at > g.revoked_at)
        AND NOT EXISTS (SELECT 1 FROM privacy_accessgrant r WHERE r.renews_id = g.id)
    GROUP BY g.id
), house AS (SELECT id FROM privacy_system WHERE kind = 'here'
), measured AS (
    SELECT 'event' AS source, e.id, e.employee_id, house.id AS system_id, 'here' AS grp, e.since,
        extract(epoch FROM e.enforced_at - e.since)::float8 AS seconds, {HERE_BOUND}::float8 AS bound,
        false AS outstanding, false AS over, e.taken_over
    FROM enforced e LEFT JOIN house ON true
    UNION ALL
    SELECT 'grant', g.id, g.employee_id, house.id, 'here', g.since,
        greatest(0, extract(epoch FROM g.at - g.since))::float8, {HERE_BOUND}::float8,
        false, false, g.at > g.since + %(retold)s
    FROM single g CROSS JOIN house WHERE NOT %(only_events)s
    UNION ALL
    SELECT 'change', c.id, c.employee_id, c.system_id, {_group_case("s.kind", GROUP_OF)}, greatest(c.known_at, c.effective_at),
        CASE WHEN c.state = 'proven'
            THEN greatest(0, extract(epoch FROM c.proven_at - greatest(c.known_at, c.effective_at))) END::float8,
        {_group_case("s.kind", BOUND_SECONDS)}::float8,
        c.state <> 'proven', c.state <> 'proven' AND c.due_at < %(now)s, false
    FROM privacy_systemchange c JOIN privacy_system s ON s.id = c.system_id
    WHERE c.wanted = 'removed' AND c.state <> 'withdrawn'
        AND (NOT %(only_events)s OR c.event_id IS NOT NULL OR c.state <> 'proven')
        AND (c.state <> 'proven' OR greatest(c.known_at, c.effective_at) >= %(begin)s)
        AND greatest(c.known_at, c.effective_at) <= %(end)s
), asked AS (
    SELECT * FROM measured WHERE (%(system)s::bigint IS NULL OR system_id = %(system)s)
)
"""  # noqa: S608

_TAKEN_OVER = MEASURED + "SELECT count(*) FROM asked WHERE taken_over"  # noqa: S608


def parameters(
    begin: datetime, end: datetime, now: datetime, system: int | None = None, *, only_events: bool = False
) -> dict[str, Any]:
    return {
        "begin": begin,
        "end": end,
        "now": now,
        "system": system,
        "taken_over": TAKEN_OVER_AFTER,
        "retold": RETOLD_AFTER,
        "only_events": only_events,
        "zone": settings.TIME_ZONE,
        **{f"edges_{group}": [float(edge) for edge in edges] for group, edges in EDGES.items()},
    }


_FIGURES = """
    count(seconds), percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds), percentile_disc(0.95) WITHIN GROUP (ORDER BY seconds),
    max(seconds), count(*) FILTER (WHERE seconds > bound), count(*) FILTER (WHERE outstanding), count(*) FILTER (WHERE over)
"""


def measure_timeliness(
    *,
    begin: datetime,
    end: datetime,
    now: datetime,
    system: int | None = None,
    plots: bool = True,
    all_told: bool = False,
    only_events: bool = False,
) -> Timeliness:
    """Time to revoke of a period (by the instant at which access had to be gone), and everything that is outstanding now.

    system: only that one, by its key. plots: also by week and as bars. all_told: count what was taken over as if measured here.
    only_events: leavers and movers (and what is outstanding, whatever the cause); otherwise every revocation.
    """
    counted = "true" if all_told else "NOT taken_over"
    sets = "(grp), (grp, system_id)" + (", (grp, week), (grp, bar)" if plots else "")
    shown = (
        """date_trunc('week', since AT TIME ZONE %(zone)s)::date AS week,
        CASE WHEN seconds IS NULL THEN NULL WHEN grp = 'here' THEN width_bucket(seconds, %(edges_here)s)
            WHEN grp = 'connected' THEN width_bucket(seconds, %(edges_connected)s)
            ELSE width_bucket(seconds, %(edges_by_hand)s) END AS bar"""
        if plots
        else "NULL::date AS week, NULL::int AS bar"
    )
    parts = "grouping(system_id), " + ("grouping(week), grouping(bar), week, bar" if plots else "1, 1, NULL::date, NULL::int")
    statement = f"""{MEASURED},
        placed AS (SELECT asked.*, {shown} FROM asked WHERE {counted})
        SELECT grp, {parts}, system_id, {_FIGURES} FROM placed GROUP BY GROUPING SETS ({sets})"""  # noqa: S608
    with connection.cursor() as cursor:
        given = parameters(begin, end, now, system, only_events=only_events)
        cursor.execute(statement, given)
        rows = cursor.fetchall()
        cursor.execute(_TAKEN_OVER, given)
        (taken_over,) = cursor.fetchone()
    named = System.objects.in_bulk([row[6] for row in rows if row[6] is not None])
    groups = {group: Spread(group, GROUP_BOUND[group]) for group in GROUPS}
    systems: list[Spread] = []
    weeks: dict[str, list[tuple[date, float, float, int]]] = {}
    bars = {group: [0] * (len(edges) + 1) for group, edges in EDGES.items()}
    for group, no_system, no_week, no_bar, week, bar, system_id, count, p50, p95, worst, late, outstanding, over in rows:
        if not no_week:
            if count:
                weeks.setdefault(group, []).append((week, p95, worst, count))
        elif not no_bar:
            if bar is not None:
                bars[group][bar] = count
        elif not no_system:
            one = named.get(system_id)
            if one is None:
                continue
            systems.append(Spread(group, one.bound_seconds, count, p50, p95, worst, late, outstanding, over, one))
        else:
            groups[group] = Spread(group, GROUP_BOUND[group], count, p50, p95, worst, late, outstanding, over)
    systems.sort(key=lambda one: (one.group != "here", -one.open, -one.late, str(one.system)))
    for listed in weeks.values():
        listed.sort()
    return Timeliness(groups, systems, weeks, bars, taken_over)


def each_removal(
    group: str, *, begin: datetime, end: datetime, now: datetime, system: int | None = None, most: int = 150
) -> list[tuple[str, float]]:
    """(whose and where, seconds) of the finished removals of a group; empty where there are more than `most`."""
    statement = f"""{MEASURED} SELECT p.name, s.name, a.seconds FROM asked a
        JOIN privacy_system s ON s.id = a.system_id LEFT JOIN privacy_employee p ON p.id = a.employee_id
        WHERE a.grp = %(group)s AND a.seconds IS NOT NULL AND NOT a.taken_over ORDER BY a.seconds LIMIT %(most)s"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters(begin, end, now, system), "group": group, "most": most + 1})
        rows = cursor.fetchall()
    if len(rows) > most:
        return []
    return [
        (f"{name or 'an account of nobody'}, {where}" if group != "here" else str(name), taken) for name, where, taken in rows
    ]


def late_here(*, begin: datetime, end: datetime, now: datetime, most: int = LISTED) -> list[tuple[int, int, float]]:
    """(event, employee, seconds) of leavers and movers whose access here outlived its bound, the longest first."""
    statement = f"""{MEASURED} SELECT id, employee_id, seconds FROM asked
        WHERE source = 'event' AND seconds > bound ORDER BY seconds DESC LIMIT %(most)s"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters(begin, end, now, only_events=True), "most": most})
        return cursor.fetchall()


def bar_labels(group: str) -> Sequence[str]:
    """What each bar of a group's distribution is called, as many as `Timeliness.bars` has."""
    edges = EDGES[group]
    ends: Iterable[str] = [_short(edge) for edge in edges]
    return [*(f"≤ {end}" for end in ends), f"over {_short(edges[-1])}"]


def _short(seconds: float) -> str:
    if seconds < 60 or seconds == HERE_BOUND:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"
