"""The web servers and the background worker, kept running until we stop.

Each child asks Linux to be ended when we are (PR_SET_PDEATHSIG), and is its own process group: a Ctrl-C at the
terminal reaches only us, and we stop them in order.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lumens_admin.database import BASE_DIR, VAR_DIR
from lumens_admin.embedded import EmbeddedPostgres, EmbeddedPostgresError, processes
from lumens_admin.serve.place import Place

LOG_DIR = VAR_DIR / "log"
LARGEST_LOG_BYTES = 10_000_000
WEB_PROCESSES = 2
ANSWER_SECONDS = 60
STOP_SECONDS = 3.5
LOOK_EVERY_SECONDS = 0.25
LOGS_EVERY_SECONDS = 60
FIRST_PAUSE_SECONDS = 1
LONGEST_PAUSE_SECONDS = 30
STEADY_AFTER_SECONDS = 60


class Broken(Exception):
    """A child that is needed does not run. The message is one line for a person."""


@dataclass
class Child:
    """One process of ours, and when it may be started again."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    start_again_at: float = field(default=0)

    def start(self, ours: Place) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                env={**os.environ, **ours.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[ours.listener.fileno()],
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Children:
    """All of them. `keep` watches over them until something raises."""

    def __init__(self, ours: Place) -> None:
        python, supervisor = sys.executable, str(os.getpid())
        web = [python, "-m", "lumens_admin.serve.web", supervisor, str(ours.listener.fileno())]
        worker = [python, "-m", "lumens_admin.serve.worker", supervisor]
        self.ours = ours
        self.web = [Child("web server", web, LOG_DIR / "web.log") for _ in range(WEB_PROCESSES)]
        self.all = [*self.web, Child("background worker", worker, LOG_DIR / "worker.log")]

    def wait_until_it_answers(self, port: int) -> None:
        """Raises Broken when the web server cannot start."""
        give_up_at = time.monotonic() + ANSWER_SECONDS
        while not _answers(port):
            ended = next((child for child in self.web if not child.runs()), None)
            if ended:
                raise Broken(f"The web server does not start: {_last_line(ended.log)} (log: {ended.log})")
            if time.monotonic() > give_up_at:
                raise Broken(f"The web server does not answer after {ANSWER_SECONDS} s. Log: {self.web[0].log}")

    def keep(self, database: EmbeddedPostgres | None = None) -> None:
        """Start again whatever ends, after a pause that grows while it keeps ending. Never returns.

        database: the one that we brought along. Out of memory, Linux may well choose that.
        """
        look_at_the_database = look_at_the_logs = 0.0
        pause_seconds: float = FIRST_PAUSE_SECONDS
        while True:
            for child in self.all:
                self._look_after(child)
            if time.monotonic() >= look_at_the_logs:
                _turn_over()
                look_at_the_logs = time.monotonic() + LOGS_EVERY_SECONDS
            if database is not None and time.monotonic() >= look_at_the_database:
                pause_seconds = _look_after_database(database, pause_seconds)
                look_at_the_database = time.monotonic() + pause_seconds
            time.sleep(LOOK_EVERY_SECONDS)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                child.start(self.ours)
        elif not child.runs():
            steady = now - child.started_at > STEADY_AFTER_SECONDS
            child.pause_seconds = FIRST_PAUSE_SECONDS if steady else min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            child.start_again_at = now + child.pause_seconds
            ended = f"The {child.name} ended (status {child.process.returncode})"
            print(f"{ended}; starting it again in {child.pause_seconds:.0f} s. Log: {child.log}", flush=True)
            child.process = None

    def stop(self) -> None:
        """Ask all of them at once, wait a little, then end them with everything they started."""
        for child in self.all:
            if child.process is not None and child.runs():
                processes.send([child.process.pid], signal.SIGTERM)
        processes.until(lambda: not any(child.runs() for child in self.all), STOP_SECONDS)
        for child in self.all:
            if child.process is not None:
                _end_group(child.process)


@contextmanager
def running(ours: Place) -> Iterator[Children]:
    """Have all of them running inside the block."""
    LOG_DIR.mkdir(parents=True, exist_ok=True)
    _turn_over()
    children = Children(ours)
    try:
        for child in children.all:
            child.start(ours)
        yield children
    finally:
        children.stop()


def _turn_over() -> None:
    """Keep what a long log says beside it, in place of what stood there before, and let it begin anew.

    Copied and emptied, not renamed: the processes write on into the file that they have, always at its end (O_APPEND).
    """
    for log in (LOG_DIR / "web.log", LOG_DIR / "worker.log"):
        with suppress(OSError):  # a full disk: the log goes on as it is
            if log.stat().st_size > LARGEST_LOG_BYTES:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)


def _look_after_database(database: EmbeddedPostgres, pause_seconds: float) -> float:
    """Have it running; returns the seconds until it is looked at again, which grow while it cannot be started."""
    if database.runs():
        return FIRST_PAUSE_SECONDS
    print(f"The database ended; starting it again. Log: {database.log}", flush=True)
    try:
        database.start()
    except EmbeddedPostgresError as refusal:
        print(refusal, flush=True)
        return min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
    return FIRST_PAUSE_SECONDS


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it did not say why")
