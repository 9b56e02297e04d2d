"""What goes into a pack of evidence about one leaver or mover: everything that was written down about it, as data.

Nothing here is asked of another system: a pack shows what was answered then. It holds people who work here, and never a customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from privacy.access.models import (
    HERE,
    OUTSTANDING,
    AccessGrant,
    BreakGlassEligibility,
    Drift,
    EvidencePack,
    HandTask,
    Review,
    ReviewState,
    System,
    SystemChange,
)
from privacy.access.queries.clock_points import EventTimes, times_of
from privacy.access.queries.evidence_ledger import afterwards, ledger_of, reasons_of_restoring, sessions_of, told_at
from privacy.access.queries.evidence_removals import person_as_data, removal_as_data, rounded, timings, verdict_of
from privacy.access.queries.timeliness import HERE_BOUND
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

PACKS_PAGE = 50
MADE_OF = (HrEvent.LEFT, HrEvent.CHANGED_FUNCTION)


@dataclass
class Evidence:
    """What a pack is made from. data: as JSON will hold it, instants as datetimes. files: by their names in the pack."""

    kind: str
    title: str
    data: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


def leaver_evidence(event: EmploymentEvent, *, now: datetime) -> Evidence:
    """Everything about one leaver or mover, as it stands at that instant."""
    times = times_of(event, now=now)
    told = told_at(event)
    changes = list(
        SystemChange.objects.removals()  # type: ignore[attr-defined]
        .filter(event=event)
        .select_related("system", "entitlement", "asked_by", "grant")
        .prefetch_related("proofs")
        .order_by("system__name", "pk")
    )
    tasks = {
        task.change_id: task
        for task in HandTask.objects.filter(change__in=changes).select_related("done_by", "verified_by", "sent_back_by")
    }
    files: dict[str, bytes] = {}
    removals = [removal_as_data(change, tasks.get(change.pk), files, now) for change in changes]
    grants = _grants_before(event, told)
    here = {
        "system": str(System.objects.filter(code=HERE).first() or HERE),
        "bound_seconds": HERE_BOUND,
        "enforced_at": times.enforced_at if times else None,
        "seconds": rounded(times.here_seconds) if times else None,
        "measured": bool(times) and not (times is not None and times.taken_over),
        "grants": sum(one["system_code"] == HERE and one["ended_by_this"] for one in grants),
    }
    acts, rows = ledger_of(event, changes)
    data = {
        "event": {
            "id": event.pk,
            "kind": event.kind,
            "said": event.get_kind_display(),
            "known_at": event.known_at,
            "effective_at": event.effective_at,
            "written_down_at": told,
            "must_be_gone_at": event.clock_starts_at,
            "source": event.source,
            "by": person_as_data(event.by),
            "note": event.note,
        },
        "person": _employee(event.employee),
        "grants_before": grants,
        "emergencies_before": _namings_before(event, told),
        "here": here,
        "removals": removals,
        "timings": timings(here, changes, now),
        "sessions": sessions_of(event, acts, rows, times),
        "afterwards": afterwards(event, times, now),
        "exceptions": _exceptions(event, times, grants, changes, tasks, removals, now),
        "ledger": {"acts": acts, "rows": rows},
    }
    return Evidence("leaver", f"{event.employee} {event.get_kind_display()}", data, files)


def _employee(employee: Employee) -> dict[str, Any]:
    return {
        **(person_as_data(employee) or {}),
        "worker_type": employee.worker_type,
        "job_function": employee.job_function.name if employee.job_function else None,
        "department": employee.department.name if employee.department else None,
        "manager": person_as_data(employee.manager),
        "starts_on": employee.starts_on,
        "ends_on": employee.ends_on,
        "left_at": employee.left_at,
    }


def _grants_before(event: EmploymentEvent, told: datetime | None) -> list[dict[str, Any]]:
    """What the person had when it happened, according to the ledger, and what became of each."""
    at = max(event.effective_at, told) if told and event.effective_at > event.known_at else (told or event.known_at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM (
                SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id AS id, state, pgh_label FROM privacy_accessgrantledgerevent
                WHERE employee_id = %s AND pgh_created_at < %s ORDER BY pgh_obj_id, pgh_id DESC
            ) AS last WHERE state IN ('approved', 'suspended') AND pgh_label <> 'delete'
            """,
            [event.employee_id, at],
        )
        held = [pk for (pk,) in cursor.fetchall()]
    grants = AccessGrant.objects.filter(Q(pk__in=held) | Q(ended_by_event=event)).select_related(
        "entitlement__system", "requested_by", "approved_by", "seconded_by", "revoked_by", "kept_by"
    )
    return [_grant(grant, event) for grant in grants.order_by("entitlement__system__name", "entitlement__code", "pk")]


def _grant(grant: AccessGrant, event: EmploymentEvent) -> dict[str, Any]:
    ended_by_this = grant.ended_by_event_id == event.pk
    if ended_by_this:
        became = "ended by this" if grant.state == "revoked" else "ended by this here, being removed there"
    elif grant.kept_by is not None:
        became = f"kept by {grant.kept_by}"
    elif grant.revoked_at is not None:
        became = "ended by something else"
    else:
        became = "still held: the new function justifies it" if event.kind == HrEvent.CHANGED_FUNCTION else "still held"
    return {
        "id": grant.pk,
        "system": str(grant.entitlement.system),
        "system_code": grant.entitlement.system.code,
        "entitlement": grant.entitlement.code,
        "gives": grant.entitlement.name,
        "sensitive": grant.sensitive,
        "state": grant.state,
        "origin": grant.origin,
        "reason": grant.reason,
        "requested_by": person_as_data(grant.requested_by),
        "requested_at": grant.requested_at,
        "approved_by": person_as_data(grant.approved_by),
        "approved_at": grant.approved_at,
        "seconded_by": person_as_data(grant.seconded_by),
        "seconded_at": grant.seconded_at,
        "starts_at": grant.starts_at,
        "ends_at": grant.ends_at,
        "ended_by_this": ended_by_this,
        "became": became,
        "revoked_at": grant.revoked_at,
        "revoked_by": person_as_data(grant.revoked_by),
        "revocation_reason": grant.revocation_reason,
        "kept_by": person_as_data(grant.kept_by),
        "kept_reason": grant.kept_reason,
    }


def _namings_before(event: EmploymentEvent, told: datetime | None) -> list[dict[str, Any]]:
    """The emergencies for which the person was named when it happened, and what became of each."""
    at = told or event.known_at
    before = Q(starts_at__lt=at, ends_at__gt=at) & (Q(ended_at__isnull=True) | Q(ended_at__gte=at))
    namings = BreakGlassEligibility.objects.filter(employee=event.employee_id).filter(before | Q(ended_by_event=event))
    return [
        {
            "id": one.pk,
            "system": str(one.entitlement.system),
            "entitlement": one.entitlement.code,
            "gives": one.entitlement.name,
            "named_by": person_as_data(one.named_by),
            "reason": one.reason,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "ended_by_this": one.ended_by_event_id == event.pk,
            "ended_at": one.ended_at,
            "ended_by": person_as_data(one.ended_by),
            "ended_reason": one.ended_reason,
        }
        for one in namings.select_related("entitlement__system", "named_by", "ended_by").order_by("pk")
    ]


def _exceptions(
    event: EmploymentEvent,
    times: EventTimes | None,
    grants: list[dict[str, Any]],
    changes: Sequence[SystemChange],
    tasks: dict[int, HandTask],
    removals: list[dict[str, Any]],
    now: datetime,
) -> list[str]:
    """Whatever did not go as it should, and whatever somebody decided otherwise, each as a sentence."""
    found: list[str] = []
    if times is not None and times.taken_over:
        found.append("HR's word was written down here long after the fact: the time here was told, not measured.")
    elif times is not None and (times.here_seconds or 0) > HERE_BOUND:
        found.append(f"Enforced here after {times.here_seconds:.0f} s, later than {HERE_BOUND} s.")
    for change in changes:
        verdict, where = verdict_of(change, now), f"{change.system} ({change.account_name})"
        if verdict == "overdue":
            found.append(f"Not proven gone from {where}, and past its bound.")
        elif verdict == "under way":
            found.append(f"Not proven gone from {where} yet; its bound has not passed.")
        elif verdict == "late":
            found.append(f"Proven gone from {where} later than its bound.")
        elif verdict == "withdrawn":
            found.append(f"The removal from {where} was withdrawn: something later was wanted instead.")
        if change.attempts > 1 and change.state not in OUTSTANDING:
            found.append(f"{where} needed {change.attempts} tries.")
        task = tasks.get(change.pk)
        if task is not None and task.sent_back_at is not None:
            found.append(f"The evidence from {where} was sent back once: {task.sent_back_reason}")
    for removal in removals:
        for proof in removal["proofs"]:
            if not proof["answer_matches_sha256"]:
                found.append(f"Proof {proof['id']} does not match its hash.")
    found += [
        f"“{grant['gives']}” in {grant['system']} was kept by {grant['kept_by']['name']} until {grant['ends_at']:%Y-%m-%d}: "
        f"{grant['kept_reason']}"
        for grant in grants
        if grant["kept_by"] and not grant["ended_by_this"] and grant["ends_at"]
    ]
    restored = list(
        AccessGrant.objects.filter(restores__ended_by_event=event).select_related("restored_by", "entitlement__system")
    )
    why = reasons_of_restoring([grant.pk for grant in restored])
    found += [
        f"“{grant.entitlement.name}” in {grant.entitlement.system} was restored by {grant.restored_by}: "
        f"{why.get(grant.pk) or 'the ledger has no reason'}"
        for grant in restored
    ]
    if event.kind == HrEvent.LEFT:
        later = Drift.objects.filter(employee=event.employee_id, first_seen__began_at__gt=event.known_at).select_related("system")
        found += [f"A comparison of {drift.system} found: {drift.get_kind_display()} ({drift.account_name})." for drift in later]
    return found


def list_packs(*, after: int | None = None) -> tuple[list[EvidencePack], int | None]:
    """A page of the packs made, newest first, without their files, and where the next begins."""
    packs: QuerySet[EvidencePack] = EvidencePack.objects.select_related("event__employee", "review", "made_by").defer("file")
    if after:
        packs = packs.filter(pk__lt=after)
    rows = list(packs.order_by("-pk")[: PACKS_PAGE + 1])
    return rows[:PACKS_PAGE], rows[PACKS_PAGE - 1].pk if len(rows) > PACKS_PAGE else None


def events_without_pack(*, now: datetime, most: int = 8) -> list[EmploymentEvent]:
    """The newest leavers and movers that have taken effect and of whom nobody has made a pack."""
    events = EmploymentEvent.objects.standing().filter(
        kind__in=MADE_OF, known_at__lte=now, effective_at__lte=now, evidence_packs__isnull=True
    )
    # A newcomer's first function is no change of function, unless it ended something.
    ended = Exists(AccessGrant.objects.filter(ended_by_event=OuterRef("pk")))
    events = events.filter(Q(kind=HrEvent.LEFT) | ~Q(note__startswith="no function →") | Q(ended))
    return list(events.select_related("employee").order_by("-known_at", "-pk")[:most])


def reviews_without_pack(*, most: int = 8) -> list[Review]:
    """Complete reviews of which nobody has made a pack, the newest first."""
    return list(Review.objects.filter(state=ReviewState.COMPLETE, evidence_packs__isnull=True)[:most])


__all__ = ["MADE_OF", "Evidence", "events_without_pack", "leaver_evidence", "list_packs", "reviews_without_pack"]
