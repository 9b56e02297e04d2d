"""What somebody decided on, and does not any more: handed to their manager, or else to the security administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from privacy.access import policies
from privacy.access.actions.by_hand import tell_of_tasks
from privacy.access.actions.review_answers import hand_on_decisions_of
from privacy.access.models import Decision, Entitlement, HandTask, System, SystemChange
from privacy.ledger.actions import act
from privacy.workforce.actions import tell
from privacy.workforce.models import Employee


@dataclass(frozen=True)
class HandedOver:
    """What was handed over, and to whom (None: to the security administrators, who decide where nobody owns)."""

    to: Employee | None
    entitlements: int = 0
    systems: int = 0
    tasks: int = 0
    decisions: int = 0

    def __bool__(self) -> bool:
        return bool(self.entitlements or self.systems or self.tasks)


def owners_among(employees: Sequence[int]) -> list[int]:
    """Those of these people (keys) who have something to hand over, so that a mass of leavers costs four questions."""
    owners = set(Entitlement.objects.filter(owner__in=employees).values_list("owner_id", flat=True))
    owners |= set(System.objects.filter(owner__in=employees).values_list("owner_id", flat=True))
    owners |= set(HandTask.objects.filter(assigned_to__in=employees, done_at=None).values_list("assigned_to_id", flat=True))
    asked = Decision.objects.asked().filter(reviewer__in=employees)  # type: ignore[attr-defined]
    owners |= set(asked.values_list("reviewer_id", flat=True))
    return sorted(owner for owner in owners if owner is not None)


def hand_over(employee_id: int, *, by: Employee | None, now: datetime) -> HandedOver:
    """Give what this person owned, and was to do by hand, to their manager if there is one who may sign in. Idempotent.

    Requests that waited for them wait for the new owner from now on, who is told once; what they were asked in reviews goes to
    the next who may decide it. Source: ACCESS.md, "Leaver".
    """
    with act("hand_over", by=by, employee=employee_id):
        leaver = Employee.objects.select_related("manager").get(pk=employee_id)
        heir = leaver.manager if leaver.manager is not None and policies.may_sign_in(leaver.manager, at=now) else None
        to_do = list(SystemChange.objects.outstanding().filter(task__assigned_to=leaver, task__done_at=None).order_by("pk"))
        handed = HandedOver(
            to=heir,
            entitlements=Entitlement.objects.filter(owner=leaver).update(owner=heir),
            systems=System.objects.filter(owner=leaver).update(owner=heir),
            tasks=HandTask.objects.filter(assigned_to=leaver, done_at=None).update(assigned_to=heir),
            decisions=hand_on_decisions_of(employee_id, now=now),
        )
        if heir is not None:
            tell_of_tasks(heir, to_do, now=now)
        if heir is not None and handed:
            tell(
                heir,
                key=f"hand-over {leaver.pk} {now:%Y-%m-%d}",
                subject=f"What {leaver} decided on is yours now",
                body=f"{leaver} does not work here any more. As the manager you own from now on {handed.entitlements} "
                f"entitlements and {handed.systems} systems; {handed.tasks} tasks by hand wait for you. "
                "Name another owner where that is better.",
                link="/admin/access/",
                now=now,
            )
        return handed
