"""How grants end: one at a time or many at once, always behind their holder's lock, always followed into other systems."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from privacy.access import errors, policies
from privacy.access.actions.outbox import settle
from privacy.access.actions.warnings import stop_telling_approvers
from privacy.access.models import HERE, AccessGrant, BreakGlassEligibility, GrantState, Origin
from privacy.ledger.actions import act
from privacy.workforce.models import Employee, EmploymentEvent


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


def revoke_grant(grant_id: int, *, by: Employee | None, reason: str, now: datetime) -> AccessGrant:
    """End one grant now. Raises AlreadyRevoked, RenewedMeanwhile, MayNotRevoke, ReasonNeeded. by=None: the system, for a command.

    An open request to renew it is closed with it; what was taken in an emergency has none. Source: statement E.2. In this house
    access ends with the commit; in another system it is `revoking` until proven gone there.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("revoke_grant", by=by, reason=reason, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.state not in (GrantState.APPROVED, GrantState.SUSPENDED):
            raise not_active(grant)
        if by is not None and not policies.may_revoke(grant, by, at=now):
            raise errors.MayNotRevoke
        if grant.origin != Origin.BREAK_GLASS:
            close_requests_for(grant.employee_id, grant.entitlement_id, why=f"the access was revoked: {reason}", now=now)
        end_grants([grant_id], by=by, reason=reason, now=now)
        grant.refresh_from_db(fields=["state", "revoked_by", "revoked_at", "revocation_reason", "ended_by_event"])
        return grant


def not_active(grant: AccessGrant) -> errors.Refused:
    """Why nothing can be done with this grant, locked, that is not active: it goes on as another, or it is gone."""
    successor = policies.goes_on_as(grant)
    return errors.RenewedMeanwhile(successor) if successor is not None else errors.AlreadyRevoked(grant)


def revoke_entitlement(
    employee_id: int, entitlement_id: int, *, by: Employee | None, reason: str, now: datetime
) -> list[AccessGrant]:
    """End whatever this person has of this entitlement, however it was renewed until this instant, and close what they asked for.

    Returns the grants ended; somebody who has nothing loses nothing. Raises MayNotRevoke, ReasonNeeded. Source: statement E.2.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("revoke_entitlement", by=by, reason=reason, employee=employee_id, entitlement=entitlement_id):
        lock_holder(employee_id)
        active = AccessGrant.objects.active().filter(employee=employee_id, entitlement=entitlement_id)
        held = list(active.select_related("employee__manager", "entitlement__owner", "entitlement__system"))
        if by is not None and not all(policies.may_revoke(grant, by, at=now) for grant in held):
            raise errors.MayNotRevoke
        close_requests_for(employee_id, entitlement_id, why=f"the access was revoked: {reason}", now=now)
        end_grants([grant.pk for grant in held], by=by, reason=reason, now=now)
        return held


def close_requests_for(
    employee_id: int, entitlement_id: int, *, why: str, now: datetime, made_until: datetime | None = None
) -> None:
    """Otherwise an approval that is on its way would give again what was just taken away; it can be asked for anew.

    made_until: what was asked for after that instant is a fresh wish, and stays open.
    """
    waiting = AccessGrant.objects.waiting().filter(employee=employee_id, entitlement=entitlement_id)
    if made_until is not None:
        waiting = waiting.filter(requested_at__lte=made_until)
    if found := list(waiting.values_list("pk", flat=True)):
        close_requests(found, GrantState.LAPSED, by=None, reason=why, now=now)


def end_grants(
    grants: Sequence[int],
    *,
    by: Employee | None,
    reason: str,
    now: datetime,
    event: EmploymentEvent | None = None,
    events: Mapping[int, EmploymentEvent] | None = None,
) -> None:
    """End these active grants (keys) of locked holders, in two statements, and write down what has to go elsewhere.

    event: the HR event that ended all of them; events: one for each holder, by the holders' keys.
    """
    behind: Any = event
    if events:
        its_own = EmploymentEvent.objects.filter(pk__in=[one.pk for one in events.values()], employee=OuterRef("employee"))
        behind = Subquery(its_own.values("pk")[:1])
    ended = {"revoked_by": by, "revoked_at": now, "revocation_reason": reason, "ended_by_event": behind}
    active = AccessGrant.objects.active().filter(pk__in=grants)
    active.filter(entitlement__system__code=HERE).update(state=GrantState.REVOKED, **ended)
    active.exclude(entitlement__system__code=HERE).update(state=GrantState.REVOKING, **ended)
    settle(grants, now=now, by=by, reason=reason, event=event, events=events)


def end_namings(
    employees: Sequence[int],
    *,
    by: Employee | None,
    reason: str,
    now: datetime,
    events: Mapping[int, EmploymentEvent] | None = None,
) -> None:
    """These locked people (keys) are named for no emergency any more. events: the HR events behind it, by their people's keys."""
    standing = BreakGlassEligibility.objects.filter(employee__in=employees, ended_at=None)
    behind: Any = None
    if events:
        its_own = EmploymentEvent.objects.filter(pk__in=[one.pk for one in events.values()], employee=OuterRef("employee"))
        behind = Subquery(its_own.values("pk")[:1])
    standing.update(ended_at=now, ended_by=by, ended_reason=reason, ended_by_event=behind)


def close_as_renewed(old: AccessGrant, *, by: AccessGrant, now: datetime) -> None:
    """This active grant goes on as the one that renews it, which is saved as such: nothing is taken away, and no session ends."""
    old.state, old.revoked_at, old.revocation_reason = GrantState.REVOKED, now, f"renewed by grant {by.pk}"
    old.save(update_fields=["state", "revoked_at", "revocation_reason"])


def close_requests(requests: Sequence[int], state: GrantState, *, by: Employee | None, reason: str, now: datetime) -> None:
    """Close these open requests (keys) of locked holders, as denied or lapsed."""
    waiting = AccessGrant.objects.waiting().filter(pk__in=requests)
    waiting.update(state=state, denied_by=by, denied_at=now, denial_reason=reason)
    for request in requests:
        stop_telling_approvers(request, now=now)
