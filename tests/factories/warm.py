"""Processes of the house that begin at once: forked from one that has imported all of it.

For tests of what happens when they are killed, of which each needs several: a start of their own takes seconds. How a command
starts and ends at a terminal is tried with real starts (test_commands_interrupted.py, test_process_list.py, test_make_run.py).
"""

import atexit
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from unittest import mock

from tests.factories.processes import environment_here

FORKS = multiprocessing.get_context("forkserver")


class Warm:
    """A process in which `act(*arguments)` runs. What it says goes into a file; it ends as any other process does."""

    def __init__(self, act: Callable[..., None], *arguments: Any) -> None:
        _one_that_has_imported_all()
        self._says = tempfile.NamedTemporaryFile()  # noqa: SIM115
        self._process = FORKS.Process(target=_apart, args=(self._says.name, act, arguments))
        self._process.start()
        self.pid = self._process.pid
        self.kill, self.terminate = self._process.kill, self._process.terminate

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float = 120) -> int | None:
        self._process.join(seconds)
        assert self._process.exitcode is not None, "it is still at work"
        return self._process.exitcode

    def said(self) -> str:
        return Path(self._says.name).read_text(errors="replace")

    def said_at_its_end(self) -> str:
        self.wait()
        return self.said()


def command(*arguments: str) -> Warm:
    """A command of the house."""
    return Warm(_command, *arguments)


@contextmanager
def running_web() -> Iterator[tuple[tuple[str, int], Warm]]:
    """As `processes.running_web`, without the time that a start takes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = Warm(_web, listener)
        try:
            yield listener.getsockname(), process
        finally:
            process.terminate()
            process.wait(10)


def _command(*arguments: str) -> None:
    from manage import main

    sys.argv = ["manage.py", *arguments]
    main()


def _web(listener: socket.socket) -> None:
    from lumens_admin.serve.web import main

    main(os.getppid(), listener.detach())


def _apart(says: str, act: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """In the new process."""
    os.setsid()
    with open(says, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    act(*arguments)


@cache
def _one_that_has_imported_all() -> None:
    """One for each process of the tests: it knows this one's database, and has no connection to it."""
    var = tempfile.TemporaryDirectory(prefix="lumens-warm-")
    atexit.register(var.cleanup)
    environment = environment_here(LUMENS_VAR=var.name, DJANGO_SETTINGS_MODULE="lumens_admin.settings")
    FORKS.set_forkserver_preload(["tests.factories.preloaded"])
    with mock.patch.dict(os.environ, environment):
        forkserver.ensure_running()
