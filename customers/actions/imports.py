"""Real customers from a CSV file: all of a row or nothing of it, all of a file or nothing of it, in memory that does not grow.

A file of its own thread is read and checked while the database writes what was read before. Each batch goes by COPY into a
temporary table and from there, in one statement, into customers and addresses, so that the triggers of the ledger see it.

A member id that is here already is left as it is: an import brings customers, it corrects none (corrections are requests of the
customer, with a record of before and after). Importing a file again therefore changes nothing.
"""

import csv
import io
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from customers.actions.import_rows import COLUMNS, Imported, checked_row

BATCH_ROWS = 5_000
LONGEST_CELL = 10_000  # characters; a quotation mark that is never closed is noticed after so many
LONGEST_LINE = 200_000  # characters: what is longer is no customer, and is passed over without being gathered
SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))  # of spreadsheets in other countries


class CannotRead(Exception):
    """The file is not a CSV file with the columns that an import needs. str() says what is wrong with it."""


@dataclass(frozen=True)
class _Batch:
    block: str  # rows in COPY's text format
    size: int
    bytes_read: int


def import_customers(
    file: BinaryIO, *, now: datetime, stamp: Callable[[], None], advance: Callable[[int], None] = lambda done: None
) -> Imported:
    """Take every row of the file that can be taken. Run it inside an act; roll that back for a trial. Raises CannotRead.

    file: UTF-8, with a heading line. now: rows collected later than this are refused. stamp: gives the running act to the
    connection (privacy.ledger.actions.stamp_connection). advance: told how many more bytes were read.
    """
    result = Imported()
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    order = _read_heading(text)
    batches: queue.Queue[_Batch | BaseException | None] = queue.Queue(maxsize=2)
    stopped = threading.Event()

    def read_on() -> None:
        try:
            for batch in _batches(file, text, order, result, now):
                while not stopped.is_set():
                    try:
                        batches.put(batch, timeout=0.2)
                        break
                    except queue.Full:
                        continue
                if stopped.is_set():
                    return
            batches.put(None)
        except BaseException as error:  # handed to the thread that writes, which raises it
            batches.put(error)

    reader = threading.Thread(target=read_on, name="reads the file", daemon=True)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            stamp()
            newest = _prepare(cursor)
            reader.start()
            done = 0
            while (batch := batches.get()) is not None:
                if isinstance(batch, BaseException):
                    raise batch
                _write(cursor, batch, result, newest)
                advance(batch.bytes_read - done)
                done = batch.bytes_read
    finally:
        stopped.set()
        if reader.ident:
            reader.join()
        text.detach()
    result.refused.sort(key=lambda refusal: refusal.line)
    return result


def _read_heading(text: io.TextIOWrapper) -> list[int]:
    """Where each of COLUMNS stands in the file."""
    heading = text.readline(LONGEST_CELL)
    if "\x00" in heading or heading.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        raise CannotRead("1: the file is not UTF-8 text; save it as CSV in UTF-8.")
    names = [name.strip().lower() for name in next(csv.reader([heading]), [])]
    for mark, word in SEPARATORS:
        if len(names) == 1 and names[0].count(mark) >= len(COLUMNS) - 1:
            raise CannotRead(f"1: the columns are separated by {word}; save the file with commas.")
    if missing := [column for column in COLUMNS if column not in names]:
        raise CannotRead(f"1: these columns are missing: {', '.join(missing)}.")
    if twice := sorted({name for name in names if name in COLUMNS and names.count(name) > 1}):
        raise CannotRead(f"1: these columns are there twice: {', '.join(twice)}.")
    return [names.index(column) for column in COLUMNS] + [len(names)]


def _batches(file: BinaryIO, text: io.TextIOWrapper, order: list[int], result: Imported, now: datetime) -> Iterator[_Batch]:
    *places, width = order
    previous_limit = csv.field_size_limit(LONGEST_CELL)
    lines: list[str] = []
    members: set[str] = set()
    straight = places == list(range(len(places))) and width == len(places)
    try:
        source = _Lines(text)
        reader = csv.reader(source, strict=True)
        while True:
            line = source.number + 1
            try:
                row = next(reader)
            except StopIteration:
                break
            except _TooLong:
                result.rows += 1
                result.refuse(line, "", f"A line is longer than {LONGEST_LINE:,} characters (line {source.number}).")
                continue
            except csv.Error as error:
                result.rows += 1
                result.refuse(line, "", f"This is not CSV (up to line {source.number}): {error}.")
                continue
            if not row:
                continue
            result.rows += 1
            if len(row) != width:
                result.refuse(line, "", f"The row has {len(row)} cells; the heading has {width}.")
                continue
            copied = checked_row(row if straight else [row[place] for place in places], line, members, result, now)
            if copied is not None:
                lines.append(copied)
                if len(lines) == BATCH_ROWS:
                    yield _Batch("".join(lines), len(lines), file.tell())
                    lines.clear()
                    members.clear()
        if lines:
            yield _Batch("".join(lines), len(lines), file.tell())
    finally:
        csv.field_size_limit(previous_limit)


class _TooLong(Exception):
    """A line that no row of customers has. The reader goes on behind it."""


class _Lines:
    """The lines of the file behind its heading, none longer than LONGEST_LINE. number: of the line read last."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < LONGEST_LINE or line[-1] in "\r\n":
            return line
        while line and line[-1] not in "\r\n":
            line = self._text.readline(LONGEST_LINE)
        raise _TooLong


_STAGE = """
CREATE TEMPORARY TABLE import_rows (
    line bigint, member_id text, name text, email text, email_key text, phone text, line1 text, line2 text, city text,
    region text, postal_code text, country text, source text, purpose text, collected_at timestamptz
) ON COMMIT DROP
"""
_TAKE = """
WITH made AS (
    INSERT INTO customers_customer
        (member_id, name, email, email_key, phone, preferred_contact, source, source_detail, collected_at, purpose)
    SELECT member_id, name, email, email_key, phone, CASE WHEN email = '' AND phone <> '' THEN 'phone' ELSE 'email' END, source,
        '', collected_at, purpose
    FROM import_rows
    ON CONFLICT (member_id) DO NOTHING
    RETURNING id, member_id
), placed AS (
    INSERT INTO customers_address (customer_id, kind, recipient, line1, line2, city, region, postal_code, country, source,
        source_detail, collected_at, purpose)
    SELECT made.id, 'mailing', '', line1, line2, city, region, postal_code, country, source, '', collected_at, purpose
    FROM import_rows JOIN made USING (member_id)
    WHERE concat(line1, line2, city, region, postal_code) <> '' OR country <> 'US'  -- what an empty country is read as
)
SELECT count(*) FROM made
"""


def _prepare(cursor: CursorWrapper) -> int:
    """Make the temporary table. Returns the highest key so far: what has a higher one comes from this file.

    Another import under way is waited for: a customer whom both bring is one that was here already.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.import'))")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a wrong reference shows in its batch, not after a million rows
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_rows")  # of an import before, within one transaction
    cursor.execute(_STAGE)
    cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
    return int(cursor.fetchone()[0])


def _write(cursor: CursorWrapper, batch: _Batch, result: Imported, newest: int) -> None:
    with cursor.db.wrap_database_errors, cursor.copy("COPY import_rows FROM STDIN") as copy:  # it refuses at the end of the block
        copy.write(batch.block)
    cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
    before = int(cursor.fetchone()[0])
    cursor.execute(_TAKE)
    created = int(cursor.fetchone()[0])
    result.created += created
    if created < batch.size:
        # Those that were here before the file are known; those that came with an earlier batch of it stand there twice.
        cursor.execute(
            "SELECT line, customer.id > %s FROM import_rows JOIN customers_customer AS customer USING (member_id)"
            " WHERE customer.id <= %s",
            [newest, before],
        )
        for line, twice in cursor.fetchall():
            if twice:
                result.refuse(line, "member_id", "An earlier line has this member id.")
            else:
                result.known += 1
    cursor.execute("TRUNCATE import_rows")
