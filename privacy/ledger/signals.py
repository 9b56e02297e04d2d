"""After migrating: no trigger can be told to look away or is slow with thousands of rows, and what the application's database
role may do (ASVS 13.2.2).
At a search for a person, and when a list leaves as a file: who looked."""

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.http import HttpRequest
from django.utils import timezone
from psycopg import sql

from customers.doors.addresses import client_address
from privacy.ledger.queries import event_writers, history_tables

NEVER_IGNORED = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'
"""

# Triggers that compare what rows were with what they are now.
COMPARING = """
SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger
WHERE NOT tgisinternal AND tgoldtable IS NOT NULL AND tgnewtable IS NOT NULL
"""
# Of the tables whose rows are only added, this column may change: it is encrypted, and encrypted anew with another key.
MAY_CHANGE = {"privacy_evidencepack": "file"}


def let_no_trigger_be_ignored(sender: Any, using: str, **kwargs: Any) -> None:
    """django-pgtrigger asks a function before every trigger whether this session named it in `pgtrigger.ignore`: anybody with a
    connection could so write past the ledger. Nobody of ours needs that: the answer is always no.

    The library's own function also opens and abandons a subtransaction for every row, which walks all constraint checks that wait
    for the commit: 56,000 grants in one transaction took 75 s with it. It comes back with each migration that adds a trigger.
    """
    if sender.name != "privacy":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('public._pgtrigger_should_ignore(name)') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(NEVER_IGNORED)


def let_triggers_compare_many_rows(sender: Any, using: str, **kwargs: Any) -> None:
    """A trigger that joins the rows before and after a statement hashes them, and never compares each with each.

    PostgreSQL plans it at its first firing in a connection, for as many rows as changed then, often one or none, and keeps that
    plan: 25 million comparisons for the 5,000 grants that a later statement ended, ten seconds instead of a half.
    """
    if sender.name != "privacy":
        return
    with connections[using].cursor() as cursor:
        cursor.execute(COMPARING)
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SET enable_nestloop = off")


def let_only_triggers_write_the_ledger(sender: Any, using: str, **kwargs: Any) -> None:
    """A function that writes events runs as the schema's owner, and its names are those of our schema, whatever a session says.

    So the application's role needs no right to add an event, and invents none; and a table of its own, made for the session under
    the name of a table of events, catches none (ASVS 13.2.2, 16.4.2).
    """
    if sender.name != "privacy":
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for function in event_writers(using):
            cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp")
            # A trigger fires without this right; nobody else hangs the function on a table of theirs.
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")


def grant_application_role(sender: Any, using: str, **kwargs: Any) -> None:
    """Give the application's role its rights on every table: all of them on state, only SELECT and INSERT on what is history.

    The ledger's events not even that: triggers write them; and of MAY_CHANGE, one column more. What else is history: the seals,
    and the rows that say who looked at what and who was refused: promises are measured by them, and without them the answer would
    be that nobody ever looked.

    Runs as the schema's owner, after each app's migrations; does nothing where owner and application are one role. In one
    transaction: nobody finds the moment between the granting of all and the taking of some.
    """
    if sender.name != "privacy":
        return
    connection = connections[using]
    role = settings.DATABASE_APPLICATION_ROLE
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        current, exists = cursor.fetchone()
        if current == role or not exists:
            return
        name = sql.Identifier(role)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
            # Who acted is written by a function that runs as the owner.
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON pghistory_context FROM {}",
        ):
            cursor.execute(sql.SQL(statement).format(name).as_string(cursor.connection))
        for function in event_writers(using):
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM {name.as_string(cursor.connection)}")
        for table in history_tables(using):
            if table.endswith("ledgerevent"):  # which triggers write, and nobody else
                taken = sql.SQL("REVOKE INSERT ON {} FROM {}").format(sql.Identifier(table), name)
                cursor.execute(taken.as_string(cursor.connection))
            taken = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name)
            cursor.execute(taken.as_string(cursor.connection))
        for table, column in MAY_CHANGE.items():
            left = sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(sql.Identifier(column), sql.Identifier(table), name)
            cursor.execute(left.as_string(cursor.connection))


def record_list_export(sender: Any, request: HttpRequest, subject: str, rows: int | None, stopped: bool, **kwargs: Any) -> None:
    """Write that a list leaves as a file, and how it ended. Answers `customers.doors.exports.exported`."""
    from privacy.ledger.actions import record_read
    from privacy.ledger.models import ReadKind

    ended = "stopped before the end" if stopped else "finished"
    record_read(
        ReadKind.EXPORT,
        subject,
        by=request.user,
        now=timezone.now(),
        reason="begun" if rows is None else ended,
        address=client_address(request),
        rows_seen=rows or 0,
    )
