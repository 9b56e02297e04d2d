"""An HR mistake is undone within 7 days, in one act, by somebody who approves (ACCESS.md, "HR mistake")."""

from datetime import datetime

from privacy.access import errors, policies
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.outbox import settle, take_over
from privacy.access.models import AccessGrant, GrantState, Origin
from privacy.access.queries.grants import was_suspended
from privacy.ledger.actions import act
from privacy.workforce import actions as workforce
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

SUSPENSION = ("suspended_by", "suspended_at", "suspension_reason", "suspended_until")


def restore_after_mistake(event_id: int, *, by: Employee, reason: str, now: datetime) -> list[AccessGrant]:
    """Undo a leaving or a change of function that HR told by mistake: employment as it was, and what it ended is given again.

    What was given anew meanwhile, and what would have ended by now, is left as it is. Old sessions stay dead. Returns the new
    grants; each names the one that it restores and who restored it. Raises ReasonNeeded, MayNotRestore, CannotBeRestored.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("restore_after_mistake", by=by, reason=reason, event=event_id):
        employee = lock_holder(EmploymentEvent.objects.only("employee_id").get(pk=event_id).employee_id)
        event = EmploymentEvent.objects.select_related("employee").get(pk=event_id)
        event.employee = employee
        if not policies.is_restorable(event, at=now):
            raise errors.CannotBeRestored
        if not policies.may_restore(event, by, at=now):
            raise errors.MayNotRestore
        if event.kind == HrEvent.LEFT:
            workforce.undo_leaving(employee.pk, by=by, now=now, source="page", reason=reason)
        else:
            workforce.undo_function_change(employee.pk, by=by, now=now, source="page", reason=reason)
        employee.refresh_from_db()
        if not employee.is_employed(at=now):
            raise errors.CannotBeRestored
        return _give_again(event, by=by, reason=reason, now=now)


def _give_again(event: EmploymentEvent, *, by: Employee, reason: str, now: datetime) -> list[AccessGrant]:
    has = set(AccessGrant.objects.active().filter(employee=event.employee_id).values_list("entitlement_id", flat=True))
    given: list[AccessGrant] = []
    for old in policies.ended_by(event):
        if old.entitlement_id in has or (old.ends_at is not None and old.ends_at <= now):
            continue
        if old.state == GrantState.REVOKING:
            old.state = GrantState.REVOKED
            old.save(update_fields=["state"])
        has.add(old.entitlement_id)
        # What was suspended is given again as that: resuming it is an act of its own, of somebody who may.
        suspended = {name: getattr(old, name) for name in SUSPENSION} if was_suspended(old.pk) else {}
        new = AccessGrant.objects.create(
            employee=old.employee,
            entitlement=old.entitlement,
            sensitive=old.sensitive,
            state=GrantState.SUSPENDED if suspended else GrantState.APPROVED,
            **suspended,
            origin=Origin.RESTORED,
            restores=old,
            restored_by=by,
            requested_by=old.requested_by,
            requested_at=now,
            reason=old.reason,
            starts_at=now,
            ends_at=old.ends_at,
            approved_by=old.approved_by or by,
            approved_at=old.approved_at or now,
            seconded_by=old.seconded_by,
            seconded_at=old.seconded_at,
        )
        take_over(old, new, now=now)
        given.append(new)
    settle([grant.pk for grant in given], now=now, by=by, reason=reason)
    return given
