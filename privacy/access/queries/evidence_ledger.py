"""What the ledger holds about a leaver or mover: rows, the acts that wrote them, how sessions ended, what came afterwards."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import connection

from privacy.access.models import DeniedAttempt, SystemChange
from privacy.access.queries.clock_points import EventTimes
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import EmploymentEvent

__all__: list[str] = []
# The ledger's tables that hold rows of a leaver, and which column of theirs names what.
_LEDGER = {
    "employment event": ("privacy_employmenteventledgerevent", "pgh_obj_id = %(event)s", ""),
    "grant": (
        "privacy_accessgrantledgerevent",
        "ended_by_event_id = %(event)s OR (employee_id = %(employee)s AND pgh_context_id = ANY(%(acts)s))",
        "state",
    ),
    "removal": ("privacy_systemchangeledgerevent", "pgh_obj_id = ANY(%(changes)s)", "state"),
    "proof": ("privacy_proofledgerevent", "change_id = ANY(%(changes)s)", "step"),
    "task by hand": ("privacy_handtaskledgerevent", "change_id = ANY(%(changes)s)", ""),
    "named for emergencies": ("privacy_breakglasseligibilityledgerevent", "ended_by_event_id = %(event)s", ""),
    "person": ("privacy_employeeledgerevent", "pgh_obj_id = %(employee)s AND pgh_context_id = ANY(%(acts)s)", ""),
}


def told_at(event: EmploymentEvent) -> datetime | None:
    """When the ledger's triggers wrote the event down, by the database's own clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(pgh_created_at) FROM privacy_employmenteventledgerevent WHERE pgh_obj_id = %s", [event.pk])
        at: datetime | None = cursor.fetchone()[0]
        return at


def reasons_of_restoring(grants: Collection[int]) -> dict[int, str]:
    """Why each of these grants (keys) was restored, in the words of who did it: the grant repeats why it was first given."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.pgh_obj_id, c.metadata ->> 'reason' FROM privacy_accessgrantledgerevent e
            JOIN pghistory_context c ON c.id = e.pgh_context_id
            WHERE e.pgh_obj_id = ANY(%s) AND e.pgh_label = 'insert'
            """,
            [list(grants)],
        )
        return dict(cursor.fetchall())


def ledger_of(event: EmploymentEvent, changes: Sequence[SystemChange]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the ledger about this event, and the acts that wrote them: of an act of many people, only this person's."""
    asked: dict[str, Any] = {
        "event": event.pk,
        "employee": event.employee_id,
        "changes": [change.pk for change in changes],
        "acts": [],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pgh_context_id FROM privacy_employmenteventledgerevent WHERE pgh_obj_id = %(event)s
            UNION SELECT pgh_context_id FROM privacy_accessgrantledgerevent WHERE ended_by_event_id = %(event)s
            """,
            asked,
        )
        direct = {act for (act,) in cursor.fetchall() if act is not None}
        cursor.execute("SELECT id, metadata FROM pghistory_context WHERE id = ANY(%s)", [list(direct)])
        # The acts around and inside them (a leaver's: end_employment, record_left, ...) share one outer act.
        asked["acts"] = list(direct | {_uuid(metadata.get("within")) for _, metadata in _metadata(cursor.fetchall())} - {None})
        rows: list[dict[str, Any]] = []
        for table, (name, condition, state) in _LEDGER.items():
            cursor.execute(
                f"SELECT pgh_id, pgh_obj_id, pgh_label, pgh_created_at, pgh_context_id, {state or 'NULL'} FROM {name} "  # noqa: S608
                f"WHERE {condition} ORDER BY pgh_id",
                asked,
            )
            rows += [
                {"table": table, "id": pk, "of": of, "change": label, "at": at, "act": str(act) if act else None, "state": said}
                for pk, of, label, at, act, said in cursor.fetchall()
            ]
        rows.sort(key=lambda row: (row["at"], row["id"]))
        wanted = sorted({row["act"] for row in rows if row["act"]})
        cursor.execute("SELECT id, metadata FROM pghistory_context WHERE id = ANY(%s::uuid[])", [wanted])
        # An act's own row says when its transaction began; its first row here says when it came to this.
        began = {row["act"]: row["at"] for row in reversed(rows)}
        acts = [
            {
                "id": str(pk),
                "at": began[str(pk)],
                "verb": metadata.get("verb", ""),
                "by": metadata.get("by_login", ""),
                "reason": metadata.get("reason", ""),
                "within": metadata.get("within"),
            }
            for pk, metadata in _metadata(cursor.fetchall())
        ]
    return sorted(acts, key=lambda act: (act["at"], act["id"])), rows


def _metadata(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows with their second column read as JSON, which psycopg leaves as text here."""
    return [(row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1], *row[2:]) for row in rows]


def _uuid(text: str | None) -> Any:
    return UUID(text) if text else None


def sessions_of(
    event: EmploymentEvent, acts: list[dict[str, Any]], rows: list[dict[str, Any]], times: EventTimes | None
) -> dict[str, Any]:
    """How sessions ended: the epoch that is part of every session was raised, in the acts of this event."""
    ours = {act["id"] for act in acts}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT at, act, before, after FROM (
                SELECT pgh_created_at AS at, pgh_context_id::text AS act, session_epoch AS after, pgh_id,
                    lag(session_epoch) OVER (ORDER BY pgh_id) AS before
                FROM privacy_employeeledgerevent WHERE pgh_obj_id = %s
            ) AS steps WHERE after > before ORDER BY pgh_id
            """,
            [event.employee_id],
        )
        raised = [
            {"at": at, "act": act, "epoch_before": before, "epoch_after": after}
            for at, act, before, after in cursor.fetchall()
            if act in ours
        ]
    until = (times.enforced_at if times else None) or event.known_at
    listed = UserSession.objects.filter(user=event.employee_id, created_at__lte=until).order_by("created_at")
    return {
        "raised": raised,
        "on_record": [
            {"signed_in_at": one.created_at, "last_seen_at": one.last_seen_at, "address": str(one.ip or "")} for one in listed
        ],
    }


def afterwards(event: EmploymentEvent, times: EventTimes | None, now: datetime) -> dict[str, Any]:
    """What the person did, or tried, after access had ended here. Looks are counted, never told: they are about customers."""
    since = (times.enforced_at if times else None) or event.known_at
    refused = DeniedAttempt.objects.filter(employee=event.employee_id, at__gt=since, at__lte=now).order_by("at")
    return {
        "since": since,
        "recorded_looks": RecordedRead.objects.filter(by=event.employee_id, at__gt=since, at__lte=now).count(),
        "refused_attempts": [
            {"at": one.at, "what": one.get_kind_display(), "address": str(one.address or "")} for one in refused[:100]
        ],
    }
