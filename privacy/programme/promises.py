"""The promises of the security programme (statement E.5)."""

from datetime import datetime, timedelta

from django.utils import timezone

from privacy.ledger.promises import Figure, Promise, Row
from privacy.programme import queries
from privacy.programme.models import DepartmentReview
from privacy.workforce.models import Department

PAGE = "/admin/programme/"
DUE_SOON_DAYS = 14


def uninformed_people(now: datetime) -> Figure:
    """People who have not acknowledged a policy in force."""
    policies = list(queries.policies_in_force())
    if not policies:
        return Figure(None, detail="No policy is published yet.")
    missing = {policy: queries.uninformed(policy, now=now).count() for policy in policies}
    rows = [Row(f"{policy}: {count} not yet", f"{PAGE}policies/{policy.pk}/") for policy, count in missing.items() if count]
    return Figure(sum(missing.values()), broken=rows, detail=f"{len(policies)} policies in force.")


def departments_without_review(now: datetime) -> Figure:
    """Departments whose last review is longer ago than the cadence."""
    if not Department.objects.exists():
        return Figure(None, detail="There are no departments yet.")
    overdue = queries.departments_overdue(now=now)
    late = {department.pk for department in overdue}
    soon = [one for one in queries.departments_overdue(now=now + timedelta(days=DUE_SOON_DAYS)) if one.pk not in late]
    return Figure(
        len(overdue),
        broken=[Row(f"{department}", PAGE) for department in overdue],
        at_risk=[Row(f"{department}: due within {DUE_SOON_DAYS} days", PAGE) for department in soon],
        detail=f"At least every {DepartmentReview.CADENCE_DAYS} days.",
    )


def neglected_threats(now: datetime) -> Figure:
    """Open threats without a countermeasure, or whose next look is overdue."""
    if not queries.open_threats().exists():
        return Figure(None, detail="No threat is on record yet.")
    day = timezone.localdate(now)
    rows = [Row(threat.title, f"{PAGE}threats/{threat.pk}/") for threat in queries.threats_neglected(day=day)]
    return Figure(len(rows), broken=rows, detail=f"{queries.open_threats().count()} open threats.")


PROMISES = [
    Promise(
        id="E5-informed",
        section="E.5",
        quote="All employees of Lumens.com are informed of the company's security policies.",
        title="Everybody has read the policies",
        measures="acknowledgements missing, of people who work here, per policy in force",
        measure=uninformed_people,
        evidence=PAGE,
    ),
    Promise(
        id="E5-departments",
        section="E.5",
        quote="Lumens.com departments review security measures at regular department meetings.",
        title="Departments review their security",
        measures="departments whose last review is too long ago",
        measure=departments_without_review,
        evidence=PAGE,
    ),
    Promise(
        id="E5-threats",
        section="E.5",
        quote="New threats are consistently evaluated and measures are taken to prevent them from occurring at Lumens.com.",
        title="Every threat has a countermeasure",
        measures="open threats without a countermeasure or past their next look",
        measure=neglected_threats,
        evidence=PAGE,
    ),
    # What keeps these is not built yet: until it is, they say so, and nothing more.
    Promise(
        id="E4-backup",
        section="E.4",
        quote="We implement full database backups by our certified Database Administrator",
        title="A verified backup is less than a day old",
        measures="hours since the newest verified backup",
        bound=24,
        unit="h",
    ),
    Promise(
        id="E4-restore",
        section="E.4",
        quote="to establish data consistency and integrity",
        title="A restore was rehearsed this week",
        measures="days since the newest rehearsal of a restore that passed",
        bound=7,
        unit="d",
    ),
    Promise(
        id="E4-offsite",
        section="E.4",
        quote="backup tapes are continuously stored in a secure location off-site",
        title="A copy off the site is less than a day old",
        measures="hours since the newest copy off the site",
        bound=24,
        unit="h",
    ),
]
