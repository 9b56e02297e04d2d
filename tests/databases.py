"""Test databases in no time: copies of one that was migrated once, and emptied table by table instead of all tables each time."""

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.migrations.loader import MigrationLoader

from lumens_admin.database import VAR_DIR

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "test_template_"
# Tables that Django does not manage, and so leaves alone: a job left behind would be counted by the next test.
JOBS = ("procrastinate_periodic_defers", "procrastinate_events", "procrastinate_jobs", "procrastinate_workers")
_truncate_all = DatabaseOperations.sql_flush


def migrated_template() -> str:
    """The name of a database in which every migration ran, made where there is none yet for these migrations.

    Only on a server of our own: it stays there for the next run.
    """
    name = PREFIX + _history()
    with (VAR_DIR / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            there = {row[0] for row in cursor.fetchall()}
            for old in there - {name}:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            if name in there:
                return name
            cursor.execute(f'CREATE DATABASE "{name}_half" TEMPLATE template0')
        _migrate(f"{name}_half")
        with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    return name


def _history() -> str:
    """Changes with any migration of any app, with any version that we install, and with the keys that migrating marks it with."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes() + os.environ["FIELD_KEYS"].encode())
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, migration), found in sorted(loader.disk_migrations.items()):
        source = Path(str(__import__(found.__module__, fromlist=["_"]).__file__))
        digest.update(f"{app}.{migration}".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(name: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def empty_what_holds_rows(
    self: DatabaseOperations, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """Django truncates all of 150 tables after a test, which takes most of a second; a test writes to a few of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0] or reset_sequences:
            jobs = [f"TRUNCATE {', '.join(JOBS)}"]
            return [*_truncate_all(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade), *jobs]
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in (*tables, *JOBS))
        )
        written = [row[0] for row in cursor.fetchall()]
    # Neither the ledger's triggers nor the foreign keys have a say in it: everything goes.
    return ["SET LOCAL session_replication_role = replica", *(f'DELETE FROM "{table}"' for table in written)] if written else []


def install() -> None:
    DatabaseOperations.sql_flush = empty_what_holds_rows  # type: ignore[method-assign,assignment]


def use_template() -> None:
    """Whatever database Django makes for the tests now is a copy."""
    if os.environ.get("LUMENS_TEST_SERVER") == "ours":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()
