"""From an empty database, or from yesterday's, to one that can be served. Each step does nothing when it is not needed."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

from lumens_admin.database import BASE_DIR, NO_POSTGRESQL, SCHEMES, VAR_DIR, embedded_server
from lumens_admin.dotenv import read_dotenv
from lumens_admin.embedded.errors import DISK_IS_FULL
from lumens_admin.serve import CannotServe
from lumens_admin.starting import kept_to_the_end

OLDEST_SERVER = 150_000
CONNECT_SECONDS = 5
SHORTEST_SECRET = 32  # characters; .env.example asks for 50
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Refused|Violation|Configured|Timeout|Interrupt)\b.*: ")
LOG = VAR_DIR / "log" / "prepare.log"
STATIC_STAMP = VAR_DIR / "static.stamp"


def named_database() -> str:
    """DATABASE_URL of the environment or of `.env`; empty when the embedded server is meant."""
    read_dotenv()
    return os.environ.get("DATABASE_URL", "")


def check_named_database(url: str) -> None:
    """Refuse a DATABASE_URL that is wrong, out of reach or too old, without repeating its password."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES or not rest:
        raise CannotServe(NO_POSTGRESQL.format("DATABASE_URL"))
    password = rest.rpartition("@")[0].partition(":")[2]
    if re.search(r"[/@?#\s]", password):  # or libpq takes a part of it for the host, and its complaint would repeat that
        raise CannotServe("DATABASE_URL: write / @ ? # in the password as %2F %40 %3F %23.")
    try:
        with psycopg.connect(f"postgresql://{rest}", connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        raise CannotServe(f"DATABASE_URL: no connection. {_one_line(error)}") from error
    except psycopg.Error as error:
        raise CannotServe("DATABASE_URL cannot be read: postgresql://USER:PASSWORD@HOST:5432/NAME") from error
    if version < OLDEST_SERVER:
        raise CannotServe(f"DATABASE_URL: PostgreSQL {version // 10_000} is too old; 15 or later is needed.")


def _one_line(error: Exception) -> str:
    """libpq's own words, which name host, port, user and database and never the password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "failed" in line or "error" in line), lines[0] if lines else "It did not say why.")


def prepare(mark: Mapping[str, str]) -> None:
    """Migrations, static files and, in an empty house, the demonstration company. Raises CannotServe.

    `mark` goes into the environment of every process started here, so that a next start finds one left over.
    """
    _load_django()
    if _schema_is_behind() or _rights_are_behind():
        _manage("Preparing the database.", "migrate", "--no-input", environment={**mark, "LUMENS_AS_OWNER": "1"})
    _check_keys()
    if _static_is_behind():
        _manage("Collecting the static files.", "collectstatic", "--no-input", environment=mark)
        STATIC_STAMP.write_text(_static_fingerprint())
    if _nobody_works_here():
        _manage("Loading the demonstration company.", "load_demo", environment=mark, show_progress=True)
    from django.db import connections

    connections.close_all()


def _load_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        with kept_to_the_end():
            django.setup()
    except ImproperlyConfigured as error:
        raise CannotServe(str(error)) from error
    except OSError as error:
        raise CannotServe(f"{VAR_DIR} cannot be used: {error.strerror or error}.") from error


def _schema_is_behind() -> bool:
    from django.db import ProgrammingError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except ProgrammingError:  # not yet granted to us: the last migration was interrupted before it could
        return True


def _rights_are_behind() -> bool:
    """Whether the application could rewrite the ledger, by rights of an earlier version: migrating takes them away.

    Only the owner of its tables can; where we do not know them, it is said, and the house is served.
    """
    from django.conf import settings

    from privacy.ledger.queries import owns_the_ledger, rights_are_behind

    if not rights_are_behind():
        return False
    knows_owner = settings.EMBEDDED or bool(os.environ.get("DATABASE_OWNER_URL")) or owns_the_ledger()
    if not knows_owner:
        print("The rights on the ledger are not those of this version. Name the tables' owner in DATABASE_OWNER_URL.")
    return knows_owner


def _check_keys() -> None:
    """Refuse keys that this database was not written with; mark a new one with them. Raises CannotServe."""
    from django.conf import settings

    from customers.actions import KeysDoNotFit, mark_keys
    from privacy.ledger.actions import SYSTEM, act

    try:
        mark_keys(in_act=lambda: act("mark_keys", by=SYSTEM, reason="the first start with these keys"))
    except KeysDoNotFit as error:
        follows = any(name in str(error) for name in settings.KEYS_FROM_SECRET_KEY)
        raise CannotServe(f"{error}{' It followed from SECRET_KEY, which is another one now.' if follows else ''}") from error
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        print(
            f"SECRET_KEY has {len(settings.SECRET_KEY)} characters: whoever guesses it signs in as anybody. Choose 50, at random."
        )
    if settings.KEYS_FROM_SECRET_KEY:
        names = ", ".join(settings.KEYS_FROM_SECRET_KEY)
        print(f"{names}: not named, so made from SECRET_KEY. Name them before SECRET_KEY ever changes (docs/operating.md).")


def _static_is_behind() -> bool:
    try:
        return STATIC_STAMP.read_text() != _static_fingerprint()
    except FileNotFoundError:
        return True


def _static_fingerprint() -> str:
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(f"{settings.STATIC_ROOT} {settings.STORAGES['staticfiles']}".encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            found = os.stat(storage.path(path))
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _nobody_works_here() -> bool:
    from django.conf import settings
    from django.contrib.auth import get_user_model

    return settings.LOAD_DEMO and not get_user_model()._default_manager.exists()


def any_works_here(logins: Iterable[str]) -> bool:
    """Whether somebody in this database has one of these logins."""
    from django.contrib.auth import get_user_model
    from django.db import connections

    found = get_user_model()._default_manager.filter(login__in=list(logins)).exists()
    connections.close_all()
    return found


def _manage(say: str, *command: str, environment: Mapping[str, str], show_progress: bool = False) -> None:
    """Run one management command in a process of its own, which ends with us. Raises CannotServe."""
    print(say, flush=True)
    database_said = len(_said_by_our_database(0))
    try:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with LOG.open("ab") as log:
            began_at = log.tell()
            process = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=BASE_DIR,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=None if show_progress and sys.stderr.isatty() else log,
            )
            try:
                status = process.wait()
            finally:
                process.kill()
                process.wait()
        said = LOG.read_bytes()[began_at:].decode(errors="replace").strip()
    except OSError as error:
        raise CannotServe(f"{LOG} cannot be written: {error.strerror}.") from error
    # On a full disk the log cannot say so, and a database that ended because of it is only "not there" to the command.
    full = DISK_IS_FULL.search(said + _said_by_our_database(database_said)) or shutil.disk_usage(VAR_DIR).free < 2**20
    if status != 0 and full:
        raise CannotServe(f"`manage.py {command[0]}` stopped: the disk is full.")
    if status != 0:
        raise CannotServe(f"`manage.py {command[0]}` failed: {_what_failed(said)} (log: {_short(LOG)})")


def _what_failed(said: str) -> str:
    """The sentence of the last exception: PostgreSQL's words go on behind it, with the line of SQL and a mark beneath."""
    lines = said.splitlines()
    named = [line for line in lines if _EXCEPTION.match(line)]
    sentence = named[-1] if named else lines[-1] if lines else "it did not say why"
    if "permission denied" in sentence or "must be owner" in sentence:
        sentence += ". Name the database's owner in DATABASE_OWNER_URL, or make the role of DATABASE_URL its owner."
    return sentence


def _said_by_our_database(already: int) -> str:
    """What the embedded server wrote into its log after so many characters; nothing where another PostgreSQL is meant."""
    try:
        return embedded_server().log.read_text(encoding="latin-1")[already:]
    except OSError:
        return ""


def _short(path: Path) -> Path:
    return path.relative_to(BASE_DIR) if path.is_relative_to(BASE_DIR) else path
