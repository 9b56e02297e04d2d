"""What a roster would change, and whether that is so much that a named person has to let it through (ACCESS.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from privacy.access import policies
from privacy.access.forms.roster import RefusedRow, RosterRow
from privacy.access.models import AccessGrant, FunctionEntitlement
from privacy.agreements.models import Nda
from privacy.workforce.models import Employee

MASS_CHANGE_FLOOR, MASS_CHANGE_SHARE = 5, 0.10


@dataclass(frozen=True)
class Gone:
    """Why somebody leaves by a roster; last_day: the one that their row names, None where they are in no row."""

    reason: str
    last_day: date | None = None


@dataclass
class RosterPlan:
    """What a roster changes. Each list holds (who, what), for people; `leavers` and `movers` are what costs people access.

    losing: who goes on working here and loses access by it (keys). managers_who_left: rows that name one as a new manager; these
    people have no manager then.
    """

    refused: list[RefusedRow]
    joiners: list[RosterRow] = field(default_factory=list)
    returners: list[tuple[Employee, RosterRow]] = field(default_factory=list)
    movers: list[tuple[Employee, RosterRow]] = field(default_factory=list)
    changes: list[tuple[Employee, RosterRow, dict[str, Any]]] = field(default_factory=list)
    leavers: list[tuple[Employee, Gone]] = field(default_factory=list)
    scheduled: list[tuple[Employee, date | None]] = field(default_factory=list)
    unlisted: list[Employee] = field(default_factory=list)
    seen: list[Employee] = field(default_factory=list)
    managers_who_left: list[RosterRow] = field(default_factory=list)
    losing: set[int] = field(default_factory=set)
    working_here: int = 0
    absences_ignored: bool = False

    @property
    def bound(self) -> int:
        """Of how many people it may end employment or take access away before a named person has to let it through."""
        return max(MASS_CHANGE_FLOOR, int(self.working_here * MASS_CHANGE_SHARE))

    @property
    def ending(self) -> set[int]:
        """Whose employment this ends (keys), at once or by a last day that is new or earlier."""
        sooner = {e.pk for e, day in self.scheduled if day is not None and (e.ends_on is None or day < e.ends_on)}
        return sooner | {e.pk for e, _ in self.leavers}

    @property
    def losing_logins(self) -> list[str]:
        """Who stays and loses access."""
        people = [employee for employee, _ in self.movers] + [employee for employee, _, _ in self.changes]
        return sorted({employee.login for employee in people if employee.pk in self.losing})

    @property
    def is_mass_change(self) -> bool:
        return len(self.ending | self.losing) > self.bound


def who_would_lose(moves: Mapping[int, str], become_contractors: Iterable[int], *, now: datetime) -> set[int]:
    """Who keeps working here and loses access by a feed, by their keys; few queries, however many they are.

    moves: to which function (code) people change: they lose what it does not justify and no owner keeps. become_contractors:
    people who are employees so far: without an NDA in force nothing of theirs stays in force.
    """
    held = AccessGrant.objects.active().filter(employee__in=moves).only("employee_id", "entitlement_id", "kept_by_id", "ends_at")
    justified = set(
        FunctionEntitlement.objects.filter(job_function__code__in=set(moves.values())).values_list(
            "job_function__code", "entitlement"
        )
    )
    losing = {
        grant.employee_id
        for grant in held
        if (moves[grant.employee_id], grant.entitlement_id) not in justified and not policies.is_kept(grant, at=now)
    }
    bound_by_nda = Nda.objects.in_force(on=timezone.localdate(now)).filter(employee__isnull=False).values("employee")
    in_force = AccessGrant.objects.in_force(at=now).filter(employee__in=list(become_contractors))
    return losing | set(in_force.exclude(employee__in=bound_by_nda).order_by().values_list("employee", flat=True))
