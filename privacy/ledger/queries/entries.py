"""The ledger's tables and their entries, as one digest each."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import pghistory.models
from django.apps import apps
from django.db import connection, models

Leaf = tuple[int, bytes]  # key of an entry, SHA-256 of all that it says
POLL_SECONDS = 0.1

# Who acted, by which verb and why belongs to what an entry says.
_LEAVES = """
SELECT e.pgh_id, sha256('\\x00'::bytea || convert_to(to_jsonb(ARRAY[{values}, c.metadata::text])::text, 'UTF8'))
FROM {table} e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
WHERE e.pgh_id > %s AND e.pgh_id <= %s ORDER BY e.pgh_id LIMIT %s
"""
# The same text for the same value in every session and on every server.
_SAME_EVERYWHERE = (
    "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),"
    " set_config('bytea_output', 'hex', true), set_config('IntervalStyle', 'postgres', true),"
    " set_config('extra_float_digits', '1', true)"
)
_WRITING = ("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


def ledger_models() -> list[type[models.Model]]:
    """Every model whose rows are entries of the ledger, by table."""
    found = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event) and model._meta.managed]
    return sorted(found, key=lambda model: model._meta.db_table)


def ledger_tables() -> list[str]:
    return [model._meta.db_table for model in ledger_models()]


def columns_of(tables: Sequence[str]) -> dict[str, list[str]]:
    """The columns that each table has in the database now, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
            " GROUP BY c.relname",
            [list(tables)],
        )
        return dict(cursor.fetchall())


def leaves(table: str, columns: Sequence[str], *, after: int, to: int, most: int) -> list[Leaf]:
    """At most so many entries with after < key <= to, in order. Call inside a transaction: it settles how values are written."""
    quote = connection.ops.quote_name
    values = ", ".join(f"e.{quote(column)}::text" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(_SAME_EVERYWHERE)
        cursor.execute(_LEAVES.format(values=values, table=quote(table)), [after, to, most])
        return [(key, bytes(digest)) for key, digest in cursor.fetchall()]


def all_leaves(table: str, columns: Sequence[str], *, after: int, to: int, at_once: int = 20_000) -> Iterator[Leaf]:
    """Every entry with after < key <= to, in order, some thousands at a time."""
    while True:
        piece = leaves(table, columns, after=after, to=to, most=at_once)
        yield from piece
        if len(piece) < at_once:
            return
        after = piece[-1][0]


def settled_tops(
    tables: Sequence[str], *, wait_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> tuple[dict[str, int], list[str]]:
    """For each table the key up to which no entry can appear any more; and the tables where somebody still writes after the wait.

    A key is drawn under a lock on its table that lasts until the writer's transaction ends. So: read how far the keys were
    drawn, see who holds such a lock, and wait for those (as CREATE INDEX CONCURRENTLY does). Nobody is held up by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, pg_sequence_last_value(pg_get_serial_sequence(quote_ident(name), 'pgh_id')::regclass)"
            " FROM unnest(%s::text[]) AS name",
            [list(tables)],
        )
        tops = {table: cast("int", top) for table, top in cursor.fetchall() if top is not None}
    writers = _writers(list(tops))
    waited = 0.0
    while writers and waited < wait_seconds:
        sleep(POLL_SECONDS)
        waited += POLL_SECONDS
        writers &= _writers(list(tops))
    busy = {table for table, _transaction in writers}
    return {table: top for table, top in tops.items() if table not in busy}, sorted(busy)


def _writers(tables: Sequence[str]) -> set[tuple[str, str]]:
    """(table, transaction) of everybody who may have drawn a key there and not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, l.virtualtransaction FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND c.relname = ANY(%s) AND l.mode = ANY(%s)",
            [list(tables), list(_WRITING)],
        )
        return set(cursor.fetchall())
