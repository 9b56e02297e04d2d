"""What a review would ask of whom, and what is shown beside each item: read for the preview, and frozen at the launch.

A fixed number of queries, however many grants there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from privacy.access import policies
from privacy.access.models import (
    AccessGrant,
    Entitlement,
    FunctionEntitlement,
    GrantState,
    ItemState,
    Review,
    ReviewItem,
    ReviewScope,
    ReviewState,
    Role,
)
from privacy.access.policies import ADMINISTERS
from privacy.access.queries.people import holders_of
from privacy.agreements.models import Nda
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

__all__ = ["Asked", "Plan", "Planned", "Reviewers", "Standing", "in_scope", "plan_review", "scope_filter"]

Asked = tuple[Employee, Role]
_LINE_OF_MANAGERS = 10  # how far up the line of managers a reviewer is looked for


def scope_filter(scope: str) -> Q:
    """Grants of that scope."""
    return {ReviewScope.SENSITIVE: Q(sensitive=True), ReviewScope.REST: Q(sensitive=False), ReviewScope.ALL: Q()}[
        ReviewScope(scope)
    ]


def in_scope(review: Review, *, at: datetime) -> QuerySet[AccessGrant]:
    """The effective access that the review is about: grants that are approved and run, or will, of people who work here."""
    grants = AccessGrant.objects.filter(
        scope_filter(review.scope),
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        Q(approved_at__isnull=True) | Q(approved_at__lte=at),
        state=GrantState.APPROVED,
        requested_at__lte=at,
        employee__in=Employee.objects.employed(at=at).order_by(),
    )
    if review.system_id:
        grants = grants.filter(entitlement__system=review.system_id)
    if review.department_id:
        grants = grants.filter(employee__department=review.department_id)
    return grants


class Reviewers:
    """Who is asked about which grant: owner, manager, the named fallback.

    After them the line of managers, the administrators, and for the administrators' own access those who read the ledger.
    Nobody is asked about their own access, about what they approved, or twice about one item; and only people who work here.
    """

    def __init__(self, fallback: Employee, *, at: datetime) -> None:
        self.at = at
        self.fallback = fallback
        self.people = {person.pk: person for person in Employee.objects.employed(at=at)}
        self.managers: dict[int | None, int | None] = dict(Employee.objects.order_by().values_list("pk", "manager"))
        overseers = [*holders_of(ADMINISTERS, at=at), *holders_of("privacy.view_ledger", at=at)]
        self.overseers = list(dict.fromkeys(person.pk for person in overseers))

    def candidates(self, grant: AccessGrant) -> Iterator[tuple[int | None, Role]]:
        """Keys of people in the order in which they are asked; some may not be free."""
        manager_id = grant.employee.manager_id
        yield grant.entitlement.owner_id, Role.OWNER
        yield manager_id, Role.MANAGER
        yield self.fallback.pk, Role.FALLBACK
        for _ in range(_LINE_OF_MANAGERS):
            manager_id = self.managers.get(manager_id)
            if manager_id is None:
                break
            yield manager_id, Role.MANAGER
        for overseer in self.overseers:
            yield overseer, Role.FALLBACK

    def of(self, grant: AccessGrant, *, wanted: int, without: Iterable[int] = ()) -> list[Asked]:
        """Up to `wanted` people who may be asked about this grant, save those in `without` (keys)."""
        taken = {*without, grant.employee_id, grant.approved_by_id, grant.seconded_by_id}
        found: list[Asked] = []
        for pk, role in self.candidates(grant):
            if len(found) == wanted:
                break
            if pk is not None and pk in self.people and pk not in taken:
                taken.add(pk)
                found.append((self.people[pk], role))
        return found


@dataclass(frozen=True)
class Planned:
    """One grant of the scope, and who would be asked about it."""

    grant: AccessGrant
    asked: list[Asked]


@dataclass(frozen=True)
class Loser:
    """What one person would lose if nobody decided: codes of entitlements, revoked at once and suspended."""

    employee: Employee
    revoked: list[str] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """The impact of a review, before it is launched."""

    items: list[Planned]

    @cached_property
    def sensitive(self) -> int:
        return sum(one.grant.sensitive for one in self.items)

    @property
    def rest(self) -> int:
        return len(self.items) - self.sensitive

    @cached_property
    def people(self) -> int:
        return len({one.grant.employee_id for one in self.items})

    @cached_property
    def unasked(self) -> list[Planned]:
        """Items that nobody may decide on: only silence answers for them."""
        return [one for one in self.items if not one.asked]

    @cached_property
    def by_reviewer(self) -> list[tuple[Employee, int, int, dict[str, int]]]:
        """(reviewer, items asked, of them sensitive, how many in which role), the busiest first."""
        people: dict[int, Employee] = {}
        asked: Counter[int] = Counter()
        sensitive: Counter[int] = Counter()
        roles: dict[int, Counter[str]] = defaultdict(Counter)
        for one in self.items:
            for person, role in one.asked:
                people[person.pk] = person
                asked[person.pk] += 1
                sensitive[person.pk] += one.grant.sensitive
                roles[person.pk][str(role.label)] += 1
        return [(people[pk], count, sensitive[pk], dict(roles[pk].most_common())) for pk, count in asked.most_common()]

    @cached_property
    def by_person(self) -> list[Loser]:
        """Who would lose what by silence, those who would lose most first."""
        losers: dict[int, Loser] = {}
        for one in self.items:
            loser = losers.setdefault(one.grant.employee_id, Loser(one.grant.employee))
            (loser.revoked if one.grant.sensitive else loser.suspended).append(one.grant.entitlement.code)
        return sorted(losers.values(), key=lambda one: (-len(one.revoked), -len(one.suspended), str(one.employee)))


def plan_review(review: Review, *, at: datetime) -> Plan:
    """What this review would ask of whom if it were launched at that instant."""
    reviewers = Reviewers(review.fallback, at=at)
    grants = list(in_scope(review, at=at).order_by("employee_id", "entitlement_id", "pk"))
    _share_what_is_around(grants)
    return Plan([Planned(grant, reviewers.of(grant, wanted=policies.asked_of(sensitive=grant.sensitive))) for grant in grants])


def _share_what_is_around(grants: list[AccessGrant]) -> None:
    """Give each grant its people and its entitlement, read once each: a join would make twenty thousand copies of them."""
    people = {person.pk: person for person in Employee.objects.select_related("job_function", "department")}
    for person in people.values():
        if person.manager_id:
            person.manager = people[person.manager_id]
    entitlements = {one.pk: one for one in Entitlement.objects.select_related("system")}
    for entitlement in entitlements.values():
        if entitlement.owner_id:
            entitlement.owner = people[entitlement.owner_id]
    for grant in grants:
        grant.employee, grant.entitlement = people[grant.employee_id], entitlements[grant.entitlement_id]
        for name in ("requested_by", "approved_by", "seconded_by"):
            key = getattr(grant, f"{name}_id")
            setattr(grant, name, people[key] if key else None)


class Standing:
    """What is shown beside each grant of a review, as JSON: read for all of them at once, at one instant."""

    def __init__(self, review: Review, *, at: datetime) -> None:
        self.at, self.day = at, timezone.localdate(at)
        scope = in_scope(review, at=at).order_by()
        keys = scope.values("pk")
        holders = scope.values("employee")
        self.in_force = set(in_scope(review, at=at).in_force(at=at).order_by().values_list("pk", flat=True))  # type: ignore[attr-defined]
        idle = [grant for grant in scope if grant.pk not in self.in_force]
        self.failing = policies.why_not_each(idle, at) if idle else {}
        reads = RecordedRead.objects.filter(grant_id__in=keys, at__lte=at).order_by().values("grant_id")
        self.reads = {row["grant_id"]: row for row in reads.annotate(last=Max("at"), times=Count("pk"))}
        held = AccessGrant.objects.active().filter(employee__in=Employee.objects.employed(at=at).order_by())
        counted = (
            held.order_by().values_list("employee__job_function", "entitlement").annotate(n=Count("employee", distinct=True))
        )
        self.have = {(function, entitlement): count for function, entitlement, count in counted}
        employed = Employee.objects.employed(at=at).order_by().values_list("job_function").annotate(n=Count("pk"))
        self.of = dict(employed)
        self.justified = set(FunctionEntitlement.objects.values_list("job_function", "entitlement"))
        self.ndas: dict[int, Any] = {}
        for employee_id, ends_on in (
            Nda.objects.in_force(on=self.day).filter(employee__in=holders).values_list("employee", "ends_on")
        ):
            known = self.ndas.get(employee_id, self.day)
            self.ndas[employee_id] = None if ends_on is None or known is None else max(known, ends_on)
        moves = EmploymentEvent.objects.filter(
            kind=HrEvent.CHANGED_FUNCTION, employee__in=holders, effective_at__lte=at, known_at__lte=at
        )
        self.moves: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for employee_id, effective_at, note in moves.order_by("effective_at").values_list("employee", "effective_at", "note"):
            self.moves[employee_id].append((effective_at, note))
        self.last = self._last_reviewed(holders)

    def _last_reviewed(self, holders: Any) -> dict[tuple[int, int], ReviewItem]:
        """The last time that this entitlement of this person was decided in a review, by (employee, entitlement)."""
        decided = ReviewItem.objects.filter(employee__in=holders, state__in=[ItemState.KEPT, ItemState.REVOKED])
        decided = decided.exclude(review__state__in=[ReviewState.PREPARED, ReviewState.CANCELLED]).filter(decided_at__lte=self.at)
        found: dict[tuple[int, int], ReviewItem] = {}
        for item in decided.select_related("review").order_by("decided_at", "pk"):
            found[item.employee_id, item.entitlement_id] = item
        return found

    def of_grant(self, grant: AccessGrant) -> tuple[dict[str, Any], int]:
        """(the snapshot, the risk from 0 to 100)."""
        employee, entitlement = grant.employee, grant.entitlement
        last = self.last.get((employee.pk, entitlement.pk))
        function_id = employee.job_function_id
        needed = grant.sensitive or employee.worker_type == "contractor"
        ends_on = self.ndas.get(employee.pk)
        approvals = [(grant.approved_by, grant.approved_at), (grant.seconded_by, grant.seconded_at)]
        seen: dict[str, Any] = {
            "person": {
                "name": str(employee),
                "login": employee.login,
                "function": str(employee.job_function or ""),
                "department": str(employee.department or ""),
                "manager": str(employee.manager or ""),
                "worker_type": employee.worker_type,
            },
            "entitlement": {
                "code": entitlement.code,
                "name": entitlement.name,
                "system": entitlement.system.name,
                "categories": list(entitlement.categories),
                "owner": str(entitlement.owner or ""),
            },
            "why": {
                "reason": grant.reason,
                "asked_by": str(grant.requested_by or ""),
                "asked_at": grant.requested_at.isoformat(),
                "origin": grant.origin,
            },
            "approved": [{"by": str(by), "at": at.isoformat()} for by, at in approvals if by is not None and at is not None],
            "ends_at": grant.ends_at.isoformat() if grant.ends_at else None,
            "in_force": grant.pk in self.in_force,
            "failing": self.failing.get(grant.pk, []),
            "used": self._used(grant),
            "colleagues": {
                "have": self.have.get((function_id, entitlement.pk), 0) if function_id else 0,
                "of": self.of.get(function_id, 0) if function_id else 0,
            },
            "justified": (function_id, entitlement.pk) in self.justified,
            "changed": self._changed(grant, last),
            "last_review": last
            and {"review": last.review.name, "at": last.decided_at and last.decided_at.isoformat(), "outcome": last.state},
            "nda": {
                "needed": needed,
                "has": employee.pk in self.ndas,
                "ends_on": ends_on.isoformat() if ends_on else None,
            },
        }
        risk, seen["risk"] = policies.risk_of(seen, sensitive=grant.sensitive, at=self.at)
        return seen, risk

    def _used(self, grant: AccessGrant) -> dict[str, Any]:
        """visible: whether this house records each use of it (reveals, exports); else the last sign-in is all that is known."""
        read = self.reads.get(grant.pk)
        given = grant.entitlement.permissions
        visible = any(permission.startswith(("customers.reveal_", "customers.export_")) for permission in given)
        signed_in = grant.employee.last_login
        return {
            "visible": visible or read is not None,
            "at": read["last"].isoformat() if read else None,
            "times": read["times"] if read else 0,
            "signed_in_at": signed_in.isoformat() if signed_in and signed_in <= self.at else None,
        }

    def _changed(self, grant: AccessGrant, last: ReviewItem | None) -> list[str]:
        """What changed since the last review of it, or since it was approved."""
        since = max(filter(None, [grant.approved_at or grant.requested_at, last.decided_at if last else None]))
        said = [
            f"changed function since: {note}" if note else "changed function since"
            for at, note in self.moves[grant.employee_id]
            if at > since
        ]
        if last is not None:
            new = sorted(set(grant.entitlement.categories) - set(last.seen.get("entitlement", {}).get("categories", [])))
            if new:
                said.append(f"gives more than at the last review: {', '.join(new)}")
            before = last.seen.get("person", {}).get("function", "")
            now_is = str(grant.employee.job_function or "")
            if not said and before != now_is:
                said.append(f"changed function since: {before or 'no function'} → {now_is or 'no function'}")
        return said
