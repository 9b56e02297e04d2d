"""Accounts that differ in capitals only: PostgreSQL tells them apart, and so does the comparison."""

import pytest
from django.utils import timezone

from privacy.access.actions import push_due, reconcile
from privacy.access.actions.reconciling import mend_drift
from privacy.access.jobs.changes import sweep_changes
from privacy.models import Drift, Reconciliation, SystemChange
from tests.factories.access import grant
from tests.factories.systems import held
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def compare(system, *accounts):
    """What a comparison finds wrong with these accounts (their names in lower case)."""
    reconcile(system.pk, by=None, clock=timezone.now)
    assert Reconciliation.objects.filter(system=system).latest("pk").failure == ""
    found = Drift.objects.filter(system=system, state__in=["open", "mending"]).order_by("account_name", "kind")
    return [drift for drift in found if drift.account_name.lower() in accounts]


def shouted(cluster, name):
    """A login role of the same name in capitals."""
    cluster.run("CREATE ROLE {} LOGIN PASSWORD 'seven lamps'", name.upper())
    return name.upper()


def test_two_accounts_of_nobody_that_differ_in_capitals_are_listed_in_one_line_and_mended_one_after_the_other(cluster):
    system, name = cluster.system(), cluster.person()
    capitals = shouted(cluster, name)
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    (drift,) = compare(system, name)
    assert drift.kind == "orphan"
    other = ({name, capitals} - {drift.account_name}).pop()
    assert f'"{other}"' in drift.note
    mend_drift(drift.pk, by=administrator, now=timezone.now())
    push_due(clock=timezone.now, systems=[system.pk])
    (left,) = compare(system, name)
    assert (left.account_name, other in left.note) == (other, False)


def test_an_account_in_capitals_is_not_taken_for_that_of_a_colleague(cluster):
    system, group = cluster.system(), cluster.group()
    person = EmployeeFactory(login=cluster.person(group))
    held(person, system, group)
    assert compare(system, person.login) == []
    capitals = shouted(cluster, person.login)
    assert [(drift.kind, drift.account_name) for drift in compare(system, person.login)] == [("orphan", capitals)]


def test_a_group_in_other_capitals_is_the_same_one_for_an_application_that_speaks_scim(application):
    system, group = application.system(), application.group()
    name = application.person()
    held(EmployeeFactory(login=name), system, group.upper())
    sweep_changes()
    push_due(clock=timezone.now, systems=[system.pk])
    assert set(SystemChange.objects.filter(system=system).values_list("state", flat=True)) == {"proven"}
    assert application.groups_of(name) == {group}
    assert compare(system, name) == []
