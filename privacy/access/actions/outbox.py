"""What must change in other systems is written down in the act that decides it (ACCESS.md, "Doors to other systems").

One rule for every reason alike: a grant that is in force is wanted there, any other is not. Approval, revocation, suspension, a
lapsed NDA, a start or an end that has come: each of them only asks `settle` to compare.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery
from procrastinate.contrib.django import app

from privacy.access.models import (
    HERE,
    MAY_BE_THERE,
    AccessGrant,
    ChangeState,
    GrantState,
    SystemAccount,
    SystemChange,
    SystemKind,
    Wanted,
)
from privacy.ledger.actions import act
from privacy.workforce.models import Employee, EmploymentEvent

PUSH_SYSTEM = "access.push_system"  # the job that works off what is due in one system; takes system_id


def settle(
    grants: Iterable[int],
    *,
    now: datetime,
    by: Employee | None = None,
    reason: str = "",
    event: EmploymentEvent | None = None,
    events: Mapping[int, EmploymentEvent] | None = None,
) -> list[SystemChange]:
    """Compare grants (their keys) with what is wanted of other systems, and write down what has to change; returns the changes.

    event: the HR event behind it, whose instants the clock starts from; events: one for each of many people, by their keys.
    Idempotent: what is wanted already is not asked for twice. Call it inside an act, behind lock_holder.
    """
    elsewhere = AccessGrant.objects.filter(pk__in=list(grants), state__in=MAY_BE_THERE).exclude(entitlement__system__code=HERE)
    listed = list(elsewhere.select_related("employee", "entitlement__system").order_by("pk"))
    if not listed:
        return []
    in_force = set(AccessGrant.objects.in_force(at=now).filter(pk__in=[g.pk for g in listed]).values_list("pk", flat=True))
    last = {}
    for change in SystemChange.objects.filter(grant__in=listed).exclude(state=ChangeState.WITHDRAWN).order_by("pk"):
        last[change.grant_id] = change
    taken_over = _given_before_them([grant for grant in listed if grant.pk not in last])
    accounts = {
        (account.system_id, account.employee_id): account.name
        for account in SystemAccount.objects.filter(employee__in={grant.employee_id for grant in listed})
    }
    withdrawn: list[int] = []
    gone: list[int] = []
    made: list[SystemChange] = []
    for grant in listed:
        wanted = Wanted.GIVEN if grant.pk in in_force else Wanted.REMOVED
        before = last.get(grant.pk)
        never_there = before is None and grant.state != GrantState.REVOKING and grant.pk not in taken_over
        if wanted == Wanted.REMOVED and never_there:
            continue
        if before is not None and before.wanted == wanted:
            if grant.state == GrantState.REVOKING and before.state == ChangeState.PROVEN:
                gone.append(grant.pk)  # taken away before it was revoked: suspended, say, or its NDA lapsed
            continue
        if before is not None and before.state != ChangeState.PROVEN:
            withdrawn.append(before.pk)
        system = grant.entitlement.system
        behind = (events or {}).get(grant.employee_id, event)
        known_at = behind.known_at if behind else now
        from_instant = behind.clock_starts_at if behind else now
        made.append(
            SystemChange(
                system=system,
                grant=grant,
                employee=grant.employee,
                entitlement=grant.entitlement,
                account_name=accounts.get((system.pk, grant.employee_id), grant.employee.login),
                external_name=grant.entitlement.external_name,
                wanted=wanted,
                reason=reason,
                event=behind if wanted == Wanted.REMOVED else None,
                asked_by=by,
                known_at=known_at,
                effective_at=from_instant,
                enforced_at=now,
                due_at=from_instant + timedelta(seconds=system.bound_seconds),
                next_try_at=now,
            )
        )
    # The lease stays: a worker may be just about the withdrawn change, and the next one of that account waits until it is done.
    SystemChange.objects.filter(pk__in=withdrawn).update(state=ChangeState.WITHDRAWN)
    SystemChange.objects.bulk_create(made, batch_size=1000)
    push({change.system_id for change in made if change.system.kind != SystemKind.BY_HAND})
    if gone:
        grants_are_gone(gone, now=now)
    return made


def _given_before_them(grants: Iterable[AccessGrant]) -> set[int]:
    """Those of these grants (keys) whose predecessor was given in its system and never proven gone there."""
    predecessors = {grant.pk: grant.renews_id or grant.restores_id for grant in grants if grant.renews_id or grant.restores_id}
    given, gone = Q(wanted=Wanted.GIVEN), Q(wanted=Wanted.REMOVED, state=ChangeState.PROVEN)
    changes = SystemChange.objects.filter(given | gone, grant__in=set(predecessors.values())).order_by("pk")
    newest = dict(changes.values_list("grant_id", "wanted"))
    return {pk for pk, before in predecessors.items() if newest.get(before or 0) == Wanted.GIVEN}


def take_over(old: AccessGrant, new: AccessGrant, *, now: datetime) -> None:
    """The new grant stands for the old one in its system. Call it inside an act, both saved, before the new one is settled.

    Where the new one is in force, nothing outstanding of the old one is wanted any more. Where it is not, because its NDA lapsed,
    say, a removal under way goes on with the clock it has, as the new one's.
    """
    outstanding = SystemChange.objects.outstanding().filter(grant=old.pk)
    if not AccessGrant.objects.in_force(at=now).filter(pk=new.pk).exists():
        outstanding.removals().update(grant=new)
    outstanding.update(state=ChangeState.WITHDRAWN)


def push(systems: Collection[int]) -> None:
    """Have what is due in these systems (their keys) worked off, once this transaction commits.

    One job per system and transaction: a roster that ends a thousand people wakes each system once. The rows are the outbox; a
    job only wakes the worker, which looks by itself every minute too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        transaction_id = cursor.fetchone()[0]
    last_id, woken = getattr(connection, "_woken_systems", ("", set()))
    if last_id != transaction_id:
        woken = set()
    for system_id in sorted(set(systems) - woken):
        app.configure_task(PUSH_SYSTEM).defer(system_id=system_id)
    connection._woken_systems = (transaction_id, woken | set(systems))  # type: ignore[attr-defined]


def settle_everything(*, now: datetime) -> int:
    """Settle grants whose standing changed by the clock alone (a start, an end, an NDA); returns how many changes that made.

    Also those that are being revoked though all of them was proven gone before. Cheap when there is nothing to do. Each person's
    grants are settled in a transaction of their own.
    """
    settled = 0
    elsewhere = AccessGrant.objects.filter(state__in=MAY_BE_THERE).exclude(entitlement__system__code=HERE)
    last_wanted = Subquery(
        SystemChange.objects.filter(grant=OuterRef("pk"))
        .exclude(state=ChangeState.WITHDRAWN)
        .order_by("-pk")
        .values("wanted")[:1]
    )
    in_force = Exists(AccessGrant.objects.in_force(at=now).filter(pk=OuterRef("pk")).order_by())
    outstanding = SystemChange.objects.outstanding().filter(grant=OuterRef("pk"))
    drifted = elsewhere.alias(last_wanted=last_wanted, holds=in_force).filter(
        Q(holds=True) & (Q(last_wanted__isnull=True) | Q(last_wanted=Wanted.REMOVED))
        | Q(holds=False, last_wanted=Wanted.GIVEN)
        | Q(state=GrantState.REVOKING, last_wanted=Wanted.REMOVED) & ~Exists(outstanding)
    )
    by_person: dict[int, list[int]] = {}
    for pk, employee_id in drifted.order_by("employee_id").values_list("pk", "employee_id"):
        by_person.setdefault(employee_id, []).append(pk)
    for employee_id, grants in by_person.items():
        with act("settle_by_the_clock", by=None, employee=employee_id):
            Employee.objects.select_for_update(no_key=True).get(pk=employee_id)
            settled += len(settle(grants, now=now, reason="its standing changed"))
    return settled


def grant_is_gone(grant_id: int, *, now: datetime) -> None:
    """Called when a removal was proven: a grant being revoked is revoked once nothing of it is outstanding. Idempotent."""
    grants_are_gone([grant_id], now=now)


def lock_grants(grants: Collection[int]) -> None:
    """Lock these grants (keys) before their changes: every verb locks in the order holder, grant, change."""
    list(AccessGrant.objects.select_for_update(no_key=True).filter(pk__in=grants).order_by("pk").values_list("pk"))


def grants_are_gone(grants: Collection[int], *, now: datetime) -> None:
    """The same for many grants (keys) in one act. They are locked before their changes, as every verb does."""
    with act("grant_is_gone", by=None, grants=sorted(grants)):
        locked = (
            AccessGrant.objects.select_for_update(no_key=True).filter(pk__in=grants, state=GrantState.REVOKING).order_by("pk")
        )
        revoking = [grant.pk for grant in locked.only("pk")]
        outstanding = SystemChange.objects.outstanding().filter(grant__in=revoking).values("grant")
        AccessGrant.objects.filter(pk__in=revoking).exclude(pk__in=outstanding).update(state=GrantState.REVOKED)
