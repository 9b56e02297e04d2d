"""Every encrypted value of the house moves to the first of FIELD_KEYS, while others go on writing (statement E.3)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pghistory.models
from django.apps import apps
from django.db import connection, models

from customers.encryption import CannotDecrypt, EncryptedBytesField, current_key_id, decrypt, encrypt

BATCH_ROWS = 500
BATCH_BYTES = 8 * 2**20
UNREADABLE_LISTED = 100


@dataclass
class Rotated:
    """What became of one column's values. overtaken: rewritten by somebody else meanwhile, hence under the current key already.

    unreadable: keys of rows that no key of FIELD_KEYS decrypts (the first of them); they are left as they are.
    """

    column: str
    rotated: int = 0
    overtaken: int = 0
    unreadable_count: int = 0
    unreadable: list[int] = field(default_factory=list)


def encrypted_columns() -> Iterator[tuple[type[models.Model], EncryptedBytesField]]:
    """Every encrypted column of every table but the ledger's: history is never rewritten, so it keeps the key of its time."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy and not issubclass(model, pghistory.models.Event):
            for column in model._meta.local_concrete_fields:
                if isinstance(column, EncryptedBytesField):
                    yield model, column


def count_retired(model: type[models.Model], column: EncryptedBytesField) -> int:
    """Values of a column that the current key did not write."""
    table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(str(column.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE substring({name} FROM 1 FOR 5) <> %s", [_current()])  # noqa: S608
        return int(cursor.fetchone()[0])


def rotate_column(
    model: type[models.Model],
    column: EncryptedBytesField,
    *,
    in_act: Callable[[], AbstractContextManager[None]],
    advance: Callable[[int], None] = lambda done: None,
) -> Rotated:
    """Rewrite one column's values that the current key did not write, a batch an act. Stopped anywhere, it goes on from there.

    Each value is swapped only if it is still the one that was read: what somebody wrote meanwhile stays.
    """
    result = Rotated(f"{model._meta.label_lower}.{column.name}")
    quote = connection.ops.quote_name
    table, key, name = quote(model._meta.db_table), quote(str(model._meta.pk.column)), quote(str(column.column))
    last = None
    while True:
        with in_act(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, octet_length({name}) FROM {table} WHERE substring({name} FROM 1 FOR 5) <> %s"  # noqa: S608
                f"{'' if last is None else f' AND {key} > %s'} ORDER BY {key} LIMIT {BATCH_ROWS}",
                [_current()] if last is None else [_current(), last],
            )
            chosen = _first_of(cursor.fetchall())
            if not chosen:
                return result
            cursor.execute(f"SELECT {key}, {name} FROM {table} WHERE {key} = ANY(%s) ORDER BY {key}", [chosen])  # noqa: S608
            read = [(pk, bytes(stored)) for pk, stored in cursor.fetchall() if stored is not None]
            keys, old, new = [], [], []
            for pk, stored in read:
                try:
                    new.append(encrypt(decrypt(stored, label=column.label), label=column.label))
                except CannotDecrypt:
                    result.unreadable_count += 1
                    if len(result.unreadable) < UNREADABLE_LISTED:
                        result.unreadable.append(pk)
                    continue
                keys.append(pk)
                old.append(stored)
            if keys:
                cursor.execute(
                    f"UPDATE {table} AS kept SET {name} = swap.new"  # noqa: S608
                    " FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS swap (pk, old, new)"
                    f" WHERE kept.{key} = swap.pk AND kept.{name} = swap.old",
                    [keys, old, new],
                )
                result.rotated += cursor.rowcount
                result.overtaken += len(keys) - cursor.rowcount
        last = chosen[-1]
        advance(len(chosen))


def _first_of(sizes: list[tuple[int, int]]) -> list[int]:
    """As many keys as have BATCH_BYTES of values together, at least one: received messages may be large."""
    chosen: list[int] = []
    total = 0
    for pk, size in sizes:
        total += size
        if chosen and total > BATCH_BYTES:
            break
        chosen.append(pk)
    return chosen


def _current() -> bytes:
    return b"\x01" + current_key_id()
