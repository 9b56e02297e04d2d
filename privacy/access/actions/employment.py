"""What HR events mean for access: leavers and movers (statement D and E.2, "revoked in a timely manner")."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from privacy.access import errors, policies
from privacy.access.actions.ending import close_requests, end_grants, end_namings, lock_grant, lock_holder
from privacy.access.actions.handover import hand_over, owners_among
from privacy.access.actions.review_handing_on import lock_asked_of
from privacy.access.models import (
    AccessGrant,
    BreakGlassEligibility,
    Entitlement,
    FunctionEntitlement,
    GrantState,
    HandTask,
    System,
)
from privacy.ledger.actions import act
from privacy.workforce import actions as workforce
from privacy.workforce.errors import AlreadyLeft
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent, JobFunction


def _check_may_tell(by: Employee | None, *, now: datetime) -> None:
    if by is not None and not policies.may_tell_events(by, at=now):
        raise errors.MayNotTell


def revoke_everything(
    employee_id: int, *, by: Employee | None, reason: str, now: datetime, event: EmploymentEvent | None = None
) -> list[AccessGrant]:
    """End every active grant of a person and close their open requests; returns the grants ended. Raises MayNotRevoke.

    Idempotent: somebody who has nothing loses nothing.
    """
    if not reason.strip():
        raise errors.ReasonNeeded
    with act("revoke_everything", by=by, reason=reason, employee=employee_id):
        lock_holder(employee_id)
        grants = AccessGrant.objects.filter(employee_id=employee_id).order_by("pk")
        held = list((grants.waiting() | grants.active()).select_related("employee", "entitlement__system"))
        if by is not None and not all(policies.may_revoke(grant, by, at=now) for grant in held):
            raise errors.MayNotRevoke
        waiting = [grant.pk for grant in held if grant.state == GrantState.REQUESTED]
        active = [grant for grant in held if grant.state != GrantState.REQUESTED]
        if waiting:
            close_requests(waiting, GrantState.LAPSED, by=None, reason=reason, now=now)
        if active:
            end_grants([grant.pk for grant in active], by=by, reason=reason, now=now, event=event)
        return active


def end_employment(
    employee_id: int,
    *,
    by: Employee | None,
    reason: str,
    now: datetime,
    source: str,
    known_at: datetime | None = None,
) -> list[AccessGrant]:
    """This person has left: employment, sessions and grants end in one transaction. Raises MayNotTell, workforce's AlreadyLeft.

    known_at: when HR's word reached us, where that was before `now`. Returns the grants ended. Source: statement D, E.2.
    """
    with act("end_employment", by=by, reason=reason, employee=employee_id, source=source):
        employee = lock_holder(employee_id)
        _check_may_tell(by, now=now)
        if employee.left_at is not None:
            raise AlreadyLeft(employee)
        return end_employments([employee_id], by=by, reason=reason, now=now, source=source, known_at=known_at)


def end_employments(
    employees: Sequence[int],
    *,
    by: Employee | None,
    reason: str,
    now: datetime,
    source: str,
    known_at: datetime | None = None,
    last_day: date | None = None,
) -> list[AccessGrant]:
    """Many people have left, for one reason: in one transaction and few statements, however many they are.

    last_day: theirs, as HR names it, where it has passed; their access ends now all the same. Called by end_employment and the
    roster, which ask whether `by` may say so. Whoever was ended already is left as they are.
    """
    with act("end_employments", by=by, reason=reason, people=len(employees), source=source):
        events = workforce.record_left(
            employees, by=by, now=now, known_at=known_at or now, source=source, reason=reason, last_day=last_day
        )
        employees = list(events)
        grants = AccessGrant.objects.filter(employee__in=employees).order_by("pk")
        waiting = list(grants.waiting().values_list("pk", flat=True))
        close_requests(waiting, GrantState.LAPSED, by=None, reason=reason, now=now)
        active = list(grants.active().select_related("employee", "entitlement__system"))
        end_grants([grant.pk for grant in active], by=by, reason=reason, now=now, events=events)
        end_namings(employees, by=by, reason=reason, now=now, events=events)
        lock_asked_of(employees)
        for owner in owners_among(employees):
            hand_over(owner, by=by, now=now)
        return active


def schedule_leaving(
    employee_id: int, *, last_day: date | None, by: Employee | None, now: datetime, source: str, reason: str = ""
) -> EmploymentEvent | None:
    """Set a future last day: access ends at its end by itself, whether or not a job runs. See workforce.schedule_leaving.

    Nobody takes back or puts off their own leaving. Raises MayNotTell, NotOnesOwnLeaving, and what workforce raises.
    """
    with act("schedule_leaving", by=by, reason=reason, employee=employee_id, source=source):
        employee = lock_holder(employee_id)
        _check_may_tell(by, now=now)
        later = employee.ends_on is not None and (last_day is None or last_day > employee.ends_on)
        if by is not None and by.pk == employee_id and later:
            raise errors.NotOnesOwnLeaving
        return workforce.schedule_leaving(employee_id, last_day=last_day, by=by, now=now, source=source, reason=reason)


def close_leavers(*, now: datetime) -> int:
    """Write down the end of grants whose holder's last day has passed, whose own end has, or nobody resumed; returns how many.

    Nothing here waits for this: such grants are out of force by the clock. This is bookkeeping, and begins removals elsewhere.
    What a leaver decided on is handed on, also where they held no grant themselves.
    """
    closed = 0
    left = Employee.objects.exclude(pk__in=Employee.objects.not_left(at=now).values("pk"))
    theirs = AccessGrant.objects.filter(employee__in=left)
    leavers = set((theirs.active() | theirs.waiting()).values_list("employee_id", flat=True))
    leavers |= set(Entitlement.objects.filter(owner__in=left).values_list("owner_id", flat=True))
    leavers |= set(System.objects.filter(owner__in=left).values_list("owner_id", flat=True))
    named = BreakGlassEligibility.objects.filter(employee__in=left, ended_at=None)
    leavers |= set(named.values_list("employee_id", flat=True))
    leavers |= set(HandTask.objects.filter(assigned_to__in=left, done_at=None).values_list("assigned_to_id", flat=True))
    for employee_id in sorted(leavers):
        with act("close_leavers", by=None, employee=employee_id):
            employee = lock_holder(employee_id)
            if employee.is_employed(at=now):
                continue
            event = _leaving_of(employee)
            closed += len(revoke_everything(employee_id, by=None, reason="employment ended", now=now, event=event))
            behind = {employee_id: event} if event else None
            end_namings([employee_id], by=None, reason="employment ended", now=now, events=behind)
            hand_over(employee_id, by=None, now=now)
    closed += _end_each(AccessGrant.objects.active().filter(ends_at__lte=now), reason="its end has passed", now=now)
    unresumed = AccessGrant.objects.filter(state=GrantState.SUSPENDED, suspended_until__lte=now)
    return closed + _end_each(unresumed, reason="it was suspended, and nobody resumed it in time", now=now)


def _leaving_of(employee: Employee) -> EmploymentEvent | None:
    """The leaving by which they are gone; None where they came back since, for a time that was agreed then and is over."""
    leavings = employee.employment_events.standing().filter(kind=HrEvent.LEFT)
    if (back := employee.employment_events.filter(kind=HrEvent.RETURNED).order_by("-pk").first()) is not None:
        leavings = leavings.filter(pk__gt=back.pk)  # else the clock of what goes elsewhere would start years ago
    return leavings.order_by("-effective_at", "-pk").first()


def _end_each(grants: QuerySet[AccessGrant], *, reason: str, now: datetime) -> int:
    ended = 0
    for pk in list(grants.values_list("pk", flat=True)):
        with act("end_by_the_clock", by=None, reason=reason, grant=pk):
            lock_grant(pk)
            if grants.filter(pk=pk).exists():  # still so, behind the lock: somebody may have resumed it meanwhile
                end_grants([pk], by=None, reason=reason, now=now)  # a request to renew it stays open
                ended += 1
    return ended


def change_function(
    employee_id: int,
    *,
    to: JobFunction | None,
    by: Employee | None,
    now: datetime,
    source: str,
    known_at: datetime | None = None,
) -> list[AccessGrant]:
    """This person changed function: what the new one does not justify is ended, save what its owner kept (`keep_grant`).

    They are named for no emergency any more: whoever named them had the function of before in mind. Returns the grants ended;
    nothing happens where the function is the same. Of somebody who has left, the function is written down and ends nothing:
    their leaving did, and is undone as a whole where it was a mistake. Raises MayNotTell. Source: statement D, E.2.
    """
    with act("change_function", by=by, employee=employee_id, source=source):
        employee = lock_holder(employee_id)
        _check_may_tell(by, now=now)
        event = workforce.record_function_change(employee_id, to=to, by=by, now=now, known_at=known_at or now, source=source)
        if event is None or employee.has_left(at=now):
            return []
        reason = f"changed function: {event.note}"
        justified = FunctionEntitlement.objects.filter(job_function=to).values("entitlement")
        unjustified = AccessGrant.objects.filter(employee_id=employee_id).exclude(entitlement__in=justified)
        waiting = list(unjustified.waiting().values_list("pk", flat=True))
        if waiting:
            close_requests(waiting, GrantState.LAPSED, by=None, reason=reason, now=now)
        held = unjustified.active().select_related("employee", "entitlement__system")
        ended = [grant for grant in held if not policies.is_kept(grant, at=now)]
        if ended:
            end_grants([grant.pk for grant in ended], by=by, reason=reason, now=now, event=event)
        end_namings([employee_id], by=by, reason=reason, now=now, events={employee_id: event})
        return ended


def bring_back(
    employee_id: int, *, starts_on: date, ends_on: date | None, by: Employee | None, now: datetime, source: str, reason: str = ""
) -> EmploymentEvent:
    """Let somebody who left work here again, with no access at all: what they had is ended first, so that nothing comes back."""
    with act("bring_back", by=by, reason=reason, employee=employee_id, source=source):
        lock_holder(employee_id)
        _check_may_tell(by, now=now)
        revoke_everything(employee_id, by=None, reason="employment had ended", now=now)
        end_namings([employee_id], by=None, reason="employment had ended", now=now)
        return workforce.record_return(
            employee_id, starts_on=starts_on, ends_on=ends_on, by=by, now=now, source=source, reason=reason
        )
