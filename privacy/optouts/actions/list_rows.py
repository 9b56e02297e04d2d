"""Rows of somebody else's mailing list, byte for byte, and the cell of each that says whom it is for."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from customers.canonical import NotAnAddress
from privacy.optouts.models import Channel

LONGEST_RECORD = 1 << 20  # bytes of one row; a quotation mark that is never closed is noticed after so many
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What lists call these columns; dashes and underscores count as spaces.
_EMAIL, _PHONE = "email", "phone"
_CALLED = {
    _EMAIL: ("email", "e mail", "email address", "e mail address", "mail"),
    _PHONE: ("phone", "phone number", "telephone", "telephone number", "tel", "mobile", "mobile phone", "mobile number", "cell",
             "cell phone", "msisdn"),
}  # fmt: skip
# What further columns of the same kind are called: "Secondary E-Mail", "email2". A cell that is no address says nothing.
_SOUNDS_LIKE = {
    _EMAIL: re.compile(r"e ?mail|\bmail\b"),
    _PHONE: re.compile(r"phone|\btel\b|mobile|\bcell\b|msisdn"),
}
LONGEST_CELL = 2_000  # characters of such a cell that are looked at
_READ = {
    Channel.EMAIL: (_EMAIL,),
    Channel.PHONE: (_PHONE, _EMAIL),
    Channel.SMS: (_PHONE, _EMAIL),
    Channel.POST: (_EMAIL, _PHONE),
    Channel.ALL: (_EMAIL, _PHONE),
}


class UnusableList(Exception):
    """The file cannot be used; nothing was written. The message names file and line."""


@dataclass(frozen=True)
class Columns:
    """delimiter: between cells. place: of the cell that says whom a row is for. kind: "email" or "phone". others: places of
    further columns of that kind, by their headings: whoever is named there is as much the row's person.
    """

    delimiter: str
    place: int
    kind: str
    others: tuple[int, ...] = ()


def find_column(header: bytes, column: str | None, *, channel: str, where: str) -> Columns:
    """Which cells say whom a row is for. Raises UnusableList, also where several columns could be the one that is written to.

    column: its heading, or None for what lists of that channel call it: a list to telephone has numbers, or else addresses.
    """
    if header.startswith(_UTF_16) or b"\x00" in header:
        raise UnusableList(f"{where}: the file is not UTF-8 text; save it as CSV in UTF-8.")
    text = header.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace").rstrip("\r\n")
    delimiter = max(",;\t", key=text.count) if text.count(",") == 0 else ","
    try:
        names = [name.strip().lower() for name in next(csv.reader([text], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise UnusableList(f"{where}: the heading is not CSV with line feeds: {error}.") from error
    spoken = [" ".join(name.replace("-", " ").replace("_", " ").split()) for name in names]
    kinds = _READ[Channel(channel)]
    if column is None:
        kind = next((kind for kind in kinds if any(called in _CALLED[kind] for called in spoken)), kinds[0])
        name = kind
        found = [place for place, called in enumerate(spoken) if called in _CALLED[kind]]
    else:
        name = column.strip().lower()
        found = [place for place, called in enumerate(names) if called == name]
        kind = next((kind for kind in kinds if found and spoken[found[0]] in _CALLED[kind]), kinds[0])
    if not found:
        raise UnusableList(f"{where}: there is no column {name!r}; name it with --column; the columns are: {', '.join(names)}.")
    if len(found) > 1 and len({names[place] for place in found}) == 1:
        name = names[found[0]]
        raise UnusableList(f"{where}: there is more than one column {name!r}; nobody can say which one is written to.")
    if len(found) > 1:
        meant = " and ".join(repr(names[place]) for place in found)
        raise UnusableList(f"{where}: the columns {meant} could be meant; say with --column which one is written to.")
    others = (place for place, called in enumerate(spoken) if place != found[0] and _SOUNDS_LIKE[kind].search(called))
    return Columns(delimiter, found[0], kind, tuple(others))


def named_in(text: str, kind: str) -> list[str]:
    """What may be addresses (or numbers) in one cell of another column, which may hold several, with names beside them."""
    return [piece for piece in re.split(r"[;,|<>\s]+" if kind == _EMAIL else r"[;,|/]+", text[:LONGEST_CELL]) if piece]


def records(file: BinaryIO, delimiter: bytes, *, where: Path) -> Iterator[tuple[int, bytes]]:
    """(first line's number, bytes) of each record after the heading; a quoted cell may hold line breaks.

    Raises UnusableList for a quotation mark that is never closed: what stands behind it would leave unread; and for a row that
    never ends.
    """
    number, first, open_lines, size = 1, 0, list[bytes](), 0
    while line := file.readline(LONGEST_RECORD + 1):
        number += 1
        if len(line) > LONGEST_RECORD:
            raise UnusableList(f"{where}:{first if open_lines else number}: the row is longer than {LONGEST_RECORD:,} bytes.")
        if not open_lines:
            if b'"' not in line or not _ends_in_quotes(line, delimiter, within=False):
                yield number, line
                continue
            first, size = number, 0
        closed = bool(open_lines) and (b'"' in line) and not _ends_in_quotes(line, delimiter, within=True)
        open_lines.append(line)
        size += len(line)
        if closed:
            yield first, b"".join(open_lines)
            open_lines.clear()
        elif size > LONGEST_RECORD:
            break
    if open_lines:
        raise UnusableList(f"{where}:{first}: a quotation mark is not closed.")


def _ends_in_quotes(line: bytes, delimiter: bytes, *, within: bool) -> bool:
    """Whether a quoted cell is still open at the end of the line. within: whether one was at its beginning.

    A quotation mark opens a cell only as its first character, as the module `csv` reads it: 5" is an ordinary cell.
    """
    place = 0
    while True:
        if within or line.startswith(b'"', place):
            place += not within
            while (place := line.find(b'"', place)) >= 0 and line.startswith(b'""', place):
                place += 2
            if place < 0:
                return True
        within = False
        place = line.find(delimiter, place) + 1
        if not place:
            return False


def cell(record: bytes, delimiter: str, place: int) -> str:
    """One cell of a row, without its quotation marks. Raises NotAnAddress where the row has no such cell."""
    if b'"' not in record:
        ended = record.rstrip(b"\r\n")
        if b"\r" in ended:
            raise NotAnAddress("There is a line break of another kind in the row.")
        cells = ended.split(delimiter.encode())
        if len(cells) <= place:
            raise NotAnAddress("The row has no such column.")
        raw = cells[place]
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("latin-1")
    try:
        text = record.decode()
    except UnicodeDecodeError:
        text = record.decode("latin-1")
    try:
        (row,) = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return row[place]
    except (csv.Error, ValueError, IndexError) as error:
        raise NotAnAddress("The row has no such column.") from error


def cells_in(record: bytes, delimiter: str) -> int:
    """How many cells a row has; 0 where it cannot be told."""
    if b'"' not in record:
        return record.rstrip(b"\r\n").count(delimiter.encode()) + 1
    try:
        (row,) = csv.reader(io.StringIO(record.decode("latin-1"), newline=""), delimiter=delimiter)
    except (csv.Error, ValueError):
        return 0
    return len(row)


def with_cell(record: bytes, delimiter: str, value: str) -> bytes:
    """The row with one more cell at its end, and the line end that it had. value: nothing that would need quotation marks."""
    row = record.rstrip(b"\r\n")
    return row + delimiter.encode() + value.encode() + record[len(row) :]
