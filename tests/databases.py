"""Test databases in no time: copies of one that was migrated once, put back table by table instead of emptied and migrated."""

import fcntl
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.commands import flush
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.migrations.loader import MigrationLoader

from lumens_admin.database import VAR_DIR

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "test_template_"
# Tables that Django does not manage, and so leaves alone: a job left behind would be counted by the next test.
JOBS = ("procrastinate_periodic_defers", "procrastinate_events", "procrastinate_jobs", "procrastinate_workers")
# What migrating wrote (permissions, entitlements, the first statement), kept in the template beside the tables themselves.
WRITTEN_BY_MIGRATING = "written_by_migrating"
# What migrations call, and what happens after each of them.
BESIDE_MIGRATIONS = (
    *(
        "customers/sql.py",
        "customers/cards.py",
        "customers/history.py",
        "privacy/ledger/signals.py",
        "privacy/ledger/queries/rights.py",
    ),
    *("privacy/access/models/catalogue.py", "privacy/access/actions/catalogue.py", "privacy/statement/actions.py"),
)
MIGRATED = (
    "SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns"
    " WHERE table_schema = %s AND is_generated = 'NEVER' GROUP BY table_name ORDER BY table_name"
)
# To ask each of 150 tables for a row takes the planner 30 ms: a table without a byte has none.
SOME_BYTES = "SELECT relname FROM pg_class WHERE oid = ANY (%s::text[]::regclass[]) AND pg_relation_size(oid) > 0"
MIGRATED_TABLES = re.compile('INSERT INTO "(\\w+)"')
_truncate_all = DatabaseOperations.sql_flush
_as_migrated: set[str] = set()  # databases that were just put back as migrating left them


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
    """Changes with any migration of any app, what these call, any version that we install, this file, the marked keys."""
    made_with = (ROOT / "requirements.txt").read_bytes() + Path(__file__).read_bytes() + os.environ["FIELD_KEYS"].encode()
    digest = hashlib.sha256(made_with)
    for source in BESIDE_MIGRATIONS:
        digest.update((ROOT / source).read_bytes())
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
        _keep_what_migrating_wrote()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def keep_what_migrating_wrote() -> None:
    """In a database that is no copy of the template, on somebody else's server."""
    if not connection.settings_dict["TEST"].get("TEMPLATE"):
        _keep_what_migrating_wrote()


def is_superuser() -> bool:
    """Whether the tests may do what only the server's owner may: on a server of our own, always."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _keep_what_migrating_wrote() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {WRITTEN_BY_MIGRATING} CASCADE")  # of a database that is used again
        cursor.execute(f"CREATE SCHEMA {WRITTEN_BY_MIGRATING}")
        cursor.execute(MIGRATED, ["public"])
        for table, columns in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')
            if cursor.fetchone()[0] and table != "django_migrations":
                cursor.execute(f'CREATE TABLE {WRITTEN_BY_MIGRATING}."{table}" AS SELECT {columns} FROM "{table}"')


def put_back(
    self: DatabaseOperations, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """Django truncates all of 150 tables after a test and migrates again, which takes a second; a test writes to few."""
    with connection.cursor() as cursor:
        if reset_sequences:
            jobs = [f"TRUNCATE {', '.join(JOBS)}"]
            return [*_truncate_all(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade), *jobs]
        cursor.execute(SOME_BYTES, [[*tables, *JOBS]])
        touched = [row[0] for row in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in touched))
        written = [row[0] for row in cursor.fetchall()]
        cursor.execute(MIGRATED, [WRITTEN_BY_MIGRATING])
        kept = [
            f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {WRITTEN_BY_MIGRATING}."{table}"'
            for table, columns in cursor.fetchall()
        ]
    if kept:
        _as_migrated.add(connection.settings_dict["NAME"])
    if not written:
        return []
    # Neither the ledger's triggers nor the foreign keys have a say in it: everything goes.
    emptied = [f'DELETE FROM "{table}"' for table in sorted(written, key=(*tables, *JOBS).index)]
    if is_superuser():
        return ["SET LOCAL session_replication_role = replica", *emptied, *kept]
    filled = {*MIGRATED_TABLES.findall(" ".join(kept)), *written}
    silent, loud = ([f'ALTER TABLE "{table}" {word} TRIGGER USER' for table in sorted(filled)] for word in ("DISABLE", "ENABLE"))
    return [*silent, *emptied, *kept, "SET CONSTRAINTS ALL IMMEDIATE", *loud]


def migrate_again(verbosity: int, interactive: bool, db: str, **options: Any) -> None:
    """What Django does after it emptied a database, unless what migrating wrote is already there again."""
    name = connection.settings_dict["NAME"]
    if name in _as_migrated:
        _as_migrated.discard(name)
    else:
        emit_post_migrate_signal(verbosity, interactive, db, **options)


def install() -> None:
    DatabaseOperations.sql_flush = put_back  # type: ignore[method-assign,assignment]
    flush.emit_post_migrate_signal = migrate_again  # type: ignore[attr-defined]


def use_template() -> None:
    """Whatever database Django makes for the tests now is a copy."""
    if os.environ.get("LUMENS_TEST_SERVER") == "ours":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()
