"""What is gone too late, or not gone at all; and what will stop by itself when nondisclosure agreements run out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from privacy.access.models import (
    BOUND_SECONDS,
    HERE,
    AccessGrant,
    Drift,
    DriftKind,
    DriftState,
    FunctionEntitlement,
    GrantState,
    System,
    SystemChange,
    SystemKind,
)
from privacy.access.models.drifts import MAY_SIGN_IN
from privacy.access.queries.timeliness import HERE_BOUND, TAKEN_OVER_AFTER, late_here
from privacy.access.queries.undone_moves import moves_of
from privacy.agreements.models import Nda
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent, WorkerType

LISTED = 100


@dataclass(frozen=True)
class Breach:
    """One thing that is, or was, gone too late. late_by: seconds over its bound (None: it has no clock). Of: what it links to."""

    what: str
    where: str
    since: datetime | None
    late_by: float | None
    is_open: bool
    change: int | None = None
    grant: int | None = None
    person: int | None = None

    @property
    def sentence(self) -> str:
        return f"{self.what}, {self.where}"


def still_in_force(*, now: datetime) -> list[AccessGrant]:
    """Access in force here that should have gone: of people who left, and of movers whose function does not justify it."""
    in_force = AccessGrant.objects.in_force(at=now)
    of_leavers = in_force.exclude(employee__in=Employee.objects.employed(at=now))
    moved_since = EmploymentEvent.objects.filter(
        kind=HrEvent.CHANGED_FUNCTION,
        employee=OuterRef("employee"),
        effective_at__gt=OuterRef("approved_at"),
        effective_at__lte=now,
    )
    justified = FunctionEntitlement.objects.filter(
        entitlement=OuterRef("entitlement"), job_function=OuterRef("employee__job_function")
    )
    of_movers = in_force.filter(Exists(moved_since), kept_by__isnull=True).exclude(Exists(justified))
    found = list(of_leavers.select_related("employee", "entitlement__system")[:LISTED])
    moved = list(of_movers.select_related("employee", "entitlement__system", "renews"))
    moves = moves_of({grant.employee_id for grant in moved}, until=now)
    for grant in moved:
        # Somebody in whose way a mistake of HR came has what they had before it (ACCESS.md, "HR mistake").
        if grant.approved_at is not None and moves[grant.employee_id].any_since(grant.approved_at, grant):
            found.append(grant)
    return found[: 2 * LISTED]


def open_breaches(*, now: datetime, system: int | None = None) -> list[Breach]:
    """Everything that should be gone and is not, the worst first: here, elsewhere, and what a comparison found still there."""
    found = [
        Breach(
            f"{grant.employee} still has “{grant.entitlement.name}”",
            str(grant.entitlement.system),
            None,
            None,
            True,
            grant=grant.pk,
            person=grant.employee_id,
        )
        for grant in still_in_force(now=now)
        if system is None or system == grant.entitlement.system_id
    ]
    only = Q() if system is None else Q(system=system)
    late = SystemChange.objects.breaching(at=now).filter(only, proven_at__isnull=True)  # type: ignore[attr-defined]
    found += [
        _of_change(change, now) for change in late.select_related("system", "employee", "entitlement").order_by("due_at")[:LISTED]
    ]
    # A grant that is being revoked although nothing of it is under way: nobody would ever ask that system.
    under_way = SystemChange.objects.outstanding().filter(grant=OuterRef("pk"))  # type: ignore[attr-defined]
    patience = timedelta(seconds=BOUND_SECONDS[SystemKind.POSTGRESQL])
    forgotten = AccessGrant.objects.filter(state=GrantState.REVOKING, revoked_at__lt=now - patience).exclude(Exists(under_way))
    if system is not None:
        forgotten = forgotten.filter(entitlement__system=system)
    found += [
        Breach(
            f"{grant.employee}: “{grant.entitlement.name}” is being revoked, and nothing is under way",
            str(grant.entitlement.system),
            grant.revoked_at,
            None,
            True,
            grant=grant.pk,
            person=grant.employee_id,
        )
        for grant in forgotten.select_related("employee", "entitlement__system")[:LISTED]
    ]
    # What a system said was gone, and a comparison found there all the same: in a role, or only able to sign in.
    still_open = Q(kind=DriftKind.EXCESS) | Q(kind=DriftKind.STALE, note=MAY_SIGN_IN)
    there = Drift.objects.filter(only, still_open, state=DriftState.OPEN, employee__isnull=False)
    gone = there.exclude(employee__in=Employee.objects.employed(at=now)).select_related("system", "employee", "first_seen")
    found += [
        Breach(
            f"{drift.employee} has left and is still there as {drift.account_name}",
            str(drift.system),
            drift.first_seen.began_at,
            None,
            True,
            person=drift.employee_id,
        )
        for drift in gone[:LISTED]
    ]
    return found


def late_changes(*, begin: datetime, end: datetime, now: datetime, system: int | None = None) -> list[Breach]:
    """What was proven gone from another system, but later than its bound, in a period: the newest first."""
    only = Q() if system is None else Q(system=system)
    period = Q(known_at__gte=begin, known_at__lte=end) | Q(effective_at__gte=begin, effective_at__lte=end)
    late = SystemChange.objects.breaching(at=now).filter(only, period, proven_at__isnull=False)  # type: ignore[attr-defined]
    listed = late.select_related("system", "employee", "entitlement").order_by("-known_at")[:LISTED]
    return [_of_change(change, now) for change in listed]


def late_people(*, begin: datetime, end: datetime, now: datetime) -> list[tuple[int, str, float]]:
    """(employee, name, seconds) of leavers and movers whose access here outlived its bound, the longest first."""
    rows = late_here(begin=begin, end=end, now=now)
    names = dict(Employee.objects.filter(pk__in=[employee for _, employee, _ in rows]).values_list("pk", "name"))
    return [(employee, names[employee], seconds) for _, employee, seconds in rows]


def past_breaches(*, begin: datetime, end: datetime, now: datetime, system: int | None = None) -> list[Breach]:
    """What was gone, but later than its bound, in a period, here and elsewhere: the newest first."""
    found = late_changes(begin=begin, end=end, now=now, system=system)
    house = System.objects.filter(code=HERE).first()
    if house is not None and system in (None, house.pk):
        rows = late_here(begin=begin, end=end, now=now)
        events = EmploymentEvent.objects.select_related("employee").in_bulk([event for event, _, _ in rows])
        for event_id, employee, seconds in rows:
            event, late_by = events[event_id], seconds - HERE_BOUND
            if late_by < TAKEN_OVER_AFTER.total_seconds():
                found.append(Breach(str(event), str(house), event.clock_starts_at, late_by, False, person=employee))
    return sorted(found, key=lambda one: one.since or now, reverse=True)


def at_risk(*, now: datetime) -> list[SystemChange]:
    """Removals that are outstanding and past half of their bound, the soonest due first."""
    return [
        change
        for change in SystemChange.objects.outstanding()  # type: ignore[attr-defined]
        .removals()
        .filter(due_at__gte=now)
        .select_related("system", "employee", "entitlement")
        .order_by("due_at")[: LISTED * 10]
        if change.due_at - timedelta(seconds=change.system.bound_seconds / 2) <= now
    ]


def _of_change(change: SystemChange, now: datetime) -> Breach:
    who = str(change.employee) if change.employee_id else change.account_name
    what = f"{who}: “{change.entitlement.name}”" if change.entitlement is not None else f"{who}: {change.account_name}"
    return Breach(
        what,
        str(change.system),
        change.clock_starts_at,
        ((change.proven_at or now) - change.due_at).total_seconds(),
        change.proven_at is None,
        change=change.pk,
        person=change.employee_id,
    )


# --- what will stop ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NdasOfAMonth:
    """NDAs whose last day is in a month, and how many grants go out of force with them."""

    month: date
    ndas: int
    grants: int


def ndas_running_out(*, now: datetime) -> list[NdasOfAMonth]:
    """Month by month, a year from this one: NDAs of people here that end with nothing after them, and what stops then.

    What stops: active grants that need an NDA (sensitive ones; all of a contractor's) and do not end before it.
    """
    today = timezone.localdate(now)
    first = [date(today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1, 1) for n in range(12 + 1)]
    standing = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    ndas = Nda.objects.filter(standing, employee__in=Employee.objects.not_left(at=now))
    ndas = ndas.annotate(holds_from=Greatest("starts_on", "signed_on")).order_by("holds_from")
    # A person is under an NDA until a day that no later one joins.
    until: dict[int, date | None] = {}
    for employee, holds_from, ends_on in ndas.values_list("employee_id", "holds_from", "ends_on"):
        covered = until.get(employee, today)
        if covered is not None and holds_from <= covered + timedelta(days=1):
            until[employee] = None if ends_on is None else max(covered, ends_on)
    running_out = {employee: day for employee, day in until.items() if day is not None and day < first[-1]}
    counted = {month: [0, 0] for month in first[:-1]}
    for day in running_out.values():
        counted[day.replace(day=1)][0] += 1
    needs_one = Q(sensitive=True) | Q(employee__worker_type=WorkerType.CONTRACTOR)
    held = AccessGrant.objects.active().filter(needs_one, employee__in=running_out)  # type: ignore[attr-defined]
    for employee, ends_at in held.values_list("employee_id", "ends_at"):
        if ends_at is None or timezone.localdate(ends_at) > running_out[employee]:
            counted[running_out[employee].replace(day=1)][1] += 1
    return [NdasOfAMonth(month, *counts) for month, counts in counted.items()]
