"""One leaver after another: from the SCIM PATCH that says so to "out of this house" and to "proven gone in every system".

Everything is real: the web server (waitress) and the background worker in processes of their own, as `make run` starts them;
three systems on a second PostgreSQL server, two applications that are scim2-server; a PATCH `active: false` over HTTP; a leaver
who is signed in. Beside each leaver a twin with the same accounts is taken out of the five systems by the bare requests, one
after another.
"""

import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.permission import STARTED
from bench.ratio import Ratio
from bench.targets import PATCH, Application, Database
from lumens_admin.database import database_url
from privacy.access.actions import connect_client, install_catalogue
from privacy.access.actions.scim import catch_up
from privacy.models import (
    HERE,
    AccessGrant,
    Briefing,
    ChangeState,
    Employee,
    Entitlement,
    GrantState,
    Origin,
    ScimUser,
    System,
    SystemAccount,
    SystemChange,
    Wanted,
)

FULL_LEAVERS = 100
EACH = 10  # entitlements of each of the five systems
HERE_SECONDS, ELSEWHERE_SECONDS = 60.0, 300.0  # ACCESS.md, "Timeliness"
Target = Database | Application


@dataclass(frozen=True)
class Took:
    """Milliseconds of one leaver."""

    enforced: float
    proven: float
    bare: float


def run(scale: float) -> list[Ratio]:
    count = max(5, int(FULL_LEAVERS * scale))
    with ExitStack() as stack:
        targets = stack.enter_context(_targets())
        leavers = [f"leaver{n}" for n in range(count + 1)]
        twins = [f"twin{n}" for n in range(count + 1)]
        ids = {target.code: _filled(target, leavers + twins) for target in targets}
        cookies = _company(leavers, targets, ids)
        _provider, token = connect_client("the bench's provider", by=None, now=timezone.now())
        web = stack.enter_context(_house())
        scim = stack.enter_context(httpx.Client(base_url=web, headers={"Authorization": f"Bearer {token}"}, trust_env=False))
        took = []
        for login, twin in zip(leavers, twins, strict=True):
            enforced, proven = _leave(login, cookies[login], web, scim, expected=len(targets) * EACH)
            begun = time.perf_counter()
            for target in targets:
                name = _account(twin, target)
                target.bare_removal(name, ids[target.code][name], _groups(target))
            took.append(Took(enforced, proven, (time.perf_counter() - begun) * 1000))
    return _lines(took[1:])  # the first one finds everything cold


def _lines(took: Sequence[Took]) -> list[Ratio]:
    what = f"{len(took)} leavers, {5 * EACH} grants in 3 PostgreSQL and 2 SCIM systems"
    beside = "bare: the same requests to the five systems, one after another"
    lines = []
    for name, which in (("p50", statistics.median), ("p95", _p95)):
        bare = which([one.bare for one in took])
        here, elsewhere = which([one.enforced for one in took]), which([one.proven for one in took])
        lines += [
            Ratio(f"PATCH to refused here, {name}", here, bare, goal=1, ceiling_ms=HERE_SECONDS * 1000, remark=what),
            Ratio(f"PATCH to proven, {name}", elsewhere, bare, goal=2, ceiling_ms=ELSEWHERE_SECONDS * 1000, remark=beside),
        ]
    return lines


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[18]


def _leave(login: str, cookie: str, web: str, scim: httpx.Client, *, expected: int) -> tuple[float, float]:
    """One person leaves; milliseconds until their next request was refused, and until all is seen proven."""
    uid = ScimUser.objects.get(user_name=login).uid
    word = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    with httpx.Client(base_url=web, cookies={settings.SESSION_COOKIE_NAME: cookie}, trust_env=False) as person:
        if person.get("/admin/").status_code != 200:
            raise AssertionError(f"{login} is not signed in")
        begun = time.perf_counter()
        scim.patch(f"/scim/v2/Users/{uid}", json=word).raise_for_status()
        answer = person.get("/admin/")
        enforced = (time.perf_counter() - begun) * 1000
    if answer.status_code == 200:
        raise AssertionError(f"{login} still comes in")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE state = 'proven'), count(*) FROM privacy_systemchange c"
                " JOIN privacy_employee e ON e.id = c.employee_id WHERE e.login = %s AND wanted = 'removed'",
                [login],
            )
            proven, asked = cursor.fetchone()
        if proven == asked == expected:
            return enforced, (time.perf_counter() - begun) * 1000
        if time.perf_counter() - begun > ELSEWHERE_SECONDS:
            raise AssertionError(f"{login}: {proven} of {asked} removals were proven")
        time.sleep(0.01)


# --- who and what is there -----------------------------------------------------------------------------------


def _account(login: str, target: Target) -> str:
    return f"{login}.{target.code}"


def _groups(target: Target) -> list[str]:
    return [f"{target.code}-part{n}" for n in range(EACH)]


def _filled(target: Target, logins: Sequence[str]) -> dict[str, str]:
    return target.fill([_account(login, target) for login in logins], _groups(target))


def _company(logins: Sequence[str], targets: Sequence[Target], ids: dict[str, dict[str, str]]) -> dict[str, str]:
    """People whose access was given and proven in all targets, signed in here. Returns their session cookies by login."""
    from django.test import Client

    from tests.factories.access import sign_in

    install_catalogue()
    now = timezone.now()
    people = Employee.objects.bulk_create(
        [Employee(login=login, name=f"Person {login}", starts_on=STARTED, password="!") for login in logins]
    )
    Briefing.objects.bulk_create([Briefing(employee=person, given_on=STARTED) for person in people])
    given = [Entitlement.objects.get(system__code=HERE, code="requests.work")]
    for target in targets:
        system = System.objects.create(
            code=target.code, name=target.code, kind=target.kind, address=target.address, secret=target.secret
        )
        given += Entitlement.objects.bulk_create(
            [Entitlement(system=system, code=name, name=f"use {name}", sensitive=False, external_name=name)
             for name in _groups(target)]
        )  # fmt: skip
        SystemAccount.objects.bulk_create(
            [SystemAccount(system=system, employee=person, name=(name := _account(person.login, target)),
                           external_id=ids[target.code][name]) for person in people]
        )  # fmt: skip
    names = {(account.system_id, account.employee_id): account.name for account in SystemAccount.objects.all()}
    grants = AccessGrant.objects.bulk_create(
        [
            AccessGrant(
                employee=person, entitlement=entitlement, sensitive=False, state=GrantState.APPROVED, origin=Origin.BOOTSTRAP,
                requested_at=now, reason="bench", starts_at=now, approved_at=now, ends_at=now + timedelta(days=90),
            )
            for person in people
            for entitlement in given
        ],
        batch_size=2_000,
    )  # fmt: skip
    SystemChange.objects.bulk_create(
        [
            SystemChange(
                system=grant.entitlement.system, grant=grant, employee=grant.employee, entitlement=grant.entitlement,
                account_name=names[grant.entitlement.system_id, grant.employee_id], external_name=grant.entitlement.external_name,
                wanted=Wanted.GIVEN, state=ChangeState.PROVEN, known_at=now, effective_at=now, enforced_at=now, pushed_at=now,
                proven_at=now, due_at=now, next_try_at=now,
            )
            for grant in grants
            if not grant.entitlement.system.is_here
        ],
        batch_size=2_000,
    )  # fmt: skip
    catch_up(now=now)
    cookies = {person.login: sign_in(Client(), person).session.session_key or "" for person in people}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cookies


# --- what runs -------------------------------------------------------------------------------------------------


@contextmanager
def _targets() -> Iterator[list[Target]]:
    """Five systems, running inside the block."""
    from tests.factories.systems import running_application, running_cluster

    with running_cluster() as cluster, running_application() as one, running_application() as other:
        mark = secrets.token_hex(4)  # the server's roles outlive us
        yield [
            *(Database(f"db{n}-{mark}", cluster.address) for n in range(3)),
            *(Application(f"app{n}", found.address, found.token) for n, found in enumerate((one, other))),
        ]


@contextmanager
def _house() -> Iterator[str]:
    """The web server and the worker on the bench's database, running inside the block; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment = {**os.environ, **_same_settings(), "PUBLIC_URL": address, "SERVED_OVER_TLS": "0"}
        ours = str(os.getpid())
        commands = [["web", ours, str(listener.fileno())], ["worker", ours]]
        children = [
            subprocess.Popen(
                [sys.executable, "-m", f"lumens_admin.serve.{name}", *arguments],
                env=environment, pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL,
            )
            for name, *arguments in commands
        ]  # fmt: skip
        try:
            _until_ready(address)
            yield address
        finally:
            for child in children:
                child.kill()
                child.wait()


def _same_settings() -> dict[str, str]:
    """The bench's own database and secrets, for a process of the house."""
    url = urlsplit(database_url(os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_OWNER_URL", "")))
    return {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "INDEX_KEY": settings.INDEX_KEY,
    }


def _until_ready(address: str) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError("the house does not start")
