"""Other systems for a bench, real ones: a PostgreSQL server and applications with SCIM, and what the bare work in them takes.

`bare_removal` makes the requests that the doors of privacy/access/gateways make, with nothing around them: no outbox, no ledger,
no proof, no judgement.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import psycopg
from psycopg import sql

from privacy.access.gateways import postgresql
from privacy.access.gateways.login import try_to_log_in
from privacy.access.gateways.postgresql_line import _ROLE, SESSIONS

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Database:
    """One of several systems on one PostgreSQL server. Roles are the server's, so each system has its own, by its code."""

    kind = "postgresql"
    secret = ""

    def __init__(self, code: str, address: str) -> None:
        self.code, self.address = code, address

    def fill(self, people: Sequence[str], groups: Sequence[str]) -> dict[str, str]:
        """Make these accounts, each in all these groups. Returns identifiers by account; a role has none."""
        with psycopg.connect(self.address, autocommit=True) as admin:
            for name in groups:
                admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
            given = sql.SQL(", ").join(map(sql.Identifier, groups))
            for name in people:
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'seven lamps'").format(sql.Identifier(name)))
                admin.execute(sql.SQL("GRANT {} TO {}").format(given, sql.Identifier(name)))
        return dict.fromkeys(people, "")

    def bare_removal(self, name: str, external_id: str, groups: Sequence[str]) -> None:
        """The statements that end this account, those that look whether it ended, and a try to log in."""
        role, password = sql.Identifier(name), secrets.token_urlsafe(32)
        with psycopg.connect(self.address, autocommit=True, prepare_threshold=None) as pusher:
            (oid, *_rest) = pusher.execute(_ROLE, [name]).fetchone() or (0,)
            verifier = pusher.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            pusher.execute(sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD {}").format(role, sql.Literal(verifier)))
            held = pusher.execute(postgresql._MEMBERSHIPS, [oid]).fetchall()
            taken = sql.SQL(", ").join(sql.Identifier(group) for group, _grantor in held)
            pusher.execute(sql.SQL("REVOKE {} FROM {} GRANTED BY {} CASCADE").format(taken, role, sql.Identifier(held[0][1])))
            pusher.execute(SESSIONS, [oid]).fetchall()
        with psycopg.connect(self.address, autocommit=True, prepare_threshold=None) as reader:
            reader.execute(_ROLE, [name]).fetchall()
            for question in (postgresql._MEMBERSHIPS, SESSIONS, postgresql._OWNED):
                reader.execute(question, [oid]).fetchall()
        parameters = {**psycopg.conninfo.conninfo_to_dict(self.address), "user": name, "password": password}
        if not try_to_log_in(parameters, seconds=5).refused:
            raise AssertionError(f"{name} was not refused")


class Application:
    """An application that speaks SCIM."""

    kind = "scim"

    def __init__(self, code: str, address: str, token: str) -> None:
        self.code, self.address, self.secret = code, address, token

    @contextmanager
    def _open(self) -> Iterator[httpx.Client]:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/scim+json"}
        with httpx.Client(base_url=self.address, headers=headers, trust_env=False, verify=False) as client:
            yield client

    def fill(self, people: Sequence[str], groups: Sequence[str]) -> dict[str, str]:
        """Make these accounts, each in all these groups. Returns identifiers by account."""
        with self._open() as client:
            ids = {}
            for name in people:
                made = client.post("/Users", json={"schemas": [USER], "userName": name, "active": True}).raise_for_status()
                ids[name] = made.json()["id"]
            members = [{"value": key} for key in ids.values()]
            for name in groups:
                client.post("/Groups", json={"schemas": [GROUP], "displayName": name, "members": members}).raise_for_status()
        return ids

    def bare_removal(self, name: str, external_id: str, groups: Sequence[str]) -> None:
        """The requests that end this account, those that look whether it ended, and a search for active users of that name."""
        named = {"filter": f"userName eq {json.dumps(name)}"}
        listing = {"filter": f"members.value eq {json.dumps(external_id)}", "excludedAttributes": "members"}
        shown = {"attributes": "userName,active"}
        with self._open() as client:
            _asked(client, f"/Users/{external_id}", shown)
            _changed(client, f"/Users/{external_id}", {"op": "replace", "path": "active", "value": False})
            keys = []
            for group in groups:
                by_name = {"filter": f"displayName eq {json.dumps(group)}", "excludedAttributes": "members"}
                keys += [found["id"] for found in _asked(client, "/Groups", by_name)["Resources"]]
            _asked(client, "/Groups", listing)
            for key in keys:
                path = f"members[value eq {json.dumps(external_id)}]"
                _changed(client, f"/Groups/{key}", {"op": "remove", "path": path})
        with self._open() as client:
            _asked(client, f"/Users/{external_id}", shown)
            _asked(client, "/Groups", listing)
        with self._open() as client:
            active = _asked(client, "/Users", {"filter": f"{named['filter']} and active eq true"})
            _asked(client, f"/Users/{external_id}", shown)
            for key in keys:
                _asked(client, f"/Groups/{key}", {})
        if active.get("Resources"):
            raise AssertionError(f"{name} is still active")


def _asked(client: httpx.Client, path: str, question: dict[str, str]) -> dict:
    found: dict = client.get(path, params=question).raise_for_status().json()
    return found


def _changed(client: httpx.Client, path: str, operation: dict[str, object]) -> None:
    client.patch(path, json={"schemas": [PATCH], "Operations": [operation]}).raise_for_status()
