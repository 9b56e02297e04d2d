"""The HR export as a file: rows that can be used, and rows that cannot, each with its line and field (INTERFACES.md)."""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from customers.cards import holds_a_card_number
from customers.instants import EARLIEST, LATEST
from privacy.workforce.models import WorkerType
from privacy.workforce.queries import login_keys

COLUMNS = ("login", "name", "email", "worker_type", "job_function", "department", "manager_login", "start_on", "end_on")
OPEN_END = "9999-12-31"  # how SAP and others write that there is no last day
LARGEST_FILE_BYTES = 64 * 1024 * 1024
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FORMULA = ("=", "+", "-", "@", "\t")
_is_email = EmailValidator()


class UnusableFile(Exception):
    """The file as a whole cannot be read. str(): file, line where there is one, and what is wrong."""


@dataclass(frozen=True)
class RosterRow:
    """One person as HR says they are. Functions and departments are as written, by code or name; days are dates of the company's
    time zone.

    key, manager_key: what these logins are compared by (login_keys). function_called, department_called: what is new is named so,
    so that the next roster finds it again.
    """

    line: int
    login: str
    name: str
    email: str
    worker_type: str
    job_function: str
    department: str
    manager_login: str
    start_on: date
    end_on: date | None
    key: str = ""
    manager_key: str = ""
    function_called: str = ""
    department_called: str = ""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not applied. login: whom it names, where it names anybody; field: what is wrong with it.

    is_unsure: the login itself is wrong, or the row as a whole: it may be meant for somebody else. end_on: the last day that it
    says nevertheless.
    """

    line: int
    login: str
    field: str
    problem: str
    is_unsure: bool = False
    key: str = ""
    end_on: date | None = None

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.problem}"


def parse_roster(path: Path) -> tuple[list[RosterRow], list[RefusedRow]]:
    """Read a roster. Raises UnusableFile where it is no CSV in UTF-8, lacks a column, or holds no row at all."""
    text = unicodedata.normalize("NFC", _text_of(path))  # as logins and names are kept; some systems write é as two characters
    csv.field_size_limit(LARGEST_FILE_BYTES)  # a cell that is too long is its row's fault, not the file's
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    good: list[RosterRow] = []
    refused: list[RefusedRow] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        _check_header(path, header)
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                break
            if any(cell.strip() for cell in cells):
                row = _row(line, header, cells)
                (good if isinstance(row, RosterRow) else refused).append(row)  # type: ignore[arg-type]
    except csv.Error as error:
        raise UnusableFile(f"{path}:{reader.line_num}: {error}") from error
    if not good and not refused:
        raise UnusableFile(f"{path}: there is nobody in this file; an empty roster is never applied")
    keys = login_keys([row.login for row in good] + [row.manager_login for row in good] + [row.login for row in refused])
    good = [replace(row, key=keys[row.login], manager_key=keys[row.manager_login]) for row in good]
    refused = [replace(row, key=keys[row.login]) for row in refused]
    times = Counter(row.key for row in good) + Counter(row.key for row in refused if row.login)
    refused = [replace(row, end_on=row.end_on if times[row.key] == 1 else None) for row in refused]
    twice = [row for row in good if times[row.key] > 1]
    refused += [
        RefusedRow(row.line, row.login, "login", f"“{row.login}” is in the file more than once", key=row.key) for row in twice
    ]
    return [row for row in good if times[row.key] == 1], sorted(refused, key=lambda row: row.line)


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:  # a pipe or a device does not say how long it is
            raw = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    if len(raw) > LARGEST_FILE_BYTES:
        raise UnusableFile(f"{path}: larger than {LARGEST_FILE_BYTES // 2**20} MB")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnusableFile(f"{path}:1: this is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnusableFile(f"{path}:{line}: not UTF-8 (byte 0x{raw[error.start]:02X}); save the export as UTF-8") from error


def _check_header(path: Path, header: list[str]) -> None:
    if not any(header):
        raise UnusableFile(f"{path}: there is nobody in this file; an empty roster is never applied")
    if "\x00" in header[0]:
        raise UnusableFile(f"{path}:1: this is no text in UTF-8; save the export as UTF-8")
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and header[0].count(mark) >= len(COLUMNS) - 1:
            raise UnusableFile(f"{path}:1: the columns are separated by {name}; save the export with commas")
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise UnusableFile(f"{path}:1: columns missing: {', '.join(missing)}")
    twice = sorted(column for column, times in Counter(header).items() if times > 1 and column in COLUMNS)
    if twice:
        raise UnusableFile(f"{path}:1: columns twice: {', '.join(twice)}")


class _Bad(Exception):
    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem


def _row(line: int, header: list[str], cells: list[str]) -> RosterRow | RefusedRow:
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    login = values.get("login", "")
    try:
        if len(cells) != len(header):
            raise _Bad("row", f"{len(cells)} cells where the header has {len(header)}")
        for name in COLUMNS:
            _check_cell(name, values[name])
        start_on = _day("start_on", values["start_on"])
        if start_on is None:
            raise _Bad("start_on", "is missing")
        end_on = _day("end_on", values["end_on"])
        if end_on is not None and end_on < start_on:
            raise _Bad("end_on", f"{end_on} comes before start_on {start_on}")
        worker_type = values["worker_type"].lower()
        if worker_type not in WorkerType.values:
            raise _Bad("worker_type", f"“{values['worker_type']}” is neither {' nor '.join(WorkerType.values)}")
        return RosterRow(
            line,
            login,
            values["name"],
            values["email"],
            worker_type,
            values["job_function"],
            values["department"],
            values["manager_login"],
            start_on,
            end_on,
        )
    except _Bad as bad:
        is_unsure = not login or bad.field in ("login", "row")
        last_day = None if is_unsure else _last_day(values)
        return RefusedRow(line, login, bad.field, bad.problem, is_unsure=is_unsure, end_on=last_day)


_LONGEST = {"login": 150, "name": 200, "email": 254, "manager_login": 150}


def _check_cell(name: str, value: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for character in value):
        raise _Bad(name, "holds an invisible or control character")
    if value.startswith(_FORMULA):
        raise _Bad(name, f"begins like a spreadsheet formula: {value[:1]}")
    if holds_a_card_number(value):
        raise _Bad(name, "looks like a card number, which is never kept")
    if len(value) > _LONGEST.get(name, 200):
        raise _Bad(name, f"longer than {_LONGEST.get(name, 200)} characters")
    if not value and name in ("login", "name", "worker_type", "job_function"):
        raise _Bad(name, "is missing")
    if name in ("login", "manager_login") and any(character.isspace() for character in value):
        raise _Bad(name, "holds a space")
    if name == "login" and unicodedata.normalize("NFKC", value) != value:
        raise _Bad(name, "holds a character that only looks like another one")
    if name == "email" and value:
        try:
            _is_email(value)
        except ValidationError:
            raise _Bad(name, "is no e-mail address") from None


def _last_day(values: dict[str, str]) -> date | None:
    """That of a row of which something else is wrong, where its cells stand in their columns: its days are two, in their order.

    With a comma too many in a name, the first day of somebody who works here would stand for their last.
    """
    try:
        days = [_day(name, values[name]) for name in ("start_on", "end_on")]
    except _Bad:
        return None
    first, last = days
    return last if first is not None and last is not None and first <= last else None


def _day(name: str, value: str) -> date | None:
    if not value:
        return None
    if not _DAY.fullmatch(value):
        raise _Bad(name, f"“{value}” is no day of the form 2026-11-30")
    if name == "end_on" and value == OPEN_END:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _Bad(name, f"“{value}” is no day of the calendar") from None
    if not EARLIEST <= day <= LATEST:
        raise _Bad(name, f"“{value}” is no day of anybody's working life")
    return day
