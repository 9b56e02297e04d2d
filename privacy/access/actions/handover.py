"""What somebody decided on, and does not any more: handed to their manager, or else to the security administrators; and back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from privacy.access import policies
from privacy.access.actions.by_hand import give_anew, tell_doers
from privacy.access.actions.review_handing_on import hand_on_decisions_of, lock_asked_of, take_back_decisions_of
from privacy.access.models import OUTSTANDING, Decision, Entitlement, HandTask, System
from privacy.access.queries.evidence_ledger import told_at
from privacy.ledger.actions import act
from privacy.workforce.actions import tell
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent


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
        lock_asked_of([employee_id])  # before what is owned, as whoever restores somebody does
        leaver = Employee.objects.select_related("manager").get(pk=employee_id)
        heir = leaver.manager if leaver.manager is not None and policies.may_sign_in(leaver.manager, at=now) else None
        handed = HandedOver(
            to=heir,
            entitlements=Entitlement.objects.filter(owner=leaver).update(owner=heir),
            systems=System.objects.filter(owner=leaver).update(owner=heir),
            tasks=_hand_over_tasks(leaver, heir, now=now),
            decisions=hand_on_decisions_of(employee_id, now=now),
        )
        if heir is not None and (handed.entitlements or handed.systems):
            tell(
                heir,
                key=f"hand-over {leaver.pk} {now:%Y-%m-%d}",
                subject=f"What {leaver} decided on is yours now",
                body=f"{leaver} does not work here any more. As the manager you own from now on {handed.entitlements} "
                f"entitlements and {handed.systems} systems. About tasks by hand you are told separately. "
                "Name another owner where that is better.",
                link="/admin/access/",
                now=now,
            )
        return handed


def _hand_over_tasks(leaver: Employee, heir: Employee | None, *, now: datetime) -> int:
    """Each to the heir, or where it is about the heir's own access, to the next who may do it; they are told. Returns how many.

    Called once the systems are handed over: their owners are asked as they are then.
    """
    doers = give_anew(HandTask.objects.filter(assigned_to=leaver, done_at=None), now=now, before=heir)
    tell_doers({change: doer for change, doer in doers.items() if change.state in OUTSTANDING}, now=now)
    return len(doers)


@dataclass(frozen=True)
class HandedBack:
    """What came back to somebody whose leaving was a mistake; stay: what somebody changed or answered since."""

    entitlements: int = 0
    systems: int = 0
    tasks: int = 0
    decisions: int = 0
    stay: int = 0

    def __bool__(self) -> bool:
        return bool(self.entitlements or self.systems or self.tasks or self.decisions or self.stay)

    def __str__(self) -> str:
        counts = (
            (self.entitlements, "entitlement", ""),
            (self.systems, "system", ""),
            (self.tasks, "task", " by hand"),
            (self.decisions, "item", " to review"),
        )
        return ", ".join(f"{count} {what}{'' if count == 1 else 's'}{more}" for count, what, more in counts if count)


def hand_back(event: EmploymentEvent, *, by: Employee, now: datetime) -> HandedBack:
    """Give back what this leaving handed on, as far as it still is where it was handed. Idempotent. They are told once.

    Read from the ledger, by its own clock, whatever the leaving was dated. Source: ACCESS.md, "HR mistake".
    """
    since = told_at(event)
    employee = event.employee
    # What an earlier coming back has given back is not given back again. The newest is the one of this very act.
    for earlier in employee.employment_events.filter(kind=HrEvent.RETURNED, pk__gt=event.pk).order_by("-pk")[1:2]:
        since = told_at(earlier) or since
    if since is None:
        return HandedBack()
    with act("hand_back", by=by, employee=employee.pk, event=event.pk):
        entitlements, changed = _give_back(Entitlement, "owner", event, since)
        systems, changed_systems = _give_back(System, "owner", event, since)
        tasks, changed_tasks = _give_back(HandTask, "assigned_to", event, since, done_at=None)
        decisions, answered = take_back_decisions_of(employee.pk, since=since, now=now)
        back = HandedBack(entitlements, systems, tasks, decisions, changed + changed_systems + changed_tasks + answered)
        if str(back):
            tell(
                employee,
                key=f"handed back {event.pk}",
                subject="What you decided on is yours again",
                body=f"That you had left was a mistake. Yours again: {back}.",
                link="/admin/access/",
                now=now,
            )
        return back


def _give_back(model: type[Model], column: str, event: EmploymentEvent, since: datetime, **still: Any) -> tuple[int, int]:
    """Rows of this table that the leaving handed on: (how many return, how many stay because somebody changed them since)."""
    kept: Any = model
    handed = kept.ledger_events.rel.related_model.objects.filter(
        pgh_created_at__gte=since, pgh_context__metadata__verb="hand_over", pgh_context__metadata__employee=event.employee_id
    )
    to = dict(handed.order_by("pgh_id").values_list("pgh_obj_id", f"{column}_id"))
    by_heir: dict[int | None, list[int]] = defaultdict(list)
    for pk, heir in to.items():
        by_heir[heir].append(pk)
    where = kept.objects.filter(pk__in=to, **still)
    left = len(where.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))  # as whoever changes many does
    back = sum(where.filter(pk__in=keys, **{column: heir}).update(**{column: event.employee}) for heir, keys in by_heir.items())
    return back, left - back
