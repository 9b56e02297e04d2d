"""Messages in files: single ones, mbox, Maildir, directories of these, standard input. Reads; changes nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# The line before each message of an mbox file: "From ann@example.com Mon Nov 23 10:38:21 2026", with what programs make of it.
_FROM_LINE = re.compile(
    rb"From \S*.{0,200}(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,20}\d{1,2}:\d\d(:\d\d)?.{0,40}\d{4}", re.IGNORECASE
)
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_MAILDIR_PARTS = ("cur", "new")
LINE = 1 << 20  # bytes of a line that are read at once


@dataclass(frozen=True)
class Found:
    """One message: where it was, the how-manieth of its file (from 1), its bytes."""

    path: str
    number: int
    raw: bytes


def files_of(path: Path) -> Iterator[Path]:
    """The files that hold messages: the path itself, or everything below a directory.

    Maildir's `tmp` and hidden files are left out.
    """
    if not path.is_dir():
        yield path
        return
    if all((path / part).is_dir() for part in _MAILDIR_PARTS):
        for part in ("new", "cur"):
            yield from sorted(child for child in (path / part).iterdir() if child.is_file() and not child.name.startswith("."))
    for child in sorted(path.iterdir()):
        skip = child.name in {*_MAILDIR_PARTS, "tmp"} and all((path / part).is_dir() for part in _MAILDIR_PARTS)
        # Maildir++ keeps its folders in directories that begin with a dot.
        hidden = child.name.startswith(".") and not (child / "cur").is_dir()
        if not skip and not hidden and (child.is_dir() or child.is_file()):
            yield from files_of(child)


def messages_in(path: Path) -> Iterator[Found]:
    """Every message of one file. A file that is not an mbox is one message, an empty one too."""
    with path.open("rb") as file:
        yield from _messages(file, name=str(path), single=path.suffix.lower() == ".eml")


def messages_of_stream(stream: BinaryIO) -> Iterator[Found]:
    """Every message of standard input."""
    yield from _messages(stream, name="-", single=False)


def _messages(stream: BinaryIO, *, name: str, single: bool) -> Iterator[Found]:
    first = stream.readline(LINE)
    if single or not _FROM_LINE.match(first):
        yield Found(name, 1, first + stream.read())
        return
    lines: list[bytes] = []
    number, blank, held = 1, False, first
    # An mbox line "From …" begins a message after a blank line, when a header follows it.
    while line := stream.readline(LINE):
        if held:
            if (number == 1 and not lines) or _HEADER.match(line):
                if lines:
                    yield Found(name, number, b"".join(lines))
                    number += 1
                lines = []
            else:
                lines.append(held)
            held = b""
        if blank and line.startswith(b"From ") and _FROM_LINE.match(line):
            held, blank = line, False
            continue
        blank = not line.strip()
        lines.append(line[1:] if re.match(rb">+From ", line) and lines and _after_headers(lines) else line)
    if held and lines:
        lines.append(held)
    yield Found(name, number, b"".join(lines))


def _after_headers(lines: list[bytes]) -> bool:
    return any(not line.strip() for line in lines[:2000])
