"""The promise that access is taken away in time (statement D and E.2), measured from the rows that were written down.

In this house by the ledger's own clock; in other systems by the instant at which a removal was proven.
"""

from datetime import datetime, timedelta
from functools import partial

from django.urls import reverse

from customers.instants import lasted
from privacy.access import queries
from privacy.access.models import BOUND_SECONDS, SystemChange, SystemKind
from privacy.access.queries.breaches import Breach
from privacy.access.queries.timeliness import Spread
from privacy.ledger.promises import Figure, Promise, Row

HERE_BOUND_SECONDS = BOUND_SECONDS[SystemKind.HERE]
LOOKED_BACK_DAYS = 90
_SHOWN = 20


def _row_of_breach(breach: Breach) -> Row:
    if breach.change is not None:
        url = reverse("access:change", args=[breach.change])
    elif breach.grant is not None:
        url = reverse("access:grant", args=[breach.grant])
    else:
        url = reverse("access:person", args=[breach.person])
    late = "" if breach.late_by is None else f": {_say(breach.late_by)} over its bound"
    return Row(f"{breach.sentence}{late}{', still not gone' if breach.is_open and breach.late_by is not None else ''}", url)


def _row_of_risk(change: SystemChange, now: datetime) -> Row:
    left = _say((change.due_at - now).total_seconds())
    who = change.employee or change.account_name
    return Row(f"{who} in {change.system}: due in {left}, not proven yet", reverse("access:change", args=[change.pk]))


_say = partial(lasted, decimals=2)


def _sentence(spread: Spread) -> str:
    if not spread.count and not spread.outstanding:
        return f"{spread.label}: not measured, nothing had to go there."
    figures = "none is finished"
    if spread.p50 is not None and spread.p95 is not None and spread.worst is not None:
        figures = f"half within {_say(spread.p50)}, 95 of 100 within {_say(spread.p95)}, longest {_say(spread.worst)}"
    waiting = f", {spread.outstanding} outstanding" if spread.outstanding else ""
    removals = "1 removal" if spread.count == 1 else f"{spread.count} removals"
    return f"{spread.label} (bound {_say(spread.bound)}): {removals}{waiting}: {figures}."


def time_to_revoke(now: datetime) -> Figure:
    """The longest time, in seconds, from the HR event to enforced here, of the last LOOKED_BACK_DAYS days.

    broken: whatever outlived its bound, here or in another system, and everything that still does, whatever the cause and however
    long ago. at_risk: what is outstanding past half of its bound.
    """
    begin = now - timedelta(days=LOOKED_BACK_DAYS)
    measured = queries.measure_timeliness(begin=begin, end=now, now=now, plots=False, all_told=True, only_events=True)
    still_there = queries.open_breaches(now=now)
    if not measured.count and not still_there:
        return Figure(None, detail=f"Nobody left or changed function in {LOOKED_BACK_DAYS} days, and nothing is outstanding.")
    here = measured.groups["here"]
    worst = here.worst or 0.0
    if any(breach.change is None for breach in still_there):
        worst = max(worst, HERE_BOUND_SECONDS + 1.0)
    late = queries.late_changes(begin=begin, end=now, now=now)
    late_events = [
        Row(f"{name}: {_say(seconds)}", reverse("access:person", args=[employee]))
        for employee, name, seconds in queries.late_people(begin=begin, end=now, now=now)
    ]
    rows = [*map(_row_of_breach, still_there), *late_events, *map(_row_of_breach, late)]
    risks = [_row_of_risk(change, now) for change in queries.at_risk(now=now)]
    middle, p95 = here.p50 or 0.0, here.p95 or 0.0
    who = "1 leaver or mover" if here.count == 1 else f"{here.count} leavers and movers"
    detail = " ".join(
        [
            f"{who} in {LOOKED_BACK_DAYS} days, here: half within {middle:.2f} s, 95 of 100 within {p95:.2f} s, "
            f"longest {here.worst or 0:.2f} s.",
            *(_sentence(measured.groups[group]) for group in ("connected", "by_hand")),
            f"{len(still_there)} open breach{'' if len(still_there) == 1 else 'es'}.",
        ]
    )
    return Figure(round(worst, 2), broken=rows[: _SHOWN * 2], at_risk=risks[:_SHOWN], detail=detail)


REVOKED_PROMISES = [
    Promise(
        id=f"{section[0]}{'2' if section == 'E.2' else ''}-revoked",
        section=section,
        quote=quote,
        title="Access goes quickly when somebody leaves or moves",
        measures="seconds from HR's word to access gone here, the longest of 90 days; what is late elsewhere breaks it, too",
        bound=HERE_BOUND_SECONDS,
        unit="s",
        measure=time_to_revoke,
        evidence="/admin/access/timeliness/",
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
