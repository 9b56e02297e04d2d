"""What authority costs: permissions computed from grants in force at each request, against Django's own ModelBackend.

One "request": the person is loaded by key, then four permissions are asked of them, the last of which nobody has.
"""

import json
import statistics
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.company import count_rows
from bench.ratio import Ratio, milliseconds
from privacy.access.actions import install_catalogue
from privacy.access.backends import GrantBackend
from privacy.models import AccessGrant, Briefing, Employee, Entitlement, GrantState, Nda, Origin

FULL_PEOPLE = 5_000
REQUESTS = 800
HELD = ("requests.work", "optouts.manage", "reveal.contact", "reveal.mail", "reveal.forms", "reveal.logs", "promises.read")
ASKED = ("privacy.work_tickets", "customers.reveal_contact", "privacy.view_ticket", "privacy.nobody_has_this")
STARTED = date(2020, 1, 6)


def run(scale: float) -> list[Ratio]:
    count = max(200, int(FULL_PEOPLE * scale))
    keys = _company(count)
    backend = GrantBackend()

    def request(turn: int) -> None:
        employee = Employee.objects.get(pk=keys[turn % count])
        for permission in ASKED:
            try:
                backend.has_perm(employee, permission)
            except PermissionDenied:
                pass

    with CaptureQueriesContext(connection) as queries:
        request(0)
    stock = _stock(count)
    ours, theirs = [], []
    for turn in range(REQUESTS + 50):
        mine = milliseconds(lambda turn=turn: request(turn))
        assert stock.stdin is not None
        assert stock.stdout is not None
        stock.stdin.write(f"{turn}\n")
        stock.stdin.flush()
        other = float(stock.stdout.readline())
        if turn >= 50:  # both warm
            ours.append(mine)
            theirs.append(other)
    stock.communicate()
    remark = f"{len(queries) - 1} query for authority, ModelBackend 2; {count:,} people, {len(HELD)} grants each"
    line = Ratio("four permissions of one request", statistics.median(ours), statistics.median(theirs), goal=1.5, remark=remark)
    return [line]


def _stock(count: int) -> "subprocess.Popen[str]":
    """The plain Django, ready to answer."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS stock")
    settings = connection.settings_dict
    database = {key: settings[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    options = {key: value for key, value in settings["OPTIONS"].items() if isinstance(value, str)}
    database["OPTIONS"] = {**options, "options": "-c search_path=stock"}
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.stock_permission"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps({"database": database, "people": count}) + "\n")
    child.stdin.flush()
    if child.stdout.readline().strip() != "ready":
        raise RuntimeError("the plain Django did not start")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return child


def _company(count: int) -> list[int]:
    """People with every condition in order, so that each is really looked up; returns their keys."""
    install_catalogue()
    now = timezone.now()
    people = Employee.objects.bulk_create(
        [Employee(login=f"b{n}", name=f"Person {n}", starts_on=STARTED, password="!") for n in range(count)]
    )
    given = Entitlement.objects.filter(code__in=HELD)
    Nda.objects.bulk_create([Nda(employee=p, signed_on=STARTED, starts_on=STARTED, document="paper") for p in people])
    Briefing.objects.bulk_create([Briefing(employee=p, given_on=STARTED) for p in people])
    Authenticator.objects.bulk_create([Authenticator(user=p, type="totp", data={"secret": "x"}) for p in people])
    count_rows()
    AccessGrant.objects.bulk_create(
        [
            AccessGrant(
                employee=person,
                entitlement=entitlement,
                sensitive=entitlement.sensitive,
                state=GrantState.APPROVED,
                origin=Origin.BOOTSTRAP,
                requested_at=now,
                reason="bench",
                starts_at=now,
                approved_at=now,
                ends_at=now + timedelta(days=90),
            )
            for person in people
            for entitlement in given
        ],
        batch_size=2_000,
    )
    return [person.pk for person in people]
