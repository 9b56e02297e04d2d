"""Pages of customers, finding one among millions in bounded time (STACK.md, "lists at 5 million rows"), age of their key."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Upper
from psycopg.errors import QueryCanceled

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.encryption import key_ids
from customers.models import Customer, EmailOpen

PAGE_SIZE = 50
LONGEST_SEARCH_MS = 1_500  # a search that would take longer is stopped and says so
DEEPEST_JUMP = 10_000  # pages; the end of a long list is reached by a filter or a search
PROBED_ROWS = 4_000
PROBED_HITS = 6  # so many hits among them: reading on in order is quicker than the trigram index


class TooMany(Exception):
    """Somebody searched so often that the house answers no more for now; str() says what to do. Raised by who counts them."""


class TooSlow(Exception):
    """The search was stopped because it took too long; str() says what helps."""

    def __str__(self) -> str:
        return (
            "This asks for too much at once. Add a letter or two, or search by the whole address, telephone number or member id."
        )


@dataclass(frozen=True)
class Page:
    """Rows of one page (tuples in the order of the columns asked for; the first is the key), and the keys that lead on."""

    rows: Sequence[tuple[Any, ...]]
    following: int | None
    preceding: int | None
    by_name: bool = False


def page_of(
    queryset: QuerySet[Any],
    columns: Sequence[str | Combinable],
    *,
    after: int | None = None,
    before: int | None = None,
    page: int | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of any table, newest key first. after, before: keys of rows that other pages ended or began with.

    page: the page of that number (1 is the first), found by counting keys in the index. Raises TooSlow.
    """
    with bounded_time():
        if page is not None and page > 1:
            skipped = min(page, DEEPEST_JUMP) - 1
            key = queryset.order_by("-pk").values_list("pk", flat=True)[skipped * size - 1 : skipped * size].first()
            if key is None:
                return Page((), None, None)
            after = key
        if before is not None:
            found = list(queryset.filter(pk__gt=before).order_by("pk").values_list("pk", *columns)[: size + 1])
            more, rows = len(found) > size, found[:size][::-1]
            return Page(rows, rows[-1][0] if rows else None, rows[0][0] if rows and more else None)
        chosen = queryset if after is None else queryset.filter(pk__lt=after)
        rows = list(chosen.order_by("-pk").values_list("pk", *columns)[: size + 1])
    following = rows[size - 1][0] if len(rows) > size else None
    return Page(rows[:size], following, rows[0][0] if rows and after is not None else None)


def search_customers(
    asked: str,
    columns: Sequence[str],
    *,
    by_parts: bool,
    filters: Mapping[str, Any] | None = None,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Customers by member id, telephone number, e-mail address or name; by_parts: by part of a name or an address, too.

    A telephone number, member id or whole e-mail address finds that one exactly. Parts of three letters and more are found
    anywhere in a name or an address; shorter ones at the start of a name, in the order of names. Raises TooSlow.

    By parts searches only who may reveal contact data: letter by letter, what is found spells out what is masked (ASVS 8.2.3).
    """
    asked = " ".join(asked.replace("\x00", "").split())[:200]
    customers = Customer.objects.filter(**(filters or {}))
    if not asked:
        return Page((), None, None)
    with bounded_time():
        exact = _exactly(asked)
        if exact is not None:
            rows = list(customers.filter(exact).order_by("-pk").values_list("pk", *columns)[: size + 1])
            if rows:
                return Page(rows[:size], None, None)
        if not by_parts:
            return _by_start_of_name(customers, asked, columns, after, size, whole=True)
        if not re.search(r"\w{3}", asked):
            return _by_start_of_name(customers, asked, columns, after, size)
        return _by_part(customers, asked, columns, after, size)


def _exactly(asked: str) -> Q | None:
    """The look-up of one person that the words amount to, if any."""
    if "@" in asked:
        try:
            return Q(email_key=email_key(asked)) & ~Q(email_key="")
        except NotAnAddress:
            return None
    by_member = (
        Q(member_id__in=sorted({asked, asked.upper()})) if re.fullmatch(r"[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*", asked) else None
    )
    if len(re.findall(r"\d", asked)) >= 7 and re.fullmatch(r"[+()\d\s./-]+", asked):
        try:
            by_phone = Q(phone=phone_key(asked, as_before=True)) & ~Q(phone="")
        except NotAPhoneNumber:
            return by_member
        return by_phone | by_member if by_member else by_phone
    return by_member


def _by_part(customers: QuerySet[Customer], asked: str, columns: Sequence[str], after: int | None, size: int) -> Page:
    part = Q(name__icontains=asked)
    if "@" in asked:
        part = Q(email__icontains=asked)
    elif " " not in asked:  # no address has a space
        part |= Q(email__icontains=asked)
    # Common or rare? The planner's guess may be wrong by a thousand, and then one of the two ways takes seconds. A look at
    # the newest rows settles it: with many hits among them, reading on in order is fast; with few, the trigram index is.
    found: list[tuple[Any, ...]] = []
    ceiling, rows = after, PROBED_ROWS
    while len(found) <= size and rows:
        floor, reached_end = _key_below(ceiling, rows)
        window = customers.filter(part) if reached_end else customers.filter(part, pk__gte=floor)
        _plan_without("bitmapscan")
        found += _newest(window if ceiling is None else window.filter(pk__lt=ceiling), columns, size + 1 - len(found))
        if reached_end:
            break
        if rows == PROBED_ROWS and len(found) >= PROBED_HITS:
            ceiling, rows = floor, min(PROBED_ROWS * (size + 10) // len(found), PROBED_ROWS * 8)
            continue
        rows = 0
        if len(found) <= size:
            _plan_without("indexscan")
            found += _newest(customers.filter(part, pk__lt=floor), columns, size + 1 - len(found))
    return Page(found[:size], found[size - 1][0] if len(found) > size else None, None)


def _key_below(ceiling: int | None, rows: int) -> tuple[int, bool]:
    """The key that many rows further down than `ceiling`, or (0, True) where fewer are left. An index-only count."""
    keys = Customer.objects.order_by("-pk").values_list("pk", flat=True)
    key = (keys if ceiling is None else keys.filter(pk__lt=ceiling))[rows - 1 : rows].first()
    return (0, True) if key is None else (key, False)


def _newest(customers: QuerySet[Customer], columns: Sequence[str], count: int) -> list[tuple[Any, ...]]:
    return list(customers.order_by("-pk").values_list("pk", *columns)[:count])


def _plan_without(kind: str) -> None:
    """Until the transaction ends or this is said again, the planner leaves out "bitmapscan" or "indexscan" where it can."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL enable_bitmapscan = {kind != 'bitmapscan'}; SET LOCAL enable_indexscan = {kind != 'indexscan'}"
        )


def _by_start_of_name(
    customers: QuerySet[Customer], asked: str, columns: Sequence[str], after: int | None, size: int, *, whole: bool = False
) -> Page:
    """In the order of the index on the start of names, so that a page costs the same however many match. whole: whole names."""
    match = "start" if whole else "start__startswith"
    customers = customers.alias(start=Collate(Upper("name"), "C")).filter(**{match: Upper(models.Value(asked))})
    if after is not None:
        last = Customer.objects.filter(pk=after).values_list(Upper("name"), flat=True).first()
        if last is None:
            return Page((), None, None, by_name=True)
        customers = customers.filter(Q(start__gt=last) | Q(start=last, pk__gt=after), start__gte=last)
    rows = list(customers.order_by("start", "pk").values_list("pk", *columns)[: size + 1])
    return Page(rows[:size], rows[size - 1][0] if len(rows) > size else None, None, by_name=True)


class bounded_time:
    """A transaction whose statements are stopped after LONGEST_SEARCH_MS; turns that into TooSlow."""

    def __enter__(self) -> None:
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_SEARCH_MS}")

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._transaction.__exit__(kind, error, trace)
        if isinstance(error, OperationalError) and isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error


def about_how_many(model: type[models.Model]) -> int:
    """Rows of a table as the database last estimated them: exact counts of millions take seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def campaign_report(campaign: str) -> dict[str, Any]:
    """What third parties may get of a campaign: opens and dollars, nothing about a person (statement A.2c)."""
    return EmailOpen.objects.filter(campaign=campaign).aggregate(opens=models.Count("pk"), sales=Sum("sales_amount"))


def key_in_use_since() -> datetime | None:
    """Since when the first of FIELD_KEYS encrypts here, by the ledger's rows of the mark of the keys; None where they do not say.

    The mark is written at the first start and encrypted anew by `rotate_field_keys`.
    """
    events = apps.get_model("customers", "KeyMarkLedgerevent")._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(pgh_created_at) FROM {connection.ops.quote_name(events)}"  # noqa: S608
            " WHERE substring(sealed FROM 1 FOR 5) = %s",
            [b"\x01" + key_ids()[0]],
        )
        (since,) = cursor.fetchone()
    return since if isinstance(since, datetime) else None
