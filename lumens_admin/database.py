"""Which database this process talks to, as which role, and how it is kept running."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lumens_admin.embedded import EmbeddedPostgres

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("LUMENS_VAR", BASE_DIR / "var"))
APPLICATION_ROLE = "lumens_app"
OWNER_ROLE = "postgres"
DATABASE_NAME = "lumens"
SCHEMES = ("postgresql", "postgres", "psql", "pgsql")  # of addresses that name a PostgreSQL, as django-environ reads them
NO_POSTGRESQL = "{} does not name a PostgreSQL: postgresql://USER:PASSWORD@HOST:5432/NAME"


def embedded_server() -> EmbeddedPostgres:
    """The PostgreSQL that lives in `var/postgres` when nobody named another one."""
    return EmbeddedPostgres(VAR_DIR / "postgres")


def database_url(explicit: str, explicit_owner: str) -> str:
    """The URL to connect to: the application's role, or the owner's where LUMENS_AS_OWNER=1 asks for it.

    The owner changes the schema; the application cannot change the ledger (ASVS 13.2.2).
    """
    as_owner = os.environ.get("LUMENS_AS_OWNER") == "1"
    if explicit:
        return explicit_owner if as_owner and explicit_owner else explicit
    return embedded_server().dsn(user=OWNER_ROLE if as_owner else APPLICATION_ROLE, database=DATABASE_NAME)


@contextmanager
def held_database() -> Iterator[None]:
    """Keep the embedded server running, with its database, while a command works; another PostgreSQL is left alone."""
    from lumens_admin.dotenv import read_dotenv

    read_dotenv()
    if os.environ.get("DATABASE_URL"):
        yield
        return
    server = embedded_server()
    with server.hold():
        create_role_and_database(server)
        yield


def create_role_and_database(server: EmbeddedPostgres) -> None:
    """The application's own role, which owns nothing, and the database: made where they are missing."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION_ROLE)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))
