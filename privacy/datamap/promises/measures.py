"""What is measured of the promises about what is collected, and how it is kept."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Count, F
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from customers.classification import Purpose, Source
from customers.models import (
    ContestEntry,
    Referral,
    SiteVisit,
    SurveyEntry,
)
from customers.queries import key_in_use_since
from privacy.datamap import queries
from privacy.datamap.policies import (
    ROTATE_KEYS_WITHIN_DAYS,
    ROTATION_DUE_SOON_DAYS,
    in_clear,
    may_be_in_clear,
    tables,
    unclassified,
)
from privacy.ledger.models import ReadKind, RecordedRead
from privacy.ledger.promises import Figure, Row

SHOWN = 20
REMOVE_FRIENDS_WITHIN_DAYS = 15
REMOVAL_DUE_SOON_DAYS = 5
MAP = "/admin/data-map/"


def _row(model: type[models.Model], pk: int) -> Row:
    try:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        address = MAP
    return Row(f"{model._meta.verbose_name} {pk}", address)


def _rows(found: Iterable[tuple[type[models.Model], int]]) -> list[Row]:
    return [_row(model, pk) for model, pk in found]


def _counted(*tables: "models.QuerySet[Any]") -> Figure:
    """How many rows these are together; of each table, the first by name. What is empty is not read a second time."""
    found = [(rows, count) for rows in tables if (count := rows.count())]
    named = [(rows.model, pk) for rows, _ in found for pk in rows.values_list("pk", flat=True)[:SHOWN]]
    return Figure(sum(count for _, count in found), broken=_rows(named))


def classified(*of: type[models.Model]) -> Callable[[datetime], Figure]:
    """Columns of these tables that have no place in the data map."""

    def measure(now: datetime) -> Figure:
        found = [Row(f"{model._meta.label_lower}.{name}", MAP) for model in of for name in unclassified(model)]
        counted = sum(len(model._meta.concrete_fields) for model in of)
        return Figure(len(found), broken=found, detail=f"{counted} columns looked at.")

    return measure


def card_numbers(now: datetime) -> Figure:
    """Rows that hold what looks like a card number, and tables whose own refusal is missing."""
    guards = [
        constraint.name
        for model in tables()
        for constraint in model._meta.constraints
        if constraint.name.endswith("_holds_a_card_number")
    ]
    unguarded = [Row(f"the constraint {name} is missing", MAP) for name in queries.constraints_missing(guards)]
    looked_at = [*tables(), get_user_model()]  # what people are called comes from other systems, too
    found = [(model, queries.rows_with_a_card_number(model)) for model in looked_at]
    return Figure(
        sum(len(keys) for _, keys in found) + len(unguarded),
        broken=[*unguarded, *_rows((model, pk) for model, keys in found for pk in keys[:SHOWN])],
        detail=f"The newest {queries.CARD_ROWS_LOOKED_AT:,} rows of {len(looked_at)} tables; {len(guards)} refuse by themselves.",
    )


def without_source(now: datetime) -> Figure:
    """Records that do not say where they came from."""
    return _counted(*(queries.rows_outside(model, "source", Source.values) for model in queries.collected_tables()))


def outside_purposes(now: datetime) -> Figure:
    """Records collected for something that the statement does not name."""
    return _counted(*(queries.rows_outside(model, "purpose", Purpose.values) for model in queries.collected_tables()))


def visits_past_keeping(now: datetime) -> Figure:
    past = SiteVisit.objects.past_keeping(at=now)
    count = past.count()
    soon = SiteVisit.objects.past_keeping(at=now + timedelta(days=1))
    if not count and not SiteVisit.objects.exists():
        return Figure(None, detail="No visit has been recorded yet.")
    return Figure(
        count,
        broken=_rows((SiteVisit, pk) for pk in past.order_by("collected_at").values_list("pk", flat=True)[:SHOWN]),
        detail=f"{soon.count() - count} more reach the limit within a day.",
    )


def campaign_exports(now: datetime) -> Figure:
    """Exports of who opened what. Third parties get sums per campaign."""
    found = RecordedRead.objects.filter(kind=ReadKind.EXPORT, subject__icontains="emailopen")
    return Figure(
        found.count(),
        broken=[
            Row(f"exported {timezone.localtime(read.at):%Y-%m-%d %H:%M %Z}", reverse("access:person", args=[read.by_id]))
            for read in found[:SHOWN]
        ],
    )


def referrals(now: datetime) -> Figure:
    """Friends invited twice, and removals overdue."""
    if not Referral.objects.exists():
        return Figure(None, detail="Nobody has referred a friend yet.")
    overdue = Referral.objects.removal_overdue(asked_before=now - timedelta(days=REMOVE_FRIENDS_WITHIN_DAYS))
    soon = Referral.objects.removal_overdue(
        asked_before=now - timedelta(days=REMOVE_FRIENDS_WITHIN_DAYS - REMOVAL_DUE_SOON_DAYS)
    ).exclude(pk__in=overdue.values("pk"))
    again = (
        Referral.objects.values("friend_digest").annotate(times=Count("pk")).filter(times__gt=1).values_list("times", flat=True)
    )
    second = sum(times - 1 for times in again)
    return Figure(
        second + overdue.count(),
        broken=[
            *([Row(f"{second} second invitations", reverse("admin:customers_referral_changelist"))] if second else []),
            *_rows((Referral, pk) for pk in overdue.values_list("pk", flat=True)[:SHOWN]),
        ],
        at_risk=_rows((Referral, pk) for pk in soon.values_list("pk", flat=True)[:SHOWN]),
    )


def without_consent(now: datetime) -> Figure:
    """Entries that were kept before their author chose to take part."""
    if not SurveyEntry.objects.exists() and not ContestEntry.objects.exists():
        return Figure(None, detail="There are no entries yet.")
    return _counted(*(entries.objects.filter(consented_at__gt=F("collected_at")) for entries in (SurveyEntry, ContestEntry)))


def contest_entries_past_keeping(now: datetime) -> Figure:
    if not ContestEntry.objects.exists():
        return Figure(None, detail="Nobody has entered a contest yet.")
    today = timezone.localdate(now)
    past = ContestEntry.objects.past_keeping(on=today)
    soon = ContestEntry.objects.past_keeping(on=today + timedelta(days=7)).exclude(pk__in=past.values("pk"))
    return Figure(
        past.count(),
        broken=_rows((ContestEntry, pk) for pk in past.values_list("pk", flat=True)[:SHOWN]),
        at_risk=_rows((ContestEntry, pk) for pk in soon.values_list("pk", flat=True)[:SHOWN]),
    )


def linked_anonymous_entries(now: datetime) -> Figure:
    entries = SurveyEntry.objects.filter(anonymous=True)
    if not entries.exists():
        return Figure(None, detail="There are no anonymous entries yet.")
    linked = entries.exclude(customer__isnull=True, name__isnull=True, email__isnull=True, email_digest__isnull=True)
    return Figure(linked.count(), broken=_rows((SurveyEntry, pk) for pk in linked.values_list("pk", flat=True)[:SHOWN]))


def not_encrypted(now: datetime) -> Figure:
    """Sensitive columns in clear that no decision allows, values that no key of ours wrote, and a key that encrypts for too long.

    Values that are still under a retired key, and a key whose time ends soon, put it at risk.
    """
    in_the_clear = [(model, name) for model in apps.get_models() for name in in_clear(model)]
    clear = [Row(f"{m._meta.label_lower}.{name} is in clear", MAP) for m, name in in_the_clear if not may_be_in_clear(m, name)]
    values = queries.encrypted_values()
    foreign = [Row(f"{value.column}: {value.foreign} values that no key decrypts", MAP) for value in values if value.foreign]
    retired = [Row(f"{value.column}: {value.retired} values under a retired key", MAP) for value in values if value.retired]
    since = key_in_use_since()
    rotate_by = since + timedelta(days=ROTATE_KEYS_WITHIN_DAYS) if since else None
    ends = Row(f"the key in use since {since:%Y-%m-%d} is to be rotated by {rotate_by:%Y-%m-%d}", MAP) if rotate_by else None
    overdue = [ends] if ends and rotate_by and rotate_by < now else []
    soon = [ends] if ends and rotate_by and now <= rotate_by < now + timedelta(days=ROTATION_DUE_SOON_DAYS) else []
    age = f"The key in use is {(now - since).days} days old." if since else "How old the key in use is, is not measured."
    by_decision = len(in_the_clear) - len(clear)
    return Figure(
        len(clear) + sum(value.foreign for value in values) + len(overdue),
        broken=[*clear, *foreign, *overdue],
        at_risk=[*retired, *soon],
        detail=f"{by_decision} sensitive columns are in clear by decision, masked on screens: customers are found by parts of"
        " their name, address or number, and what stands beside those says no more. AES-256-GCM in"
        f" {len(values)} columns. {age} `rotate_field_keys` moves values to a new one.",
    )
