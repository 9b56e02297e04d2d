"""`--dry-run` of push_removals and reconcile_access: what would be done is said truthfully, and nothing is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from privacy.access import actions
from privacy.models import Drift, HandTask, Reconciliation, SystemChange
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory, held
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)


def leaver(system, *groups):
    person = EmployeeFactory()
    held(person, system, *groups)
    actions.end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="test")
    return person


def of(changes):
    return sorted((one["system"], one["account"], one["entitlement"], one["wanted"]) for one in changes)


def test_what_would_be_pushed_is_what_then_is_and_before_that_nothing_is(cluster, run):
    database, by_hand, group = cluster.system(), SystemFactory(), cluster.group()
    gone, starts = leaver(database, group), EmployeeFactory()
    held(starts, database, group)  # in force, and nobody has settled it yet
    cluster.run("CREATE ROLE {} LOGIN", starts.login)
    leaver(by_hand, "shelf")
    HandTask.objects.all().delete()
    jobs, changes = ProcrastinateJob.objects.count(), list(SystemChange.objects.values())

    code, said = run("push_removals", "--dry-run")
    assert code == 1
    due = [change for change in said["changes"] if change["would_push"]]
    assert (said["settled"], said["tasks_opened"], said["would_push"]) == (1, 1, 2)
    assert of(due) == sorted([(database.code, gone.login, group, "removed"), (database.code, starts.login, group, "given")])
    assert [change["by_hand"] for change in said["changes"] if not change["would_push"]] == [True]
    assert list(SystemChange.objects.values()) == changes
    assert (ProcrastinateJob.objects.count(), HandTask.objects.count()) == (jobs, 0)
    assert cluster.groups_of(starts.login) == set()

    _, said = run("push_removals")
    assert (said["settled"], said["tasks_opened"], said["proven"]) == (1, 1, 2)
    assert cluster.groups_of(starts.login) == {group}


def test_what_fails_and_waits_for_its_next_try_would_not_be_pushed(cluster, run):
    leaver(cluster.system(), cluster.group())
    SystemChange.objects.update(next_try_at=timezone.now() + timedelta(minutes=5))
    _, said = run("push_removals", "--dry-run")
    assert (said["would_push"], said["accounts"], said["outstanding"]) == (0, [], 1)


def test_differences_that_would_be_found_are_those_that_then_are_and_before_that_none_is_written_down(cluster, run):
    database, reads, keys = cluster.system(), cluster.group(), cluster.group()
    OutsideEntitlementFactory(system=database, external_name=reads)
    OutsideEntitlementFactory(system=database, external_name=keys, sensitive=True)
    employed = EmployeeFactory(login=cluster.person(reads, keys))
    jobs = ProcrastinateJob.objects.count()

    code, said = run("reconcile_access", database.code, "--dry-run")
    assert (code, said["dry_run"]) == (1, True)
    # What is sensitive would be taken away by itself.
    mine = [one for one in said["systems"][0]["differences"] if one["account"] == employed.login]
    found = {(one["kind"], one["entitlement"], one["state"]) for one in mine}
    assert found == {("excess", reads, "open"), ("excess", keys, "mending"), ("stale", "", "open")}
    assert not Reconciliation.objects.exists()
    assert not Drift.objects.exists()
    assert not SystemChange.objects.exists()
    assert ProcrastinateJob.objects.count() == jobs
    database.refresh_from_db()
    assert database.answered_at is None
    assert cluster.groups_of(employed.login) == {reads, keys}

    # The server is that of all tests: others make and drop accounts in it meanwhile.
    (then,) = run("reconcile_access", database.code)[1]["systems"]
    assert [one for one in then["differences"] if one["account"] == employed.login] == mine
    assert (then["system"], then["failure"], set(then)) == (said["systems"][0]["system"], "", set(said["systems"][0]))
    # What is being taken away already is none any more.
    again = run("reconcile_access", database.code, "--dry-run")[1]["systems"][0]["differences"]
    assert [(one["kind"], one["entitlement"]) for one in again if one["account"] == employed.login] == [("excess", reads)]
    assert Reconciliation.objects.count() == 1


def test_a_system_that_cannot_be_read_is_said_and_its_health_stays_as_it_was(run):
    away = SystemFactory(kind="postgresql", code="away", address="postgresql://u:p@127.0.0.1:1/x")
    code, said = run("reconcile_access", "--dry-run")
    assert (code, said["failed"]) == (1, ["away"])
    away.refresh_from_db()
    assert (away.failure, away.failed_at) == ("", None)
