"""1,000 people and 20,000 grants ended by one roster, beside the bare statements that change the same rows."""

import csv
import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from bench.company import count_rows
from bench.permission import STARTED
from bench.ratio import Ratio, milliseconds
from privacy.access.actions import apply_roster, install_catalogue, plan_roster
from privacy.access.forms.roster import parse_roster
from privacy.models import (
    HERE,
    AccessGrant,
    ChangeState,
    Employee,
    Entitlement,
    GrantState,
    Nda,
    Origin,
    System,
    SystemChange,
    SystemKind,
    Wanted,
)

FULL_PEOPLE = 1_000
SYSTEMS = 4
EACH = 4  # entitlements of each other system; 4 here: 20 grants a person
STAYING = 10
COLUMNS = ["login", "name", "email", "worker_type", "job_function", "department", "manager_login", "start_on", "end_on"]


def run(scale: float) -> list[Ratio]:
    people = max(20, int(FULL_PEOPLE * scale))
    everybody = _company(people + STAYING)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bare = _bare([person.pk for person in everybody[:people]])
    with tempfile.TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.csv"
        with roster.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for person in everybody[people:]:
                writer.writerow([person.login, person.name, "", "employee", "", "", "", STARTED, ""])
        ended: list[AccessGrant] = []
        ours = milliseconds(lambda: ended.extend(_ours(roster)))
    expected = people * (SYSTEMS * EACH + EACH)
    changes = SystemChange.objects.removals().outstanding().count()
    if (len(ended), changes) != (expected, people * SYSTEMS * EACH):
        raise AssertionError(f"ended {len(ended)} grants and asked for {changes} removals, of {expected}")
    ceiling = 60_000.0 * max(scale, 0.05)
    remark = f"{changes:,} removals asked of {SYSTEMS} systems; within the 60 s that the statement's promise allows"
    return [Ratio(f"{people:,} leavers, {expected:,} grants, one roster", ours, bare, goal=25, ceiling_ms=ceiling, remark=remark)]


def _ours(roster: Path) -> list[AccessGrant]:
    """As import_roster does it, mass change let through by a person."""
    now = timezone.now()
    rows, refused = parse_roster(roster)
    plan = plan_roster(rows, refused, now=now)
    plan.working_here = 10 * len(plan.leavers)  # the guard is a person's business, not this bench's
    return apply_roster(plan, by=None, now=now, known_at=now)


def _bare(keys: list[int]) -> float:
    """The same rows changed by bare statements, triggers and all, then rolled back."""

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE privacy_employee SET left_at = now(), ends_on = now()::date WHERE id = ANY(%s)", [keys])
            cursor.execute(
                "UPDATE privacy_accessgrant SET state = 'revoked', revoked_at = now(), revocation_reason = 'left'"
                " WHERE employee_id = ANY(%s) AND state = 'approved'",
                [keys],
            )
            cursor.execute(
                "INSERT INTO privacy_systemchange (system_id, grant_id, employee_id, entitlement_id, account_name, external_name,"
                " wanted, state, reason, known_at, effective_at, enforced_at, due_at, attempts, next_try_at, failure)"
                " SELECT e.system_id, g.id, g.employee_id, e.id, p.login, e.external_name, 'removed', 'pending', 'left', now(),"
                " now(), now(), now(), 0, now(), ''"
                " FROM privacy_accessgrant g JOIN privacy_entitlement e ON e.id = g.entitlement_id"
                " JOIN privacy_system s ON s.id = e.system_id JOIN privacy_employee p ON p.id = g.employee_id"
                " WHERE g.employee_id = ANY(%s) AND s.code <> %s",
                [keys, HERE],
            )

    with transaction.atomic():
        took = milliseconds(work)
        transaction.set_rollback(True)
    return took


def _company(count: int) -> list[Employee]:
    install_catalogue()
    now = timezone.now()
    people = Employee.objects.bulk_create(
        [Employee(login=f"b{n}", name=f"Person {n}", starts_on=STARTED, password="!") for n in range(count)]
    )
    Nda.objects.bulk_create([Nda(employee=p, signed_on=STARTED, starts_on=STARTED, document="paper") for p in people])
    systems = System.objects.bulk_create(
        [
            System(code=f"s{n}", name=f"System {n}", kind=SystemKind.POSTGRESQL, address=f"postgresql://admin@s{n}.example/db")
            for n in range(SYSTEMS)
        ]
    )
    given = list(Entitlement.objects.filter(system__code=HERE, sensitive=False)[:EACH])
    given += Entitlement.objects.bulk_create(
        [
            Entitlement(system=system, code=f"{system.code}.{n}", name=f"use part {n}", sensitive=False, external_name=f"part{n}")
            for system in systems
            for n in range(EACH)
        ]
    )
    count_rows()
    grants = AccessGrant.objects.bulk_create(
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
    SystemChange.objects.bulk_create(
        [
            SystemChange(
                system=grant.entitlement.system,
                grant=grant,
                employee=grant.employee,
                entitlement=grant.entitlement,
                account_name=grant.employee.login,
                external_name=grant.entitlement.external_name,
                wanted=Wanted.GIVEN,
                state=ChangeState.PROVEN,
                known_at=now,
                effective_at=now,
                enforced_at=now,
                pushed_at=now,
                proven_at=now,
                due_at=now,
                next_try_at=now,
            )
            for grant in grants
            if not grant.entitlement.system.is_here
        ],
        batch_size=2_000,
    )
    return people
