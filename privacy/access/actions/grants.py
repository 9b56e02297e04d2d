"""Verbs on one grant: ask, approve, deny, withdraw, suspend, resume, revoke (ACCESS.md, "States of a grant")."""

from datetime import datetime, timedelta

from privacy.access import errors, policies
from privacy.access.models import AccessGrant, Entitlement, GrantState
from privacy.ledger.actions import act
from privacy.workforce.models import Employee, EmploymentEvent, WorkerType


def lock_holder(employee_id: int) -> Employee:
    """The holder first, then the grant: every verb locks in this order, because ending a grant changes its holder's row too."""
    return Employee.objects.select_for_update(no_key=True).get(pk=employee_id)


def lock_grant(grant_id: int) -> AccessGrant:
    """The grant, locked behind its holder, as it is now. Raises AccessGrant.DoesNotExist."""
    holder = AccessGrant.objects.only("employee_id").get(pk=grant_id).employee_id
    lock_holder(holder)
    return (
        AccessGrant.objects.select_related("employee__manager", "entitlement__owner", "entitlement__system")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=grant_id)
    )


def request_grant(
    employee: Employee,
    entitlement: Entitlement,
    *,
    by: Employee,
    reason: str,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> AccessGrant:
    """Ask for an entitlement. Raises MayNotRequest, NotEmployed, AlreadyRequested, NeedsAnEnd, EndsInThePast, ReasonNeeded."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("request_grant", by=by, reason=reason):
        employee = lock_holder(employee.pk)
        if not employee.is_employed(at=now):
            raise errors.NotEmployed
        if not policies.may_request_for(by, employee, at=now):
            raise errors.MayNotRequest
        if AccessGrant.objects.waiting().filter(employee=employee, entitlement=entitlement).exists():
            raise errors.AlreadyRequested
        if entitlement.sensitive and ends_at is None:
            raise errors.NeedsAnEnd
        starts_at = max(starts_at or now, now)
        if ends_at is not None and ends_at <= starts_at:
            raise errors.EndsInThePast
        return AccessGrant.objects.create(
            employee=employee,
            entitlement=entitlement,
            sensitive=entitlement.sensitive,
            requested_by=by,
            requested_at=now,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
        )


def approve_grant(grant_id: int, *, by: Employee, now: datetime) -> AccessGrant:
    """Approve for the owner, or second for the manager; access begins when nobody is missing. Source: ACCESS.md, "Approver".

    Raises AlreadyDecided, AlreadyApprovedByYou, NotYourself, NotTheApprover, RequestLapsed, NotEmployed, EndsInThePast,
    EndsTooLate, NoNda. An active grant of the same entitlement is closed as renewed.
    """
    with act("approve_grant", by=by, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.REQUESTED:
            raise errors.AlreadyDecided(grant)
        if policies.request_has_lapsed(grant, at=now):
            raise errors.RequestLapsed
        if by.pk in (grant.employee_id, grant.requested_by_id):
            raise errors.NotYourself
        if by.pk in (grant.approved_by_id, grant.seconded_by_id):
            raise errors.AlreadyApprovedByYou
        if grant.approved_by_id is None and policies.may_decide_as_owner(grant, by, at=now):
            grant.approved_by, grant.approved_at = by, now
        elif grant.sensitive and grant.seconded_by_id is None and policies.may_second(grant, by, at=now):
            grant.seconded_by, grant.seconded_at = by, now
        else:
            raise errors.NotTheApprover
        if grant.approved_by_id and (grant.seconded_by_id or not grant.sensitive):
            _begin(grant, now=now)
        grant.save()
        return grant


def _begin(grant: AccessGrant, *, now: datetime) -> None:
    employee = grant.employee
    if not employee.is_employed(at=now):
        raise errors.NotEmployed
    grant.starts_at = max(grant.starts_at, now)
    if grant.ends_at is not None and grant.ends_at <= grant.starts_at:
        raise errors.EndsInThePast
    if employee.worker_type == WorkerType.CONTRACTOR:
        if not policies.under_nda(employee, at=now):
            raise errors.NoNda
        latest = policies.latest_end(employee, at=now)
        if latest is not None and (grant.ends_at is None or grant.ends_at > latest):
            raise errors.EndsTooLate(latest)
    renewed = AccessGrant.objects.active().filter(employee=employee, entitlement=grant.entitlement)
    for old in renewed.select_for_update(no_key=True):
        _end(old, by=None, reason=f"renewed by grant {grant.pk}", now=now, event=None)
    grant.state = GrantState.APPROVED


def deny_grant(grant_id: int, *, by: Employee, reason: str, now: datetime) -> AccessGrant:
    """Refuse a request. One deny denies. Raises AlreadyDecided, NotTheApprover, ReasonNeeded."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("deny_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.REQUESTED:
            raise errors.AlreadyDecided(grant)
        if not policies.may_decide(grant, by, at=now):
            raise errors.NotTheApprover
        _close_request(grant, GrantState.DENIED, by=by, reason=reason, now=now)
        return grant


def withdraw_request(grant_id: int, *, by: Employee, now: datetime) -> AccessGrant:
    """Take one's own request back, or one made for oneself. Raises AlreadyDecided, MayNotRequest."""
    with act("withdraw_request", by=by, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.REQUESTED:
            raise errors.AlreadyDecided(grant)
        if by.pk not in (grant.employee_id, grant.requested_by_id):
            raise errors.MayNotRequest
        _close_request(grant, GrantState.LAPSED, by=by, reason="withdrawn", now=now)
        return grant


def _close_request(grant: AccessGrant, state: GrantState, *, by: Employee | None, reason: str, now: datetime) -> None:
    grant.state, grant.denied_by, grant.denied_at, grant.denial_reason = state, by, now, reason
    grant.save(update_fields=["state", "denied_by", "denied_at", "denial_reason"])


def lapse_requests(*, now: datetime) -> int:
    """Close requests that nobody decided within REQUEST_LAPSES_AFTER_DAYS; returns how many."""
    closed = 0
    for pk in AccessGrant.objects.waiting().values_list("pk", flat=True):
        with act("lapse_requests", by=None, grant=pk):
            grant = lock_grant(pk)
            if policies.request_has_lapsed(grant, at=now):
                _close_request(grant, GrantState.LAPSED, by=None, reason="not decided in time", now=now)
                closed += 1
    return closed


def revoke_grant(
    grant_id: int, *, by: Employee | None, reason: str, now: datetime, event: EmploymentEvent | None = None
) -> AccessGrant:
    """End one grant now. Raises AlreadyRevoked, MayNotRevoke, ReasonNeeded. by=None: the system, for an HR event or a command.

    Source: statement E.2. In this house access ends with the commit; in another system it is `revoking` until proven gone there.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("revoke_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state not in (GrantState.APPROVED, GrantState.SUSPENDED):
            raise errors.AlreadyRevoked(grant)
        if by is not None and event is None and not policies.may_revoke(grant, by, at=now):
            raise errors.MayNotRevoke
        _end(grant, by=by, reason=reason, now=now, event=event)
        return grant


def _end(grant: AccessGrant, *, by: Employee | None, reason: str, now: datetime, event: EmploymentEvent | None) -> None:
    grant.state = GrantState.REVOKED if grant.entitlement.system.is_here else GrantState.REVOKING
    grant.revoked_by, grant.revoked_at, grant.revocation_reason, grant.ended_by_event = by, now, reason, event
    grant.save(update_fields=["state", "revoked_by", "revoked_at", "revocation_reason", "ended_by_event"])


def close_request_for(grant_id: int, *, reason: str, now: datetime) -> None:
    """Close an open request because its person left or moved. Does nothing where it was decided meanwhile."""
    with act("close_request_for", by=None, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state == GrantState.REQUESTED:
            _close_request(grant, GrantState.LAPSED, by=None, reason=reason, now=now)


def suspend_grant(grant_id: int, *, by: Employee | None, reason: str, now: datetime) -> AccessGrant:
    """Put a grant out of force until it is resumed. Raises AlreadyRevoked, MayNotSuspend, ReasonNeeded."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("suspend_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.APPROVED:
            raise errors.AlreadyRevoked(grant)
        if by is not None and not policies.may_suspend(grant, by, at=now):
            raise errors.MayNotSuspend
        grant.state = GrantState.SUSPENDED
        grant.suspended_by, grant.suspended_at, grant.suspension_reason = by, now, reason
        grant.save(update_fields=["state", "suspended_by", "suspended_at", "suspension_reason"])
        return grant


def resume_grant(grant_id: int, *, by: Employee, reason: str, now: datetime) -> AccessGrant:
    """Put a suspended grant back. Raises NotSuspended, MayNotSuspend, ReasonNeeded."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("resume_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.SUSPENDED:
            raise errors.NotSuspended
        if not policies.may_suspend(grant, by, at=now):
            raise errors.MayNotSuspend
        grant.state = GrantState.APPROVED
        grant.save(update_fields=["state"])
        return grant


def keep_grant(grant_id: int, *, by: Employee, reason: str, until: datetime, now: datetime) -> AccessGrant:
    """Let a mover keep what the new function does not justify, until then. Raises MayNotKeep, AlreadyRevoked."""
    with act("keep_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.APPROVED:
            raise errors.AlreadyRevoked(grant)
        short_enough = now < until <= now + timedelta(days=policies.KEPT_AT_MOST_DAYS)
        if not reason.strip() or not short_enough or not policies.may_keep(grant, by, at=now):
            raise errors.MayNotKeep
        grant.kept_by, grant.kept_reason = by, reason.strip()
        grant.ends_at = min(until, grant.ends_at or until)
        grant.save(update_fields=["kept_by", "kept_reason", "ends_at"])
        return grant
