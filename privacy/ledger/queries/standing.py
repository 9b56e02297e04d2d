"""How far the ledger is sealed and when it was last verified, for the page about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from privacy.ledger.models import Seal, Verification
from privacy.ledger.queries.entries import ledger_tables

NIGHT_BEGINS_AT_HOUR = 2  # here, on the clock of the house
READ_AGAIN_WITHIN = timedelta(days=2)
SEALED_EVERY = timedelta(minutes=55)  # once an hour; it is asked for every ten minutes
SEALED_WITHIN = timedelta(hours=3)


@dataclass(frozen=True)
class LedgerStanding:
    """newest: the last seals, newest first. entries: under all seals; waiting: written since, not under a seal yet."""

    newest: Sequence[Seal]
    seals: int
    entries: int
    waiting: int


def standing_of_the_ledger(*, most: int = 50) -> LedgerStanding:
    newest = list(Seal.objects.order_by("-number")[:most])
    entries = Seal.objects.aggregate(entries=Sum("entries"))["entries"] or 0
    return LedgerStanding(newest, newest[0].number if newest else 0, entries, _waiting())


def _waiting() -> int:
    return int(_of_each("SELECT count(*) AS found {behind}", "sum", ledger_tables()) or 0)


# The last part by its index: the highest of all ends would be looked for in every part of the table.
_SEALED_TO = 'coalesce((SELECT to_id FROM privacy_sealedpart WHERE "table" = {name} ORDER BY after_id DESC LIMIT 1), 0)'


def _of_each(query: str, together: str, tables: Iterable[str]) -> Any:
    """A query over the entries behind the last sealed one of each table (one look at the end of an index each), put together."""
    quote = connection.ops.quote_name
    behind = f"FROM {{table}} WHERE pgh_id > {_SEALED_TO}"
    each = [f"({query.format(behind=behind.format(table=quote(name), name=repr(name)))})" for name in tables]
    if not each:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {together}(n.found) FROM ({' UNION ALL '.join(each)}) n")  # noqa: S608
        return cursor.fetchone()[0]


def _tables_with_more() -> list[str]:
    """Those of which keys were drawn behind the last sealed one: few, and asking every table takes longer than a page has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name"  # noqa: S608
            " WHERE pg_sequence_last_value(pg_get_serial_sequence(quote_ident(name), 'pgh_id')::regclass)"
            f" > {_SEALED_TO.format(name='name')}",
            [list(ledger_tables())],
        )
        return [name for (name,) in cursor.fetchall()]


def seal_is_due(*, now: datetime) -> bool:
    """Whether the newest seal is about an hour old, or there is none yet."""
    return not Seal.objects.filter(sealed_at__gt=now - SEALED_EVERY).exists()


def unsealed_since(*, now: datetime) -> datetime | None:
    """When the oldest entry was written that no seal holds, if that is too long ago; None otherwise.

    However new the last seal is: it leaves out the tables where somebody was still writing.
    """
    first = "SELECT pgh_created_at AS found {behind} ORDER BY pgh_id LIMIT 1"
    oldest: datetime | None = _of_each(first, "min", _tables_with_more())
    return oldest if oldest and oldest + SEALED_WITHIN < now else None


def last_verification() -> Verification | None:
    return Verification.objects.first()


def unread_since(*, now: datetime) -> datetime | None:
    """When the ledger was last read again, or first sealed, if that is too long ago; None otherwise."""
    last = last_verification()
    first_seal = None if last else Seal.objects.order_by("number").first()
    since = last.began_at if last else first_seal and first_seal.sealed_at
    return since if since and since + READ_AGAIN_WITHIN < now else None


def night_began(*, now: datetime) -> datetime:
    """When the last night began: what is done every night is done once after it."""
    night = timezone.localtime(now).replace(hour=NIGHT_BEGINS_AT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def verified_tonight(*, now: datetime) -> bool:
    """Whether the whole ledger was read since the night began, to its end."""
    return Verification.objects.filter(began_at__gte=night_began(now=now)).exists()
