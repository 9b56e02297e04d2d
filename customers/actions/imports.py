"""Real customers from a CSV file: all of a row or nothing of it, all of a file or nothing of it, in memory that does not grow.

A file of its own thread is read and checked while the database writes what was read before. Each batch goes by COPY into a
temporary table and from there, in one statement, into customers and addresses, so that the triggers of the ledger see it.

A member id that is here already is left as it is: an import brings customers, it corrects none (corrections are requests of the
customer, with a record of before and after). Importing a file again therefore changes nothing.
"""

import csv
import io
import queue
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.cards import holds_a_card_number
from customers.classification import Purpose, Source
from customers.doors.files import safe_cell

COLUMNS = (
    "member_id", "name", "email", "phone", "line1", "line2", "city", "region", "postal_code", "country", "source", "collected_at",
)  # fmt: skip
LONGEST = {"member_id": 40, "name": 200, "email": 254, "line1": 200, "line2": 200, "city": 100, "region": 100, "postal_code": 20}
BATCH_ROWS = 5_000
REFUSALS_LISTED = 1_000
LONGEST_CELL = 10_000  # characters; a quotation mark that is never closed is noticed after so many
_MEMBER_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_FORMULA = tuple("=+-@\t\r")
# Everything that no line of an address book holds: control characters, invisible marks, half characters of a wrong encoding.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_WRONG_ENCODING = re.compile("[\udc80-\udcff]")
# What a customer of each source may be contacted for: their own orders, or what the names were acquired for (statement A.1).
PURPOSE_OF = {source: Purpose.MARKETING if source == Source.ACQUIRED else Purpose.ORDERS for source in Source.values}
_SOURCES = frozenset(Source.values)


class CannotRead(Exception):
    """The file is not a CSV file with the columns that an import needs. str() says what is wrong with it."""


@dataclass(frozen=True)
class Refusal:
    """One row that was not taken: the line that it begins on, the column, and why."""

    line: int
    field: str
    error: str


@dataclass
class Imported:
    """rows: read. created: new customers. known: member ids that were here before. refused: the first of refused_count."""

    rows: int = 0
    created: int = 0
    known: int = 0
    refused_count: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, line: int, column: str, error: str) -> None:
        self.refused_count += 1
        if len(self.refused) < REFUSALS_LISTED:
            self.refused.append(Refusal(line, column, error))


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
        reader = csv.reader(text, strict=True)
        while True:
            line = reader.line_num + 2  # the heading was read before
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                result.rows += 1
                result.refuse(line, "", f"This is not CSV (up to line {reader.line_num + 1}): {error}.")
                continue
            if not row:
                continue
            result.rows += 1
            if len(row) != width:
                result.refuse(line, "", f"The row has {len(row)} cells; the heading has {width}.")
                continue
            copied = _checked(row if straight else [row[place] for place in places], line, members, result, now)
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


def _checked(cells: list[str], line: int, members: set[str], result: Imported, now: datetime) -> str | None:
    """The row as a line for COPY, or None where it was refused."""
    whole = "|".join(cells)
    if not (whole.isascii() and whole.isprintable()) and (unseen := _UNSEEN.search(whole)):
        column = COLUMNS[whole.count("|", 0, unseen.start())] if whole.count("|") == len(COLUMNS) - 1 else ""
        wrong = "This is not UTF-8." if _WRONG_ENCODING.search(whole) else "There is a line break or an invisible character."
        result.refuse(line, column, wrong)
        return None
    member_id, name, email, phone, line1, line2, city, region, postal_code, country, source, collected = map(str.strip, cells)
    try:
        if not _MEMBER_ID.fullmatch(member_id):
            raise _No("member_id", "A member id is made of letters, digits, dots, dashes and underscores, at most 40.")
        if member_id in members:
            raise _No("member_id", "An earlier line has this member id.")
        if not name:
            raise _No("name", "Every customer has a name.")
        _refuse_formulas(cells)
        if max(len(name), len(line1), len(line2)) > 100 or max(len(city), len(region), len(postal_code)) > 20:
            _refuse_long(cells)
        key = email_key(email) if email else ""
        number = phone_key(phone) if phone else ""
        country = country.upper() or "US"
        if not _COUNTRY.fullmatch(country):
            raise _No("country", "Write the country as two letters (ISO 3166), like US.")
        if source not in _SOURCES:
            raise _No("source", f"Say where this record came from: {', '.join(Source.values)}.")
        at = _instant(collected)
        if at > now:
            raise _No("collected_at", "This is in the future.")
        if holds_a_card_number(f"{member_id}|{name}|{email}|{line1}|{line2}|{city}|{region}|{postal_code}"):
            raise _No(_column_with_a_card(cells), "This looks like a card number. Card numbers are never kept.")
    except _No as refused:
        result.refuse(line, *refused.args)
        return None
    except NotAnAddress as error:
        result.refuse(line, "email", str(error))
        return None
    except NotAPhoneNumber as error:
        result.refuse(line, "phone", str(error))
        return None
    members.add(member_id)
    copied = (
        f"{line}\t{member_id}\t{name}\t{email}\t{key}\t{number}\t{line1}\t{line2}\t{city}\t{region}\t{postal_code}\t{country}"
        f"\t{source}\t{PURPOSE_OF[source]}\t{at.isoformat()}\n"
    )
    return copied.replace("\\", "\\\\") if "\\" in copied else copied


class _No(Exception):
    """column, why."""


def _refuse_formulas(cells: list[str]) -> None:
    for column, cell in zip(COLUMNS, cells, strict=True):
        if cell and column != "phone" and (cell[0] in _FORMULA or (not cell.isascii() and safe_cell(cell) != cell)):
            raise _No(column, "A spreadsheet would take this for a formula.")


def _refuse_long(cells: list[str]) -> None:
    for column, cell in zip(COLUMNS, cells, strict=True):
        if len(cell.strip()) > LONGEST.get(column, 254):
            raise _No(column, f"This is longer than {LONGEST.get(column, 254)} characters.")


def _column_with_a_card(cells: list[str]) -> str:
    return next((column for column, cell in zip(COLUMNS, cells, strict=True) if holds_a_card_number(cell)), "")


def _instant(text: str) -> datetime:
    """ISO 8601; without a zone it is the company's. Raises _No."""
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else timezone.make_aware(at)
    except (ValueError, OverflowError) as error:
        raise _No("collected_at", "Write the instant like 2026-11-23T10:30:00-05:00.") from error


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
    WHERE line1 <> '' OR city <> '' OR postal_code <> ''
)
SELECT count(*) FROM made
"""


def _prepare(cursor: CursorWrapper) -> int:
    """Make the temporary table. Returns the highest key so far: what has a higher one comes from this file."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a wrong reference shows in its batch, not after a million rows
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_rows")  # of an import before, within one transaction
    cursor.execute(_STAGE)
    cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
    return int(cursor.fetchone()[0])


def _write(cursor: CursorWrapper, batch: _Batch, result: Imported, newest: int) -> None:
    with cursor.copy("COPY import_rows FROM STDIN") as copy:
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
