"""Messages in files: single ones, mbox, Maildir, directories of these, standard input. Reads; changes nothing."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from privacy.mailroom.gateways import arrival

# The line before each message of an mbox file: "From ann@example.com Mon Nov 23 10:38:21 2026", with what programs make of it.
_FROM_LINE = re.compile(
    rb"From \S*.{0,200}(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,20}\d{1,2}:\d\d(:\d\d)?.{0,40}\d{4}", re.IGNORECASE
)
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_UNQUOTED_FROM = re.compile(rb"^From ", re.MULTILINE)
_MAILDIR_PARTS = ("cur", "new")
# What mail servers keep beside the messages of a Maildir.
_OF_SERVERS = re.compile(r"(dovecot[-.]|courier|maildirsize$|maildirfolder$|subscriptions$)(?!.*\.eml$)")
_LENGTH = re.compile(rb"Content-Length[ \t]*:[ \t]*(\d{1,9})\s*$", re.IGNORECASE)
LINE = 1 << 20  # bytes of a line that are read at once
LONGEST_COUNTED = 32 * 1024 * 1024  # bytes of a body that are read ahead because its headers say how many it has
BEHIND = 1_000  # bytes that are looked at behind it
LARGEST_KEPT = 256 * 1024 * 1024  # bytes; of a larger message only the beginning is kept, and that goes to quarantine
BEGINNING = 16 * 1024 * 1024


def printable(path: str) -> str:
    """The path as text that can be printed, whatever bytes the file's name has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Found:
    """One message: where it was, the how-manieth of its file (from 1), its bytes (of a huge one the beginning).

    size: how many bytes it had. arrived: when that was, as far as its mailbox and our server say, the best sign first.
    """

    path: str
    number: int
    raw: bytes
    size: int
    arrived: tuple[datetime, ...] = ()


class _Gathered:
    """The lines of one message, in memory that stays bounded however long it is."""

    def __init__(self, from_line: bytes = b"") -> None:
        self.from_line = from_line
        self.lines: list[bytes] = []
        self.size = 0
        self.in_body = False
        self.body_has: int | None = None  # bytes, as its headers say

    def add(self, line: bytes) -> None:
        self.size += len(line)
        if not self.in_body:
            self.in_body = not line.strip()
            if said := _LENGTH.match(line):
                self.body_has = int(said[1])
        if self.size <= LARGEST_KEPT:
            self.lines.append(line)
        elif self.size - len(line) <= LARGEST_KEPT:
            self.lines = [b"".join([*self.lines, line])[:BEGINNING]]

    def found(self, name: str, number: int, delivered: datetime | None) -> Found:
        raw = b"".join(self.lines)
        signs = (arrival.of_from_line(self.from_line), delivered, arrival.of_received(raw))
        return Found(name, number, raw, self.size, tuple(sign for sign in signs if sign))


class _EndedByReturns:
    """A stream whose lines end in CR alone, as old mail programs of the Macintosh wrote them; read with LF."""

    def __init__(self, begun: bytes, stream: BinaryIO) -> None:
        self._stream = stream
        self._chunk = io.BytesIO(begun.replace(b"\r", b"\n"))

    def readline(self, size: int) -> bytes:
        line = self._chunk.readline(size)
        while not line.endswith(b"\n") and len(line) < size and (more := self._stream.read(LINE)):
            self._chunk = io.BytesIO(line + more.replace(b"\r", b"\n"))
            line = self._chunk.readline(size)
        return line


class _Ahead:
    """Lines of a stream, and whole bodies of which their headers say how long they are."""

    def __init__(self, stream: BinaryIO | _EndedByReturns) -> None:
        self._stream = stream
        self._ahead = io.BytesIO()

    def readline(self, size: int) -> bytes:
        line = self._ahead.readline(size)
        return line if line.endswith(b"\n") or len(line) == size else line + self._stream.readline(size - len(line))

    def body(self, length: int | None) -> bytes | None:
        """So many bytes, if the next message or nothing follows them; else None, and nothing is taken."""
        if length is None or length > LONGEST_COUNTED:
            return None
        lines = [self._ahead.read()]
        size = len(lines[0])
        while size < length + BEHIND and (line := self._stream.readline(LINE)):
            lines.append(line)
            size += len(line)
        ahead = b"".join(lines)
        body, behind = ahead[:length], ahead[length:]
        follows = behind.lstrip(b"\r\n")
        whole = len(body) == length and (body[-1:] in (b"", b"\n") or behind[:1] in (b"", b"\r", b"\n"))
        fits = whole and (not follows or bool(_FROM_LINE.match(follows)))
        self._ahead = io.BytesIO(behind if fits else ahead)
        return body if fits else None


def files_of(path: Path, unreadable: list[str]) -> Iterator[Path]:
    """The files that hold messages: the path itself, or everything below a directory.

    Maildir's `tmp`, its server's lists and hidden files are left out; a directory that links back to itself is walked once.
    Directories that cannot be opened are added to `unreadable`, and so is what is no file.
    """
    if path.is_dir():
        yield from _files_below(path, unreadable, set())
    else:
        yield path


def _files_below(folder: Path, unreadable: list[str], seen: set[Path]) -> Iterator[Path]:
    try:
        real = folder.resolve()
        if real in seen:
            return
        seen.add(real)
        children = sorted(folder.iterdir())
        is_maildir = all((folder / part).is_dir() for part in _MAILDIR_PARTS)
    except OSError:
        unreadable.append(str(folder))
        return
    if is_maildir:
        for part in ("new", "cur"):
            yield from _files_below(folder / part, unreadable, seen)
        children = [c for c in children if c.name not in {*_MAILDIR_PARTS, "tmp"} and not _OF_SERVERS.match(c.name)]
    for child in children:
        # Maildir++ keeps its folders in directories that begin with a dot.
        if child.is_dir() and (not child.name.startswith(".") or (child / "cur").is_dir()):
            yield from _files_below(child, unreadable, seen)
        elif child.is_file() and not child.name.startswith("."):
            yield child
        elif not child.name.startswith(".") and (child.is_symlink() or child.exists()) and not child.is_dir():
            unreadable.append(str(child))  # a link to nowhere, a pipe, a socket


def messages_in(path: Path) -> Iterator[Found]:
    """Every message of one file. A file that is not an mbox is one message, an empty one too. Raises OSError."""
    with path.open("rb") as file:
        yield from _messages(file, name=str(path), single=path.suffix.lower() == ".eml", delivered=arrival.of_maildir(path))


def messages_of_stream(stream: BinaryIO) -> Iterator[Found]:
    """Every message of standard input."""
    yield from _messages(stream, name="-", single=False)


def _messages(source: BinaryIO, *, name: str, single: bool, delivered: datetime | None = None) -> Iterator[Found]:
    message = _Gathered()
    before, first = b"", source.readline(LINE)
    while first and not first.strip() and len(before) < LINE:
        before, first = before + first, source.readline(LINE)
    if single or not _FROM_LINE.match(first):
        message.add(before)
        while first:
            message.add(first)
            first = source.read(LINE)
        yield message.found(name, 1, delivered)
        return
    lines = _Ahead(source if b"\n" in first else _EndedByReturns(first, source))
    if b"\n" not in first:
        first = lines.readline(LINE)
    number, held, counted = 1, first, True
    # An mbox line "From …" begins a message when a header follows it, also where a program left out the blank line before it.
    # A program that counts ("Content-Length") leaves such lines in bodies as they are. It is believed as long as it was right in
    # every message so far: a length that somebody made up hides no other message.
    while line := lines.readline(LINE):
        if held:
            if (number == 1 and not message.size) or _HEADER.match(line):
                if message.size:
                    yield message.found(name, number, delivered)
                    number += 1
                message = _Gathered(held)
            else:
                message.add(held)
            held = b""
        if message.in_body and line.startswith(b"From ") and _FROM_LINE.match(line):
            held = line
            continue
        begins_body = not message.in_body
        message.add(line[1:] if message.in_body and _QUOTED_FROM.match(line) else line)
        if counted and begins_body and message.in_body:
            body = lines.body(message.body_has)
            counted = body is not None
            if body:
                message.add(body if _UNQUOTED_FROM.search(body) else _QUOTED_FROM.sub(rb"\1", body))
    if held and message.size:
        message.add(held)
    yield message.found(name, number, delivered)
