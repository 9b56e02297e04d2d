"""What is really there, compared with what people should have: differences are listed, and mended (ACCESS.md, "Reconciliation").

Excess on sensitive entitlements is removed by itself; everything else waits for one click. What an outstanding change is about to
mend anyway is no difference. Which accounts count is the gateway's to say: not a server's own roles, and not ours.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from privacy.access import errors
from privacy.access.actions.attempts import Clock
from privacy.access.actions.comparing import Difference, compare
from privacy.access.actions.outbox import push
from privacy.access.actions.systems import check_administers
from privacy.access.gateways import LISTING_SECONDS, Listed, SystemSilent, open_gateway
from privacy.access.models import (
    OUTSTANDING,
    AccessGrant,
    ChangeState,
    Drift,
    DriftKind,
    DriftState,
    Reconciliation,
    System,
    SystemChange,
    Wanted,
)
from privacy.ledger.actions import act, rehearsal
from privacy.workforce.models import Employee

log = logging.getLogger(__name__)
_LISTED = (DriftState.OPEN, DriftState.MENDING, DriftState.ACCEPTED)


@dataclass(frozen=True)
class Compared:
    """One comparison, with the differences that are there now."""

    reconciliation: Reconciliation
    drifts: list[Drift]


def reconcile(system_id: int, *, by: Employee | None, clock: Clock) -> Compared:
    """Compare a system with what people should have there. If it cannot be listed, `failure` says so, and nothing is closed."""
    began_at = clock()
    system = System.objects.get(pk=system_id)
    with act("begin_reconciliation", by=by, system=system.code):
        reconciliation = Reconciliation.objects.create(system=system, began_at=began_at, by=by)
    listed, failure = _listed(system)
    return _conclude(reconciliation, listed, failure, by=by, clock=clock)


def rehearse_reconciliation(system_id: int, *, clock: Clock) -> Compared:
    """What `reconcile` would find now and do about it: the system is read, and no row stays. What it returns has no keys."""
    began_at = clock()
    system = System.objects.get(pk=system_id)
    listed, failure = _listed(system)
    with rehearsal(True):
        reconciliation = Reconciliation.objects.create(system=system, began_at=began_at)
        return _conclude(reconciliation, listed, failure, by=None, clock=clock)


def mend_drift(drift_id: int, *, by: Employee, now: datetime) -> SystemChange:
    """Have a difference mended: excess is taken away, what is missing is given again. Returns the change that does it.

    Idempotent while it is being mended. Raises MayNotAdminister, DriftIsOver.
    """
    with act("mend_drift", by=by, drift=drift_id):
        check_administers(by, now=now)
        drift = Drift.objects.select_for_update(of=("self",), no_key=True).select_related("system").get(pk=drift_id)
        if drift.state == DriftState.MENDING and drift.change is not None:
            return drift.change
        if drift.state not in _LISTED:
            raise errors.DriftIsOver
        change = _mend(drift, by=by, reason=f"a difference was mended: {drift.get_kind_display()}", now=now)
        if change is None:
            raise errors.DriftIsOver
        return change


def accept_drift(drift_id: int, *, by: Employee, reason: str, now: datetime) -> Drift:
    """Leave a difference as it is, with a reason. Raises ReasonNeeded, MayNotAdminister, NotYourOwnDrift, DriftIsOver."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("accept_drift", by=by, reason=reason, drift=drift_id):
        check_administers(by, now=now)
        drift = Drift.objects.select_for_update(no_key=True).get(pk=drift_id)
        if drift.employee_id == by.pk:
            raise errors.NotYourOwnDrift
        if drift.state != DriftState.OPEN:
            raise errors.DriftIsOver
        drift.state, drift.decided_by, drift.decided_at, drift.reason = DriftState.ACCEPTED, by, now, reason
        drift.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        return drift


# --- one comparison ------------------------------------------------------------------------------------------


def _conclude(
    reconciliation: Reconciliation, listed: list[Listed], failure: str, *, by: Employee | None, clock: Clock
) -> Compared:
    """Write down what was found, and have what mends itself mended."""
    system = reconciliation.system
    if failure:
        return Compared(_end(reconciliation, [], failure=failure, by=by, now=clock()), [])
    with act("reconcile", by=by, system=system.code):
        System.objects.select_for_update(no_key=True).only("pk").get(pk=system.pk)
        now = clock()
        drifts = _write_down(reconciliation, compare(system, listed, began_at=reconciliation.began_at, now=now))
        for drift in drifts:
            if drift.state == DriftState.OPEN and drift.kind == DriftKind.EXCESS and drift.sensitive:
                _mend(drift, by=None, reason="access to sensitive information that no grant gives", now=now)
        _end(reconciliation, listed, failure="", by=by, now=now)
    return Compared(reconciliation, drifts)


def _listed(system: System) -> tuple[list[Listed], str]:
    """What the system lists, or the sentence that says why it could not be listed."""
    try:
        return _list_accounts(system), ""
    except SystemSilent as silent:
        return [], str(silent)
    except Exception as error:
        log.exception("listing %s failed in an unforeseen way", system.code)
        return [], f"This house stumbled over its answer: {type(error).__name__}."


def _list_accounts(system: System) -> list[Listed]:
    door = open_gateway(system)
    try:
        door.begin(LISTING_SECONDS)
        return door.list_accounts()
    finally:
        door.close()


def _end(
    reconciliation: Reconciliation, listed: list[Listed], *, failure: str, by: Employee | None, now: datetime
) -> Reconciliation:
    with act("end_reconciliation", by=by, system=reconciliation.system.code):
        reconciliation.ended_at, reconciliation.failure = now, failure
        reconciliation.accounts_seen = len(listed)
        reconciliation.memberships_seen = sum(len(account.names) for account in listed)
        reconciliation.save(update_fields=["ended_at", "failure", "accounts_seen", "memberships_seen"])
        health = {"failed_at": now, "failure": failure[:2000]} if failure else {"answered_at": now, "failure": ""}
        System.objects.filter(pk=reconciliation.system_id).update(**health)
    return reconciliation


def _write_down(reconciliation: Reconciliation, found: list[Difference]) -> list[Drift]:
    """New differences begin, those seen again go on, those not seen any more are gone."""
    before = Drift.objects.select_for_update(no_key=True).filter(system=reconciliation.system_id, state__in=_LISTED)
    known = {(drift.kind, drift.account_name.lower(), drift.external_name): drift for drift in before}
    new, seen = [], []
    for difference in found:
        drift = known.pop((difference.kind, difference.account_name.lower(), difference.external_name), None)
        if drift is None:
            new.append(
                Drift(system=reconciliation.system, first_seen=reconciliation, last_seen=reconciliation, **vars(difference))
            )
            continue
        seen.append(drift)
        drift.last_seen, drift.note, drift.sensitive = reconciliation, difference.note, difference.sensitive
        drift.account_name = difference.account_name  # of two in different capitals, the other once the first is gone
        drift.grant_id, drift.entitlement_id, drift.employee_id = (
            difference.grant_id,
            difference.entitlement_id,
            difference.employee_id,
        )
        if drift.state == DriftState.MENDING:
            # What was to mend it is over, and it is there again, or still.
            drift.state = DriftState.OPEN
    compared = ["last_seen", "note", "sensitive", "account_name", "grant", "entitlement", "employee", "state"]
    Drift.objects.bulk_update(seen, compared, batch_size=500)
    Drift.objects.filter(pk__in=[drift.pk for drift in known.values() if not _is_being_mended(drift)]).update(
        state=DriftState.GONE
    )
    return Drift.objects.bulk_create(new, batch_size=500) + seen


def _is_being_mended(drift: Drift) -> bool:
    """A difference that its own change is about to mend is not listed again, and is not gone before that is proven."""
    change = drift.change if drift.state == DriftState.MENDING else None
    return change is not None and change.state not in (ChangeState.PROVEN, ChangeState.WITHDRAWN)


def _mend(drift: Drift, *, by: Employee | None, reason: str, now: datetime) -> SystemChange | None:
    """Write down what mends it, and have it pushed; None where there is nothing to mend any more."""
    common = {
        "system": drift.system,
        "account_name": drift.account_name,
        "reason": reason,
        "asked_by": by,
        "known_at": now,
        "effective_at": now,
        "enforced_at": now,
        "due_at": now + timedelta(seconds=drift.system.bound_seconds),
        "next_try_at": now,
    }
    in_force = AccessGrant.objects.in_force(at=now).filter(
        employee=drift.employee_id, entitlement__system=drift.system, employee__isnull=False
    )
    change: SystemChange | None
    if drift.kind == DriftKind.MISSING or (drift.kind == DriftKind.STALE and in_force.exists()):
        wanted = in_force.filter(pk=drift.grant_id or 0) if drift.kind == DriftKind.MISSING else in_force
        change = None
        for grant in wanted.select_related("entitlement").order_by("pk"):
            under_way = SystemChange.objects.outstanding().filter(grant=grant).first()
            change = under_way or SystemChange.objects.create(
                **common,
                grant=grant,
                employee_id=grant.employee_id,
                entitlement=grant.entitlement,
                external_name=grant.entitlement.external_name,
                wanted=Wanted.GIVEN,
            )
    else:
        removals = SystemChange.objects.filter(system=drift.system, wanted=Wanted.REMOVED, state__in=OUTSTANDING)
        under_way = removals.filter(account_name__iexact=drift.account_name, external_name=drift.external_name).first()
        change = under_way or SystemChange.objects.create(
            **common,
            employee_id=drift.employee_id,
            entitlement_id=drift.entitlement_id,
            external_name=drift.external_name,
            wanted=Wanted.REMOVED,
        )
    if change is None:
        return None
    drift.change, drift.state = change, DriftState.MENDING
    drift.decided_by, drift.decided_at, drift.reason = by, now, reason
    drift.save(update_fields=["change", "state", "decided_by", "decided_at", "reason"])
    push({drift.system_id})
    return change
