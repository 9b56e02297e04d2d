"""What a review would ask of whom: read for the preview, and frozen at the launch.

A fixed number of queries, however many grants there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Q, QuerySet

from privacy.access import policies
from privacy.access.models import (
    AccessGrant,
    Entitlement,
    GrantState,
    Review,
    ReviewScope,
    Role,
)
from privacy.access.policies import ADMINISTERS
from privacy.access.queries.people import holders_of
from privacy.workforce.models import Employee

__all__ = ["Asked", "Plan", "Planned", "Reviewers", "in_scope", "plan_review", "scope_filter"]

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
    Nobody is asked about their own access, about what they approved, or twice about one item; and only people who may sign in.
    """

    def __init__(self, fallback: Employee, *, at: datetime) -> None:
        self.at = at
        self.fallback = fallback
        self.people = {person.pk: person for person in policies.with_the_right_to_sign_in(at=at)}
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
