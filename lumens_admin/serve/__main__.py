"""`python -m lumens_admin.serve`: prepare, serve, and stop everything at Ctrl-C.

Exit status: 0 stopped when asked to, 1 something broke, 2 it cannot be served here (one line says why).
"""

import os
import signal
import sys
import time
from contextlib import ExitStack, suppress
from types import FrameType

from lumens_admin.database import VAR_DIR, create_role_and_database, embedded_server
from lumens_admin.embedded import EmbeddedPostgresError
from lumens_admin.environment import LAST_PORT
from lumens_admin.serve import CannotServe, children, place, preparation

DEFAULT_PORT = 8000
DEMONSTRATION_LOGINS = VAR_DIR / "demo-logins.txt"


class Stopped(BaseException):
    """Somebody asked us to stop."""


def main() -> int:
    began_at = time.monotonic()
    for asked_by in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked_by, _stop)
    try:
        serve(began_at)
    except Stopped:
        return 0
    except (CannotServe, EmbeddedPostgresError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except children.Broken as broken:
        print(broken, file=sys.stderr)
        return 1
    return 0


def serve(began_at: float) -> None:
    """Prepare and serve until stopped. Raises CannotServe, EmbeddedPostgresError, Broken, Stopped."""
    database = preparation.named_database()
    port = _port()
    with ExitStack() as held:
        # First the port: whoever cannot have it must not touch anything else.
        ours = held.enter_context(place.take(VAR_DIR, port))
        server = None
        try:
            if database:
                preparation.check_named_database(database)
            else:
                server = embedded_server()
                held.enter_context(server.hold())
                create_role_and_database(server)
            preparation.prepare(ours.mark)
            running = held.enter_context(children.running(ours))
            running.wait_until_it_answers(port)
            with suppress(OSError):  # what only makes a printed address right stops nobody
                LAST_PORT.write_text(f"{port}\n")
            _announce(port, time.monotonic() - began_at)
            running.keep(server)
        except BaseException:
            _ignore_further_requests_to_stop()
            ours.say_stopping()
            raise


def _port() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise CannotServe(f"PORT={text} is not a port: choose a number from 1 to 65535.")
    return int(text)


def _announce(port: int, seconds: float) -> None:
    address = f"http://127.0.0.1:{port}"
    print(f"\nLumens Admin is ready after {seconds:.1f} s. Ctrl-C stops it.")
    print(f"  Back office        {address}/")
    print(f"  Privacy statement  {address}/statement/")
    lines = DEMONSTRATION_LOGINS.read_text().splitlines() if DEMONSTRATION_LOGINS.exists() else []
    if preparation.any_works_here(line.split()[0] for line in lines if line.strip()):  # the file may be of another database
        print("  Demonstration logins:")
        for line in lines:
            print(f"    {line}".rstrip())
    sys.stdout.flush()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise Stopped


def _ignore_further_requests_to_stop() -> None:
    for asked_by in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked_by, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
