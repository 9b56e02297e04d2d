"""Changes in systems that people work by hand: a task for the system's owner, proven by a second person."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from privacy.access.actions.outbox import grant_is_gone, lock_grants
from privacy.access.models import ChangeState, HandTask, Proof, Step, SystemChange, SystemKind, Wanted
from privacy.access.policies import ADMINISTERS
from privacy.access.policies.grants import may_sign_in, with_the_right_to_sign_in
from privacy.access.queries.people import holders_of
from privacy.ledger.actions import act
from privacy.workforce.actions import tell
from privacy.workforce.models import Employee

MAILS_AT_ONCE = 10  # who gets more tasks than these in one act gets one mail about all of them


def open_hand_tasks(*, now: datetime) -> int:
    """A task for every outstanding change that waits for hands and has none yet; returns how many that made. Idempotent.

    Whose each is, `doers_of` says. What was given to somebody who may not do it, or not any more, is given anew. Whoever is to
    do one is told, once. Tasks that somebody works on at this moment are looked at the next time: nobody waits for this job.
    """
    with act("open_hand_tasks", by=None):
        by_hand = SystemChange.objects.outstanding().filter(system__kind=SystemKind.BY_HAND)
        by_hand = by_hand.select_related("system__owner__manager", "employee__manager").order_by("pk")
        changes = list(by_hand.filter(task__isnull=True))
        doers = doers_of(changes, now=now)
        tasks = [HandTask(change=change, assigned_to=doer) for change, doer in doers.items()]
        HandTask.objects.bulk_create(tasks, ignore_conflicts=True)
        waiting = HandTask.objects.filter(change__in=by_hand.order_by().values("pk"), done_at=None)
        may_not = ~Q(assigned_to__in=with_the_right_to_sign_in(at=now).order_by().values("pk")) & Q(assigned_to__isnull=False)
        stranded = waiting.filter(may_not | Q(assigned_to=F("change__employee")) | _nobodys(now=now))
        doers |= give_anew(stranded, now=now, skip_locked=True)
        tell_doers(doers, now=now)
        return len(tasks)


def doers_of(
    changes: Iterable[SystemChange], *, now: datetime, before: Employee | None = None
) -> dict[SystemChange, Employee | None]:
    """Whose hands each change waits for: the system owner's, or else their manager's; None: the security administrators'.

    Nobody's whose own access it is, and nobody's who may not sign in (they left, their NDA ended), because neither may ever do it
    (`may_do_task`). Where there is no administrator but the one whose access it is, the manager of that one. before: who is asked
    before the owner.
    """
    may = cache(lambda person: may_sign_in(person, at=now))
    administrators = cache(lambda: {one.pk for one in holders_of(ADMINISTERS, at=now)})
    doers = {}
    for change in changes:
        owner = change.system.owner
        candidates = [before, owner, owner.manager if owner is not None else None]
        doer = next((one for one in candidates if one is not None and one.pk != change.employee_id and may(one)), None)
        if doer is None and change.employee is not None and not administrators() - {change.employee_id}:
            manager = change.employee.manager
            doer = manager if manager is not None and manager.pk != change.employee_id and may(manager) else None
        doers[change] = doer
    return doers


def _nobodys(*, now: datetime) -> Q:
    """Of tasks: those that are the administrators' to do, and there is none but the one whose access it is."""
    administrators = holders_of(ADMINISTERS, at=now)
    if len(administrators) > 1:
        return Q(pk__in=[])
    return Q(assigned_to=None) & (Q(change__employee=administrators[0]) if administrators else Q())


def give_anew(
    tasks: QuerySet[HandTask], *, now: datetime, before: Employee | None = None, skip_locked: bool = False
) -> dict[SystemChange, Employee | None]:
    """Give each of these tasks to whoever may do it (`doers_of`), and return who that is. Whoever calls this has them told.

    Locked in the order of their keys: two who change many at once would else wait for each other for ever.
    """
    locked = tasks.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked).order_by("pk")
    task_of = dict(locked.values_list("change", "pk"))
    about = SystemChange.objects.filter(pk__in=task_of)
    changes = about.select_related("system__owner__manager", "employee__manager").order_by("pk")
    doers = doers_of(changes, now=now, before=before)
    of_doer: dict[Employee | None, list[int]] = defaultdict(list)
    for change, doer in doers.items():
        of_doer[doer].append(task_of[change.pk])
    for doer, theirs in of_doer.items():
        HandTask.objects.filter(pk__in=theirs).exclude(assigned_to=doer).update(assigned_to=doer)
    return doers


def tell_doers(doers: Mapping[SystemChange, Employee | None], *, now: datetime) -> None:
    """Have everybody told of the changes that are theirs to make, once each; of nobody's, the security administrators.

    An administrator whose own access it is is told nothing: another one does it; where there is no other, that nobody may.
    """
    of_doer: dict[Employee | None, list[SystemChange]] = defaultdict(list)
    for change, doer in doers.items():
        of_doer[doer].append(change)
    for person, theirs in sorted(of_doer.items(), key=lambda one: one[0].pk if one[0] else 0):
        administrators = [] if person else holders_of(ADMINISTERS, at=now)
        for told in [person] if person else administrators:
            tell_of_tasks(told, [change for change in theirs if change.employee_id != told.pk], now=now)
        for change in [] if person else theirs:
            if not {one.pk for one in administrators} - {change.employee_id}:
                _tell_that_nobody_may(change, administrators, now=now)


def _tell_that_nobody_may(change: SystemChange, administrators: Sequence[Employee], *, now: datetime) -> None:
    """Somebody has to name another who may: the one administrator, or who manages people, or at last the system's owner."""
    owners = [change.system.owner] if change.system.owner is not None else []
    for person in administrators or holders_of("privacy.manage_people", at=now) or owners:
        tell(
            person,
            key=f"nobody for task {change.pk}",
            subject=f"Nobody may do this by hand: {change}",
            body=f"{change}, due {_due([change])}: {change.system} has no owner who may do it, and there is no security "
            "administrator but the one whose access it is, who never does it. Name an owner of the system, or have another "
            "administrator approved; until then it waits.",
            link=reverse("access:change", args=[change.pk]),
            now=now,
        )


def tell_of_tasks(employee: Employee, changes: Sequence[SystemChange], *, now: datetime) -> None:
    """Have somebody told that these changes are theirs to make by hand: each once, or many of them in one mail."""
    if len(changes) > MAILS_AT_ONCE:
        tell(
            employee,
            key=f"tasks {changes[0].pk} to {changes[-1].pk}",
            subject=f"{len(changes)} changes are yours to make by hand",
            body=f"{len(changes)} changes of access wait for your hands, the first of them due {_due(changes)}. "
            "Make each of them and attach the evidence; a second person then looks at it.",
            link=reverse("access:tasks"),
            now=now,
        )
        return
    for change in changes:
        tell(
            employee,
            key=f"task {change.pk}",
            subject=f"By hand, please: {change}",
            body=f"This is yours to do by hand, and due {_due([change])}: {change}. "
            "Attach the evidence; a second person then looks at it.",
            link=reverse("access:change", args=[change.pk]),
            now=now,
        )


def _due(changes: Sequence[SystemChange]) -> str:
    return f"{timezone.localtime(min(change.due_at for change in changes)):%Y-%m-%d %H:%M}"


def prove_by_hand(change_id: int, *, by: Employee, now: datetime) -> None:
    """A second person believed the evidence: the change is proven. Called by `verify_task`, inside its act.

    Idempotent. Raises ValueError where nobody has done the task, or where the verifier did it.
    """
    with act("prove_by_hand", by=by, change=change_id):
        found = SystemChange.objects.get(pk=change_id)
        if found.grant_id is not None:
            lock_grants([found.grant_id])
        change = SystemChange.objects.select_for_update(no_key=True).get(pk=change_id)
        task = HandTask.objects.get(change=change)
        if change.state in (ChangeState.PROVEN, ChangeState.WITHDRAWN):
            return
        if task.done_at is None or task.done_by_id in (None, by.pk):
            raise ValueError("a task is verified by somebody else than who did it, and after it was done")
        said = {"verified_by": by.login, "evidence": task.evidence_name, "evidence_sha256": task.evidence_sha256}
        answer = json.dumps(said, ensure_ascii=False, sort_keys=True)
        Proof.objects.create(
            change=change,
            at=now,
            attempt=max(change.attempts, 1),
            step=Step.VERIFIED,
            holds=True,
            answer=answer,
            answer_sha256=hashlib.sha256(answer.encode()).hexdigest(),
        )
        change.state, change.proven_at, change.failure = ChangeState.PROVEN, now, ""
        change.pushed_at = change.pushed_at or task.done_at
        change.save(update_fields=["state", "proven_at", "pushed_at", "failure"])
        if change.wanted == Wanted.REMOVED and change.grant_id is not None:
            grant_is_gone(change.grant_id, now=now)
