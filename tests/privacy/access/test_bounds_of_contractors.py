"""How long a contractor's access may last, and what a mover keeps (ACCESS.md, "Approver", "Mover", "NDA lapses")."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.instants import end_of
from privacy.access import actions, errors, policies, queries
from privacy.agreements import actions as agreements
from privacy.models import AccessGrant, Entitlement, Nda
from tests.factories.access import entitlement, grant, sign_in
from tests.factories.agreements import NdaFactory
from tests.factories.workforce import ContractorFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    administrator = EmployeeFactory(login="ines")
    grant(administrator, "access.administer")
    return administrator


@pytest.fixture
def kit():
    return ContractorFactory(login="kit", nda__ends_on=timezone.localdate() + timedelta(days=20))


def days(number):
    return timezone.localdate() + timedelta(days=number)


def bound(kit):
    return policies.latest_end(kit, at=timezone.now())


class TestAnNdaThatFollows:
    def test_without_a_gap_it_counts_for_the_bound(self, kit, ines):
        assert bound(kit) == end_of(days(20))
        NdaFactory(employee=kit, starts_on=days(21), ends_on=days(60))
        assert bound(kit) == end_of(days(60))
        until = timezone.now() + timedelta(days=50)
        asked = actions.request_grant(kit, entitlement("requests.work"), by=kit, reason="work", now=timezone.now(), ends_at=until)
        assert actions.approve_grant(asked.pk, by=ines, now=timezone.now()).ends_at == until

    def test_after_a_gap_it_does_not(self, kit):
        NdaFactory(employee=kit, starts_on=days(22), ends_on=days(60))
        assert bound(kit) == end_of(days(20))

    def test_nor_before_it_is_signed(self, kit):
        NdaFactory(employee=kit, signed_on=days(30), starts_on=days(21), ends_on=days(60))
        assert bound(kit) == end_of(days(20))

    def test_the_contract_ends_it_and_one_without_an_end_does_not(self, kit):
        NdaFactory(employee=kit, starts_on=days(10), ends_on=days(40))
        NdaFactory(employee=kit, starts_on=days(41), ends_on=None)
        assert bound(kit) is None
        kit.ends_on = days(100)
        assert bound(kit) == end_of(days(100))

    def test_one_that_lapsed_already_bounds_nothing(self, kit):
        Nda.objects.filter(employee=kit).update(ends_on=days(-1))
        NdaFactory(employee=kit, starts_on=days(3), ends_on=days(40))
        assert bound(kit) is None


def test_a_grant_that_outlasts_a_new_shorter_nda_ends_with_it_all_the_same(kit, ines):
    """Its own end stays where it was approved; the agreement is a condition of every instant."""
    (held,) = grant(kit, "requests.work", ends_at=end_of(days(20)))
    in_force = lambda at: AccessGrant.objects.in_force(at=at).filter(pk=held.pk).exists()  # noqa: E731
    agreements.end_nda(kit.ndas.get().pk, last_day=days(-1), by=ines, reason="the wrong paper")
    assert not in_force(timezone.now())
    agreements.record_nda(by=ines, employee=kit, signed_on=days(0), starts_on=days(0), ends_on=days(5), document="paper 9")
    assert in_force(timezone.now())
    assert in_force(end_of(days(5)) - timedelta(seconds=1))
    assert not in_force(end_of(days(5)))


def test_what_an_owner_keeps_is_not_said_to_go(client, ines):
    owner, ana = EmployeeFactory(), EmployeeFactory()
    kept, goes = grant(ana, "requests.work", "optouts.manage")
    Entitlement.objects.filter(pk=kept.entitlement_id).update(owner=owner)
    now, chef = timezone.now(), JobFunctionFactory(code="chef")
    actions.keep_grant(kept.pk, by=owner, reason="hands over", until=now + timedelta(days=20), now=now)
    seen = queries.what_would_go(ana, now=now, to=chef, leaving=False)
    assert [one.grant for one in seen.grants] == [goes]
    assert [one.grant for one in seen.stays] == [kept]
    sign_in(client, ines)
    page = client.get(f"{reverse('access:moved', args=[ana.pk])}?to={chef.pk}").content.decode()
    assert page.index("This stays") < page.index(reverse("access:grant", args=[kept.pk]))
    assert actions.change_function(ana.pk, to=chef, by=None, now=now, source="roster") == [goes]
    with pytest.raises(errors.AlreadyRevoked):
        actions.revoke_grant(goes.pk, by=ines, reason="over", now=now)
