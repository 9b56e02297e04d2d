"""Comparisons as they really run: two commands at once, and the worker in the night."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from privacy.models import ChangeState, Drift, DriftState, Reconciliation, SystemChange
from tests.factories.processes import holder, running_worker, waits_of_others
from tests.factories.systems import OutsideEntitlementFactory, held, wait_until
from tests.factories.warm import command
from tests.factories.workforce import EmployeeFactory

pytestmark = [pytest.mark.slow(10), pytest.mark.django_db(transaction=True)]


class Shop:
    """A system where three people have two groups that no grant gives them, a sensitive one and another."""

    def __init__(self, cluster):
        self.cluster, self.system = cluster, cluster.system(code="shop")
        given, self.secret, self.plain = cluster.group(), cluster.group(), cluster.group()
        OutsideEntitlementFactory(system=self.system, code=self.secret, sensitive=True)
        OutsideEntitlementFactory(system=self.system, code=self.plain)
        self.accounts = [cluster.person(given, self.secret, self.plain) for _ in range(3)]
        for account in self.accounts:
            held(EmployeeFactory(login=account), self.system, given)
        self.removals = SystemChange.objects.removals().filter(system=self.system, account_name__in=self.accounts)

    def drifts(self):
        """(account, group, state) of every difference of theirs that was ever written down."""
        found = Drift.objects.filter(system=self.system, account_name__in=self.accounts)
        return sorted(found.values_list("account_name", "external_name", "state"))

    def each(self, **states):
        return sorted((account, getattr(self, group), state) for account in self.accounts for group, state in states.items())


@pytest.fixture
def shop(cluster):
    return Shop(cluster)


def test_two_comparisons_at_once_list_each_difference_once_and_have_it_mended_once(shop):
    with holder() as holding:
        holding.execute("SELECT 1 FROM privacy_system WHERE code = 'shop' FOR UPDATE")
        both = [command("reconcile_access", "shop", "--json") for _ in range(2)]
        # Both have listed the system, and neither has written down what it found.
        wait_until(lambda: list(waits_of_others().values()).count("Lock") == 2, 30)
    said = [json.loads(process.said_at_its_end()) for process in both]
    assert [one["failed"] for one in said] == [[], []]
    assert Reconciliation.objects.filter(system=shop.system, ended_at__isnull=False, failure="").count() == 2
    assert shop.drifts() == shop.each(secret=DriftState.MENDING, plain=DriftState.OPEN)
    assert sorted(shop.removals.values_list("account_name", "external_name")) == [
        (account, shop.secret) for account in sorted(shop.accounts)
    ]

    for process in [command("push_removals", "--json") for _ in range(2)]:
        process.wait()
    assert shop.removals.filter(state=ChangeState.PROVEN, attempts=1).count() == shop.removals.count() == 3
    assert all(shop.secret not in shop.cluster.groups_of(account) for account in shop.accounts)
    assert json.loads(command("reconcile_access", "shop", "--json").said_at_its_end())["failed"] == []
    assert shop.drifts() == shop.each(secret=DriftState.GONE, plain=DriftState.OPEN)
    assert shop.removals.count() == 3


def test_the_worker_compares_at_seventeen_minutes_past_two_and_what_is_sensitive_is_gone_a_moment_later(shop, tmp_path):
    night = timezone.localtime().replace(hour=2, minute=17, second=0, microsecond=0) + timedelta(days=1)
    with running_worker(tmp_path, at=night - timedelta(seconds=1)):
        wait_until(lambda: shop.removals.filter(state=ChangeState.PROVEN).count() == 3, 60)
    compared = Reconciliation.objects.get(system=shop.system)
    assert night <= compared.began_at < compared.ended_at < night + timedelta(minutes=1)
    assert compared.failure == ""
    assert shop.drifts() == shop.each(secret=DriftState.GONE, plain=DriftState.OPEN)
    assert all(shop.secret not in shop.cluster.groups_of(account) for account in shop.accounts)
    assert shop.removals.filter(attempts=1).count() == shop.removals.count() == 3
