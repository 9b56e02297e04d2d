"""Customers for the benches, by the million in minutes: without the ledger and with the slow indexes built at the end."""

from datetime import UTC, datetime

from django.db import connection

from customers.actions.demonstration import generate_customers

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def count_rows() -> None:
    """Let the planner know what was just filled in, as autovacuum does in life: else a trigger may join two tables row by row."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill(count: int) -> None:
    """So many customers, unless they are there from a kept database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer")
        if cursor.fetchone()[0] == count:
            return
        cursor.execute("TRUNCATE customers_customer CASCADE")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'customers_customer'::regclass AND NOT indisunique"
        )
        indexes = cursor.fetchall()
        cursor.execute("ALTER TABLE customers_customer DISABLE TRIGGER USER")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        generate_customers(count, seed=1, until=UNTIL, stamp=lambda: None, with_addresses=False)
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("ALTER TABLE customers_customer ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE customers_customer")
