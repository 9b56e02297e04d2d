"""The shared cache: limits on tries, and the codes that were used already, of every web process together."""

from datetime import datetime

from django.core.cache.backends.db import DatabaseCache
from django.db import connections
from django.db.backends.utils import CursorWrapper


class NothingLiveIsCulled(DatabaseCache):
    """Django's, save that a full table loses what has expired and nothing else.

    Django deletes the first third by name. Anyone could fill the table with forms for people who do not exist, until a limit on
    tries, or the memory that a code was used, was forgotten (ASVS 6.3.1, 6.5.1).
    """

    def _cull(self, db: str, cursor: CursorWrapper, now: datetime, num: int) -> None:
        operations = connections[db].ops
        table = operations.quote_name(self._table)  # type: ignore[attr-defined]
        expires = operations.quote_name("expires")
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [operations.adapt_datetimefield_value(now)])  # noqa: S608
