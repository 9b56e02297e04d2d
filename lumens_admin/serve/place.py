"""One supervisor per clone and port, and the port itself.

A supervisor holds a lock on a file for as long as it lives, so one that was killed holds nothing. Its children
carry the file's name in their environment: whoever gets the lock and still finds such processes, ends them.
"""

import errno
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lumens_admin.embedded import processes
from lumens_admin.serve import CannotServe

MARK = "LUMENS_PLACE"
RUNNING, STOPPING = "running", "stopping"
GIVE_WAY_SECONDS = 1  # one that was just told to stop may not have said so yet
STOPPING_SECONDS = 10
ENDING_SECONDS = 5
PORT_IS_FREED_WITHIN_SECONDS = 2
BACKLOG = 1024
SEND_BUFFER_BYTES = 64 * 2**10


@dataclass(frozen=True)
class Place:
    """The listening socket, what children's environment must hold, and the locked file."""

    listener: socket.socket
    mark: dict[str, str]
    file: TextIO

    def say_stopping(self) -> None:
        """Let a next start wait for us instead of giving up."""
        _write(self.file, STOPPING)


@contextmanager
def take(var_dir: Path, port: int) -> Iterator[Place]:
    """Have the port for ourselves. Raises CannotServe when another program, or another `make run`, has it."""
    path = (var_dir / "run" / f"{port}.lock").resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise CannotServe(f"{path} cannot be written: {error.strerror}.") from error
    with file:
        if not _lock(file):
            raise CannotServe(
                f"Lumens Admin already runs here, at http://127.0.0.1:{port}/. "
                f"Stop it first, or choose another port: make run PORT={port + 1}"
            )
        _write(file, RUNNING)
        _end_left_overs(path)
        with _listen(port) as listener:
            yield Place(listener, {MARK: str(path)}, file)


def _lock(file: TextIO) -> bool:
    began_at = time.monotonic()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            file.seek(0)
            patience = STOPPING_SECONDS if file.read() == STOPPING else GIVE_WAY_SECONDS
            if time.monotonic() - began_at > patience:
                return False
            time.sleep(0.05)


def _write(file: TextIO, state: str) -> None:
    file.truncate(0)
    file.write(state)
    file.flush()


def _end_left_overs(path: Path) -> None:
    wanted = f"{MARK}={path}".encode()

    def left_over() -> list[int]:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _carries(entry, wanted)]

    if not left_over():
        return
    processes.send(left_over(), signal.SIGTERM)
    if not processes.until(lambda: not left_over(), ENDING_SECONDS):
        processes.send(left_over(), signal.SIGKILL)
        processes.until(lambda: not left_over(), ENDING_SECONDS)


def _carries(process: Path, wanted: bytes) -> bool:
    try:
        return wanted in (process / "environ").read_bytes().split(b"\0") and int(process.name) != os.getpid()
    except OSError:  # it ended, or it is somebody else's
        return False


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What the kernel has taken for a slow reader leaves, whoever loses access meanwhile: it may take little.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    began_at = time.monotonic()
    while True:
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(BACKLOG)
            return listener
        except OSError as error:
            # A left-over that is just ending has no environment to know it by any more, and still its sockets.
            if error.errno == errno.EADDRINUSE and time.monotonic() - began_at < PORT_IS_FREED_WITHIN_SECONDS:
                time.sleep(0.05)
                continue
            listener.close()
            if error.errno == errno.EADDRINUSE:
                raise CannotServe(
                    f"Port {port} is used by another program. Stop that, or choose another port: make run PORT={port + 1}"
                ) from error
            raise CannotServe(f"Port {port} cannot be used: {error.strerror}. Choose another: make run PORT=8001") from error
