"""The reader: a process of its own that reads messages under limits of memory and time, and is replaced when it breaks one."""

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

WALL_SECONDS = 15.0
LARGEST_READ = 32 * 1024 * 1024  # bytes; larger messages are kept, not read
MESSAGES_PER_PROCESS = 2_000
_ROOT = Path(__file__).resolve().parents[3]


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None


class CannotRead(Exception):
    """The message could not be read within the limits; str() says why, for the quarantine page."""


class Reader(Protocol):
    """Reads one message. Raises CannotRead."""

    def read(self, raw: bytes) -> dict[str, Any]: ...


class ProcessReader:
    """One child process that reads many messages, one at a time; killed and started anew when it breaks a limit.

    Use as a context manager. Not shared between threads.
    """

    def __init__(self, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> "ProcessReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):  # what was still to be written when it died goes nowhere
                    stream.close()

    def read(self, raw: bytes) -> dict[str, Any]:
        """What `parsing.parse` says of the message. Raises CannotRead."""
        if len(raw) > LARGEST_READ:
            raise CannotRead(f"it is larger than {LARGEST_READ // 1024 // 1024} MB")
        if self._served >= MESSAGES_PER_PROCESS:
            self.close()
        fresh = self._process is None
        process = self._process or self._start()
        try:
            answer = json.loads(self._exchange(process, raw))
        except TimeoutError as error:
            self.close()
            raise CannotRead(f"reading it took more than {self._wall_seconds:g} seconds") from error
        except (EOFError, BrokenPipeError, ValueError) as error:
            worked_itself_to_death = _ended(process) == -signal.SIGXCPU
            self.close()
            if not fresh and not worked_itself_to_death:  # ended between two messages, or others had filled its memory
                return self.read(raw)
            raise CannotRead("reading it took too much memory or processor time") from error
        self._served += 1
        if not answer.pop("ok"):
            raise CannotRead(answer["why"])
        found: dict[str, Any] = answer
        return found

    def _start(self) -> subprocess.Popen[bytes]:
        self._served = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "privacy.mailroom.gateways.parsing"],
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},  # no secrets in there
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], raw: bytes) -> bytes:
        assert process.stdin is not None
        until = time.monotonic() + self._wall_seconds
        # The process takes the whole message before it looks at it, so this write cannot hang on a slow one.
        process.stdin.write(struct.pack(">Q", len(raw)) + raw)
        process.stdin.flush()
        (size,) = struct.unpack(">Q", self._take(process, 8, until))
        return self._take(process, size, until)

    def _take(self, process: subprocess.Popen[bytes], size: int, until: float) -> bytes:
        assert process.stdout is not None
        data = bytearray()
        descriptor = process.stdout.fileno()
        while len(data) < size:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            chunk = os.read(descriptor, min(size - len(data), 1 << 20))
            if not chunk:
                raise EOFError
            data += chunk
        return bytes(data)
