"""Pages of a table by key, newest first: page 1,000 costs what page 1 costs, and a row that comes meanwhile shifts none."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

LARGEST_KEY = 2**63 - 1
NEWEST_FIRST = ("-received_at", "-pk")


def newest_first(rows: QuerySet[Any], *, after: str, size: int) -> tuple[list[Any], str]:
    """`size` rows by `received_at` and key, after the row that the page before ended with; the key of the next page, or "".

    after: what this function gave, or anything that somebody typed into the address: what is no key begins at the newest row.
    """
    if key := read_key(after):
        instant, pk = key
        if instant is not None:
            rows = rows.filter(Q(received_at__lt=instant) | Q(received_at=instant, pk__lt=pk))
    found = list(rows.order_by(*NEWEST_FIRST)[: size + 1])
    return found[:size], key_of(found[size - 1].received_at, found[size - 1].pk) if len(found) > size else ""


class Part(list[Any]):
    """The first rows of a list that may be longer than a page bears; total: how many there are in all."""

    def __init__(self, rows: QuerySet[Any], *, most: int) -> None:
        super().__init__(rows[:most])
        self.total = rows.count() if len(self) == most else len(self)


def number(text: str | None) -> int | None:
    """A row's number from an address or a form, or None where it is none: only the digits 0 to 9, and few enough of them."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def sought(request: HttpRequest) -> str:
    """What somebody typed into a page's box "Find": at most 100 characters, and none that PostgreSQL takes no text with."""
    return request.GET.get("find", "").replace("\x00", "").strip()[:100]


def key_of(at: datetime | None, pk: int) -> str:
    """The key of a row, for an address."""
    return f"{at.isoformat() if at else ''}~{pk}"


def read_key(text: str) -> tuple[datetime | None, int] | None:
    """What `key_of` wrote; None for anything else."""
    at, tilde, pk = text.rpartition("~")
    if not (tilde and pk.isascii() and pk.isdigit() and len(pk) < 20 and int(pk) <= LARGEST_KEY):
        return None
    try:
        instant = datetime.fromisoformat(at) if at else None
    except ValueError:
        return None
    # The first and the last year cannot be moved to every time zone.
    if instant is not None and (instant.tzinfo is None or not 1 < instant.year < 9999):
        return None
    return instant, int(pk)
