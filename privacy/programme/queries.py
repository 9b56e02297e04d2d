"""Reads about the security programme: who was told, who was briefed, what is overdue."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from privacy.programme.models import Briefing, DepartmentReview, Policy, PolicyAcknowledgement, Threat
from privacy.workforce.models import Department, Employee


def policies_in_force() -> QuerySet[Policy]:
    """The newest version of each policy that was not withdrawn."""
    return Policy.objects.filter(withdrawn_on__isnull=True).order_by("title")


def uninformed(policy: Policy, *, now: datetime) -> QuerySet[Employee]:
    """People who work here and have not acknowledged this version."""
    said = PolicyAcknowledgement.objects.filter(policy=policy, employee=OuterRef("pk"))
    return Employee.objects.employed(at=now).exclude(Exists(said)).order_by("name")


def unbriefed(*, now: datetime) -> QuerySet[Employee]:
    """People who work here and were never briefed."""
    return Employee.objects.employed(at=now).exclude(Exists(Briefing.objects.filter(employee=OuterRef("pk")))).order_by("name")


def to_acknowledge(employee: Employee) -> QuerySet[Policy]:
    """Policies in force that this person has not acknowledged."""
    said = PolicyAcknowledgement.objects.filter(policy=OuterRef("pk"), employee=employee)
    return policies_in_force().exclude(Exists(said))


def departments_with_last_review() -> QuerySet[Department]:
    """Departments, each with `reviewed_on`, the day of its newest review or None."""
    return Department.objects.annotate(reviewed_on=Max("reviews__held_on")).order_by("name")


def departments_overdue(*, now: datetime) -> list[Department]:
    """Departments with people in them whose last review is longer ago than the cadence, or never was."""
    since = timezone.localdate(now) - timedelta(days=DepartmentReview.CADENCE_DAYS)
    here = Employee.objects.employed(at=now)
    staffed = departments_with_last_review().filter(Exists(here.filter(department=OuterRef("pk"))))
    return list(staffed.filter(Q(reviewed_on__isnull=True) | Q(reviewed_on__lt=since)))


def open_threats() -> QuerySet[Threat]:
    """Threats that were not closed, the next to be looked at first."""
    return Threat.objects.filter(closed_on__isnull=True).select_related("owner").order_by("review_by", "pk")


def threats_neglected(*, day: date) -> QuerySet[Threat]:
    """Open threats without a countermeasure, or past the day on which they were to be looked at again."""
    threats = open_threats()
    return threats.filter(countermeasure="") | threats.filter(review_by__lt=day)
