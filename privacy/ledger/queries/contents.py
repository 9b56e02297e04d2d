"""Is what is kept as evidence what its digest says? The digest is in the ledger, the bytes are not: they would be there twice."""

from collections.abc import Iterator
from typing import Any, cast

from django.db import models

from customers.encryption import CannotDecrypt

AT_ONCE = 100  # rows


def exchanged(tracked: type[models.Model]) -> Iterator[int]:
    """Keys of rows whose bytes are not those of their digest, or cannot be decrypted.

    A model says by `digested` which columns are needed to tell, and by `is_as_digested()` whether they agree.
    """
    columns = cast("tuple[str, ...] | None", getattr(tracked, "digested", None))
    if columns is None:
        return
    rows: Any = tracked._default_manager.order_by("pk").only("pk", *columns)
    last = 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        last = keys[-1]
        try:
            faulty = [row.pk for row in rows.filter(pk__in=keys) if not row.is_as_digested()]
        except CannotDecrypt:
            faulty = [key for key in keys if not _is_readable_and_right(rows, key)]
        yield from faulty


def _is_readable_and_right(rows: Any, key: int) -> bool:
    try:
        return bool(rows.get(pk=key).is_as_digested())
    except CannotDecrypt:
        return False
