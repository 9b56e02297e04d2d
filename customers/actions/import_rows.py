"""One row of a file of customers: taken as a line for COPY, or refused with its line, its column and why."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from django.utils import timezone

from customers import instants
from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.cards import holds_a_card_number
from customers.classification import Purpose, Source
from customers.countries import CODES as COUNTRIES
from customers.doors.files import safe_cell

COLUMNS = (
    "member_id", "name", "email", "phone", "line1", "line2", "city", "region", "postal_code", "country", "source", "collected_at",
)  # fmt: skip
LONGEST = {"member_id": 40, "name": 200, "email": 254, "line1": 200, "line2": 200, "city": 100, "region": 100, "postal_code": 20}
REFUSALS_LISTED = 1_000
# The year 1 of a broken export is no instant in every time zone: no page could show it.
EARLIEST = datetime.combine(instants.EARLIEST, time.min, UTC)
_MEMBER_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_FORMULA = tuple("=+-@\t\r")
# Everything that no line of an address book holds: control characters, invisible marks, half characters of a wrong encoding.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_WRONG_ENCODING = re.compile("[\udc80-\udcff]")
# What a customer of each source may be contacted for: their own orders, or what the names were acquired for (statement A.1).
PURPOSE_OF = {source: Purpose.MARKETING if source == Source.ACQUIRED else Purpose.ORDERS for source in Source.values}
_SOURCES = frozenset(Source.values)


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


def checked_row(cells: list[str], line: int, members: set[str], result: Imported, now: datetime) -> str | None:
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
        if country not in COUNTRIES:
            raise _No("country", "Write the country as its two letters (ISO 3166-1), like US.")
        if source not in _SOURCES:
            raise _No("source", f"Say where this record came from: {', '.join(Source.values)}.")
        at = _instant(collected)
        if at > now:
            raise _No("collected_at", "This is in the future.")
        if at < EARLIEST:
            raise _No("collected_at", f"This is before {EARLIEST.year}: nothing was collected that early.")
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
    for column, cell in zip(COLUMNS, map(str.strip, cells), strict=True):  # as they will be stored
        if cell and column != "phone" and (cell[0] in _FORMULA or (not cell.isascii() and safe_cell(cell) != cell)):
            raise _No(column, "A spreadsheet would take this for a formula.")


def _refuse_long(cells: list[str]) -> None:
    for column, cell in zip(COLUMNS, cells, strict=True):
        if len(cell.strip()) > LONGEST.get(column, 254):
            raise _No(column, f"This is longer than {LONGEST.get(column, 254)} characters.")


def _column_with_a_card(cells: list[str]) -> str:
    """The column that holds it, or the first of two: a number can be spread over neighbours, "line1, line2"."""
    for width in (1, 2):
        for first in range(len(COLUMNS) - width + 1):
            if holds_a_card_number("|".join(cells[first : first + width])):
                return ", ".join(COLUMNS[first : first + width])
    return ""


def _instant(text: str) -> datetime:
    """ISO 8601, in UTC; without a zone it is the company's. Raises _No. Some zones that Python reads, PostgreSQL does not."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else timezone.make_aware(at)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _No("collected_at", "Write the instant like 2026-11-23T10:30:00-05:00.") from error
