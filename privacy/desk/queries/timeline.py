"""What happened to one record, from the ledger, with what changed in each event. Personal values stay masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from customers.doors.cells import label_of, shown
from customers.doors.masks import mask_of
from privacy.workforce.models import Employee

SHOWN = 100
Names = dict[str, dict[Any, str]]  # column that refers to other records → their keys → how they are called
VERBS = {"insert": "written", "update": "changed", "delete": "deleted"}
ABBREVIATIONS = {"nda": "NDA", "scim": "SCIM"}
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
    """The events of one record, newest first, and the key that leads to older ones (None at the end).

    What one act did to the record in several steps is one entry.
    """
    events = model.pgh_event_model.objects.filter(pgh_obj_id=pk).select_related("pgh_context").order_by("-pgh_id")  # type: ignore[attr-defined]
    if before is not None:
        events = events.filter(pgh_id__lt=before)
    rows = list(events[: limit + 1])
    names = _names_of_others(model, rows)
    people = _people_of(rows)
    entries = []
    place = 0
    while place < len(rows[:limit]):
        last = place  # of this act
        while last + 1 < len(rows[:limit]) and _is_one_act(rows[last], rows[last + 1]):
            last += 1
        older = rows[last + 1] if last + 1 < len(rows) else None
        entries.append(_entry(model, rows[place], older, names, people, kind=rows[last].pgh_label))
        place = last + 1
    return entries, rows[limit - 1].pgh_id if len(rows) > limit else None


def _is_one_act(newer: Any, older: Any) -> bool:
    return newer.pgh_context_id is not None and newer.pgh_context_id == older.pgh_context_id and newer.pgh_label == "update"


def _people_of(rows: Sequence[Any]) -> dict[str, str]:
    """How those are called who acted, by their logins."""
    logins = {row.pgh_context.metadata.get("by_login") for row in rows if row.pgh_context} - {None, ""}
    return dict(Employee.objects.filter(login__in=logins).exclude(name="").values_list("login", "name"))


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


def _entry(model: type[models.Model], row: Any, older: Any, names: Names, people: Mapping[str, str], *, kind: str) -> Entry:
    about = dict(row.pgh_context.metadata) if row.pgh_context else {}
    verb = " ".join(ABBREVIATIONS.get(word, word) for word in str(about.pop("verb", "") or "written outside any act").split("_"))
    about.pop("by", None)
    login = str(about.pop("by_login", "") or "the database itself")
    by = "the system" if login == "system" else people.get(login, login)
    reason = str(about.pop("reason", "") or "")
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
        found.append(Change(label_of(column), before, _shown(now, column, called)))
    return found


def _shown(value: Any, column: "models.Field[Any, Any]", called: Mapping[Any, str]) -> str:
    """A value of the ledger for people: masked by its classification; another record as it is called now, or its number."""
    if value in (None, ""):
        return "nothing"
    if column.is_relation:
        return called.get(value, f"no. {value}")[:200]
    if isinstance(value, bytes | memoryview):
        return "•••"
    mask = mask_of(column)
    if mask is not None:
        return mask(str(value))
    if isinstance(value, datetime):
        return f"{date_format(timezone.localtime(value), 'j M Y, H:i:s')} {timezone.localtime(value).tzname()}"
    if isinstance(value, list):
        words = dict(getattr(getattr(column, "base_field", None), "flatchoices", ()))
        return ", ".join(str(words.get(one, one)) for one in value)[:200]
    return shown(value, column)[:200]
