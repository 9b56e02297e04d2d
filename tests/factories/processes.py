"""Other processes, real ones, on the test's own database."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment_here(**more: str) -> dict[str, str]:
    """The environment in which another process works on this test's database, with the same keys."""
    here = connection.settings_dict
    # Where the server listens on a socket, django-environ puts its directory with the options.
    host = here["HOST"] or here["OPTIONS"].get("host", "")
    port = f"&port={here['PORT']}" if here["PORT"] else ""
    login = f"{quote(here['USER'], safe='')}:{quote(here['PASSWORD'], safe='')}"
    url = f"postgresql://{login}@/{quote(here['NAME'], safe='')}?host={quote(host)}{port}"
    keys = {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEYS": ",".join(settings.FIELD_KEYS), "INDEX_KEY": settings.INDEX_KEY}
    return {**os.environ, **keys, "DATABASE_URL": url, **more}


@contextmanager
def running_web(var: Path) -> Iterator[tuple[tuple[str, int], subprocess.Popen[bytes]]]:
    """The server that `make run` starts, on this test's database: its address, and the process, ended with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = environment_here(LUMENS_VAR=str(var), DJANGO_SETTINGS_MODULE="lumens_admin.settings")
        command = [sys.executable, "-m", "lumens_admin.serve.web", str(os.getpid()), str(listener.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname(), process
        finally:
            process.terminate()
            process.wait(10)


# The worker that `make run` starts; the clock of its process says another time, and goes on from there.
WORKER_AT = """
import sys, time_machine
from datetime import datetime
time_machine.travel(datetime.fromisoformat(sys.argv[2]), tick=True).start()
from lumens_admin.serve.worker import main
main(int(sys.argv[1]))
"""


@contextmanager
def running_worker(var: Path, *, at: datetime) -> Iterator[None]:
    """The background worker on this test's database, to whom it is `at` when it starts; ended with the block."""
    environment = environment_here(LUMENS_VAR=str(var), DJANGO_SETTINGS_MODULE="lumens_admin.settings")
    command = [sys.executable, "-c", WORKER_AT, str(os.getpid()), at.isoformat()]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)  # a job that it has begun is finished first


def waits_of_others() -> dict[int, str]:
    """What each connection to this database waits for, the test's own and a holder's left out: of processes dead or alive."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, wait_event_type FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND application_name <> 'holder' AND pid <> pg_backend_pid()"
        )
        return dict(cursor.fetchall())


def holder() -> psycopg.Connection:
    """A transaction of somebody else's, who holds what the test says until the end of the block."""
    here = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: here[name] for name in names if here.get(name)}, application_name="holder")
