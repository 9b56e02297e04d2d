"""An HR mistake is undone within 7 days, in one act, by somebody who approves (ACCESS.md, "HR mistake")."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from privacy.access import errors, policies
from privacy.access.actions.ending import close_requests, end_grants, lock_holder
from privacy.access.actions.handover import HandedBack, hand_back
from privacy.access.actions.outbox import settle, take_over
from privacy.access.actions.review_restored import lock_items_of, lock_reviews_of, restore_items
from privacy.access.models import AccessGrant, FunctionEntitlement, GrantState, Origin
from privacy.access.queries.grants import was_suspended
from privacy.access.queries.restoring import KEPT, Returning, before_it_was_kept, returning
from privacy.ledger.actions import act
from privacy.workforce import actions as workforce
from privacy.workforce.actions import tell
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

SUSPENSION = ("suspended_by", "suspended_at", "suspension_reason", "suspended_until")


class Restored(list[AccessGrant]):
    """The grants given again.

    found: what was to come back and what was not, and why. ended: what was approved under the wrong function, and goes with it.
    unkept: what was kept through the wrong function for a while, and has its end of before. handed_back: what the leaving had
    handed on.
    """

    def __init__(self, found: Returning, grants: Iterable[AccessGrant]) -> None:
        super().__init__(grants)
        self.found = found
        self.ended: list[AccessGrant] = []
        self.unkept: list[AccessGrant] = []
        self.handed_back = HandedBack()


def restore_after_mistake(event_id: int, *, by: Employee, reason: str, now: datetime) -> Restored:
    """Undo a leaving or a change of function that HR told by mistake: employment as it was, and what it ended is given again.

    What was given anew meanwhile, also where somebody took that away again, what would have ended by now, and what a reviewer
    denied, is left as it is. With a leaving, those that were told after it are undone, too. What it handed on returns, as far as
    nobody changed it since. What was approved under a wrong function, and the restored one does not justify, is ended, save what
    its owner kept. In a running review, what is given again waits for its reviewer again. Old sessions stay dead.
    Returns the new grants; each names the one that it restores and who restored it. Raises ReasonNeeded, MayNotRestore,
    CannotBeRestored, WouldHaveLeft. Source: ACCESS.md, "HR mistake", "Mover", "Reviews".
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("restore_after_mistake", by=by, reason=reason, event=event_id):
        employee_id = EmploymentEvent.objects.only("employee_id").get(pk=event_id).employee_id
        lock_reviews_of(employee_id)
        employee = lock_holder(employee_id)
        lock_items_of(employee_id)
        event = EmploymentEvent.objects.select_related("employee").get(pk=event_id)
        event.employee = employee
        if not policies.is_restorable(event, at=now):
            if not employee.is_employed(at=now) and (last_day := policies.would_have_left_on(event, at=now)) is not None:
                raise errors.WouldHaveLeft(last_day)
            raise errors.CannotBeRestored
        if not policies.may_restore(event, by, at=now):
            raise errors.MayNotRestore
        undo = _undo_leaving if event.kind == HrEvent.LEFT else _undo_function_change
        return undo(event, by=by, reason=reason, now=now)


def _undo_leaving(event: EmploymentEvent, *, by: Employee, reason: str, now: datetime) -> Restored:
    # Asked beforehand: what was told before somebody came back is undone with nothing any more (`undone_with`).
    found = returning(event, at=now)
    workforce.undo_leaving(event.employee_id, event, by=by, now=now, source="page", reason=reason)
    event.employee.refresh_from_db()
    if not event.employee.is_employed(at=now):
        raise errors.CannotBeRestored
    restored = _give_again(found, by=by, reason=reason, now=now)
    restored.handed_back = hand_back(event, by=by, now=now)
    return restored


def _undo_function_change(event: EmploymentEvent, *, by: Employee, reason: str, now: datetime) -> Restored:
    wrong = event.employee.job_function_id
    undone = workforce.undo_function_change(event.employee_id, by=by, now=now, source="page", reason=reason)
    event.employee.refresh_from_db()
    if undone is None or not event.employee.is_employed(at=now):
        raise errors.CannotBeRestored
    ended = _end_what_came_with(event, undone, by=by, reason=reason, now=now)
    unkept = _undo_keeping(event, wrong, now=now)
    restored = _give_again(returning(event, at=now), by=by, reason=reason, now=now)
    restored.ended, restored.unkept = ended, unkept
    return restored


def _end_what_came_with(
    event: EmploymentEvent, undone: EmploymentEvent, *, by: Employee, reason: str, now: datetime
) -> list[AccessGrant]:
    """The mover's rule backwards: what was approved under the wrong function, and the restored one does not justify, is ended.

    What its owner kept stays, and so does what only renews access from before. Requests of that time are closed.
    """
    said = f"restored after a mistake of HR: {reason}"
    justified = FunctionEntitlement.objects.filter(job_function=event.employee.job_function_id).values("entitlement")
    unjustified = AccessGrant.objects.filter(employee=event.employee_id).exclude(entitlement__in=justified).order_by("pk")
    waiting = list(unjustified.waiting().filter(requested_at__gte=event.known_at).values_list("pk", flat=True))
    if waiting:
        close_requests(waiting, GrantState.LAPSED, by=None, reason=said, now=now)
    held = unjustified.active().select_related("employee", "entitlement__system")
    ended = [one for one in held if policies.began(one) >= event.known_at and not policies.is_kept(one, at=now)]
    if ended:
        end_grants([one.pk for one in ended], by=by, reason=said, now=now, event=undone)
    return ended


def _undo_keeping(event: EmploymentEvent, wrong: int | None, *, now: datetime) -> list[AccessGrant]:
    """What its owner kept for a while through the wrong function (key) has the end of before, which was approved. Returns these.

    Whether or not the restored one justifies it: so it was before the mistake. What was approved under the wrong function itself
    stays kept as it is, and so does what that one justified, because it was kept for another change; what has ended stays ended.
    Who kept it is told: it may have been meant for a change to come.
    """
    unkept = []
    justified = FunctionEntitlement.objects.filter(job_function=wrong).values("entitlement")
    kept = AccessGrant.objects.filter(
        employee=event.employee_id, state=GrantState.APPROVED, kept_by__isnull=False, ends_at__gt=now
    ).exclude(entitlement__in=justified)
    for grant in (
        kept.select_related("entitlement", "kept_by", "employee").select_for_update(of=("self",), no_key=True).order_by("pk")
    ):
        before = before_it_was_kept(grant, event) if policies.began(grant) < event.known_at else None
        if before is None or (before["ends_at"] is None and grant.entitlement.sensitive):
            continue
        if grant.kept_by is not None:
            _tell_who_kept(grant, grant.kept_by, event, now=now)
        for name in KEPT:
            setattr(grant, name, before[name])
        grant.save(update_fields=["ends_at", "kept_by", "kept_reason"])
        unkept.append(grant)
    return unkept


def _tell_who_kept(grant: AccessGrant, keeper: Employee, event: EmploymentEvent, *, now: datetime) -> None:
    tell(
        keeper,
        key=f"kept no more {grant.pk} {event.pk}",
        subject=f"{grant.employee} did not change function: what you kept is as it was",
        body=f"HR had told by mistake that {grant.employee} changed function ({event.note}). You had let them keep "
        f"“{grant.entitlement.name}” for a while; it has its end of before again. If you kept it for a change that is still to "
        "come, say so once more.",
        link=reverse("access:grant", args=[grant.pk]),
        now=now,
    )


def _give_again(found: Returning, *, by: Employee, reason: str, now: datetime) -> Restored:
    given = []
    for old in found.given:
        if old.state == GrantState.REVOKING:
            old.state = GrantState.REVOKED
            old.save(update_fields=["state"])
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
            kept_by=old.kept_by,
            kept_reason=old.kept_reason,
            approved_by=old.approved_by or by,
            approved_at=old.approved_at or now,
            seconded_by=old.seconded_by,
            seconded_at=old.seconded_at,
        )
        take_over(old, new, now=now)
        restore_items(old, new, now=now)
        given.append(new)
    settle([grant.pk for grant in given], now=now, by=by, reason=reason)
    return Restored(found, given)
