"""The first person: a security administrator made at the terminal of the server, by a recorded grant and nothing else."""

from datetime import datetime, timedelta

from django.utils import timezone

from privacy.access.actions.catalogue import install_catalogue
from privacy.access.actions.grants import lock_holder
from privacy.access.errors import NotEmployed
from privacy.access.models import HERE, AccessGrant, Entitlement, GrantState, Origin
from privacy.access.models.catalogue import ADMINISTRATOR_NEEDS
from privacy.agreements.actions import record_nda
from privacy.agreements.models import Nda
from privacy.ledger.actions import act
from privacy.programme.actions import record_briefing
from privacy.programme.models import Briefing
from privacy.workforce.actions import hire
from privacy.workforce.models import Employee

BOOTSTRAP_LASTS_DAYS = 90
PAPERS_WITHIN_DAYS = 30
STATED = "stated at the terminal by"  # in place of a paper that must follow


def create_security_administrator(login: str, email: str, *, name: str, stated_by: str, now: datetime) -> Employee:
    """Make a security administrator, or give the bootstrap grants to somebody who works here. Idempotent.

    Nobody approved these grants: they say `bootstrap`, who stood at the terminal (`stated_by`), and they end after
    BOOTSTRAP_LASTS_DAYS. Whoever runs the command states that the person is under an NDA and was briefed; where no paper is on
    record, that statement is written down as such, and the NDA ends after PAPERS_WITHIN_DAYS, so that the paper must follow.
    The second factor is not waived: until it is set up, nothing sensitive is in force. Raises NotEmployed, and what hire raises.
    """
    day = timezone.localdate(now)
    with act("create_security_administrator", by=None, reason=f"at the terminal, by {stated_by}"):
        install_catalogue()
        employee = Employee.objects.called(login).first()
        if employee is None:
            employee = hire(login=login, name=name, email=email, starts_on=day, by=None, now=now, source="command")
        if not lock_holder(employee.pk).is_employed(at=now):
            raise NotEmployed
        if not Nda.objects.in_force(on=day).filter(employee=employee).exists():
            record_nda(
                employee=employee,
                by=None,
                signed_on=day,
                starts_on=day,
                ends_on=day + timedelta(days=PAPERS_WITHIN_DAYS),
                document=f"{STATED} {stated_by}; the signed paper must follow",
            )
        if not Briefing.objects.filter(employee=employee).exists():
            record_briefing(employee, given_on=day, by=None, today=day, note=f"{STATED} {stated_by}")
        held = AccessGrant.objects.active().filter(employee=employee).values("entitlement")
        wanted = Entitlement.objects.filter(system__code=HERE, code__in=ADMINISTRATOR_NEEDS).exclude(pk__in=held)
        for entitlement in wanted:
            AccessGrant.objects.create(
                employee=employee,
                entitlement=entitlement,
                sensitive=entitlement.sensitive,
                state=GrantState.APPROVED,
                origin=Origin.BOOTSTRAP,
                requested_at=now,
                reason=f"security administrator, made at the terminal by {stated_by}",
                starts_at=now,
                approved_at=now,
                ends_at=now + timedelta(days=BOOTSTRAP_LASTS_DAYS),
            )
        return employee
