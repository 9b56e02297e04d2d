"""Verbs on one grant: ask, approve, deny, withdraw, suspend, resume, keep (ACCESS.md). Its end is in ending.py."""

from datetime import datetime, timedelta

from privacy.access import errors, policies
from privacy.access.actions.ending import (
    close_as_renewed,
    close_requests,
    close_requests_for,
    lock_grant,
    lock_holder,
    not_active,
)
from privacy.access.actions.outbox import settle, take_over
from privacy.access.actions.warnings import stop_telling_approvers, tell_approvers
from privacy.access.models import AccessGrant, Entitlement, GrantState, Origin
from privacy.ledger.actions import act
from privacy.workforce.models import Employee, WorkerType


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
        grant = AccessGrant.objects.create(
            employee=employee,
            entitlement=entitlement,
            sensitive=entitlement.sensitive,
            requested_by=by,
            requested_at=now,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        tell_approvers(grant, now=now)
        return grant


def approve_grant(grant_id: int, *, by: Employee, now: datetime) -> AccessGrant:
    """Approve for the owner, or second for the manager; access begins when nobody is missing. Source: ACCESS.md, "Approver".

    Raises AlreadyDecided, AlreadyApprovedByYou, NotYourself, NotTheApprover, RequestLapsed, NotEmployed, EndsInThePast,
    EndsTooLate, NoNda, DeniedInReview, IsSuspended. An active grant of the same entitlement is closed as renewed.
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
        if (refusal := policies.stands_against(grant)) is not None:
            raise refusal
        if grant.approved_by_id is None and policies.may_decide_as_owner(grant, by, at=now):
            grant.approved_by, grant.approved_at = by, now
        elif grant.sensitive and grant.seconded_by_id is None and policies.may_second(grant, by, at=now):
            grant.seconded_by, grant.seconded_at = by, now
        else:
            raise errors.NotTheApprover
        if grant.approved_by_id and (grant.seconded_by_id or not grant.sensitive):
            _begin(grant, now=now)
        grant.save()
        if grant.renews is not None and grant.state == GrantState.APPROVED:
            take_over(grant.renews, grant, now=now)
        stop_telling_approvers(grant.pk, now=now, besides=tell_approvers(grant, now=now))
        settle([grant.pk], now=now, by=by, reason=grant.reason)
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
    old = renewed.select_for_update(no_key=True).first()
    if old is not None:
        grant.starts_at = now  # no gap: it goes on under the new approval
        grant.renews = old
        grant.save()  # before the old one is closed, so that the trigger on its end sees that it goes on
        close_as_renewed(old, by=grant, now=now)
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
        close_requests([grant_id], GrantState.DENIED, by=by, reason=reason, now=now)
        grant.refresh_from_db(fields=["state", "denied_by", "denied_at", "denial_reason"])
        return grant


def withdraw_request(grant_id: int, *, by: Employee, now: datetime) -> AccessGrant:
    """Take one's own request back, or one made for oneself. Raises AlreadyDecided, MayNotRequest."""
    with act("withdraw_request", by=by, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.REQUESTED:
            raise errors.AlreadyDecided(grant)
        if by.pk not in (grant.employee_id, grant.requested_by_id):
            raise errors.MayNotRequest
        close_requests([grant_id], GrantState.LAPSED, by=by, reason="withdrawn", now=now)
        grant.refresh_from_db(fields=["state", "denied_by", "denied_at", "denial_reason"])
        return grant


def lapse_requests(*, now: datetime) -> int:
    """Close requests that nobody decided within REQUEST_LAPSES_AFTER_DAYS; returns how many."""
    closed = 0
    for pk in AccessGrant.objects.waiting().values_list("pk", flat=True):
        with act("lapse_requests", by=None, grant=pk):
            grant = lock_grant(pk)
            if policies.request_has_lapsed(grant, at=now):
                close_requests([pk], GrantState.LAPSED, by=None, reason="not decided in time", now=now)
                closed += 1
    return closed


def suspend_grant(
    grant_id: int, *, by: Employee | None, reason: str, now: datetime, until: datetime | None = None
) -> AccessGrant:
    """Put a grant out of force until it is resumed. Raises AlreadyRevoked, RenewedMeanwhile, MayNotSuspend, ReasonNeeded.

    until: if nobody has resumed it by then, it is revoked. An open request to renew it is closed where somebody suspends it:
    an approval on its way would lift what only resuming lifts. by=None: a review's silence, which leaves it open.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("suspend_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.APPROVED:
            raise not_active(grant)
        if by is not None and not policies.may_suspend(grant, by, at=now):
            raise errors.MayNotSuspend
        grant.state = GrantState.SUSPENDED
        if by is not None and grant.origin != Origin.BREAK_GLASS:  # an ordinary request has nothing to do with an emergency
            close_requests_for(grant.employee_id, grant.entitlement_id, why=f"the access was suspended: {reason}", now=now)
        grant.suspended_by, grant.suspended_at, grant.suspension_reason, grant.suspended_until = by, now, reason, until
        grant.save(update_fields=["state", "suspended_by", "suspended_at", "suspension_reason", "suspended_until"])
        settle([grant_id], now=now, by=by, reason=reason)
        return grant


def resume_grant(grant_id: int, *, by: Employee, reason: str, now: datetime) -> AccessGrant:
    """Put a suspended grant back. Raises NotSuspended, MayNotSuspend, SilenceIsNotYours, SuspensionRanOut, ReasonNeeded.

    What a review suspended by silence is resumed by somebody who might have been its reviewer.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("resume_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.SUSPENDED:
            raise errors.NotSuspended
        if not policies.may_suspend(grant, by, at=now):
            raise errors.MayNotSuspend
        if not policies.may_resume(grant, by, at=now):
            raise errors.SilenceIsNotYours
        if grant.suspended_until is not None and grant.suspended_until <= now:
            raise errors.SuspensionRanOut
        grant.state, grant.suspended_until = GrantState.APPROVED, None
        grant.save(update_fields=["state", "suspended_until"])
        settle([grant_id], now=now, by=by, reason=reason)
        return grant


def keep_grant(grant_id: int, *, by: Employee, reason: str, until: datetime, now: datetime) -> AccessGrant:
    """Let a mover keep what the new function does not justify, until then. Raises MayNotKeep, AlreadyRevoked, RenewedMeanwhile.

    The owner says so before the move or with it; the end is at most KEPT_AT_MOST_DAYS away, whatever it was before.
    """
    with act("keep_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state != GrantState.APPROVED:
            raise not_active(grant)
        short_enough = now < until <= now + timedelta(days=policies.KEPT_AT_MOST_DAYS)
        if not reason.strip() or not short_enough or not policies.may_keep(grant, by, at=now):
            raise errors.MayNotKeep
        grant.kept_by, grant.kept_reason = by, reason.strip()
        grant.ends_at = min(until, grant.ends_at or until)
        grant.save(update_fields=["kept_by", "kept_reason", "ends_at"])
        return grant
