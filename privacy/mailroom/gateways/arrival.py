"""When did a message in a file arrive? Its mailbox says so, or the server that took it in: "the clock starts at arrival"."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from pathlib import Path

HEAD = 64 * 1024  # bytes of headers in which the topmost Received is looked for
LONGEST_DATE = 100  # characters
# The topmost one is our own server's; whoever sends a mail can write what they like below it.
_RECEIVED = re.compile(rb"^Received[ \t]*:((?:[^\r\n]|\r?\n[ \t]|\r[ \t])*)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")


def of_from_line(line: bytes) -> datetime | None:
    """The instant in the line before a message of an mbox ("From a@example.com Mon Nov 23 10:38:21 2026"); UTC without a zone."""
    days = [match.start() for match in re.finditer(rb"\b(mon|tue|wed|thu|fri|sat|sun)\b", line[:400], re.IGNORECASE)]
    return _instant(line[days[-1] :]) if days else None


def of_received(raw: bytes) -> datetime | None:
    """The instant in the topmost Received header: behind its last semicolon."""
    head = raw[:HEAD].lstrip(b"\r\n \t")
    if end := _END_OF_HEAD.search(head):
        head = head[: end.start()]
    found = _RECEIVED.search(head)
    return _instant(found[1].rpartition(b";")[2]) if found and b";" in found[1] else None


def of_maildir(path: Path) -> datetime | None:
    """When a mail server put this file into a Maildir; None elsewhere, where a copy would have the time of its copying."""
    part = path.parent
    if part.name not in {"new", "cur"} or not all((part.parent / name).is_dir() for name in ("new", "cur")):
        return None
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None


def _instant(text: bytes) -> datetime | None:
    try:
        parsed = parsedate_tz(text[:LONGEST_DATE].decode("ascii", "replace").strip())
        if parsed is None:
            return None
        return datetime(*parsed[:6], tzinfo=timezone(timedelta(seconds=parsed[9] or 0)))
    except (ValueError, TypeError, IndexError, OverflowError):  # what is written there is nobody's promise
        return None
