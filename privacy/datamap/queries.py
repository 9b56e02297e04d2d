"""Reads of the data map: which column holds what, and what the rows say about themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Cast, Greatest, TruncDate
from django.urls import NoReverseMatch, reverse

from customers.actions import encrypted_columns
from customers.classification import Category, Classification, classification_of
from customers.doors.cells import label_of
from customers.encryption import EncryptedBytesField, key_ids
from customers.models.provenance import Collected
from customers.queries import bounded_time
from privacy.datamap.policies import RETENTION, Clock, Keeping, tables

# Newest rows of each table: a page cannot read millions. What came in one import of more than that is looked at as it is written
# (customers.cards), and not here.
CARD_ROWS_LOOKED_AT = 20_000
_UUID = r"\y[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\y"  # which is no card number, though its digits may look like one


@dataclass(frozen=True)
class MappedColumn:
    """One column of the data map. keeping: its rule of the retention schedule, None where the row's own rule covers it."""

    model: type[models.Model]
    name: str
    label: str
    classification: Classification
    encrypted: bool
    keeping: Keeping | None


@dataclass(frozen=True)
class MappedTable:
    name: str
    label: str
    address: str
    columns: Sequence[MappedColumn]


@dataclass(frozen=True)
class MappedCategory:
    """What is held of one category of the statement: table by table."""

    category: Category
    sensitive: bool
    tables: Sequence[MappedTable]


def columns() -> Iterator[MappedColumn]:
    """Every column that holds personal data, table by table."""
    for model in tables():
        declared = classification_of(model)
        for field in model._meta.concrete_fields:
            column = declared.get(field.name)
            if column is not None and column.category is not None:
                yield MappedColumn(
                    model, field.name, label_of(field), column, isinstance(field, EncryptedBytesField),
                    RETENTION.get(column.keep) if column.keep else None,
                )  # fmt: skip


def by_category() -> list[MappedCategory]:
    """The data map as people read it, in the order of the statement's section A. Categories without a column are there too."""
    grouped: dict[Category, dict[type[models.Model], list[MappedColumn]]] = {category: {} for category in Category}
    for column in columns():
        assert column.classification.category is not None
        grouped[column.classification.category].setdefault(column.model, []).append(column)
    return [
        MappedCategory(
            category,
            any(column.classification.sensitive for held in models_of.values() for column in held),
            [MappedTable(model._meta.label_lower, str(model._meta.verbose_name_plural), _address(model), held)
             for model, held in models_of.items()],
        )
        for category, models_of in grouped.items()
    ]  # fmt: skip


def public_categories() -> list[str]:
    """The categories of personal information that we hold anything of, in the statement's own words."""
    return [mapped.category.label for mapped in by_category() if mapped.tables]


def _address(model: type[models.Model]) -> str:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return ""


# --- what the rows say ------------------------------------------------------------------------------


def collected_tables() -> list[type[Collected]]:
    """Every table whose rows say where they came from."""
    return [model for model in tables() if issubclass(model, Collected)]


def rows_outside(model: type[Collected], column: str, allowed: Sequence[str]) -> "models.QuerySet[Any]":
    """Rows whose source or purpose is none of the list."""
    return model._default_manager.exclude(**{f"{column}__in": allowed}).order_by()


def constraints_missing(names: Sequence[str]) -> list[str]:
    """Which of these constraints the database does not hold, or never validated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE convalidated AND conname = ANY(%s)", [list(names)])
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in names if name not in there]


def rows_with_a_card_number(model: type[models.Model], *, rows: int = CARD_ROWS_LOOKED_AT) -> list[int]:
    """Keys of the newest rows that hold anything that looks like a card number in any column of text that others can fill.

    Of our own identifiers one in five hundred looks like one: eight digits of a UUID, four more and four more.
    """
    declared = classification_of(model)
    quote = connection.ops.quote_name
    texts = [
        f"{quote(str(field.column))}::text"
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not field.choices
        and field.name != "password"  # a digest
        and not (field.name in declared and declared[field.name].drawn)
    ]
    if not texts:
        return []
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key} FROM (SELECT * FROM {table} ORDER BY {key} DESC LIMIT %s) AS newest"  # noqa: S608
            f" WHERE holds_a_card_number(regexp_replace(concat_ws(chr(10), {', '.join(texts)}), %s, ' ', 'gi'))",
            [rows, _UUID],
        )
        return [int(pk) for (pk,) in cursor.fetchall()]


@dataclass(frozen=True)
class Sealed:
    """Encrypted values of one column. foreign: written by no key that we hold; retired: written by an old key."""

    column: str
    foreign: int
    retired: int


def encrypted_values() -> list[Sealed]:
    """Each encrypted column of the house with the values that the current key did not write, told from their first five bytes.

    The ledger's copies are left out: history keeps the key of its time.
    """
    current, *old = [b"\x01" + key for key in key_ids()]
    found = []
    for model, field in encrypted_columns():
        table, column = (connection.ops.quote_name(name) for name in (model._meta.db_table, str(field.column)))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE NOT head = ANY(%s)), count(*) FILTER (WHERE head = ANY(%s))"  # noqa: S608
                f" FROM (SELECT substring({column} FROM 1 FOR 5) AS head FROM {table}) AS heads WHERE head <> %s",
                [[current, *old], old, current],
            )
            foreign, retired = cursor.fetchone()
        found.append(Sealed(f"{model._meta.label_lower}.{field.name}", foreign, retired))
    return found


# --- when keeping ends --------------------------------------------------------------------------------

MONTHS_AHEAD = 12


@dataclass(frozen=True)
class EndOfKeeping:
    """Rows of one table whose time under one rule of the retention schedule ends. past: it ended before today.

    months: how many in each of the next MONTHS_AHEAD months, the present one (from today on) first.
    """

    rule: str
    table: str
    past: int
    months: Sequence[int]

    @property
    def within_a_year(self) -> int:
        return sum(self.months)


@dataclass(frozen=True)
class RetentionAhead:
    """What the retention schedule will ask for. months: their first days, the present one first."""

    months: Sequence[date]
    tables: Sequence[EndOfKeeping]

    @property
    def past(self) -> int:
        return sum(table.past for table in self.tables)

    @property
    def by_month(self) -> list[tuple[date, int]]:
        """Each month with its rows, of all tables together."""
        return [(month, sum(table.months[place] for table in self.tables)) for place, month in enumerate(self.months)]

    @property
    def finding(self) -> str:
        """What a plot of it says first."""
        ahead = sum(table.within_a_year for table in self.tables)
        within = "1 row reaches its end within a year" if ahead == 1 else f"{ahead:,} rows reach their end within a year"
        if self.past:
            return f"{self.past:,} row{' was' if self.past == 1 else 's were'} kept too long, {within}"
        return f"Nothing was kept too long, {within}"


def retention_ahead(*, on: date) -> RetentionAhead:
    """Rows by the month in which the retention schedule lets them go, from that day on. Raises TooSlow."""
    months = [_months_later(on, ahead) for ahead in range(MONTHS_AHEAD)]
    with bounded_time():
        found = [
            _end_of_keeping(apps.get_model(label), name, clock, on=on, months=months)
            for name, rule in RETENTION.items()
            for label, clock in rule.clocks.items()
        ]
    return RetentionAhead(months, found)


def _end_of_keeping(model: type[models.Model], name: str, clock: Clock, *, on: date, months: Sequence[date]) -> EndOfKeeping:
    """Days, not instants: what ends in the course of today was not kept too long yet."""
    keeps = timedelta(days=RETENTION[name].days or 0)
    horizon = _months_later(months[-1], 1)
    begun: Any = F(clock.begins)
    early_enough: Any = horizon - keeps
    if isinstance(_column(model, clock.begins), models.DateTimeField):
        begun = TruncDate(clock.begins)
        # Said of the column itself, so that an index on it leaves out the rest; a day to spare for time zones.
        early_enough = datetime.combine(early_enough + timedelta(days=1), time.min, tzinfo=UTC)
    ends: Any = Cast(begun + Value(keeps), models.DateField())
    if clock.not_before:
        ends = Greatest(ends, F(clock.not_before))
    edges = [on, *months[1:], horizon]
    counted = (
        model._default_manager.filter(**{f"{clock.begins}__lt": early_enough})
        .annotate(ends=ends)
        .aggregate(
            past=Count("pk", filter=Q(ends__lt=on)),
            **{
                f"month_{place}": Count("pk", filter=Q(ends__gte=first, ends__lt=after))
                for place, (first, after) in enumerate(pairwise(edges))
            },
        )
    )
    by_month = [counted[f"month_{place}"] for place in range(MONTHS_AHEAD)]
    return EndOfKeeping(name, str(model._meta.verbose_name_plural), counted["past"], by_month)


def _column(model: type[models.Model], path: str) -> "models.Field[Any, Any]":
    """The column at the end of a path such as `order__collected_at`."""
    *relations, name = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type), f"{relation} leads nowhere"
        model = related
    column = model._meta.get_field(name)
    assert isinstance(column, models.Field)
    return column


def _months_later(first: date, months: int) -> date:
    """The first day of the month that many months after that of `first`."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
