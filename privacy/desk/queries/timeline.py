"""What happened to one record, from the ledger, with what changed in each event. Personal values stay masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from customers.classification import classification_of
from customers.doors.masks import masked

SHOWN = 100
Names = dict[str, dict[Any, str]]  # column that refers to other records → their keys → how they are called
VERBS = {"insert": "written", "update": "changed", "delete": "deleted"}
SECRET = frozenset({"password"})
NOT_SAID = frozenset({"within", "within_verb", "url", "user"})  # how the program was called, not what happened


@dataclass(frozen=True)
class Change:
    """One column that changed, as it may be shown."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One event: when, by which verb, who, why, and what changed."""

    at: datetime
    verb: str
    by: str
    reason: str
    label: str
    about: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[Change] = ()


def tracked_model(label: str) -> type[models.Model] | None:
    """The model of that label ("privacy.employee") where the ledger holds its events, else None."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    return model if hasattr(model, "pgh_event_model") else None


def timeline_of(
    model: type[models.Model], pk: Any, *, before: int | None = None, limit: int = SHOWN
) -> tuple[list[Entry], int | None]:
    """The events of one record, newest first, and the key that leads to older ones (None at the end)."""
    events = model.pgh_event_model.objects.filter(pgh_obj_id=pk).select_related("pgh_context").order_by("-pgh_id")  # type: ignore[attr-defined]
    if before is not None:
        events = events.filter(pgh_id__lt=before)
    rows = list(events[: limit + 1])
    names = _names_of_others(model, rows)
    entries = [
        _entry(model, row, rows[place + 1] if place + 1 < len(rows) else None, names) for place, row in enumerate(rows[:limit])
    ]
    return entries, rows[limit - 1].pgh_id if len(rows) > limit else None


def _names_of_others(model: type[models.Model], rows: Sequence[Any]) -> Names:
    """How the records are called to which these events refer: one query for each column that refers to any."""
    names: Names = {}
    for column in model._meta.concrete_fields:
        other = column.related_model
        keys = {getattr(row, column.attname, None) for row in rows} - {None} if column.is_relation else set()
        if isinstance(other, type) and issubclass(other, models.Model) and keys:
            ahead = [field.name for field in other._meta.concrete_fields if field.is_relation]  # a name may be made of theirs
            found = other._base_manager.select_related(*ahead).in_bulk(keys)
            names[column.attname] = {key: str(record) for key, record in found.items()}
    return names


def _entry(model: type[models.Model], row: Any, older: Any, names: Names) -> Entry:
    about = dict(row.pgh_context.metadata) if row.pgh_context else {}
    verb = str(about.pop("verb", "") or "written outside any act").replace("_", " ")
    about.pop("by", None)
    by = str(about.pop("by_login", "") or "the database itself")
    reason = str(about.pop("reason", "") or "")
    kind = row.pgh_label
    return Entry(
        at=row.pgh_created_at,
        verb=verb,
        by=by,
        reason=reason,
        label=VERBS.get(kind, kind),
        about={key.replace("_", " "): value for key, value in about.items() if key not in NOT_SAID and value not in ("", None)},
        changes=[] if kind == "delete" else list(_changes(model, row, older if kind == "update" else None, names)),
    )


def _changes(model: type[models.Model], row: Any, older: Any, names: Names) -> list[Change]:
    found = []
    recorded = {column.attname for column in row._meta.concrete_fields}
    for column in model._meta.concrete_fields:
        if column.attname not in recorded or column.primary_key or column.name in SECRET:
            continue
        now, then = getattr(row, column.attname), getattr(older, column.attname) if older is not None else None
        if older is not None and now == then:
            continue
        if older is None and now in (None, "", [], {}, False):
            continue
        called = names.get(column.attname, {})
        before = _shown(then, column, called) if older is not None else ""
        found.append(Change(str(column.verbose_name), before, _shown(now, column, called)))
    return found


def _shown(value: Any, column: "models.Field[Any, Any]", called: Mapping[Any, str]) -> str:
    """A value of the ledger for people: masked by its classification; another record as it is called now, or its number."""
    if value in (None, ""):
        return "nothing"
    if column.is_relation:
        return called.get(value, f"no. {value}")[:200]
    if isinstance(value, bytes | memoryview):
        return "•••"
    if column.name in classification_of(column.model):
        return masked(value, column)
    if isinstance(value, datetime):
        return f"{date_format(timezone.localtime(value), 'j M Y, H:i:s')} {timezone.localtime(value).tzname()}"
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)[:200]
    return str(value)[:200]
