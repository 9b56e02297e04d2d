"""Where the newest seal is written outside the database: a file, or a system log that goes elsewhere (setting LEDGER_ANCHOR).

One line of JSON for each seal. What can rewrite the database cannot rewrite these, if the file or the log is somebody else's.
"""

import fcntl
import json
import logging.handlers
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from privacy.ledger.errors import BadAnchor

KIND = "lumens-seal-1"
LARGEST_BYTES = 1 << 30
LONGEST_LINE = 4096


@dataclass(frozen=True)
class Anchored:
    """A seal as the anchor knows it. line: where it stands in the file, from 1."""

    number: int
    digest: bytes
    sealed_at: str
    line: int = 0


class Anchor(Protocol):
    """seals: all that are there, none where it cannot be asked (answers); known: the newest of them. Raise BadAnchor."""

    name: str
    answers: bool

    def seals(self) -> list[Anchored]: ...

    def known(self) -> Anchored | None: ...

    def write(self, lines: Sequence[str]) -> None: ...


def line_of(number: int, digest: bytes, sealed_at: datetime, entries: int) -> str:
    said = {
        "kind": KIND,
        "seal": number,
        "digest": bytes(digest).hex(),
        "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "entries": entries,
    }
    return json.dumps(said)


def read_anchor(path: Path, *, torn_end: bool = False) -> list[Anchored]:
    """Every seal that an anchor file names; lines of a system log too. Raises BadAnchor naming file and line.

    A line that was torn when the disk was full, or the power failed, is let pass where the next one says all of it. torn_end:
    also where it is the last one, and has no end: for whoever is about to write that next line.
    """
    try:
        if not path.is_file() and path.exists():
            raise BadAnchor(f"{path}: not a file.")
        if path.stat().st_size > LARGEST_BYTES:
            raise BadAnchor(f"{path}: larger than any anchor.")
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise BadAnchor(f"{path}: {error.strerror}.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_parsed(line, number))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            following = lines[number] if number < len(lines) else ""
            is_torn_end = torn_end and number == len(lines)
            if not is_torn_end and not (following and following.startswith(line)):
                raise BadAnchor(f"{path}, line {number}: names no seal.") from error
    return found


def _parsed(line: str, number: int) -> Anchored:
    said: Any = json.loads(line[line.index("{") :])
    digest = bytes.fromhex(said["digest"])
    if said["kind"] != KIND or type(said["seal"]) is not int or said["seal"] < 1 or len(digest) != 32:
        raise ValueError(line)
    # The instant is said again to whoever verifies: it is one, and nothing that steers a terminal.
    return Anchored(said["seal"], digest, datetime.fromisoformat(said["sealed_at"]).isoformat(timespec="microseconds"), number)


class FileAnchor:
    """Lines are only ever added; may be a file that the system lets nobody rewrite (`chattr +a`)."""

    answers = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)

    def seals(self) -> list[Anchored]:
        return read_anchor(self.path, torn_end=True) if self.path.exists() else []

    def known(self) -> Anchored | None:
        return max(self.seals(), key=lambda one: one.number, default=None)

    def write(self, lines: Sequence[str]) -> None:
        """All of the lines at once, on the disk before this returns. What fits only in part is taken back if that is allowed."""
        text = ("".join(f"{line}\n" for line in lines)).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadAnchor(f"{self.path}: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            torn = _torn_end(descriptor, size)
            if torn and not text.startswith(torn) and not _is_whole(torn):
                raise BadAnchor(f"{self.path}: its last line was torn, and is none of this ledger's.")
            text = b"\n" + text if torn else text
            try:
                written = os.write(descriptor, text)
                if written < len(text):
                    os.ftruncate(descriptor, size)
                    raise BadAnchor(f"{self.path}: No space left on device.")
                os.fsync(descriptor)
            except OSError as error:
                raise BadAnchor(f"{self.path}: {error.strerror}.") from error
        finally:
            os.close(descriptor)


def _is_whole(line: bytes) -> bool:
    """Whether a last line lacks nothing but its end: the power failed just there, or an editor left it out."""
    try:
        _parsed(line.decode("utf-8", "replace"), 0)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return True


def _torn_end(descriptor: int, size: int) -> bytes:
    """What stands after the last end of a line; a line of ours is shorter than LONGEST_LINE."""
    last = os.pread(descriptor, LONGEST_LINE, max(0, size - LONGEST_LINE))
    return last[last.rfind(b"\n") + 1 :]


class SyslogAnchor:
    """`syslog:` is this machine's log, `syslog://host:514` another's by UDP. A log cannot be asked what it knows."""

    answers = False

    def __init__(self, host: str, port: int) -> None:
        self._address: Any = (host, port) if host else "/dev/log"
        self.name = f"system log at {host}:{port}" if host else "this machine's system log"

    def seals(self) -> list[Anchored]:
        return []

    def known(self) -> None:
        return None

    def write(self, lines: Sequence[str]) -> None:
        """The newest seal: it stands for all before it."""
        try:
            handler = logging.handlers.SysLogHandler(self._address, facility=logging.handlers.SysLogHandler.LOG_AUTHPRIV)
        except (OSError, socket.gaierror) as error:
            raise BadAnchor(f"{self.name}: {error.strerror}.") from error
        try:
            handler.ident = "lumens-ledger: "
            handler.handleError = _raise  # type: ignore[method-assign]
            handler.emit(logging.LogRecord("lumens.ledger", logging.NOTSET + 20, "", 0, lines[-1], None, None))
        finally:
            handler.close()


def _raise(record: logging.LogRecord) -> None:
    raise BadAnchor("The seal could not be written to the system log.")


def anchor_at(place: str) -> Anchor:
    """What LEDGER_ANCHOR names: a path, `file:///path`, `syslog:` or `syslog://host:port`. Raises BadAnchor."""
    parts = urlsplit(place)
    if parts.scheme == "syslog":
        return SyslogAnchor(parts.hostname or "", parts.port or 514)
    if parts.scheme in ("", "file") and parts.path and not parts.netloc:
        return FileAnchor(Path(parts.path))
    raise BadAnchor(f"LEDGER_ANCHOR: {parts.scheme}: is not known; give a path, syslog: or syslog://host:port.")
