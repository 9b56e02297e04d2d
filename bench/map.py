"""The access map at 1,000 people × 200 entitlements with 20,000 grants: the whole page against the bare query of its grants.

Two measures of bareness, as for the list of customers: the one statement that reads who has what, and the same statement through
the same stack (session, grants in force, middleware), answered as plain text by a view of two lines.
"""

import random
from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.utils import timezone

from bench.company import count_rows
from bench.ratio import Ratio, interleaved, milliseconds
from customers.doors.pages import staff_page

PEOPLE, ENTITLEMENTS, GRANTS = 1_000, 200, 20_000
TIMES = 9
CEILING_MS = 1_000
LARGEST_BYTES = 2_000_000
BARE = (
    "SELECT g.id, g.employee_id, g.entitlement_id, g.state FROM privacy_accessgrant g"
    " WHERE g.state IN ('approved', 'suspended', 'revoking')"
)


def rows_of(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@staff_page("privacy.administer_access")
def bare_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("\n".join(map(str, rows_of(BARE))), content_type="text/plain")


urlpatterns = [path("bare/", bare_page), path("", include("lumens_admin.urls"))]


def fill(people: int = PEOPLE, entitlements: int = ENTITLEMENTS, grants: int = GRANTS) -> None:
    """A company of that size: five systems, twelve functions, every kind of standing."""
    from allauth.mfa.models import Authenticator

    from privacy.models import (
        AccessGrant,
        Briefing,
        Department,
        Employee,
        Entitlement,
        FunctionEntitlement,
        JobFunction,
        Nda,
        System,
    )

    if Employee.objects.filter(login__startswith="m").count() >= people:
        return
    chance, now = random.Random(1), timezone.now()
    started = timezone.localdate(now) - timedelta(days=900)
    departments = Department.objects.bulk_create([Department(code=f"d{n}", name=f"Department {n}") for n in range(8)])
    functions = JobFunction.objects.bulk_create([JobFunction(code=f"f{n}", name=f"Function {n}") for n in range(12)])
    systems = System.objects.bulk_create([System(code=f"s{n}", name=f"System {n}", kind="by_hand") for n in range(5)])
    given = Entitlement.objects.bulk_create(
        [
            Entitlement(
                system=systems[n * 5 // entitlements],
                code=f"thing{n:03}.read",
                name=f"read thing {n}",
                sensitive=n % 6 == 0,
                external_name=f"thing_{n}",
            )
            for n in range(entitlements)
        ]
    )
    FunctionEntitlement.objects.bulk_create(
        [FunctionEntitlement(job_function=f, entitlement=e) for f in functions for e in chance.sample(given, entitlements // 2)]
    )
    everybody = Employee.objects.bulk_create(
        [
            Employee(
                login=f"m{n:05}",
                name=f"{chance.choice(['Ada', 'Ben', 'Cleo', 'Dev', 'Eli', 'Inés', 'Tomáš'])} Somebody {n}",
                starts_on=started,
                password="!",
                job_function=chance.choice(functions),
                department=chance.choice(departments),
                worker_type="contractor" if n % 11 == 0 else "employee",
            )
            for n in range(people)
        ]
    )
    Nda.objects.bulk_create([Nda(employee=p, signed_on=started, starts_on=started, document="paper") for p in everybody])
    Briefing.objects.bulk_create([Briefing(employee=p, given_on=started) for p in everybody])
    Authenticator.objects.bulk_create([Authenticator(user=p, type="totp", data={"secret": "x"}) for p in everybody[::2]])
    pairs = [(person, thing) for person in everybody for thing in chance.sample(given, min(entitlements, grants // people))]
    states = ["approved"] * 92 + ["suspended"] * 4 + ["revoking"] * 4
    count_rows()
    AccessGrant.objects.bulk_create(
        [
            AccessGrant(
                employee=person,
                entitlement=thing,
                sensitive=thing.sensitive,
                state=(state := chance.choice(states)),
                origin="bootstrap",
                requested_at=now - timedelta(days=30),
                reason="bench",
                starts_at=now - timedelta(days=30),
                approved_at=now - timedelta(days=30),
                ends_at=now + timedelta(days=90),
                revoked_at=now if state == "revoking" else None,
                revocation_reason="bench" if state == "revoking" else "",
            )
            for person, thing in pairs
        ],
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run(scale: float) -> list[Ratio]:
    fill(max(50, int(PEOPLE * scale)), max(40, int(ENTITLEMENTS * scale)), max(1_000, int(GRANTS * scale)))
    with override_settings(ROOT_URLCONF="bench.map", ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        client = _signed_in()
        return [
            _line(client, "the whole map", reverse("access:map")),
            _line(client, "one department", reverse("access:map") + "?department=d1"),
            _line(client, "sensitive only", reverse("access:map") + "?sensitive=1"),
            _line(client, "one person found", reverse("access:map") + "?find=m00042"),
        ]


def _signed_in() -> Client:
    from tests.factories.access import grant, sign_in
    from tests.factories.workforce import EmployeeFactory

    employee = EmployeeFactory(login=f"bench{milliseconds(lambda: None):.9f}")
    grant(employee, "access.administer")
    return sign_in(Client(), employee)


def _line(client: Client, what: str, address: str) -> Ratio:
    page = client.get(address)
    size = len(page.content)
    assert page.status_code == 200
    assert size < LARGEST_BYTES, f"{what}: {size:,} bytes"
    took, same_stack = interleaved(lambda: client.get(address), lambda: client.get("/bare/"), times=TIMES)
    alone = milliseconds(lambda: rows_of(BARE), times=TIMES)
    held = page.content.count(b"<td role=cell><a class=")
    remark = f"{held:,} marks, {size / 1000:,.0f} kB; the bare query alone {alone:.1f} ms ({took / alone:.1f}x)"
    return Ratio(what, took, same_stack, goal=8, ceiling_ms=CEILING_MS, remark=remark)
