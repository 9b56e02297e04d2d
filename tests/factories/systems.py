"""Other systems, real ones: a second PostgreSQL with password logins, an application with SCIM, and some that misbehave."""

import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import factory
import httpx
import psycopg
from factory.django import DjangoModelFactory
from psycopg import sql

from lumens_admin.database import VAR_DIR
from lumens_admin.embedded import EmbeddedPostgres
from privacy.models import AccessGrant, Employee, Entitlement, System, SystemKind
from tests.factories.access import GrantFactory, approvers
from tests.factories.workforce import EmployeeFactory

HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


class SystemFactory(DjangoModelFactory):
    """Worked by hand, unless told otherwise."""

    class Meta:
        model = System

    code = factory.Sequence(lambda n: f"system-{n}")
    name = factory.LazyAttribute(lambda system: system.code.title())
    kind = SystemKind.BY_HAND
    owner = factory.SubFactory(EmployeeFactory)


class OutsideEntitlementFactory(DjangoModelFactory):
    """Something another system gives: a role or group there, called like the code."""

    class Meta:
        model = Entitlement

    system = factory.SubFactory(SystemFactory)
    code = factory.Sequence(lambda n: f"outside-{n}")
    name = "read the shop"
    external_name = factory.SelfAttribute("code")
    sensitive = False


class Cluster:
    """A PostgreSQL of somebody else's, where people log in with passwords and we are `postgres`."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self.address = server.dsn()
        self.admin = psycopg.connect(self.address, autocommit=True)

    def system(self, **values) -> System:
        return SystemFactory(kind=SystemKind.POSTGRESQL, address=self.address, **values)

    def run(self, statement: str, *names: str) -> list:
        """A statement of the admin's; each {} is a name."""
        cursor = self.admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return cursor.fetchall() if cursor.description else []

    def group(self, *, rows: int = 0) -> str:
        """A role that may read a table of its own name."""
        name = f"group_{secrets.token_hex(5)}"
        self.run("CREATE ROLE {}", name)
        if rows:
            self.admin.execute(
                sql.SQL("CREATE TABLE {} AS SELECT generate_series(1, {}) AS n").format(sql.Identifier(name), rows)
            )
            self.run("GRANT SELECT ON {} TO {}", name, name)
        return name

    def person(self, *groups: str, password: str = "seven lamps") -> str:
        """A role that logs in, in these groups."""
        name = f"person_{secrets.token_hex(5)}"
        self.admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
        for group in groups:
            self.run("GRANT {} TO {}", group, name)
        return name

    def log_in(self, name: str, password: str = "seven lamps") -> psycopg.Connection:
        return psycopg.connect(self.address, user=name, password=password, autocommit=True, connect_timeout=5)

    def groups_of(self, name: str) -> set[str]:
        found = self.admin.execute(
            "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles p ON p.oid = m.member"
            " WHERE p.rolname = %s",
            [name],
        )
        return {row[0] for row in found}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The cluster, running inside the block; shared by every process of a test run."""
    server = EmbeddedPostgres(VAR_DIR / "target", durable=False)
    with server.hold():
        hba = server.data_dir / "pg_hba.conf"
        if hba.read_text() != HBA:
            hba.write_text(HBA)
        cluster = Cluster(server)
        cluster.admin.execute("SELECT pg_reload_conf()")
        wait_until(lambda: cluster.run("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'")[0][0] == 1)
        yield cluster
        cluster.admin.close()


class Application:
    """An application that speaks SCIM: a real scim2-server, in a process of its own."""

    def __init__(self, port: int, token: str) -> None:
        self.address, self.token = f"http://127.0.0.1:{port}", token
        self.http = httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def system(self, **values) -> System:
        return SystemFactory(kind=SystemKind.SCIM, address=self.address, secret=self.token, **values)

    def group(self, name: str = "") -> str:
        """A group of that name; returns the name."""
        name = name or f"group-{secrets.token_hex(5)}"
        schema = "urn:ietf:params:scim:schemas:core:2.0:Group"
        self.http.post("/Groups", json={"schemas": [schema], "displayName": name}).raise_for_status()
        return name

    def person(self, *groups: str, name: str = "") -> str:
        """An active user in these groups; returns the user name."""
        name = name or f"person-{secrets.token_hex(5)}"
        schema = "urn:ietf:params:scim:schemas:core:2.0:User"
        made = self.http.post("/Users", json={"schemas": [schema], "userName": name, "active": True}).raise_for_status().json()
        for group in groups:
            found = self._one("/Groups", f'displayName eq "{group}"')
            patch = {"op": "add", "path": "members", "value": [{"value": made["id"]}]}
            self.patch(f"/Groups/{found['id']}", patch)
        return name

    def user(self, name: str) -> dict | None:
        return self._one("/Users", f"userName eq {json.dumps(name)}")

    def groups_of(self, name: str) -> set[str]:
        user = self.user(name)
        everything = self.http.get("/Groups", params={"count": 1000}).json().get("Resources", [])
        return {group["displayName"] for group in everything if any(m["value"] == user["id"] for m in group.get("members") or [])}

    def patch(self, path: str, *operations: dict) -> None:
        schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        self.http.patch(path, json={"schemas": [schema], "Operations": list(operations)}).raise_for_status()

    def _one(self, path: str, where: str) -> dict | None:
        found = self.http.get(path, params={"filter": where}).raise_for_status().json().get("Resources") or [None]
        return found[0]


@contextmanager
def running_application() -> Iterator[Application]:
    for _ in range(5):  # it wants to be told its port; where another took that meanwhile, it ends, and is begun on another
        port, token = free_port(), secrets.token_urlsafe(16)
        command = [sys.executable, "-m", "scim2_server.testserver.cli", "--port", str(port), "--bearer-token", token]
        process, application = _silently(command), Application(port, token)
        wait_until(partial(_ended_or_answers, process, application), 60)
        if process.poll() is None:
            break
    else:
        raise AssertionError("scim2-server ended at each of five starts")
    try:
        yield application
    finally:
        process.kill()
        process.wait()


def _silently(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _ended_or_answers(process: subprocess.Popen[bytes], application: Application) -> bool:
    """Whoever answers to the token is that process, and nobody else on its port."""
    if process.poll() is not None:
        return True
    try:
        return application.http.get("/Users", params={"count": 0}).is_success
    except httpx.TransportError:
        return False


@contextmanager
def misbehaving(answer) -> Iterator[str]:
    """An HTTP server whose every request is answered by `answer(handler)`; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self):
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length") or 0)
            self.body = self.rfile.read(length) if length else b""
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def says(handler: BaseHTTPRequestHandler, status: int, body: object = None, **headers: str) -> None:
    """Answer with this status, JSON and headers; a `Date` of theirs stands in for the clock's."""
    content = b"" if body is None else json.dumps(body).encode()
    handler.send_response_only(status)
    for name, value in {"Date": handler.date_time_string(), **headers}.items():
        handler.send_header(name, value.encode().decode("latin-1"))
    handler.send_header("Content-Type", "application/scim+json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(condition, seconds: float = 15) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come to that in time"
        time.sleep(0.05)


def held(employee: Employee, system: System, *names: str, sensitive: bool = False) -> list[AccessGrant]:
    """Grants in force in another system, approved by two others; the account is called like the login there."""
    one, two = approvers()
    grants = []
    for name in names:
        entitlement = Entitlement.objects.filter(system=system, external_name=name).first()
        entitlement = entitlement or OutsideEntitlementFactory(
            system=system, code=name or "sign-in", external_name=name, sensitive=sensitive
        )
        grants.append(GrantFactory(employee=employee, entitlement=entitlement, approved_by=one, seconded_by=two))
    return grants
