"""Reads about other systems: their health, what is outstanding there, proofs, drift, tasks by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from privacy.access.models import (
    OUTSTANDING,
    AccessGrant,
    ChangeState,
    Drift,
    DriftState,
    Entitlement,
    HandTask,
    Reconciliation,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
    Wanted,
)
from privacy.ledger.queries import night_began
from privacy.workforce.models import Employee

CHANGES_PAGE = 50


def _with_around(changes: QuerySet[SystemChange], *more: str) -> QuerySet[SystemChange]:
    """With what a list shows beside each, and never with a file of evidence."""
    return changes.select_related("system", "employee", "entitlement", "grant", "task", *more).defer(
        "task__evidence", "system__secret"
    )


@dataclass(frozen=True)
class Health:
    """How one system stands at an instant. outstanding: every change not proven yet; late: removals over their bound."""

    system: System
    outstanding: int
    late: int
    drift: int
    holders: int
    last: Reconciliation | None

    @property
    def word(self) -> str:
        """What is said about it."""
        system = self.system
        if system.is_here:
            return "checked at every click"
        if system.kind == SystemKind.BY_HAND:
            return "worked by hand"
        if self.is_failing:
            return "does not answer"
        return "answers" if system.answered_at else "not asked yet"

    @property
    def tone(self) -> str:
        return {"does not answer": "bad", "answers": "ok", "checked at every click": "ok"}.get(self.word, "muted")

    @property
    def is_failing(self) -> bool:
        """Whether the last contact failed."""
        failed, answered = self.system.failed_at, self.system.answered_at
        return failed is not None and (answered is None or failed > answered)


def health_of_systems(*, now: datetime, only: int | None = None) -> list[Health]:
    """Every system with its health, this house first, then those in trouble; four queries, however many systems there are."""
    systems = System.objects.select_related("owner")
    changes = SystemChange.objects.outstanding()
    if only is not None:
        systems, changes = systems.filter(pk=only), changes.filter(system=only)
    late = Q(wanted=Wanted.REMOVED, due_at__lt=now)
    counted: dict[int, Any] = {
        row["system"]: row for row in changes.order_by().values("system").annotate(all=Count("pk"), late=Count("pk", filter=late))
    }
    drift = dict(
        Drift.objects.filter(state__in=[DriftState.OPEN, DriftState.MENDING])
        .order_by()
        .values_list("system")
        .annotate(Count("pk"))
    )
    holders = dict(
        AccessGrant.objects.active().order_by().values_list("entitlement__system").annotate(Count("employee", distinct=True))
    )
    newest = Reconciliation.objects.order_by().values("system").annotate(last=Max("pk")).values("last")
    last = {one.system_id: one for one in Reconciliation.objects.filter(pk__in=newest)}
    found = [
        Health(
            system,
            counted.get(system.pk, {}).get("all", 0),
            counted.get(system.pk, {}).get("late", 0),
            drift.get(system.pk, 0),
            holders.get(system.pk, 0),
            last.get(system.pk),
        )
        for system in systems
    ]
    return sorted(found, key=lambda one: (not one.system.is_here, -one.late, not one.is_failing, -one.drift, one.system.name))


def not_compared_tonight(*, now: datetime) -> list[int]:
    """Systems (keys) that are to be compared every night, and were not compared well since the night began.

    A comparison that is under way for less than an hour counts; one that a killed worker left behind does not.
    """
    good = Q(ended_at__isnull=False, failure="") | Q(ended_at__isnull=True, began_at__gt=now - timedelta(hours=1))
    compared = Reconciliation.objects.filter(good, began_at__gte=night_began(now=now)).values("system")
    systems = System.objects.filter(reconciled=True).exclude(kind__in=[SystemKind.HERE, SystemKind.BY_HAND])
    return list(systems.exclude(pk__in=compared).order_by("pk").values_list("pk", flat=True))


def entitlements_there(system: System) -> QuerySet[Entitlement]:
    """What a system gives, each with `holders`: how many people have it approved, and `leaving`: how many lose it just now."""
    return (
        Entitlement.objects.filter(system=system)
        .select_related("owner", "system")
        .annotate(
            holders=Count("grants", filter=Q(grants__state__in=["approved", "suspended"])),
            leaving=Count("grants", filter=Q(grants__state="revoking")),
        )
        .order_by("code")
    )


def accounts_there(system: System) -> QuerySet[SystemAccount]:
    """The accounts that are linked to people in a system."""
    return SystemAccount.objects.filter(system=system).select_related("employee").order_by("name")


def drift_there(system: System, *, settled: bool = False) -> QuerySet[Drift]:
    """Differences of a system that are open or being mended; settled: those accepted and gone, the newest first."""
    drifts = Drift.objects.filter(system=system).select_related(
        "employee", "entitlement", "decided_by", "first_seen", "last_seen", "change"
    )
    if settled:
        return drifts.filter(state__in=[DriftState.ACCEPTED, DriftState.GONE]).order_by("-pk")
    return drifts.filter(state__in=[DriftState.OPEN, DriftState.MENDING])


def outstanding_changes(*, now: datetime, system: int | None = None, removals_only: bool = True) -> QuerySet[SystemChange]:
    """What is not proven yet: late ones first, then the soonest due."""
    changes = SystemChange.objects.outstanding()
    if removals_only:
        changes = changes.removals()
    if system is not None:
        changes = changes.filter(system=system)
    return _with_around(changes, "system__owner", "task__done_by").order_by("due_at", "pk")


def list_changes(*, system: int, after: int | None) -> tuple[list[SystemChange], int | None]:
    """A page of a system's changes, newest first, and where the next begins."""
    changes = _with_around(SystemChange.objects.filter(system=system))
    if after:
        changes = changes.filter(pk__lt=after)
    rows = list(changes.order_by("-pk")[: CHANGES_PAGE + 1])
    return rows[:CHANGES_PAGE], rows[CHANGES_PAGE - 1].pk if len(rows) > CHANGES_PAGE else None


def change_in_full(pk: int) -> SystemChange | None:
    """One change with everything around it, or None."""
    return (
        SystemChange.objects.select_related(
            "system__owner",
            "employee__manager",
            "entitlement__owner",
            "grant",
            "event",
            "asked_by",
            "task__done_by",
            "task__verified_by",
            "task__sent_back_by",
            "task__assigned_to",
        )
        .defer("task__evidence", "system__secret")
        .prefetch_related("proofs")
        .filter(pk=pk)
        .first()
    )


@dataclass(frozen=True)
class Progress:
    """How far access that ends is gone. here: when it went out of force in this house; changes: the removals elsewhere.

    polls_every: seconds until it is worth looking again; 0: not by itself, because nothing changes within minutes.
    """

    subject: str
    key: int
    here: datetime | None
    changes: list[SystemChange]

    @property
    def proven(self) -> int:
        return sum(change.state == ChangeState.PROVEN for change in self.changes)

    @property
    def outstanding(self) -> list[SystemChange]:
        return [change for change in self.changes if change.state in OUTSTANDING]

    @property
    def by_hand(self) -> list[SystemChange]:
        return [change for change in self.outstanding if change.system.kind == SystemKind.BY_HAND]

    @property
    def is_moving(self) -> bool:
        """Whether something is under way that a machine does."""
        return len(self.outstanding) > len(self.by_hand)

    @property
    def polls_every(self) -> int:
        if self.is_moving:
            return 1
        return 30 if self.by_hand else 0

    @property
    def fingerprint(self) -> str:
        """Changes when anything that is shown does."""
        return "-".join(f"{change.pk}.{change.state[:3]}.{change.attempts}" for change in self.changes)

    @property
    def sentence(self) -> str:
        """The whole in one sentence, for those who listen."""
        if not self.outstanding:
            return f"Proven gone in every system ({self.proven} of {len(self.changes)})."
        return f"{self.proven} of {len(self.changes)} proven gone elsewhere."


RECENT_HOURS = 48


def progress_of_grant(grant: AccessGrant) -> Progress | None:
    """How far this grant is gone elsewhere; None where nothing of it is or was being removed."""
    changes = _removals(Q(grant=grant))
    return (
        Progress("grant", grant.pk, grant.revoked_at or (changes[0].enforced_at if changes else None), changes)
        if changes
        else None
    )


def progress_of_person(employee: Employee, *, now: datetime) -> Progress | None:
    """How far what a person lost lately is gone elsewhere; None where nothing is outstanding and nothing went lately."""
    recent = Q(state__in=OUTSTANDING) | Q(proven_at__gt=now - timedelta(hours=RECENT_HOURS))
    changes = _removals(recent & Q(employee=employee))
    return Progress("person", employee.pk, min(change.enforced_at for change in changes), changes) if changes else None


def _removals(which: Q) -> list[SystemChange]:
    changes = SystemChange.objects.removals().filter(which).exclude(state=ChangeState.WITHDRAWN)
    latest = _with_around(changes).order_by("system__name", "external_name", "-pk")
    seen: set[tuple[int, int | None, str]] = set()
    found = []
    for change in latest:
        about = (change.system_id, change.grant_id, change.external_name)
        if about not in seen:
            seen.add(about)
            found.append(change)
    return found


def tasks(*, now: datetime, employee: Employee | None = None) -> QuerySet[SystemChange]:
    """Changes to be made or verified by hand, the soonest due first; of one person: theirs to do, or to verify as the second.

    A change without a task belongs to its system's owner.
    """
    changes = SystemChange.objects.outstanding().filter(system__kind=SystemKind.BY_HAND)
    if employee is not None:
        mine = Q(task__assigned_to=employee) | Q(system__owner=employee)
        changes = changes.filter(mine).exclude(employee=employee).exclude(task__done_by=employee, task__done_at__isnull=False)
    return _with_around(changes, "system__owner", "task__done_by", "task__assigned_to").order_by("due_at", "pk")


def settled_tasks(*, now: datetime) -> QuerySet[HandTask]:
    """Tasks that a second person verified in the last 90 days, the newest first."""
    found = HandTask.objects.filter(verified_at__gt=now - timedelta(days=90)).defer("evidence")
    return found.select_related("change__system", "change__employee", "change__entitlement", "done_by", "verified_by").order_by(
        "-verified_at"
    )
