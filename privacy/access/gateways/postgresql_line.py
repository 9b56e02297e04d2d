"""A connection to a PostgreSQL server with its transcript: what is asked there, and what it answers, within its time."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from privacy.access.gateways.protocol import STEP_SECONDS, Account, Answer, Budget, SystemSilent, Task, Transcript

LONGEST_NAME_BYTES = 63  # PostgreSQL cuts longer names, and would then speak of another role
SESSIONS_END_SECONDS = 4.0

_ROLE = """
    SELECT oid, rolcanlogin, rolsuper, oid = 10 OR left(rolname, 3) = 'pg_' AS built_in, rolname = session_user AS is_us
    FROM pg_catalog.pg_roles WHERE rolname::text = %s
"""
_PATHS = """
    WITH RECURSIVE up (role, path) AS (
        SELECT m.roleid, ARRAY[g.rolname::text] FROM pg_catalog.pg_auth_members m
        JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = %(oid)s
        UNION ALL
        SELECT m.roleid, up.path || g.rolname::text FROM up JOIN pg_catalog.pg_auth_members m ON m.member = up.role
        JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE NOT g.rolname::text = ANY(up.path) AND cardinality(up.path) < 20
    )
    SELECT DISTINCT ON (path[cardinality(path)]) path[cardinality(path)] AS role, path FROM up
    WHERE path[cardinality(path)] = ANY(%(names)s) ORDER BY 1, cardinality(path)
"""
SESSIONS = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE usesysid = %s AND pid <> pg_backend_pid()"


class Unfit(Exception):
    """This account or role cannot be worked on; str() says why."""


class Line:
    """A connection with its transcript and what is left of the time."""

    def __init__(self, connection: "psycopg.Connection[dict[str, Any]]", hidden: Sequence[str], budget: Budget) -> None:
        self.connection = connection
        self.log = Transcript(hidden)
        self._budget = budget

    @property
    def knows_options(self) -> bool:
        """From PostgreSQL 16 on a membership names who gave it, and says whether it may be set and is inherited."""
        return self.connection.info.server_version >= 160_000

    def ask(self, query: sql.Composable, parameters: Any = None) -> list[dict[str, Any]]:
        """The rows of a query."""
        with self._hurried():
            cursor = self.connection.execute(query, parameters)  # type: ignore[call-overload]
            rows = cursor.fetchall()
        shown = f" -- {json.dumps(parameters, default=str, ensure_ascii=False)}" if parameters else ""
        self.log.asked(" ".join(query.as_string(self.connection).split()) + shown)
        self.log.answered(json.dumps(rows, default=str, ensure_ascii=False))
        return rows

    def do(self, statement: sql.Composable) -> None:
        self.log.asked(statement.as_string(self.connection))
        with self._hurried():
            self.log.answered(self.connection.execute(statement).statusmessage or "")  # type: ignore[call-overload]

    def fit(self, name: str) -> None:
        """Raises Unfit for a name that PostgreSQL would cut or refuse."""
        if (refusal := unfit(name)) is not None:
            raise Unfit(refusal)

    def role(self, account: Account) -> dict[str, Any] | None:
        """The account's role, or None. Raises Unfit for those that this door never touches."""
        self.fit(account.name)
        found = self.ask(sql.SQL(_ROLE), [account.name])
        if not found:
            return None
        if found[0]["built_in"]:
            raise Unfit(f"{account.name} is a role of the server itself; this door does not touch it.")
        if found[0]["is_us"]:
            raise Unfit(f"{account.name} is the role by which this house comes in; it cannot take that away from itself.")
        return found[0]

    def paths(self, role: dict[str, Any], names: Sequence[str]) -> dict[str, list[str]]:
        """By role that the account reaches, directly or through others: the way to it."""
        found = self.ask(sql.SQL(_PATHS), {"oid": role["oid"], "names": [name for name in names if name]})
        return {row["role"]: row["path"] for row in found}

    def revoke(self, name: str, memberships: Sequence[tuple[str, str]]) -> None:
        """Take these (role, who gave it) from the account, and what was handed on by virtue of them."""
        by_grantor: dict[str, list[str]] = {}
        for group, grantor in memberships:
            by_grantor.setdefault(grantor, []).append(group)
        for grantor, groups in by_grantor.items():
            # From 16 on a REVOKE takes back only what one grantor gave.
            granted_by = sql.SQL(" GRANTED BY {}").format(sql.Identifier(grantor))
            self.do(
                sql.SQL("REVOKE {} FROM {}{} CASCADE").format(
                    sql.SQL(", ").join(map(sql.Identifier, groups)),
                    sql.Identifier(name),
                    granted_by if self.knows_options else sql.SQL(""),
                )
            )

    def end_sessions(self, role_oid: int) -> None:
        """End every session of the role, and wait a little until they are gone; reading back tells whether they are."""
        give_up_at = time.monotonic() + min(SESSIONS_END_SECONDS, self._budget.left(SESSIONS_END_SECONDS))
        pause = 0.01
        ended: set[int] = set()
        while sessions := self._sessions(role_oid):
            for pid in sessions - ended:
                self.ask(sql.SQL("SELECT pg_terminate_backend(%s) AS told"), [pid])
            ended |= sessions
            if time.monotonic() > give_up_at:
                break
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
        self.log.noted(f"{len(ended)} sessions told to end; {len(sessions)} left")

    def _sessions(self, role_oid: int) -> set[int]:
        with self._hurried():
            return {row["pid"] for row in self.connection.execute(SESSIONS, [role_oid]).fetchall()}

    def is_superuser(self) -> bool:
        return self.connection.info.parameter_status("is_superuser") == "on"

    def can_set_role(self, account: str, role: str) -> bool:
        """Whether the account, and not we, may set this role. Only a superuser can ask so."""
        try:
            self.do(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(account)))
            self.do(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        except psycopg.errors.InsufficientPrivilege as error:
            self.log.answered(f"{error.sqlstate} {error}")
            return False
        finally:
            self.do(sql.SQL("RESET SESSION AUTHORIZATION"))
        return True

    @contextmanager
    def answering(self, task: Task) -> Iterator[dict[str, Answer]]:
        """Collects the answers. What the server refuses is the answer for every name that has none yet.

        Raises SystemSilent where the connection broke, which is no answer.
        """
        answers: dict[str, Answer] = {}
        failure = ""
        try:
            yield answers
        except Unfit as error:
            failure = str(error)
        except psycopg.Error as error:
            told = self.log.clean(str(error))[:500]
            if self.connection.broken or self.connection.closed or error.sqlstate is None or error.sqlstate[:2] in ("57", "08"):
                raise SystemSilent(f"It did not answer: {told}") from None
            self.log.answered(f"{error.sqlstate} {told}")
            failure = f"It refused: {told}"
        if failure:
            answers.update(self.log.all_of([name for name in task.names if name not in answers], failure=failure))

    @contextmanager
    def _hurried(self) -> Iterator[None]:
        """A server that stops answering in the middle does not hold us: the connection is cut from our side."""
        watchdog = threading.Timer(self._budget.left(STEP_SECONDS) + 1, _cut, [self.connection])
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()


def _cut(connection: "psycopg.Connection[Any]") -> None:
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        pass  # closed meanwhile


def unfit(name: str) -> str | None:
    if not name or "\x00" in name or len(name.encode()) > LONGEST_NAME_BYTES:
        return f"A name in PostgreSQL has 1 to {LONGEST_NAME_BYTES} bytes; this one would be cut, and mean another role."
    return None
