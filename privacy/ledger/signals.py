"""After migrating: what the application's database role may do (ASVS 13.2.2)."""

from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql


def grant_application_role(sender: Any, using: str, **kwargs: Any) -> None:
    """Give the application's role its rights on every table: all of them on state, only SELECT and INSERT on the ledger's events.

    Runs as the schema's owner, after each app's migrations; does nothing where owner and application are one role.
    """
    if sender.name != "privacy":
        return
    connection = connections[using]
    role = settings.DATABASE_APPLICATION_ROLE
    with connection.cursor() as cursor:
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
        ):
            cursor.execute(sql.SQL(statement).format(name).as_string(cursor.connection))
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '(event|_seal)$' AND relname !~ '^procrastinate'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}")
                .format(sql.Identifier(table), name)
                .as_string(cursor.connection)
            )
