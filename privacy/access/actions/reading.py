"""Verbs of looking: reveal one record's masked columns, export a list. The row is written before anything is shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Count, Model, Q

from customers.cards import holds_a_card_number
from customers.classification import Category, classification_of
from customers.encryption import CannotDecrypt
from customers.visible import visible
from privacy.access import errors, policies
from privacy.access.actions.grants import lock_holder
from privacy.ledger.actions import act, record_read
from privacy.ledger.models import ReadKind, RecordedRead
from privacy.workforce.models import Employee

LONGEST_REASON = 1_000  # characters, as in every form


@dataclass(frozen=True)
class Revealed:
    """The plain values of one record's columns of one category: (what the column is called, value)."""

    subject: str
    category: Category
    values: tuple[tuple[str, str], ...]


def _model_of(label: str, category: str) -> tuple[type[Model], list[Any]]:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise errors.UnknownRecord from None
    declared = classification_of(model)
    asked = {name for name, column in declared.items() if column.category == category}
    columns = [field for field in model._meta.concrete_fields if field.name in asked]
    if not columns:
        raise errors.UnknownRecord
    return model, columns


def check_reason(reason: str) -> str:
    """The reason as it is written down. Raises ReasonNeeded, ReasonTooLong, ReasonHoldsACardNumber."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    if len(reason) > LONGEST_REASON:
        raise errors.ReasonTooLong
    if holds_a_card_number(reason):
        raise errors.ReasonHoldsACardNumber
    return reason


def reveal(
    label: str, pk: str, category: str, *, by: Employee, reason: str, now: datetime, address: str | None = None
) -> Revealed:
    """Show one record's columns of one category.

    Raises ReasonNeeded, ReasonTooLong, ReasonHoldsACardNumber, UnknownRecord, MayNotReveal, TooManyReveals, CannotBeShown.

    The grant is checked again under a lock, and the read is committed before the values are fetched: if it cannot be written,
    nothing is shown. Source: statement E.2, ASVS 16.5.3.
    """
    reason = check_reason(reason)
    model, columns = _model_of(label, category)
    with act("reveal", by=by, reason=reason):
        lock_holder(by.pk)  # one reveal of a person at a time, so that the limit counts every one of them
        grant = policies.grant_for(by.pk, f"customers.reveal_{category}", at=now)
        may_see_table = policies.may_now(by.pk, f"{model._meta.app_label}.view_{model._meta.model_name}", at=now)
        if grant is None or not may_see_table:
            raise errors.MayNotReveal
        if _too_often(by, ReadKind.REVEAL, policies.REVEALS_PER_MINUTE, policies.REVEALS_PER_HOUR, now=now):
            raise errors.TooManyReveals
        try:
            key = model._default_manager.filter(pk=pk).values_list("pk", flat=True).first()
        except (ValueError, TypeError, OverflowError):
            key = None
        if key is None:
            raise errors.UnknownRecord
        subject = f"{model._meta.label_lower}:{key}"  # as the record has it, however the form wrote it
        record_read(
            ReadKind.REVEAL, subject, by=by, now=now, reason=reason, category=category, grant_id=grant.pk, address=address
        )
    # Committed. Only now is the value read.
    try:
        record = model._default_manager.only(*(column.name for column in columns)).get(pk=key)
        values = tuple((str(column.verbose_name), _said(record, column.name)) for column in columns)
    except CannotDecrypt as error:
        raise errors.CannotBeShown from error
    return Revealed(subject, Category(category), values)


def check_searches(by: Employee, *, now: datetime) -> None:
    """Refuse a search before it costs the database anything. Raises TooManySearches. Source: ASVS 2.4.1."""
    if _too_often(by, ReadKind.SEARCH, policies.SEARCHES_PER_MINUTE, policies.SEARCHES_PER_HOUR, now=now):
        raise errors.TooManySearches


def record_search(subject: str, *, by: Employee, rows: int, now: datetime, address: str | None = None) -> None:
    """Write that somebody looked for a person, before what was found is shown. Raises TooManySearches, and then nothing is.

    subject: as `customers.doors.masks.search_subject` says it; rows: how many were found. Source: statement E.2, ASVS 2.4.1.
    """
    with act("record_search", by=by):
        lock_holder(by.pk)  # one of a person at a time, so that the limit counts every one of them
        check_searches(by, now=now)
        record_read(ReadKind.SEARCH, subject, by=by, now=now, address=address, rows_seen=rows)


def _too_often(by: Employee, kind: ReadKind, a_minute: int, an_hour: int, *, now: datetime) -> bool:
    within_an_hour = RecordedRead.objects.filter(by=by, kind=kind, at__gt=now - timedelta(hours=1))
    made = within_an_hour.aggregate(hour=Count("pk"), minute=Count("pk", filter=Q(at__gt=now - timedelta(minutes=1))))
    return made["minute"] >= a_minute or made["hour"] >= an_hour


def _said(record: Model, name: str) -> str:
    display = getattr(record, f"get_{name}_display", None)
    value = display() if display else getattr(record, name)
    if isinstance(value, bytes | memoryview):
        return _readable(bytes(value))
    return "" if value is None else str(value)


def _readable(raw: bytes) -> str:
    """Bytes as text for people: what is not UTF-8 is marked, control characters are made visible (ASVS 16.4.1)."""
    return visible(raw.decode("utf-8", errors="replace").replace("\r\n", "\n"), keep="\n\t")


def authorise_export(
    what: str, permission: str, *, by: Employee, reason: str, now: datetime, address: str | None = None
) -> RecordedRead:
    """Begin an export: checked afresh and written down before the first row leaves. Raises ReasonNeeded, MayNotExport."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("authorise_export", by=by, reason=reason):
        grant = policies.grant_for(by.pk, permission, at=now)
        if grant is None:
            raise errors.MayNotExport
        return record_read(ReadKind.EXPORT, what, by=by, now=now, reason=reason, grant_id=grant.pk, address=address, rows_seen=0)


def record_export_end(begun: RecordedRead, *, rows: int, stopped: bool, now: datetime) -> None:
    """Write down how many rows an export showed, and whether it was cut off: access ended, or the reader went away."""
    record_read(
        ReadKind.EXPORT,
        begun.subject,
        by=begun.by,
        now=now,
        reason=f"{'stopped before the end' if stopped else 'finished'} (export {begun.pk})",
        grant_id=begun.grant_id,
        address=begun.address,
        rows_seen=rows,
    )
