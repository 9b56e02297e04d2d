"""Thousands of grants end at once, two people revoke the same one, an NDA runs out while somebody approves: once, never half."""

import csv
import time
from datetime import datetime, timedelta
from datetime import time as clock

import pytest
from django.db import connection
from django.utils import timezone

from privacy.access import actions
from privacy.access import errors as refusals
from privacy.access.actions.outbox import settle_everything
from privacy.agreements.actions import end_nda
from privacy.models import (
    AccessGrant,
    ChangeState,
    Employee,
    Entitlement,
    GrantState,
    Nda,
    System,
    SystemChange,
    SystemKind,
    Wanted,
)
from tests.factories import warm
from tests.factories.access import GrantFactory, approvers, grant
from tests.factories.agreements import NdaFactory
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory
from tests.privacy.access.test_races import events_of, kinds

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, EACH = 250, 20
COLUMNS = ["login", "name", "email", "worker_type", "job_function", "department", "manager_login", "start_on", "end_on"]


def make_system(code, kind=SystemKind.POSTGRESQL):
    return System.objects.create(code=code, name=code.title(), kind=kind, address=f"postgresql://admin@{code}.example/db")


def company(people=PEOPLE):
    """So many people with EACH grants, all given and proven in two systems. Those who stay: an administrator, two approvers."""
    administrator = EmployeeFactory(login="stays", email="")
    grant(administrator, "access.administer")
    one, two = approvers()
    everybody = Employee.objects.bulk_create(
        [Employee(login=f"p{n}", name=f"Person {n}", starts_on="2020-01-06", password="!") for n in range(people)]
    )
    systems = [make_system("wiki"), make_system("shop")]
    given = Entitlement.objects.bulk_create(
        [
            Entitlement(system=systems[n % 2], code=f"part.{n}", name=f"use part {n}", sensitive=False, external_name=f"part{n}")
            for n in range(EACH)
        ]
    )
    now = timezone.now()
    grants = AccessGrant.objects.bulk_create(
        [
            AccessGrant(
                employee=person,
                entitlement=entitlement,
                state=GrantState.APPROVED,
                requested_by=person,
                requested_at=now,
                reason="work",
                starts_at=now,
                approved_by=one,
                approved_at=now,
            )
            for person in everybody
            for entitlement in given
        ]
    )
    SystemChange.objects.bulk_create(
        [
            SystemChange(
                system=held.entitlement.system,
                grant=held,
                employee=held.employee,
                entitlement=held.entitlement,
                account_name=held.employee.login,
                external_name=held.entitlement.external_name,
                wanted=Wanted.GIVEN,
                state=ChangeState.PROVEN,
                **dict.fromkeys(
                    ("known_at", "effective_at", "enforced_at", "pushed_at", "proven_at", "due_at", "next_try_at"), now
                ),
            )
            for held in grants
        ]
    )
    return [administrator, one, two]


def end_all_but(staying, roster):
    """The command that ends everybody else by a roster, which it finds at that path."""
    with roster.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for person in staying:
            writer.writerow([person.login, person.name, "", "employee", "service-agent", "service", "", person.starts_on, ""])
    return ["import_roster", str(roster), "--allow-mass-change", "--by", "stays"]


@pytest.mark.slow(20)
def test_a_killed_mass_revocation_is_whole_or_not_at_all_and_ends_each_grant_once(tmp_path):
    command = end_all_but(company(), tmp_path / "roster.csv")
    total = PEOPLE * EACH

    def standing():
        return {
            "active": AccessGrant.objects.active()
            .filter(employee__login__startswith="p", entitlement__code__startswith="part")
            .count(),
            "here": Employee.objects.filter(login__regex=r"^p\d+$", left_at=None).count(),
            "removals": SystemChange.objects.removals().count(),
        }

    untouched = {"active": total, "here": PEOPLE, "removals": 0}
    for turn, way in enumerate(("kill -9 of the process", "its connection ended by the server", "kill -9 again")):
        process = warm.command(*command)
        backend = _busy_backend(process)
        time.sleep(0.15 * turn)
        if way.startswith("kill"):
            process.kill()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        process.wait(60)
        _until_gone(backend)
        assert process.returncode != 0, "it was over before it could be killed"
        assert standing() == untouched, f"after {way}"
    finished = warm.command(*command)
    assert finished.wait() == 0, finished.said()
    assert standing() == {"active": 0, "here": 0, "removals": total}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT pgh_obj_id) FROM privacy_accessgrantledgerevent"
            " WHERE state = 'revoking' AND pgh_label = 'update'"
        )
        assert cursor.fetchone() == (total, total)
        cursor.execute(
            "SELECT count(*) FROM privacy_accessgrant g JOIN LATERAL (SELECT state FROM privacy_accessgrantledgerevent e"
            " WHERE e.pgh_obj_id = g.id ORDER BY pgh_id DESC LIMIT 1) last ON last.state = g.state"
        )
        assert cursor.fetchone()[0] == AccessGrant.objects.count()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'access.push_system' AND status = 'todo'")
        assert cursor.fetchone()[0] >= 2
    assert SystemChange.objects.removals().filter(event__isnull=True).count() == 0


def _busy_backend(process):
    """The server process in which the roster's transaction has begun to write."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
                " AND backend_xid IS NOT NULL AND backend_type = 'client backend'"  # autovacuum writes, too
            )
            found = cursor.fetchone()
        if found:
            return found[0]
        assert process.poll() is None, "it was over before it could be killed"
        time.sleep(0.02)
    raise AssertionError("it never began to write")


def _until_gone(backend):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
            if cursor.fetchone() is None:
                return
        time.sleep(0.02)
    raise AssertionError("the server still works for a dead client")


def test_two_people_who_revoke_one_grant_at_once_make_one_event_and_one_push():
    person, owner, other = EmployeeFactory(), EmployeeFactory(), EmployeeFactory()
    grant(owner, "access.administer")
    grant(other, "access.administer")
    wiki = make_system("wiki")
    part = Entitlement.objects.create(system=wiki, code="part", name="use it", sensitive=False, external_name="part")
    held = GrantFactory(employee=person, entitlement=part)
    settle_everything(now=timezone.now())
    SystemChange.objects.update(state=ChangeState.PROVEN, pushed_at=timezone.now(), proven_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    results = together(
        *[lambda by=by: actions.revoke_grant(held.pk, by=by, reason="over", now=timezone.now()) for by in (owner, other) * 2]
    )
    assert kinds(results) == ["AccessGrant"] + ["AlreadyRevoked"] * 3
    assert events_of(held, "revoking") == 1
    assert SystemChange.objects.removals().count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'access.push_system'")
        assert cursor.fetchone()[0] == 1


def test_no_grant_outlives_its_nda_however_the_approval_falls():
    midnight = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), clock.min))
    for moment in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(microseconds=1)):
        owner = EmployeeFactory()
        person = EmployeeFactory(worker_type="contractor", nda=None)
        NdaFactory(employee=person, ends_on=timezone.localdate())
        part = Entitlement.objects.create(
            system=make_system(f"s{person.pk}"), code="part", name="use it", sensitive=False, owner=owner, external_name="part"
        )
        asked = actions.request_grant(
            person, part, by=person, reason="work", now=timezone.now(), ends_at=midnight + timedelta(days=30)
        )
        try:
            actions.approve_grant(asked.pk, by=owner, now=moment)
        except refusals.Refused:
            pass
        assert not AccessGrant.objects.in_force(at=midnight).filter(employee=person).exists()


def test_an_nda_that_is_ended_while_a_grant_is_approved_leaves_nothing_in_force_and_no_access_elsewhere():
    yesterday = timezone.localdate() - timedelta(days=1)
    for _ in range(3):
        owner, administrator = EmployeeFactory(), EmployeeFactory()
        grant(administrator, "sharing.manage")
        person = EmployeeFactory(worker_type="contractor", nda=None)
        nda = NdaFactory(employee=person, ends_on=timezone.localdate() + timedelta(days=30))
        part = Entitlement.objects.create(
            system=make_system(f"s{person.pk}"), code="part", name="use it", sensitive=False, owner=owner, external_name="part"
        )
        now = timezone.now()
        ends_at = now + timedelta(days=10)
        asked = actions.request_grant(person, part, by=person, reason="work", now=now, ends_at=ends_at)
        together(
            lambda a=asked, o=owner: actions.approve_grant(a.pk, by=o, now=timezone.now()),
            lambda n=nda, b=administrator: end_nda(n.pk, last_day=yesterday, by=b, reason="broken"),
        )
        assert Nda.objects.get(pk=nda.pk).ends_on <= yesterday
        assert not AccessGrant.objects.in_force(at=timezone.now()).filter(employee=person).exists()
        settle_everything(now=timezone.now())
        last = SystemChange.objects.filter(employee=person).exclude(state=ChangeState.WITHDRAWN).order_by("-pk").first()
        assert last is None or last.wanted == Wanted.REMOVED
