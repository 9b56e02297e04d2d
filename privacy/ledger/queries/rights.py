"""What the application's database role may do to the ledger's tables (ASVS 13.2.2)."""

from django.conf import settings
from django.db import connections

# Tables whose rows the application only adds: the ledger, who looked, who was refused, what a system answered, evidence.
HISTORY = "(ledgerevent|_seal|_sealedpart|_verification|_recordedread|_deniedattempt|_proof|_evidencepack)$"
# Functions of triggers that write the ledger's events.
WRITES_EVENTS = """
SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
WHERE NOT tgisinternal AND prosrc ~ 'INSERT INTO "[a-z_]+ledgerevent"' ORDER BY 1
"""


def history_tables(using: str = "default") -> list[str]:
    """The names of the tables of this database whose rows are only added."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ %s ORDER BY 1", [HISTORY])
        return [table for (table,) in cursor.fetchall()]


def event_writers(using: str = "default") -> list[str]:
    """The functions of triggers that write events, by name and arguments, as SQL names them."""
    with connections[using].cursor() as cursor:
        cursor.execute(WRITES_EVENTS)
        return [function for (function,) in cursor.fetchall()]


def rights_are_behind(using: str = "default") -> bool:
    """Whether the application's role, which asks, may change or delete what is only added: rights of an earlier version.

    Also whether a function that writes events runs as whoever caused them: a migration was cut off before its end.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM ({WRITES_EVENTS}) AS f (name) JOIN pg_proc ON oid = name::regprocedure"  # noqa: S608
            " WHERE NOT prosecdef)"
        )
        if cursor.fetchone()[0]:
            return True
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = ANY(%s) AND NOT pg_has_role(relowner, 'USAGE')"
            " AND current_user = %s AND (has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')"
            " OR relname LIKE '%%ledgerevent' AND has_table_privilege(oid, 'INSERT')))",
            [history_tables(using), settings.DATABASE_APPLICATION_ROLE],
        )
        return bool(cursor.fetchone()[0])


def owns_the_ledger(using: str = "default") -> bool:
    """Whether the role that asks owns the tables of events, and so may set their rights."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE relname = ANY(%s)", [history_tables(using)]
        )
        return bool(cursor.fetchone()[0])
