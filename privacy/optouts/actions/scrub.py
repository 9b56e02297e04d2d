"""Take everyone who opted out of it from a mailing list.

Chosen by measuring (docs/decisions.md): eight bytes of each owed digest, sorted, in one flat array (80 MB for ten million),
and one pass over the file. Eight bytes mistake a stranger for an opted-out person once in 300,000 runs of 5 million by 10
million rows, and never the other way round.
"""

import fcntl
import hashlib
import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection
from django.db.models import QuerySet

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.encryption import keyed_digest
from customers.models import Customer
from privacy.optouts.actions.list_rows import (
    LONGEST_RECORD,
    Columns,
    UnusableList,
    cell,
    cells_in,
    find_column,
    named_in,
    records,
    with_cell,
)
from privacy.optouts.models import OptOut, SubjectKind
from privacy.optouts.policies import SUBJECT_DIGEST
from privacy.optouts.queries import covering

_PREFIX_BYTES = 8
INVALID_LISTED = 1_000
LINK_COLUMN = "unsubscribe_url"
CHUNK = 2_000  # addresses that are looked up at once
# Whom a row is for, in one form for all ways of writing it. Raises NotAnAddress, NotAPhoneNumber.
_CANONICAL: dict[str, Callable[[str], str]] = {"email": email_key, "phone": phone_key}


@dataclass
class Scrubbed:
    """Rows counted without the header.

    invalid: the first of invalid_count (line number, why), for rows whose address cannot be used; they are left out too.
    """

    rows_in: int = 0
    rows_out: int = 0
    suppressed: int = 0
    invalid_count: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        self.invalid_count += 1
        if len(self.invalid) < INVALID_LISTED:
            self.invalid.append((line, why))


def scrub_list(
    source: Path,
    target: Path,
    *,
    channel: str,
    purpose: str,
    now: datetime,
    column: str | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
    link: Callable[[str], str] | None = None,
    dry_run: bool = False,
) -> Scrubbed:
    """Write `target`: the rows of `source` whose address or number may be used for this purpose on this channel, byte for byte
    as they were.

    link: makes what one more last cell of each row says, LINK_COLUMN: the link by which that address unsubscribes (RFC 8058).
    A row is left out where any of its columns of addresses (or numbers) names somebody who may not be written to.
    column: the heading of the one that is written to, where it is not called as usual or there are several. on_progress gets
    the number of bytes read so far. The target appears whole or not at all; with dry_run it does not. Raises UnusableList.
    """
    result = Scrubbed()
    with source.open("rb") as file:
        header = file.readline(LONGEST_RECORD)
        if not header.strip():
            raise UnusableList(f"{source}:1: the file is empty, or its first line is.")
        if len(header) == LONGEST_RECORD and not header.endswith(b"\n"):
            raise UnusableList(f"{source}:1: the heading is longer than {LONGEST_RECORD:,} bytes.")
        columns = find_column(header, column, channel=channel, where=f"{source}:1")
        delimiter, place, kind = columns.delimiter, columns.place, columns.kind
        if link is not None and kind != "email":
            raise UnusableList(f"{source}:1: the list names people by number; a link to unsubscribe is for an e-mail address.")
        if link is not None and LINK_COLUMN.encode() in header:
            raise UnusableList(f"{source}:1: the list has a column {LINK_COLUMN} already.")
        width = cells_in(header, delimiter)
        canonical, owed = _CANONICAL[kind], _owed(kind, channel=channel, purpose=purpose, now=now)
        with Path(os.devnull).open("wb") if dry_run else _whole(target) as out:
            out.write(with_cell(header, delimiter, LINK_COLUMN) if link else header)
            last_ended = header.endswith(b"\n")
            for line, record in records(file, delimiter.encode(), where=source):
                if not record.strip():
                    continue
                result.rows_in += 1
                if result.rows_in % 20_000 == 0:
                    on_progress(file.tell())
                try:
                    whom = canonical(cell(record, delimiter, place))
                except (NotAnAddress, NotAPhoneNumber) as error:
                    result.refuse(line, str(error))
                    continue
                named = [whom, *_named_beside(record, columns)] if columns.others else [whom]
                if any(among(one) for one in named for among in owed):
                    result.suppressed += 1
                    continue
                if link is not None and cells_in(record, delimiter) != width:
                    result.refuse(line, "The row has not as many cells as the heading: the link would stand under another one.")
                    continue
                if not last_ended:
                    out.write(b"\n")
                out.write(with_cell(record, delimiter, link(whom)) if link else record)
                last_ended = record.endswith(b"\n")
                result.rows_out += 1
    return result


def _named_beside(record: bytes, columns: Columns) -> Iterator[str]:
    """Who else is named in the row's further columns of addresses (or numbers)."""
    for place in columns.others:
        try:
            said = cell(record, columns.delimiter, place)
        except NotAnAddress:
            continue
        for piece in named_in(said, columns.kind):
            with suppress(NotAnAddress, NotAPhoneNumber):
                yield _CANONICAL[columns.kind](piece)


@contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """A file that takes the target's name when everything is written, and is gone otherwise. Of two at once, one is refused.

    What a killed run left behind is written over by the next one.
    """
    part = target.with_name(f".{target.name}.part")
    with part.open("ab") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.fstat(out.fileno()).st_ino == part.stat().st_ino
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:  # another one writes it, or has given it its name this moment
            raise UnusableList(f"{target}: another scrub_list is writing this file.")
        try:
            out.truncate(0)
            yield out
            out.flush()
            os.fsync(out.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _owed(kind: str, *, channel: str, purpose: str, now: datetime) -> list[Callable[[str], bool]]:
    """Questions, each "is this address (or number) one that may not be used?"; a yes to any of them is one."""
    active = covering(channel=channel, purpose=purpose, at=now).order_by()
    behind = Customer.objects.filter(opt_outs__in=active.filter(customer__isnull=False)).order_by()
    if kind == "email":
        return [
            _among(_sorted_prefixes(active.filter(owed_sha256__isnull=False).values("owed_sha256")), _sha256),
            _among(_sorted_prefixes(behind.exclude(email_key="").values("email_key"), hashed=False), _sha256),
            _of_whoever_has(active, SubjectKind.PHONE, "phone", wanted="email_key").__contains__,
        ]
    return [
        # The number itself is encrypted; its keyed digest is what can be compared.
        _among(_sorted_prefixes(active.filter(subject_kind=SubjectKind.PHONE).values("subject_key")), _keyed),
        _among(_sorted_prefixes(behind.exclude(phone="").values("phone"), hashed=False), _sha256),
        _of_whoever_has(active, SubjectKind.EMAIL, "email_key", wanted="phone").__contains__,
    ]


def _of_whoever_has(active: QuerySet[OptOut], kind: SubjectKind, column: str, *, wanted: str) -> set[str]:
    """Numbers (or addresses) of every customer with an address (or number) that was opted out of this, whoever has it now.

    A choice names the customer behind it where exactly one was known when it was made: who came with an import afterwards, or
    shares the address, is found here. Only choices of every channel say anything about the other kind, so these are few.
    """
    found: set[str] = set()
    addresses = active.filter(subject_kind=kind, address__isnull=False).values_list("address", flat=True).iterator(CHUNK)
    while chunk := list(islice(addresses, CHUNK)):
        theirs = Customer.objects.filter(**{f"{column}__in": chunk}).exclude(**{wanted: ""})
        found.update(theirs.order_by().values_list(wanted, flat=True))
    return found


def _sha256(whom: str) -> bytes:
    return hashlib.sha256(whom.encode()).digest()


def _keyed(number: str) -> bytes:
    return keyed_digest(number, purpose=SUBJECT_DIGEST[SubjectKind.PHONE])


def _among(prefixes: "array[int]", digest: Callable[[str], bytes]) -> Callable[[str], bool]:
    def asked(whom: str) -> bool:
        prefix = int.from_bytes(digest(whom)[:_PREFIX_BYTES], "big")
        position = bisect_left(prefixes, prefix)
        return position < len(prefixes) and prefixes[position] == prefix

    return asked


def _sorted_prefixes(rows: Any, *, hashed: bool = True) -> "array[int]":
    """The first eight bytes of each value of one column, sorted: of the value itself, or (hashed=False) of its SHA-256."""
    inner, parameters = rows.query.sql_with_params()
    value = "d.value" if hashed else "sha256(convert_to(d.value, 'UTF8'))"
    query = (
        f"COPY (SELECT substr({value}, 1, {_PREFIX_BYTES}) FROM ({inner}) AS d (value) ORDER BY 1)"  # noqa: S608
        " TO STDOUT (FORMAT binary)"
    )
    found = array("Q")
    row = struct.Struct(">hiQ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection is there
        raw = cursor.connection.cursor()
        with raw, raw.copy(query, parameters) as copy:
            pending = b""
            started = False
            for chunk in copy:
                pending += bytes(chunk)
                if not started:
                    if len(pending) < 19:
                        continue
                    pending = pending[19 + int.from_bytes(pending[15:19], "big") :]
                    started = True
                whole = len(pending) - len(pending) % row.size
                for fields, _, prefix in row.iter_unpack(pending[:whole]):
                    if fields == 1:
                        found.append(prefix)
                pending = pending[whole:]
    return found
