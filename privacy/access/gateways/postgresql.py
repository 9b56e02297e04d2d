"""A door to a PostgreSQL server, where an account is a role that may log in and an entitlement is a role it is a member of.

REVOKE alone leaves sessions reading that had set the role, and open cursors; NOLOGIN alone leaves sessions connected. So, for a
whole account: NOLOGIN with a new random password, no memberships, no sessions left, and then a real try to log in with that
password, which the server must refuse. What the role owns stays: nobody can come in as it any more.
"""

import math
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from privacy.access.gateways.login import try_to_log_in
from privacy.access.gateways.postgresql_line import SESSIONS, Line, unfit
from privacy.access.gateways.postgresql_tls import tls_fault, with_tls
from privacy.access.gateways.protocol import (
    CONNECT_SECONDS,
    STEP_SECONDS,
    Answer,
    Budget,
    Listed,
    NoDoor,
    Task,
    Transcript,
    Unreachable,
)

INVALID_PASSWORD = "28P01"  # noqa: S105  (a code of the server's)
_OWNED = "SELECT count(*) AS owns FROM pg_catalog.pg_shdepend WHERE refobjid = %s AND deptype = 'o'"
_MEMBERSHIPS = """
    SELECT g.rolname::text AS role, b.rolname::text AS grantor FROM pg_catalog.pg_auth_members m
    JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles b ON b.oid = m.grantor
    WHERE m.member = %s ORDER BY 1, 2
"""
# Who may act as this account by SET ROLE, as an application does for its users, or inherits what it has. From 16 on a membership
# may also give neither: whoever makes a role gets one of that kind.
_ACT_AS_IT = """
    SELECT DISTINCT r.rolname::text AS role FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.member
    WHERE m.roleid = %s AND NOT r.rolsuper AND r.rolname <> session_user
"""
_ACT_AS_IT_FROM_16 = f"{_ACT_AS_IT} AND (m.set_option OR m.inherit_option)"
# Accounts are what a person could use: not PostgreSQL's own roles (pg_…), not the role the server was made with, not ourselves.
_ACCOUNTS = """
    SELECT r.rolname::text AS name, r.rolcanlogin AS active,
           coalesce(array_agg(DISTINCT g.rolname::text) FILTER (WHERE g.oid IS NOT NULL), '{}') AS names
    FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_auth_members m ON m.member = r.oid
    LEFT JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    WHERE left(r.rolname, 3) <> 'pg_' AND r.oid <> 10 AND r.rolname <> session_user
    GROUP BY r.oid, r.rolname, r.rolcanlogin ORDER BY 1
"""


class PostgresqlGateway:
    """address: `postgresql://admin@host:5432/shop`; the admin is a superuser, or has CREATEROLE and ADMIN OPTION."""

    def __init__(self, address: str, secret: str = "") -> None:
        self._secret = secret
        try:
            self._parameters: dict[str, Any] = {key: value for key, value in conninfo_to_dict(address).items() if value}
        except psycopg.Error:
            raise NoDoor("Its address cannot be read.") from None
        if secret:
            self._parameters["password"] = secret
        if fault := tls_fault(self._parameters):
            raise NoDoor(fault)
        self._parameters = with_tls(self._parameters)
        self._budget = Budget()
        self._pusher: psycopg.Connection[dict[str, Any]] | None = None
        self._passwords: dict[str, str] = {}

    # --- the protocol -----------------------------------------------------------------------------------

    def begin(self, seconds: float) -> None:
        self._budget = Budget(time.monotonic() + seconds)

    def push(self, task: Task) -> dict[str, Answer]:
        if self._pusher is None or self._pusher.closed:
            self._pusher = self._connect()
        line = Line(self._pusher, [self._secret], self._budget)
        if not task.given:
            return self._remove_all(line, task) if task.whole_account else self._remove_some(line, task)
        return self._give(line, task)

    def read_back(self, task: Task) -> dict[str, Answer]:
        with self._another() as line, line.answering(task) as answers:
            role = line.role(task.account)
            if role is None:
                line.log.noted(f"there is no role {task.account.name}")
                answers.update(line.log.all_of(task.names, failure="There is no such account." if task.given else ""))
            elif task.whole_account:
                answers.update(line.log.all_of(task.names, failure=self._what_is_left(line, role)))
            else:
                paths = line.paths(role, task.names)
                for name in task.names:
                    answers[name] = _judged(line, task, name, role, paths)
        return answers

    def probe(self, task: Task) -> dict[str, Answer]:
        if task.whole_account:
            return self._probe_log_in(task)
        with self._another() as line, line.answering(task) as answers:
            role = line.role(task.account)
            if role is None:
                line.log.noted(f"there is no role {task.account.name}")
                answers.update(line.log.all_of(task.names, failure="There is no such account." if task.given else ""))
                return answers
            for name in task.names:
                answers[name] = self._probe_role(line, task, name)
        return answers

    def list_accounts(self) -> list[Listed]:
        with self._another() as line:
            found = line.ask(sql.SQL(_ACCOUNTS))
        return [Listed(row["name"], active=row["active"], names=frozenset(row["names"])) for row in found]

    def close(self) -> None:
        self._passwords.clear()
        if self._pusher is not None:
            self._pusher.close()

    # --- doing ------------------------------------------------------------------------------------------

    def _remove_all(self, line: Line, task: Task) -> dict[str, Answer]:
        name = task.account.name
        with line.answering(task) as answers:
            self._passwords.pop(name, None)
            password = secrets.token_urlsafe(32)
            role = line.role(task.account)
            if role is None:
                line.log.noted(f"there is no role {name}: gone already")
                answers.update(line.log.all_of(task.names))
                return answers
            # Only the verifier travels: what was sent could otherwise be read in the server's log.
            verifier = line.connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            for secret in (password, verifier):
                line.log.hide(secret)
            line.do(sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier)))
            self._passwords[name] = password
            line.revoke(name, [(row["role"], row["grantor"]) for row in line.ask(sql.SQL(_MEMBERSHIPS), [role["oid"]])])
            line.end_sessions(role["oid"])
            answers.update(line.log.all_of(task.names))
        return answers

    def _remove_some(self, line: Line, task: Task) -> dict[str, Answer]:
        with line.answering(task) as answers:
            role = line.role(task.account)
            if role is None:
                line.log.noted(f"there is no role {task.account.name}: gone already")
            else:
                held = [(row["role"], row["grantor"]) for row in line.ask(sql.SQL(_MEMBERSHIPS), [role["oid"]])]
                line.revoke(task.account.name, [(group, grantor) for group, grantor in held if group in task.names])
                line.end_sessions(role["oid"])
            answers.update(line.log.all_of(task.names))
        return answers

    def _give(self, line: Line, task: Task) -> dict[str, Answer]:
        name = sql.Identifier(task.account.name)
        with line.answering(task) as answers:
            role = line.role(task.account)
            if role is None:
                # Without a password nobody comes in yet: its holder gets one from the system's owner.
                line.do(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            elif not role["rolcanlogin"]:
                line.do(sql.SQL("ALTER ROLE {} LOGIN").format(name))
            if "" in task.names:
                answers[""] = Answer(holds=True, text=line.log.text)
        for group in [group for group in task.names if group]:
            if group in answers:
                continue
            with line.answering(Task(task.account, (group,), given=True)) as given:
                line.fit(group)
                line.do(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), name))
                given[group] = Answer(holds=True, text=line.log.text)
            answers.update(given)
        return answers

    # --- looking ----------------------------------------------------------------------------------------

    def _what_is_left(self, line: Line, role: dict[str, Any]) -> str:
        """A sentence about what the account still has; empty where it has nothing."""
        left = []
        if role["rolcanlogin"]:
            left.append("it may still log in")
        groups = sorted({row["role"] for row in line.ask(sql.SQL(_MEMBERSHIPS), [role["oid"]])})
        if groups:
            left.append(f"it is still a member of {', '.join(groups)}")
        sessions = line.ask(sql.SQL(SESSIONS), [role["oid"]])
        if sessions:
            left.append(f"{len(sessions)} of its sessions go on")
        acting = line.ask(sql.SQL(_ACT_AS_IT_FROM_16 if line.knows_options else _ACT_AS_IT), [role["oid"]])
        if acting:
            left.append(f"{', '.join(sorted(row['role'] for row in acting))} may still act as it")
        line.ask(sql.SQL(_OWNED), [role["oid"]])
        return f"Asked afterwards: {'; '.join(left)}." if left else ""

    def _probe_log_in(self, task: Task) -> dict[str, Answer]:
        name = task.account.name
        log = Transcript([self._secret])
        if (refusal := unfit(name)) is not None:
            return log.all_of(task.names, failure=refusal)
        password = self._passwords.get(name) or secrets.token_urlsafe(32)
        log.hide(password)
        log.asked(f"log in as {name} with the password that was just set")
        parameters = {**self._parameters, "user": name, "password": password, "application_name": "lumens-admin probe"}
        tried = try_to_log_in(parameters, seconds=self._budget.left(CONNECT_SECONDS))
        log.answered(f"{tried.sqlstate} {tried.said}")
        if tried.entered:
            return log.all_of(task.names, failure="The account could still log in.")
        if name in self._passwords and tried.sqlstate == INVALID_PASSWORD:
            return log.all_of(task.names, failure="The server took the right password for a wrong one: that proves nothing.")
        if not tried.refused:
            return log.all_of(task.names, failure="The try to log in was not refused by the server: that proves nothing.")
        return log.all_of(task.names)

    def _probe_role(self, line: Line, task: Task, name: str) -> Answer:
        """Whether the account reaches this role: by the server's judgement, and by setting the role as that account."""
        if not name:
            return Answer(holds=True, text="signing in stays: other grants need it" if not task.given else line.log.text)
        known = line.ask(sql.SQL("SELECT 1 AS there FROM pg_catalog.pg_roles WHERE rolname::text = %s"), [name])
        reaches = (
            bool(known)
            and line.ask(sql.SQL("SELECT pg_has_role({}, {}, 'MEMBER') AS reaches").format(task.account.name, name))[0]["reaches"]
        )
        if not task.given and not reaches and known and line.is_superuser():
            reaches = line.can_set_role(task.account.name, name)
        failure = ""
        if reaches and not task.given:
            failure = f"The account still reaches {name}."
        elif task.given and not reaches:
            failure = f"The account does not reach {name}."
        return Answer(holds=not failure, text=line.log.text, failure=failure)

    # --- connections ------------------------------------------------------------------------------------

    def _connect(self) -> "psycopg.Connection[dict[str, Any]]":
        options = f"-c statement_timeout={int(STEP_SECONDS * 1000)} -c lock_timeout=3000 -c client_min_messages=warning"
        parameters = {
            **self._parameters,
            "application_name": "lumens-admin",
            "connect_timeout": math.ceil(self._budget.left(CONNECT_SECONDS)),
            "options": f"{self._parameters.get('options', '')} {options}".strip(),
        }
        try:
            return psycopg.connect(**parameters, autocommit=True, prepare_threshold=None, row_factory=dict_row)
        except psycopg.OperationalError as error:
            raise Unreachable(f"It could not be reached: {Transcript([self._secret]).clean(str(error))[:300]}") from None

    @contextmanager
    def _another(self) -> Iterator[Line]:
        """A connection that knows nothing of what was done over the first."""
        connection = self._connect()
        try:
            yield Line(connection, [self._secret], self._budget)
        finally:
            connection.close()


def _judged(line: Line, task: Task, name: str, role: dict[str, Any], paths: dict[str, list[str]]) -> Answer:
    """What reading back tells about one role of an account that stays."""
    failure = ""
    if task.given and not role["rolcanlogin"]:
        failure = "Asked afterwards: the account may not log in."
    elif task.given and name and name not in paths:
        failure = f"Asked afterwards: the account is not a member of {name}."
    elif not task.given and name and role["rolsuper"]:
        failure = f"Asked afterwards: the account is a superuser, and so reaches {name} and everything else."
    elif not task.given and name in paths:
        failure = f"Asked afterwards: the account still reaches {name}: {' → '.join([task.account.name, *paths[name]])}."
    return Answer(holds=not failure, text=line.log.text, failure=failure)
