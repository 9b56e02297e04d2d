"""Verbs of the security programme (statement E.5)."""

from datetime import date, datetime

from django.db import connection
from django.db.models import Max

from privacy.ledger.actions import act, check_still_allowed
from privacy.programme import errors
from privacy.programme.models import Briefing, DepartmentReview, Policy, PolicyAcknowledgement, Threat
from privacy.workforce.models import Department, Employee

MANAGES = "privacy.manage_programme"  # asked for again inside every verb but reading: NoLongerAllowed
BRIEFS = (MANAGES, "privacy.administer_access")  # a briefing is a condition of access, too


def record_briefing(
    employee: Employee, *, given_on: date, by: Employee | None, today: date, note: str = "", given_by: Employee | None = None
) -> Briefing:
    """Write down that a person was briefed on security and privacy. given_by: who briefed them, where that is not who writes.

    Idempotent: said twice, the same briefing is one. Raises NotYourself, NotInTheFuture, NoLongerAllowed.
    """
    given_by = given_by or by
    if given_on > today:
        raise errors.NotInTheFuture
    if given_by is not None and given_by.pk == employee.pk:
        raise errors.NotYourself
    with act("record_briefing", by=by, reason=note):
        check_still_allowed(by, *BRIEFS)
        Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        said = {"employee": employee, "given_on": given_on, "given_by": given_by, "note": note}
        return Briefing.objects.filter(**said).first() or Briefing.objects.create(**said)


def publish_policy(code: str, *, title: str, text: str, by: Employee | None, day: date) -> Policy:
    """Publish a policy, or its next version; the versions before it are withdrawn, so everybody acknowledges anew.

    Idempotent: the same words again are no next version.
    """
    with act("publish_policy", by=by, policy=code):
        check_still_allowed(by, MANAGES)
        with connection.cursor() as cursor:  # a policy's first version has no row yet that two could wait for
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('policy ' || %s, 0))", [code])
        earlier = Policy.objects.filter(code=code)
        if same := earlier.filter(withdrawn_on__isnull=True, title=title, text=text).first():
            return same
        last = Policy.objects.filter(code=code).aggregate(last=Max("version"))["last"] or 0
        earlier.filter(withdrawn_on__isnull=True).update(withdrawn_on=day)
        return Policy.objects.create(code=code, version=last + 1, title=title, text=text, published_on=day)


def acknowledge_policy(policy_id: int, *, by: Employee, now: datetime) -> PolicyAcknowledgement:
    """Say that one has read this version. Idempotent. Raises Withdrawn."""
    with act("acknowledge_policy", by=by, policy=policy_id):
        policy = Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
        if policy.withdrawn_on is not None:
            raise errors.Withdrawn
        return PolicyAcknowledgement.objects.get_or_create(policy=policy, employee=by, defaults={"at": now})[0]


def record_department_review(
    department: Department, *, held_on: date, notes: str, by: Employee | None, today: date
) -> DepartmentReview:
    """Write down that a department reviewed its security measures. Idempotent. Raises NotInTheFuture."""
    if held_on > today:
        raise errors.NotInTheFuture
    with act("record_department_review", by=by):
        check_still_allowed(by, MANAGES)
        Department.objects.select_for_update(no_key=True).get(pk=department.pk)
        said = {"department": department, "held_on": held_on, "notes": notes}
        return DepartmentReview.objects.filter(**said).first() or DepartmentReview.objects.create(**said, recorded_by=by)


def record_threat(
    *, title: str, assessed_on: date, review_by: date, by: Employee | None, description: str = "", countermeasure: str = ""
) -> Threat:
    """Write down a threat, what is done against it, and when it is looked at again. Idempotent while it is open."""
    with act("record_threat", by=by):
        check_still_allowed(by, MANAGES)
        with connection.cursor() as cursor:  # of a form that is sent twice, the second finds the first's
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"threat {title}"])
        said = {
            "title": title,
            "description": description,
            "countermeasure": countermeasure,
            "owner": by,
            "assessed_on": assessed_on,
            "review_by": review_by,
        }
        return Threat.objects.filter(**said, closed_on=None).first() or Threat.objects.create(**said)


def reassess_threat(threat_id: int, *, countermeasure: str, review_by: date, by: Employee, day: date) -> Threat:
    """Look at a threat again: its countermeasure now, and the day of the next look. Raises ThreatIsClosed."""
    with act("reassess_threat", by=by, threat=threat_id):
        check_still_allowed(by, MANAGES)
        threat = Threat.objects.select_for_update(no_key=True).get(pk=threat_id)
        if threat.closed_on is not None:
            raise errors.ThreatIsClosed
        threat.countermeasure, threat.review_by, threat.assessed_on = countermeasure, review_by, day
        threat.save(update_fields=["countermeasure", "review_by", "assessed_on"])
        return threat


def close_threat(threat_id: int, *, by: Employee, reason: str, day: date) -> Threat:
    """This threat is none any more. Idempotent."""
    with act("close_threat", by=by, reason=reason, threat=threat_id):
        check_still_allowed(by, MANAGES)
        threat = Threat.objects.select_for_update(no_key=True).get(pk=threat_id)
        if threat.closed_on is None:
            threat.closed_on = day
            threat.save(update_fields=["closed_on"])
        return threat
