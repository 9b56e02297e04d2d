"""Verbs of tasks by hand: done with evidence, verified by a second person, or sent back (ACCESS.md, "By hand")."""

import hashlib
import json
from datetime import datetime

from privacy.access import errors
from privacy.access.actions.by_hand import prove_by_hand
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.outbox import lock_grants
from privacy.access.models import OUTSTANDING, ChangeState, HandTask, Proof, Step, SystemChange, SystemKind
from privacy.access.policies.grants import may_now
from privacy.access.policies.systems import (
    EVIDENCE_BYTES_AT_MOST,
    is_harmful,
    may_do_task,
    may_verify_task,
    type_of_evidence,
)
from privacy.ledger.actions import act, record_read
from privacy.ledger.models import ReadKind
from privacy.workforce.models import Employee


def _lock_change(change_id: int, by: Employee) -> SystemChange:
    """The change, behind its holder and its grant: every verb locks in that order. Whoever acts is locked with the holder."""
    grant, employee = SystemChange.objects.values_list("grant", "employee").get(pk=change_id)
    for person in sorted({by.pk, employee or by.pk}):
        lock_holder(person)
    if grant is not None:
        lock_grants([grant])
    changes = SystemChange.objects.select_related("system", "employee", "entitlement")
    change = changes.select_for_update(of=("self",), no_key=True).get(pk=change_id)
    if change.system.kind != SystemKind.BY_HAND:
        raise errors.NotByHand
    if change.state not in OUTSTANDING:
        raise errors.NothingToTry("This task is over: it is verified, or something later is wanted instead.")
    return change


def do_task(change_id: int, *, evidence: bytes, note: str, by: Employee, now: datetime) -> HandTask:
    """Say that a change was made by hand, with the file that shows it; it then waits for a second person.

    Raises NotByHand, NothingToTry, NotYourTask, TaskIsDone, EvidenceNeeded, EvidenceTooLarge, UnknownEvidence,
    HarmfulEvidence. The file's type is told by its content and its name is ours; nothing of the name it came with is kept.
    """
    if not evidence:
        raise errors.EvidenceNeeded
    if len(evidence) > EVIDENCE_BYTES_AT_MOST:
        raise errors.EvidenceTooLarge
    told = type_of_evidence(evidence)
    if told is None:
        raise errors.UnknownEvidence
    if is_harmful(evidence):
        raise errors.HarmfulEvidence
    media_type, ending = told
    with act("do_task", by=by, reason=note, change=change_id):
        change = _lock_change(change_id, by)
        task, _ = HandTask.objects.get_or_create(change=change, defaults={"assigned_to": change.system.owner})
        if not may_do_task(change, by, at=now, assigned_to=task.assigned_to_id):
            raise errors.NotYourTask
        if task.done_at is not None:
            raise errors.TaskIsDone
        task.done_by, task.done_at, task.note = by, now, note
        task.evidence, task.evidence_type = evidence, media_type
        task.evidence_name = f"evidence-{change.pk}-{now:%Y%m%d-%H%M%S}.{ending}"
        task.evidence_sha256 = hashlib.sha256(evidence).hexdigest()
        task.save()
        change.attempts += 1
        change.state, change.pushed_at, change.failure = ChangeState.PUSHED, now, ""
        change.save(update_fields=["attempts", "state", "pushed_at", "failure"])
        said = {"done_by": by.login, "note": note, "evidence": task.evidence_name, "evidence_sha256": task.evidence_sha256}
        _prove(change, Step.BY_HAND, said, holds=True, now=now)
        return task


def verify_task(change_id: int, *, by: Employee, now: datetime, seen: str | None = None) -> HandTask:
    """A second person has looked at the evidence and believes it: the change is proven.

    seen: SHA-256 of the file that they looked at; None: whichever is there. Raises NotByHand, NothingToTry, TaskIsNotDone,
    NotASecondPerson, NotYourTask, EvidenceChanged.
    """
    with act("verify_task", by=by, change=change_id):
        task = _lock_done_task(change_id, by, seen, now=now)
        task.verified_by, task.verified_at = by, now
        task.save(update_fields=["verified_by", "verified_at"])
        prove_by_hand(change_id, by=by, now=now)
        return task


def send_back_task(change_id: int, *, reason: str, by: Employee, now: datetime, seen: str | None = None) -> HandTask:
    """A second person does not believe the evidence: the task is to be done again. The proofs keep the file's hash.

    seen: as in `verify_task`. Raises ReasonNeeded, NotByHand, NothingToTry, TaskIsNotDone, NotASecondPerson, NotYourTask,
    EvidenceChanged.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("send_back_task", by=by, reason=reason, change=change_id):
        task = _lock_done_task(change_id, by, seen, now=now)
        change = task.change
        said = {"sent_back_by": by.login, "reason": reason, "evidence_sha256": task.evidence_sha256}
        _prove(change, Step.VERIFIED, said, holds=False, now=now)
        task.sent_back_by, task.sent_back_at, task.sent_back_reason = by, now, reason
        task.done_by, task.done_at = None, None
        task.save(update_fields=["sent_back_by", "sent_back_at", "sent_back_reason", "done_by", "done_at"])
        change.state, change.pushed_at = ChangeState.FAILED, None
        change.failure = f"Sent back by {by}: {reason}"
        change.save(update_fields=["state", "pushed_at", "failure"])
        return task


def _lock_done_task(change_id: int, by: Employee, seen: str | None, *, now: datetime) -> HandTask:
    change = _lock_change(change_id, by)
    task = HandTask.objects.select_for_update(no_key=True).filter(change=change).first()
    if task is None or task.done_at is None:
        raise errors.TaskIsNotDone
    task.change = change
    if by.pk in (task.done_by_id, change.employee_id):
        raise errors.NotASecondPerson
    if not may_verify_task(task, by, at=now):
        raise errors.NotYourTask
    if seen is not None and seen != task.evidence_sha256:
        raise errors.EvidenceChanged  # sent back and done anew while they looked
    return task


def _prove(change: SystemChange, step: Step, said: dict[str, str], *, holds: bool, now: datetime) -> None:
    answer = json.dumps(said, ensure_ascii=False, sort_keys=True)
    Proof.objects.create(
        change=change,
        at=now,
        attempt=change.attempts,
        step=step,
        holds=holds,
        answer=answer,
        answer_sha256=hashlib.sha256(answer.encode()).hexdigest(),
    )


def take_evidence(change_id: int, *, by: Employee, now: datetime, address: str | None = None) -> HandTask:
    """Hand out the evidence of a task, written down before it leaves. Raises NotYourTask, EvidenceNeeded."""
    with act("take_evidence", by=by, change=change_id):
        task = HandTask.objects.select_related("change__system").filter(change_id=change_id).first()
        if task is None or task.evidence is None:
            raise errors.EvidenceNeeded("There is no evidence with this change.")
        allowed = may_do_task(task.change, by, at=now, assigned_to=task.assigned_to_id)
        if not allowed and not may_now(by.pk, "privacy.view_ledger", at=now):
            raise errors.NotYourTask("Only those who do or verify this task see its evidence.")
        subject = f"privacy.handtask:{task.pk} {task.evidence_sha256[:16]}"
        record_read(ReadKind.EVIDENCE, subject, by=by, now=now, reason=f"evidence of {task.change}"[:500], address=address)
        return task
