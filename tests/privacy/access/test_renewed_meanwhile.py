"""Who revokes what was renewed meanwhile is told so, and led to what goes on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors
from privacy.models import AccessGrant, GrantState
from tests.factories.access import entitlement, grant, sign_in
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory


@pytest.fixture
def ines():
    administrator = EmployeeFactory(login="ines")
    grant(administrator, "access.administer", "people.manage")
    return administrator


@pytest.fixture
def walt(ines):
    administrator = EmployeeFactory(login="walt")
    grant(administrator, "access.administer")
    return administrator


@pytest.fixture
def ana():
    return EmployeeFactory(login="ana")


def asked(ana, code="optouts.manage"):
    return actions.request_grant(ana, entitlement(code), by=ana, reason="still", now=timezone.now())


def renewed(ana, by):
    return actions.approve_grant(asked(ana).pk, by=by, now=timezone.now())


def revoke(held, by):
    return actions.revoke_grant(held.pk, by=by, reason="must lose it", now=timezone.now())


def has(ana):
    return AccessGrant.objects.in_force(at=timezone.now()).filter(employee=ana).exists()


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_the_refusal_names_the_last_that_it_goes_on_as(self, ana, ines):
        (old,) = grant(ana, "optouts.manage")
        renewed(ana, ines)
        last = renewed(ana, ines)
        for verb in (actions.revoke_grant, actions.suspend_grant):
            with pytest.raises(errors.RenewedMeanwhile) as refusal:
                verb(old.pk, by=ines, reason="must lose it", now=timezone.now())
            assert refusal.value.successor == last
        revoke(last, ines)
        assert not has(ana)
        with pytest.raises(errors.AlreadyRevoked):
            revoke(old, ines)

    def test_what_hr_ended_by_mistake_and_was_restored_goes_on_too(self, ana, ines):
        (old,) = grant(ana, "optouts.manage")
        actions.end_employment(ana.pk, by=ines, reason="a mistake", now=timezone.now(), source="page")
        (new,) = actions.restore_after_mistake(
            ana.employment_events.get(kind="left").pk, by=ines, reason="a mistake", now=timezone.now()
        )
        with pytest.raises(errors.RenewedMeanwhile) as refusal:
            revoke(old, ines)
        assert refusal.value.successor == new

    def test_the_page_leads_to_revoking_what_goes_on(self, client, ana, ines, walt):
        (old,) = grant(ana, "optouts.manage")
        sign_in(client, walt)
        page = reverse("access:revoke", args=[old.pk])
        assert client.get(page).status_code == 200
        new = renewed(ana, ines)
        answer = client.post(page, {"reason": "must lose it"}, follow=True)
        assert answer.redirect_chain == [(reverse("access:revoke", args=[new.pk]), 302)]
        assert "was renewed" in answer.content.decode()
        assert client.get(page).url == reverse("access:revoke", args=[new.pk])
        client.post(answer.redirect_chain[-1][0], {"reason": "must lose it"})
        assert not has(ana)

    def test_the_command_ends_what_the_access_goes_on_as(self, ana, ines, run, monkeypatch):
        grant(ana, "optouts.manage")
        really = actions.ending.lock_holder

        def somebody_renews_it_first(pk):
            monkeypatch.setattr(actions.ending, "lock_holder", really)
            renewed(ana, ines)
            return really(pk)

        monkeypatch.setattr(actions.ending, "lock_holder", somebody_renews_it_first)
        code, said = run("revoke_access", "ana", "--reason", "laptop stolen", "--entitlement", "optouts.manage")
        assert (code, said["revoked"]) == (0, ["optouts.manage"])
        assert not has(ana)

    def test_what_is_revoked_is_not_given_by_a_renewal_that_was_asked_for_before(self, ana, ines, walt):
        (old,) = grant(ana, "optouts.manage")
        request = asked(ana)
        revoke(old, walt)
        with pytest.raises(errors.AlreadyDecided):
            actions.approve_grant(request.pk, by=ines, now=timezone.now())
        assert not has(ana)

    def test_what_ends_by_the_clock_leaves_its_renewal_open(self, ana, ines):
        (old,) = grant(ana, "optouts.manage", ends_at=timezone.now() + timedelta(hours=1))
        request = asked(ana)
        later = old.ends_at + timedelta(minutes=1)
        actions.close_leavers(now=later)
        assert actions.approve_grant(request.pk, by=ines, now=later).state == GrantState.APPROVED

    def test_giving_up_emergency_access_leaves_the_request_for_the_usual_one_open(self, ana, ines):
        now = timezone.now()
        named = actions.name_for_emergencies(
            ana, entitlement("optouts.manage"), by=ines, reason="on call", ends_at=now + timedelta(days=9), now=now
        )
        taken = actions.break_glass(named.pk, by=ana, reason="site is down", hours=1, now=now, proven_at=now)
        request = asked(ana)
        revoke(taken, ana)
        assert actions.approve_grant(request.pk, by=ines, now=timezone.now()).state == GrantState.APPROVED


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_renewal_and_a_revocation_leave_nothing_or_the_revoker_is_told(self, ines, walt):
        for _ in range(5):
            ana = EmployeeFactory()
            (old,) = grant(ana, "optouts.manage")
            request = asked(ana)
            approved, ended = together(
                lambda pk=request.pk: actions.approve_grant(pk, by=ines, now=timezone.now()),
                lambda old=old: revoke(old, walt),
            )
            if isinstance(ended, errors.RenewedMeanwhile):
                assert ended.successor == approved
            else:
                assert isinstance(ended, AccessGrant), ended
                assert not has(ana), approved

    def test_a_renewal_and_the_end_of_all_of_an_entitlement_leave_nothing(self, ines):
        for _ in range(5):
            ana = EmployeeFactory()
            (old,) = grant(ana, "optouts.manage")
            request = asked(ana)
            _, ended = together(
                lambda pk=request.pk: actions.approve_grant(pk, by=ines, now=timezone.now()),
                lambda old=old: actions.revoke_entitlement(
                    old.employee_id, old.entitlement_id, by=None, reason="stolen", now=timezone.now()
                ),
            )
            assert len(ended) == 1, ended
            assert not has(ana)
