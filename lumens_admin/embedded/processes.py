"""Which processes are a server over one data directory. A pid in a file proves nothing: it may be reused."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

LOOK_EVERY_SECONDS = 0.02


def of_server(data_dir: Path, name: str) -> list[int]:
    """Pids of the living processes of a server over `data_dir`, also over a deleted one of the same path.

    `name` is its `cluster_name`, by which it is known where the system does not let us see its directory.
    """
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _serves(entry, data_dir, name)]


def _serves(process: Path, data_dir: Path, name: str) -> bool:
    try:
        if (process / "comm").read_text() != "postgres\n":
            return False
        try:
            return os.readlink(process / "cwd") in (str(data_dir), f"{data_dir} (deleted)")
        except PermissionError:  # another account's, and root without CAP_SYS_PTRACE: its title bears the name
            return name.encode() in (process / "cmdline").read_bytes()
    except OSError:  # it ended meanwhile
        return False


def send(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for the condition, at most so long. Returns whether it came true."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(LOOK_EVERY_SECONDS)
    return True
