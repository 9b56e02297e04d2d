"""One real try to log in to PostgreSQL, told apart by the server's own code: a refusal, or nothing learnt.

psycopg keeps the text of a failed connection but not its SQLSTATE, and the text is in the server's language. libpq writes the
code into the text when it is asked for verbose errors, which it must be asked for before it connects.
"""

import ctypes
import re
import select
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import pq
from psycopg.conninfo import make_conninfo

_VERBOSE = 2  # PQERRORS_VERBOSE
_CODE = re.compile(r"^(?:.*?: )?\S+: +([0-9A-Z]{5}): ", re.MULTILINE)


@dataclass(frozen=True)
class LogIn:
    """entered: the server let us in. sqlstate: its code when it refused; empty: the server said nothing, so nothing is known."""

    entered: bool
    sqlstate: str
    said: str

    @property
    def refused(self) -> bool:
        """Whether the server itself refused, for want of authority (class 28)."""
        return not self.entered and self.sqlstate.startswith("28")


@cache
def _libpq() -> ctypes.CDLL | None:
    """The very libpq that psycopg has loaded."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.rsplit(" ", 1)[-1]
        if re.search(r"/libpq[-.][^/]*so", path):
            return ctypes.CDLL(path)
    return None


def _ask_for_codes(connection: Any) -> None:
    library = _libpq()
    if library is not None and getattr(connection, "pgconn_ptr", None):
        library.PQsetErrorVerbosity.argtypes = [ctypes.c_void_p, ctypes.c_int]
        library.PQsetErrorVerbosity(connection.pgconn_ptr, _VERBOSE)


def try_to_log_in(parameters: dict[str, Any], *, seconds: float) -> LogIn:
    """Try once; leave at once if let in. Never raises for what the server or the network does."""
    give_up_at = time.monotonic() + seconds
    connection = pq.PGconn.connect_start(make_conninfo("", **parameters).encode())
    _ask_for_codes(connection)
    try:
        while connection.status != pq.ConnStatus.BAD:
            step = connection.connect_poll()
            if step == pq.PollingStatus.OK:
                return LogIn(entered=True, sqlstate="", said="the server let us in")
            if step == pq.PollingStatus.FAILED:
                break
            left = give_up_at - time.monotonic()
            reading, writing = ([connection.socket], []) if step == pq.PollingStatus.READING else ([], [connection.socket])
            if left <= 0 or not any(select.select(reading, writing, [], left)):
                return LogIn(entered=False, sqlstate="", said="no answer in time")
        said = connection.error_message.decode(errors="replace").strip()
        found = _CODE.search(said)
        return LogIn(entered=False, sqlstate=found[1] if found else "", said=said.split("\nLOCATION:")[0])
    finally:
        connection.finish()
