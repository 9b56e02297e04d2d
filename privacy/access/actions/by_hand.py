"""Changes in systems that people work by hand: a task for the system's owner, proven by a second person."""

import hashlib
import json
from datetime import datetime

from privacy.access.actions.outbox import grant_is_gone, lock_grants
from privacy.access.models import ChangeState, HandTask, Proof, Step, SystemChange, SystemKind, Wanted
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def open_hand_tasks(*, now: datetime) -> int:
    """A task for every outstanding change that waits for hands and has none yet; returns how many that made. Idempotent."""
    with act("open_hand_tasks", by=None):
        waiting = SystemChange.objects.outstanding().filter(system__kind=SystemKind.BY_HAND, task__isnull=True)
        changes = list(waiting.select_related("system").order_by("pk"))
        tasks = [HandTask(change=change, assigned_to_id=change.system.owner_id) for change in changes]
        return len(HandTask.objects.bulk_create(tasks, ignore_conflicts=True)) if tasks else 0


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
