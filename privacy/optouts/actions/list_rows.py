"""Rows of somebody else's mailing list, byte for byte, and the cell of each that says whom it is for."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from customers.canonical import NotAnAddress
from privacy.optouts.models import Channel

LONGEST_RECORD = 1 << 20  # bytes of one row; a quotation mark that is never closed is noticed after so many
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What lists call these columns; dashes and underscores count as spaces. The first that is there is taken.
_EMAIL, _PHONE = "email", "phone"
_CALLED = {
    _EMAIL: ("email", "e mail", "email address", "e mail address", "mail"),
    _PHONE: ("phone", "phone number", "telephone", "telephone number", "tel", "mobile", "mobile phone", "mobile number", "cell",
             "cell phone", "msisdn"),
}  # fmt: skip
_READ = {
    Channel.EMAIL: (_EMAIL,),
    Channel.PHONE: (_PHONE, _EMAIL),
    Channel.SMS: (_PHONE, _EMAIL),
    Channel.POST: (_EMAIL, _PHONE),
    Channel.ALL: (_EMAIL, _PHONE),
}


class UnusableList(Exception):
    """The file cannot be used; nothing was written. The message names file and line."""


def find_column(header: bytes, column: str | None, *, channel: str, where: str) -> tuple[str, int, str]:
    """(delimiter, place, "email" or "phone") of the cell that says whom a row is for. Raises UnusableList.

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
        kind, name = next(((kind, name) for kind in kinds for name in _CALLED[kind] if name in spoken), (kinds[0], kinds[0]))
        found = [place for place, called in enumerate(spoken) if called == name]
    else:
        name = column.strip().lower()
        found = [place for place, called in enumerate(names) if called == name]
        kind = next((kind for kind in kinds if found and spoken[found[0]] in _CALLED[kind]), kinds[0])
    if not found:
        raise UnusableList(f"{where}: there is no column {name!r}; name it with --column; the columns are: {', '.join(names)}.")
    if len(found) > 1:
        raise UnusableList(f"{where}: there is more than one column {name!r}; nobody can say which one is written to.")
    return delimiter, found[0], kind


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
