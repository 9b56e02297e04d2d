"""The promise that access is taken away in time (statement D and E.2), measured from the ledger's own instants."""

from datetime import datetime, timedelta
from statistics import median

from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse

from privacy.access.models import AccessGrant, FunctionEntitlement
from privacy.ledger.promises import Figure, Promise, Row
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

BOUND_SECONDS = 60
LOOKED_BACK_DAYS = 90
_SHOWN = 20


def seconds_to_enforced(now: datetime) -> list[tuple[int, str, float]]:
    """(employee, kind of event, seconds) of each leaver and mover of the last LOOKED_BACK_DAYS, longest first.

    From the later of "HR's word reached us" and "takes effect", to the last row that the ledger's triggers wrote of it by the
    database's own clock: the event, and each grant that it ended. A last day told beforehand ends access by the clock itself: 0.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.employee_id, e.kind, CASE WHEN e.effective_at > e.known_at THEN 0 ELSE
                greatest(0, extract(epoch FROM greatest(
                    (SELECT min(l.pgh_created_at) FROM privacy_employmenteventledgerevent l WHERE l.pgh_obj_id = e.id),
                    (SELECT max(g.pgh_created_at) FROM privacy_accessgrantledgerevent g
                      WHERE g.ended_by_event_id = e.id AND g.state IN ('revoking', 'revoked') AND g.pgh_label = 'update')
                ) - greatest(e.known_at, e.effective_at))) END AS seconds
            FROM privacy_employmentevent e
            WHERE e.kind IN ('left', 'changed_function') AND e.known_at >= %s AND e.effective_at <= %s
            ORDER BY seconds DESC NULLS FIRST
            """,
            [now - timedelta(days=LOOKED_BACK_DAYS), now],
        )
        return [(employee, kind, float(seconds or 0)) for employee, kind, seconds in cursor.fetchall()]


def _open_breaches(now: datetime) -> list[Row]:
    """Access in force that should have gone: of people who left, and of movers whose function does not justify it."""
    in_force = AccessGrant.objects.in_force(at=now)
    of_leavers = in_force.exclude(employee__in=Employee.objects.employed(at=now))
    moved_since = EmploymentEvent.objects.filter(
        kind=HrEvent.CHANGED_FUNCTION, employee=OuterRef("employee"), effective_at__gt=OuterRef("approved_at")
    )
    justified = FunctionEntitlement.objects.filter(
        entitlement=OuterRef("entitlement"), job_function=OuterRef("employee__job_function")
    )
    of_movers = in_force.filter(Exists(moved_since), kept_by__isnull=True).exclude(Exists(justified))
    return [
        Row(f"{grant.employee} still has: {grant.entitlement.name}", reverse("access:grant", args=[grant.pk]))
        for grants in (of_leavers, of_movers)
        for grant in grants.select_related("employee", "entitlement")[:_SHOWN]
    ]


def time_to_revoke(now: datetime) -> Figure:
    """The longest time, in seconds, from the HR event to enforced here, of the last LOOKED_BACK_DAYS days."""
    measured = seconds_to_enforced(now)
    breaches = _open_breaches(now)
    elsewhere = "In connected systems: not measured, none is connected yet."
    if not measured and not breaches:
        return Figure(None, detail=f"Nobody left or changed function in {LOOKED_BACK_DAYS} days. {elsewhere}")
    seconds = sorted(taken for _, _, taken in measured)
    late = [(employee, taken) for employee, _, taken in measured if taken > BOUND_SECONDS]
    names = dict(Employee.objects.filter(pk__in=[employee for employee, _ in late[:_SHOWN]]).values_list("pk", "name"))
    rows = [Row(f"{names[pk]}: {taken:.0f} s", reverse("access:person", args=[pk])) for pk, taken in late[:_SHOWN]]
    worst = seconds[-1] if seconds else 0.0
    if breaches:
        worst = max(worst, BOUND_SECONDS + 1.0)
    p95 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))] if seconds else 0.0
    middle = median(seconds) if seconds else 0.0
    detail = (
        f"{len(seconds)} leavers and movers in {LOOKED_BACK_DAYS} days: p50 {middle:.2f} s, p95 {p95:.2f} s, "
        f"max {seconds[-1] if seconds else 0:.2f} s; {len(breaches)} open breaches. {elsewhere}"
    )
    return Figure(round(worst, 2), broken=[*breaches, *rows], detail=detail)


REVOKED_PROMISES = [
    Promise(
        id=f"{section[0]}{'2' if section == 'E.2' else ''}-revoked",
        section=section,
        quote=quote,
        measures="seconds from the HR event to enforced here, the longest of the last 90 days",
        bound=BOUND_SECONDS,
        unit="s",
        measure=time_to_revoke,
        evidence="/admin/access/people/?state=left",
    )
    for section, quote in (
        (
            "D",
            "Access to sensitive data such as customer financial information and individually identifiable information is "
            "revoked in a timely manner for employees who change function or resign.",
        ),
        (
            "E.2",
            "Access to sensitive data such as customer financial information and individually identifiable health information is "
            "revoked in a timely manner for employees who change function or resign.",
        ),
    )
]
