"""Removals from other systems as data: every answer with its hash, tasks by hand with their files, timings by system."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from privacy.access.models import ChangeState, HandTask, SystemChange
from privacy.workforce.models import Employee

__all__: list[str] = []


def rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def person_as_data(employee: Employee | None) -> dict[str, Any] | None:
    return None if employee is None else {"id": employee.pk, "login": employee.login, "name": employee.name}


def seconds_to(change: SystemChange, at: datetime | None) -> float | None:
    return None if at is None else rounded(max(0.0, (at - change.clock_starts_at).total_seconds()))


def verdict_of(change: SystemChange, now: datetime) -> str:
    if change.state == ChangeState.WITHDRAWN:
        return "withdrawn"
    if change.proven_at is not None:
        return "in time" if change.proven_at <= change.due_at else "late"
    return "overdue" if change.due_at < now else "under way"


def removal_as_data(change: SystemChange, task: HandTask | None, files: dict[str, bytes], now: datetime) -> dict[str, Any]:
    return {
        "id": change.pk,
        "system": str(change.system),
        "system_code": change.system.code,
        "system_kind": change.system.kind,
        "account": change.account_name,
        "external_name": change.external_name,
        "gives": change.entitlement.name if change.entitlement else "",
        "grant": change.grant_id,
        "state": change.state,
        "verdict": verdict_of(change, now),
        "reason": change.reason,
        "asked_by": person_as_data(change.asked_by),
        "known_at": change.known_at,
        "effective_at": change.effective_at,
        "enforced_at": change.enforced_at,
        "pushed_at": change.pushed_at,
        "proven_at": change.proven_at,
        "due_at": change.due_at,
        "bound_seconds": change.system.bound_seconds,
        "seconds_to_enforced": seconds_to(change, change.enforced_at),
        "seconds_to_pushed": seconds_to(change, change.pushed_at),
        "seconds_to_proven": seconds_to(change, change.proven_at),
        "attempts": change.attempts,
        "failure": change.failure,
        "proofs": [
            {
                "id": proof.pk,
                "at": proof.at,
                "attempt": proof.attempt,
                "step": proof.step,
                "said": proof.get_step_display(),
                "holds": proof.holds,
                "took_ms": proof.took_ms,
                "answer": proof.answer,
                "answer_sha256": proof.answer_sha256,
                "answer_matches_sha256": hashlib.sha256(proof.answer.encode()).hexdigest() == proof.answer_sha256,
            }
            for proof in change.proofs.all()
        ],
        "task": None if task is None else _task(task, files),
    }


def _task(task: HandTask, files: dict[str, bytes]) -> dict[str, Any]:
    name = ""
    if task.evidence is not None:
        name = f"files/task-{task.pk}-{_safe_name(task.evidence_name)}"
        files[name] = bytes(task.evidence)
    return {
        "id": task.pk,
        "done_by": person_as_data(task.done_by),
        "done_at": task.done_at,
        "note": task.note,
        "file": name,
        "file_type": task.evidence_type,
        "file_sha256": task.evidence_sha256,
        "verified_by": person_as_data(task.verified_by),
        "verified_at": task.verified_at,
        "sent_back_by": person_as_data(task.sent_back_by),
        "sent_back_at": task.sent_back_at,
        "sent_back_reason": task.sent_back_reason,
    }


def _safe_name(name: str) -> str:
    """The file's name in plain letters, at most 80 of them, its ending kept."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "evidence"
    return plain[-80:].lstrip(".-") or "evidence"


def timings(here: dict[str, Any], changes: Sequence[SystemChange], now: datetime) -> list[dict[str, Any]]:
    """One row a system: the slowest of its removals at each point."""
    found = [
        {
            "system": here["system"],
            "kind": "here",
            "removals": here["grants"],
            "bound_seconds": here["bound_seconds"],
            "enforced": here["seconds"],
            "pushed": None,
            "proven": here["seconds"],
            "share_of_bound": None if here["seconds"] is None else min(100, round(100 * here["seconds"] / here["bound_seconds"])),
            "verdict": "told afterwards"
            if not here["measured"]
            else ("in time" if (here["seconds"] or 0) <= here["bound_seconds"] else "late"),
        }
    ]
    by_system: dict[int, list[SystemChange]] = defaultdict(list)
    for change in changes:
        if change.state != ChangeState.WITHDRAWN:
            by_system[change.system_id].append(change)
    worst_first = ("overdue", "late", "under way", "in time")
    for listed in by_system.values():
        system = listed[0].system
        proven = _slowest(seconds_to(change, change.proven_at) for change in listed)
        found.append(
            {
                "system": str(system),
                "kind": system.kind,
                "removals": len(listed),
                "bound_seconds": system.bound_seconds,
                "enforced": _slowest(seconds_to(change, change.enforced_at) for change in listed),
                "pushed": _slowest(seconds_to(change, change.pushed_at) for change in listed),
                "proven": proven,
                "share_of_bound": None if proven is None else min(100, round(100 * proven / system.bound_seconds)),
                "verdict": min((verdict_of(change, now) for change in listed), key=worst_first.index),
            }
        )
    return found


def _slowest(seconds: Iterable[float | None]) -> float | None:
    """The longest; None where one of them has not happened."""
    listed = list(seconds)
    known = [one for one in listed if one is not None]
    return max(known) if known and len(known) == len(listed) else None
