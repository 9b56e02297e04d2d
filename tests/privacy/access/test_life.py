"""Emergencies, mistakes of HR, what a mover keeps, who is warned and told: through the pages and the clock."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.access.actions import employment
from privacy.access.actions.outbox import settle_everything
from privacy.access.promises.reviews import reviews_overdue
from privacy.models import (
    AccessGrant,
    BreakGlassEligibility,
    ChangeState,
    Employee,
    Entitlement,
    GrantState,
    Notice,
    Origin,
    System,
    SystemChange,
    SystemKind,
    Wanted,
)
from privacy.workforce.actions import send_notice, tell
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.agreements import NdaFactory
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    ines = EmployeeFactory(login="ines", name="Ines Romero")
    grant(ines, "access.administer", "people.manage")
    return ines


@pytest.fixture
def ana(administrator):
    return EmployeeFactory(login="ana", name="Ana Silva", manager=administrator)


@pytest.fixture
def warehouse():
    return System.objects.create(
        code="warehouse", name="Data warehouse", kind=SystemKind.POSTGRESQL, address="postgresql://admin@db.example/shop"
    )


@pytest.fixture
def elsewhere(warehouse):
    return Entitlement.objects.create(
        system=warehouse, code="warehouse.read", name="read the warehouse", sensitive=False, external_name="readers"
    )


def name_ana(administrator, ana, code="reveal.contact", days=30):
    return actions.name_for_emergencies(
        ana,
        entitlement(code),
        by=administrator,
        reason="on call",
        ends_at=timezone.now() + timedelta(days=days),
        now=timezone.now(),
    )


class TestBreakGlass:
    def test_somebody_named_takes_access_for_at_most_four_hours_and_owners_are_told_at_once(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        sign_in(client, ana)
        answer = client.post(reverse("access:break_glass", args=[eligibility.pk]), {"reason": "site is down", "hours": "4"})
        taken = AccessGrant.objects.get(employee=ana)
        assert answer.url == reverse("access:grant", args=[taken.pk])
        assert taken.origin == Origin.BREAK_GLASS
        assert taken.ends_at - taken.starts_at == timedelta(hours=4)
        assert ana.has_perm("customers.reveal_contact")
        notice = Notice.objects.get(employee=administrator, key=f"break-glass {taken.pk}")
        send_notice(notice.pk, now=timezone.now())
        assert mail.outbox[-1].to == [administrator.email]
        assert "site is down" in mail.outbox[-1].body

    def test_what_nobody_looked_at_within_a_working_day_breaks_the_promise_until_somebody_does(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        now = timezone.now()
        taken = actions.break_glass(eligibility.pk, by=ana, reason="site is down", hours=1, now=now, proven_at=now)
        assert [row.url for row in reviews_overdue(now).at_risk] == [reverse("access:look", args=[taken.pk])]
        much_later = now + timedelta(days=400)
        for late in (taken.look_due_at + timedelta(seconds=1), much_later):
            assert reverse("access:look", args=[taken.pk]) in [row.url for row in reviews_overdue(late).broken]
        assert taken in queries.emergencies(at=much_later), "it does not drop out of sight by its age"
        other = EmployeeFactory()
        grant(other, "access.administer", ends_at=much_later + timedelta(days=1))
        actions.look_at_emergency(taken.pk, by=other, note="it was down", now=much_later)
        assert not [row for row in reviews_overdue(much_later).broken if "emergency" in row.label]
        assert taken not in queries.emergencies(at=much_later)

    def test_nobody_is_named_for_more_than_a_year(self, administrator, ana):
        with pytest.raises(errors.NamedTooLong):
            name_ana(administrator, ana, days=400)
        with pytest.raises(errors.EndsInThePast):
            name_ana(administrator, ana, days=-1)

    def test_it_ends_by_itself(self, administrator, ana):
        eligibility = name_ana(administrator, ana)
        now = timezone.now()
        actions.break_glass(eligibility.pk, by=ana, reason="site is down", hours=1, now=now, proven_at=now)
        later = now + timedelta(hours=1)
        assert not AccessGrant.objects.in_force(at=later).filter(employee=ana).exists()
        actions.close_leavers(now=later)
        assert AccessGrant.objects.get(employee=ana).state == GrantState.REVOKED

    def test_the_second_factor_is_asked_for_again(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        sign_in(client, ana, recently=False)
        address = reverse("access:break_glass", args=[eligibility.pk])
        for answer in (client.get(address), client.post(address, {"reason": "site is down", "hours": "1"})):
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("mfa_reauthenticate"))
        assert not AccessGrant.objects.filter(employee=ana).exists()

    def test_somebody_not_named_finds_no_glass(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        bob = EmployeeFactory()
        sign_in(client, bob)
        answer = client.post(reverse("access:break_glass", args=[eligibility.pk]), {"reason": "mine", "hours": "1"})
        assert answer.status_code == 404
        with pytest.raises(errors.NotNamed):
            actions.break_glass(eligibility.pk, by=bob, reason="mine", hours=1, now=timezone.now(), proven_at=timezone.now())

    def test_a_naming_that_was_ended_or_has_run_out_opens_nothing(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        with pytest.raises(errors.NotNamed):
            actions.break_glass(
                eligibility.pk, by=ana, reason="late", hours=1, now=eligibility.ends_at, proven_at=eligibility.ends_at
            )
        sign_in(client, administrator)
        client.post(reverse("access:end_naming", args=[eligibility.pk]))
        with pytest.raises(errors.NotNamed):
            actions.break_glass(eligibility.pk, by=ana, reason="late", hours=1, now=timezone.now(), proven_at=timezone.now())

    def test_five_hours_are_refused_in_the_verb_and_in_the_database(self, administrator, ana):
        eligibility = name_ana(administrator, ana)
        now = timezone.now()
        with pytest.raises(errors.TooLong):
            actions.break_glass(eligibility.pk, by=ana, reason="long", hours=5, now=now, proven_at=now)
        with pytest.raises(IntegrityError, match="break_glass_lasts_four_hours_at_most"), transaction.atomic():
            GrantFactory(employee=ana, origin=Origin.BREAK_GLASS, starts_at=now, ends_at=now + timedelta(hours=5))

    def test_nobody_names_themselves(self, client, administrator, ana):
        sign_in(client, administrator)
        page = client.post(
            reverse("access:name_for_emergencies"),
            {"employee": administrator.pk, "entitlement": entitlement("reveal.mail").pk, "last_day": "2099-01-01", "reason": "x"},
        )
        assert page.status_code == 400
        with pytest.raises(errors.NotYourOwnEmergency):
            name_ana(administrator, administrator)
        with pytest.raises(IntegrityError, match="nobody_names_themselves_for_break_glass"), transaction.atomic():
            BreakGlassEligibility.objects.create(
                employee=ana,
                entitlement=entitlement("reveal.mail"),
                named_by=ana,
                reason="x",
                starts_at=timezone.now(),
                ends_at=timezone.now() + timedelta(days=1),
            )

    def test_somebody_else_looks_at_it_by_the_next_working_day(self, client, administrator, ana):
        eligibility = name_ana(administrator, ana)
        taken = actions.break_glass(
            eligibility.pk, by=ana, reason="site is down", hours=1, now=timezone.now(), proven_at=timezone.now()
        )
        assert taken.look_due_at > timezone.now() + timedelta(hours=1)
        sign_in(client, ana)
        assert client.post(reverse("access:look", args=[taken.pk]), {"note": "all fine"}).status_code == 403
        sign_in(client, administrator)
        assert "site is down" in client.get(reverse("access:emergencies")).content.decode()
        actions.revoke_grant(taken.pk, by=ana, reason="the site is up again", now=timezone.now())
        client.post(reverse("access:look", args=[taken.pk]), {"note": "two reveals, both of the outage"})
        taken.refresh_from_db()
        assert taken.looked_at_by == administrator
        with pytest.raises(errors.NotAnEmergency):
            actions.look_at_emergency(taken.pk, by=administrator, note="again", now=timezone.now())

    @pytest.mark.parametrize(
        ("taken", "due"),
        [
            ("2026-11-23 10:00", "2026-11-25 00:00"),  # Monday → Tuesday's end
            ("2026-11-25 10:00", "2026-11-28 00:00"),  # the day before Thanksgiving → Friday's end
            ("2026-11-27 22:00", "2026-12-01 00:00"),  # Friday → Monday's end
            ("2026-12-31 10:00", "2027-01-05 00:00"),  # New Year's day and a weekend between
        ],
    )
    def test_the_next_working_day(self, taken, due):
        from datetime import datetime

        from privacy.access.policies import next_working_day

        at = timezone.make_aware(datetime.fromisoformat(taken))
        assert timezone.localtime(next_working_day(at)).strftime("%Y-%m-%d %H:%M") == due


class TestMistakesOfHr:
    def leave(self, person, by):
        actions.end_employment(person.pk, by=by, reason="wrong line in the list", now=timezone.now(), source="page")
        return person.employment_events.filter(kind="left").first()

    def test_an_approver_gives_it_all_back_in_one_act(self, client, administrator, ana):
        grant(ana, "requests.work", "reveal.contact")
        ends_on = ana.ends_on
        event = self.leave(ana, administrator)
        epoch = type(ana).objects.get(pk=ana.pk).session_epoch
        sign_in(client, administrator)
        page = client.get(reverse("access:person", args=[ana.pk])).content.decode()
        assert reverse("access:restore", args=[event.pk]) in page
        client.post(reverse("access:restore", args=[event.pk]), {"reason": "HR took the wrong Ana"})
        ana = type(ana).objects.get(pk=ana.pk)
        assert ana.is_employed(at=timezone.now())
        assert ana.ends_on == ends_on
        assert ana.has_perm("customers.reveal_contact")
        assert ana.session_epoch > epoch  # the old cookie stays dead
        restored = AccessGrant.objects.filter(employee=ana, origin=Origin.RESTORED)
        assert restored.count() == 2
        assert {one.restored_by for one in restored} == {administrator}

    def test_what_was_suspended_when_it_ended_comes_back_suspended_and_what_was_resumed_does_not(self, administrator, ana):
        now = timezone.now()
        suspended, resumed = grant(ana, "requests.work", "optouts.manage")
        for held in (suspended, resumed):
            actions.suspend_grant(held.pk, by=administrator, reason="looked into", now=now, until=now + timedelta(days=7))
        actions.resume_grant(resumed.pk, by=administrator, reason="nothing in it", now=now)
        event = self.leave(ana, administrator)
        actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
        again = {one.entitlement.code: one for one in AccessGrant.objects.active().filter(employee=ana)}
        assert again["optouts.manage"].state == GrantState.APPROVED
        back = again["requests.work"]
        assert (back.state, back.suspension_reason) == (GrantState.SUSPENDED, "looked into")
        assert back.suspended_until == now + timedelta(days=7)

    def test_nobody_restores_themselves(self, administrator, ana):
        other = EmployeeFactory()
        grant(other, "access.administer")
        event = self.leave(administrator, None)
        with pytest.raises(errors.MayNotRestore):
            actions.restore_after_mistake(event.pk, by=administrator, reason="me", now=timezone.now())
        actions.restore_after_mistake(event.pk, by=other, reason="a mistake", now=timezone.now())

    def test_up_to_the_last_second_of_seven_days(self, administrator, ana):
        grant(ana, "requests.work")
        event = self.leave(ana, administrator)
        last = event.known_at + timedelta(days=7)
        with pytest.raises(errors.CannotBeRestored):
            actions.restore_after_mistake(event.pk, by=administrator, reason="late", now=last + timedelta(seconds=1))
        assert len(actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=last)) == 1

    def test_not_after_seven_days(self, administrator, ana):
        event = self.leave(ana, administrator)
        with pytest.raises(errors.CannotBeRestored):
            actions.restore_after_mistake(
                event.pk, by=administrator, reason="late", now=timezone.now() + timedelta(days=7, minutes=1)
            )

    def test_not_twice_and_not_what_was_given_anew(self, administrator, ana):
        grant(ana, "requests.work")
        event = self.leave(ana, administrator)
        actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
        with pytest.raises(errors.CannotBeRestored):
            actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
        assert AccessGrant.objects.active().filter(employee=ana).count() == 1

    def test_a_change_of_function_is_undone_too(self, administrator, ana):
        before = ana.job_function
        grant(ana, "requests.work")
        actions.change_function(ana.pk, to=JobFunctionFactory(code="chef"), by=administrator, now=timezone.now(), source="page")
        assert not AccessGrant.objects.active().filter(employee=ana).exists()
        event = ana.employment_events.filter(kind="changed_function").first()
        actions.restore_after_mistake(event.pk, by=administrator, reason="wrong column", now=timezone.now())
        ana.refresh_from_db()
        assert ana.job_function == before
        assert AccessGrant.objects.active().filter(employee=ana).count() == 1

    def test_a_feed_alone_brings_nothing_back(self, administrator, ana):
        grant(ana, "requests.work")
        self.leave(ana, administrator)
        day = timezone.localdate() + timedelta(days=1)
        actions.bring_back(ana.pk, starts_on=day, ends_on=None, by=None, now=timezone.now(), source="roster")
        assert not AccessGrant.objects.active().filter(employee=ana).exists()

    def test_what_was_being_taken_away_elsewhere_is_given_again(self, administrator, ana, elsewhere):
        held = GrantFactory(employee=ana, entitlement=elsewhere)
        actions.settle_everything(now=timezone.now())
        event = self.leave(ana, administrator)
        held.refresh_from_db()
        assert held.state == GrantState.REVOKING
        actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
        held.refresh_from_db()
        outstanding = SystemChange.objects.outstanding().get(employee=ana)
        assert held.state == GrantState.REVOKED
        assert outstanding.wanted == Wanted.GIVEN
        assert outstanding.grant.restores == held

    def test_what_is_restored_while_its_nda_has_lapsed_is_taken_away_elsewhere_still(self, administrator, ana, elsewhere):
        Entitlement.objects.filter(pk=elsewhere.pk).update(sensitive=True)
        elsewhere.refresh_from_db()
        now = timezone.now()
        GrantFactory(employee=ana, entitlement=elsewhere, sensitive=True)
        actions.settle_everything(now=now)
        SystemChange.objects.update(state=ChangeState.PROVEN, pushed_at=now, proven_at=now)
        event = self.leave(ana, administrator)
        due = SystemChange.objects.outstanding().get().due_at
        ana.ndas.update(ends_on=timezone.localdate() - timedelta(days=1))
        (new,) = actions.restore_after_mistake(event.pk, by=administrator, reason="a mistake", now=timezone.now())
        removal = SystemChange.objects.outstanding().get()
        assert (removal.wanted, removal.grant_id, removal.due_at) == (Wanted.REMOVED, new.pk, due)


class TestALeavingThatLiesAhead:
    """HR told a last day that is still to come: nobody has left, nothing is to be restored, and it can be taken back."""

    @pytest.fixture
    def told(self, ana):
        grant(ana, "requests.work")
        last_day = timezone.localdate() + timedelta(days=18)
        return actions.schedule_leaving(
            ana.pk, last_day=last_day, by=None, now=timezone.now(), source="roster", reason="by the roster"
        )

    def page(self, client, name, pk):
        return " ".join(re.sub(r"<[^>]*>", " ", client.get(reverse(name, args=[pk])).text).split())

    def test_they_will_leave_until_they_have_left(self, client, administrator, ana, told):
        sign_in(client, administrator)
        page = self.page(client, "access:person", ana.pk)
        assert ("Will leave: by the roster" in page, "Left: by the roster" in page) == (True, False)
        with time_machine.travel(told.effective_at + timedelta(hours=1)):
            page = self.page(sign_in(client, administrator), "access:person", ana.pk)
        assert ("Will leave: by the roster" in page, "Left: by the roster" in page) == (False, True)

    def test_it_is_no_mistake_to_restore_and_the_page_says_what_takes_it_back(self, client, administrator, ana, told):
        page = self.page(sign_in(client, administrator), "access:restore", told.pk)
        assert "This has not happened yet" in page
        assert "HR's next roster row without that day takes it back, and so does Stays after all" in page
        assert "cannot be restored" not in page
        assert "Employment itself is restored" not in page

    def test_what_is_too_old_to_be_restored_does_not_say_that_employment_is(self, client, administrator, ana):
        actions.end_employment(ana.pk, by=None, reason="left", now=timezone.now() - timedelta(days=9), source="roster")
        page = self.page(sign_in(client, administrator), "access:restore", ana.employment_events.get(kind="left").pk)
        assert "This cannot be restored" in page
        assert "Employment itself is restored" not in page

    def test_whoever_manages_people_takes_it_back_and_access_goes_on(self, client, administrator, ana, told):
        sign_in(client, administrator)
        stays = reverse("access:stays", args=[ana.pk])
        assert stays in client.get(reverse("access:person", args=[ana.pk])).text
        assert client.get(stays).status_code == 200
        assert client.post(stays, {"reason": ""}).status_code == 400
        page = client.post(stays, {"reason": "HR meant another Ana"}, follow=True).text
        ana.refresh_from_db()
        assert (ana.ends_on, ana.left_at) == (None, None)
        assert AccessGrant.objects.in_force(at=told.effective_at + timedelta(days=1)).filter(employee=ana).exists()
        assert ("Was to leave" in page, "Stays after all" in page, stays in page) == (True, True, False)

    def test_where_none_lies_ahead_nothing_is_taken_back(self, client, administrator, ana):
        last_day = timezone.localdate() + timedelta(days=90)
        type(ana).objects.filter(pk=ana.pk).update(ends_on=last_day)  # the end of a contract, agreed from the start
        stays = reverse("access:stays", args=[ana.pk])
        for answer in (sign_in(client, administrator).get(stays), client.post(stays, {"reason": "stays"})):
            assert "there is nothing to take back" in answer.text
        ana.refresh_from_db()
        assert ana.ends_on == last_day

    def test_nobody_takes_back_or_puts_off_their_own(self, client, administrator, ana, told):
        grant(ana, "people.manage")
        ana.refresh_from_db()  # their sessions ended with what was told
        sign_in(client, ana)
        assert reverse("access:stays", args=[ana.pk]) not in client.get(reverse("access:person", args=[ana.pk])).text
        own = client.post(reverse("access:stays", args=[ana.pk]), {"reason": "I would rather stay"}, follow=True)
        assert "Somebody else says that you stay" in own.text
        later = timezone.localdate() + timedelta(days=60)
        client.post(reverse("access:left", args=[ana.pk]), {"reason": "a little longer", "last_day": later.isoformat()})
        ana.refresh_from_db()
        assert ana.ends_on == timezone.localdate() + timedelta(days=18)
        sooner = timezone.localdate() + timedelta(days=9)
        client.post(reverse("access:left", args=[ana.pk]), {"reason": "sooner", "last_day": sooner.isoformat()})
        ana.refresh_from_db()
        assert ana.ends_on == sooner


class TestMovers:
    def test_an_owner_keeps_something_through_a_move_for_at_most_thirty_days(self, client, administrator, ana):
        owner = EmployeeFactory()
        kept, goes = grant(ana, "requests.work", "optouts.manage")
        Entitlement.objects.filter(pk=kept.entitlement_id).update(owner=owner)
        sign_in(client, owner)
        address = reverse("access:keep", args=[kept.pk])
        far = timezone.localdate() + timedelta(days=40)
        assert client.post(address, {"reason": "hands over", "last_day": f"{far}"}).status_code == 400
        near = timezone.localdate() + timedelta(days=20)
        client.post(address, {"reason": "hands over", "last_day": f"{near}"})
        ended = actions.change_function(ana.pk, to=JobFunctionFactory(code="chef"), by=None, now=timezone.now(), source="roster")
        assert [one.pk for one in ended] == [goes.pk]
        kept.refresh_from_db()
        assert kept.state == GrantState.APPROVED
        assert kept.ends_at <= timezone.now() + timedelta(days=30)

    def test_the_holder_keeps_nothing_of_their_own(self, client, ana):
        (kept,) = grant(ana, "requests.work")
        sign_in(client, ana)
        answer = client.post(reverse("access:keep", args=[kept.pk]), {"reason": "mine", "last_day": "2099-01-01"})
        assert answer.status_code == 403


class TestRenewalAndSuspension:
    def test_a_renewal_takes_over_without_a_gap_here_or_elsewhere(self, administrator, ana, elsewhere):
        owner = EmployeeFactory()
        Entitlement.objects.filter(pk=elsewhere.pk).update(owner=owner)
        elsewhere.refresh_from_db()
        old = GrantFactory(employee=ana, entitlement=elsewhere)
        now = timezone.now()
        settle_everything(now=now)
        SystemChange.objects.update(state=ChangeState.PROVEN, pushed_at=now, proven_at=now)
        new = actions.request_grant(
            ana, elsewhere, by=ana, reason="still", now=now, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=90)
        )
        actions.approve_grant(new.pk, by=owner, now=now)
        new.refresh_from_db()
        old.refresh_from_db()
        assert (new.state, new.renews, old.state) == (GrantState.APPROVED, old, GrantState.REVOKED)
        assert AccessGrant.objects.in_force(at=now).filter(employee=ana, entitlement=elsewhere).count() == 1
        assert not SystemChange.objects.removals().exists()

    def test_a_renewal_signs_nobody_out_and_stops_no_download(self, administrator, ana, client):
        """An end that comes sooner does."""
        owner = EmployeeFactory()
        (old,) = grant(ana, "requests.work")
        Entitlement.objects.filter(pk=old.entitlement_id).update(owner=owner)
        now = timezone.now()
        sign_in(client, ana)
        before = policies.session_of(ana.pk)
        for days, ends in ((200, False), (10, True)):
            wanted, until = Entitlement.objects.get(pk=old.entitlement_id), now + timedelta(days=days)
            asked = actions.request_grant(ana, wanted, by=ana, reason="still", now=now, ends_at=until)
            actions.approve_grant(asked.pk, by=owner, now=now)
            assert (policies.session_of(ana.pk) != before) == ends
            assert (client.get(reverse("access:mine")).status_code == 302) == ends

    @pytest.mark.parametrize("noticed", [True, False], ids=["a removal is outstanding", "nobody noticed yet"])
    def test_what_is_renewed_while_its_nda_has_lapsed_is_taken_away_elsewhere_still(self, ana, elsewhere, noticed):
        owner, yesterday = EmployeeFactory(), timezone.localdate() - timedelta(days=1)
        Entitlement.objects.filter(pk=elsewhere.pk).update(owner=owner, sensitive=True)
        elsewhere.refresh_from_db()
        Employee.objects.filter(pk=ana.pk).update(manager=EmployeeFactory())
        ana.refresh_from_db()
        now = timezone.now()
        GrantFactory(employee=ana, entitlement=elsewhere, sensitive=True)
        settle_everything(now=now)
        SystemChange.objects.update(state=ChangeState.PROVEN, pushed_at=now, proven_at=now)
        ana.ndas.update(ends_on=yesterday)
        if noticed:
            settle_everything(now=now)
            due = SystemChange.objects.outstanding().get().due_at
        new = actions.request_grant(ana, elsewhere, by=ana, reason="still", now=now, ends_at=now + timedelta(days=90))
        for approver in (owner, ana.manager):
            actions.approve_grant(new.pk, by=approver, now=now + timedelta(minutes=9))
        removal = SystemChange.objects.outstanding().get()
        assert (removal.wanted, removal.grant_id) == (Wanted.REMOVED, new.pk)
        if noticed:
            assert removal.due_at == due, "the clock goes on"
        assert settle_everything(now=now + timedelta(minutes=10)) == 0
        NdaFactory(employee=ana)
        settle_everything(now=now + timedelta(minutes=11))
        assert SystemChange.objects.outstanding().get().wanted == Wanted.GIVEN

    def test_what_somebody_resumes_while_the_clock_is_about_to_end_it_stays(self, administrator, ana, monkeypatch):
        (held,) = grant(ana, "requests.work")
        now = timezone.now()
        actions.suspend_grant(held.pk, by=None, reason="nobody answered", now=now, until=now + timedelta(days=7))
        really = employment.lock_grant

        def a_colleague_is_quicker(pk):
            actions.resume_grant(pk, by=administrator, reason="is back", now=now + timedelta(days=6))
            return really(pk)

        monkeypatch.setattr(employment, "lock_grant", a_colleague_is_quicker)
        assert actions.close_leavers(now=now + timedelta(days=7)) == 0
        held.refresh_from_db()
        assert held.state == GrantState.APPROVED

    def test_what_was_not_resumed_in_time_is_not_resumed_after_it(self, administrator, ana):
        (held,) = grant(ana, "requests.work")
        now = timezone.now()
        actions.suspend_grant(held.pk, by=None, reason="nobody answered", now=now, until=now + timedelta(days=7))
        with pytest.raises(errors.SuspensionRanOut):
            actions.resume_grant(held.pk, by=administrator, reason="is back", now=now + timedelta(days=7))

    def test_what_nobody_resumes_in_time_is_revoked(self, administrator, ana):
        (held,) = grant(ana, "requests.work")
        now = timezone.now()
        actions.suspend_grant(held.pk, by=None, reason="nobody answered", now=now, until=now + timedelta(days=7))
        actions.close_leavers(now=now + timedelta(days=6))
        held.refresh_from_db()
        assert held.state == GrantState.SUSPENDED
        actions.close_leavers(now=now + timedelta(days=7))
        held.refresh_from_db()
        assert held.state == GrantState.REVOKED

    def test_a_suspension_reaches_other_systems_and_so_does_its_end(self, administrator, ana, elsewhere):
        held = GrantFactory(employee=ana, entitlement=elsewhere)
        settle_everything(now=timezone.now())
        actions.suspend_grant(held.pk, by=administrator, reason="on leave", now=timezone.now())
        assert SystemChange.objects.outstanding().get().wanted == Wanted.REMOVED
        actions.resume_grant(held.pk, by=administrator, reason="is back", now=timezone.now())
        assert SystemChange.objects.outstanding().get().wanted == Wanted.GIVEN
        assert SystemChange.objects.filter(state=ChangeState.WITHDRAWN).count() == 2


class TestTheClock:
    def test_a_lapsed_nda_takes_access_away_elsewhere_too(self, elsewhere):
        contractor = EmployeeFactory(worker_type="contractor", nda=None)
        today = timezone.localdate()
        NdaFactory(employee=contractor, ends_on=today)
        GrantFactory(employee=contractor, entitlement=elsewhere)
        assert settle_everything(now=timezone.now()) == 1
        assert settle_everything(now=timezone.now()) == 0
        tomorrow = timezone.now() + timedelta(days=1)
        assert settle_everything(now=tomorrow) == 1
        assert SystemChange.objects.outstanding().get().wanted == Wanted.REMOVED

    def test_access_that_begins_later_is_given_elsewhere_when_it_begins(self, elsewhere, ana):
        begins = timezone.now() + timedelta(days=2)
        GrantFactory(employee=ana, entitlement=elsewhere, starts_at=begins)
        assert settle_everything(now=timezone.now()) == 0
        assert settle_everything(now=begins) == 1

    def test_a_scheduled_leaver_is_out_at_the_instant_and_gone_elsewhere_within_the_next_run(self, elsewhere, ana, administrator):
        held = GrantFactory(employee=ana, entitlement=elsewhere)
        settle_everything(now=timezone.now())
        last_day = timezone.localdate() + timedelta(days=1)
        actions.schedule_leaving(ana.pk, last_day=last_day, by=administrator, now=timezone.now(), source="page")
        event = ana.employment_events.get(kind="left")
        assert AccessGrant.objects.in_force(at=event.effective_at - timedelta(seconds=1)).filter(pk=held.pk).exists()
        assert not AccessGrant.objects.in_force(at=event.effective_at).filter(pk=held.pk).exists()
        actions.close_leavers(now=event.effective_at + timedelta(seconds=20))
        change = SystemChange.objects.removals().get()
        assert (change.event, change.effective_at) == (event, event.effective_at)
        assert change.due_at == event.effective_at + timedelta(seconds=300)

    def test_ndas_are_warned_of_at_30_14_and_3_days_once_each(self, administrator):
        contractor = EmployeeFactory(worker_type="contractor", nda=None, manager=None)
        today = timezone.localdate()
        NdaFactory(employee=contractor, ends_on=today + timedelta(days=40))
        said = []
        for days in range(41):
            now = timezone.now() + timedelta(days=days)
            said.append(actions.warn_of_ndas(now=now))
        to_them = Notice.objects.filter(employee=contractor).order_by("pk").values_list("subject", flat=True)
        assert [subject.split()[0] for subject in to_them] == ["30", "14", "3"]
        assert [40 - days for days, count in enumerate(said) if count] == [30, 14, 3]

    @pytest.mark.parametrize(
        ("worked_on", "told"),
        [
            ([31, 29, 28, 13, 12, 2, 1], ["29", "13", "2"]),
            ([35, 10, 9], ["10"]),
            ([35, 1, 0], ["1"]),
            ([4, 0, -1], ["4", "Today"]),
        ],
    )
    def test_an_nda_is_warned_of_also_when_the_worker_slept_over_the_day(self, administrator, worked_on, told):
        contractor = EmployeeFactory(worker_type="contractor", nda=None, manager=None)
        NdaFactory(employee=contractor, ends_on=timezone.localdate() + timedelta(days=40))
        for left in worked_on:
            for _ in range(2):
                actions.warn_of_ndas(now=timezone.now() + timedelta(days=40 - left))
        subjects = Notice.objects.filter(employee=contractor).order_by("pk").values_list("subject", flat=True)
        assert [subject.split()[0] for subject in subjects] == told
        assert not [subject for subject in subjects if subject.startswith(("1 days", "0 days"))]

    def test_an_nda_that_another_outlasts_is_not_warned_of(self, administrator):
        contractor = EmployeeFactory(worker_type="contractor", nda=None)
        today = timezone.localdate()
        NdaFactory(employee=contractor, ends_on=today + timedelta(days=10))
        NdaFactory(employee=contractor, starts_on=today + timedelta(days=5), ends_on=today + timedelta(days=400))
        assert actions.warn_of_ndas(now=timezone.now()) == 0

    def test_late_removals_are_told_to_the_administrators_once(self, administrator, ana, elsewhere):
        GrantFactory(employee=ana, entitlement=elsewhere)
        settle_everything(now=timezone.now())
        actions.end_employment(ana.pk, by=administrator, reason="left", now=timezone.now(), source="page")
        late = timezone.now() + timedelta(seconds=301)
        assert actions.warn_of_late_removals(now=timezone.now()) == 0
        assert actions.warn_of_late_removals(now=late) == len(queries.holders_of("privacy.revoke_grants", at=late)) > 0
        assert actions.warn_of_late_removals(now=late) == 0


class TestHandOver:
    def test_what_a_leaver_decided_on_goes_to_their_manager_and_requests_follow(self, client, administrator, ana, elsewhere):
        Entitlement.objects.filter(pk=elsewhere.pk).update(owner=ana)
        elsewhere.refresh_from_db()
        bob = EmployeeFactory()
        asked = actions.request_grant(bob, elsewhere, by=bob, reason="work", now=timezone.now())
        actions.end_employment(ana.pk, by=administrator, reason="left", now=timezone.now(), source="page")
        elsewhere.refresh_from_db()
        assert elsewhere.owner == administrator
        actions.approve_grant(asked.pk, by=administrator, now=timezone.now())
        assert Notice.objects.filter(employee=administrator, key__startswith=f"hand-over {ana.pk} ").count() == 1

    def test_without_a_manager_it_goes_to_the_security_administrators(self, administrator, elsewhere):
        carl = EmployeeFactory(manager=None)
        Entitlement.objects.filter(pk=elsewhere.pk).update(owner=carl)
        actions.end_employment(carl.pk, by=administrator, reason="left", now=timezone.now(), source="page")
        elsewhere.refresh_from_db()
        assert elsewhere.owner is None


class TestNotices:
    def test_the_approver_of_a_request_is_told_and_not_any_more_once_it_is_decided(self, administrator, ana, elsewhere):
        owner = EmployeeFactory()
        Entitlement.objects.filter(pk=elsewhere.pk).update(owner=owner)
        elsewhere.refresh_from_db()
        asked = actions.request_grant(ana, elsewhere, by=ana, reason="work", now=timezone.now())
        notice = Notice.objects.get(employee=owner)
        actions.approve_grant(asked.pk, by=owner, now=timezone.now())
        assert not send_notice(notice.pk, now=timezone.now())
        assert mail.outbox == []

    def test_a_notice_leaves_once_and_not_to_somebody_who_left(self, ana):
        now = timezone.now()
        notice = tell(ana, key="a", subject="Look\r\nBcc: x@example.com", body="…", now=now, link="/admin/")
        assert tell(ana, key="a", subject="Again", body="…", now=now) is None
        assert send_notice(notice.pk, now=now)
        assert not send_notice(notice.pk, now=now)
        (sent,) = mail.outbox
        assert "\n" not in sent.subject
        assert sent.bcc == []
        actions.end_employment(ana.pk, by=None, reason="left", now=now, source="roster")
        other = tell(ana, key="b", subject="Later", body="…", now=timezone.now())
        assert not send_notice(other.pk, now=timezone.now())
        assert len(mail.outbox) == 1

    def test_a_mail_server_that_refuses_is_tried_again(self, ana, monkeypatch):
        from django.core.mail import EmailMessage

        now = timezone.now()
        notice = tell(ana, key="a", subject="Look", body="…", now=now)
        with monkeypatch.context() as broken:
            broken.setattr(EmailMessage, "send", lambda self: (_ for _ in ()).throw(OSError("refused")))
            assert not send_notice(notice.pk, now=now)
        assert send_notice(notice.pk, now=now + timedelta(minutes=1))

    def test_an_address_that_is_dead_is_tried_ever_more_seldom_and_holds_up_nobody(self, ana, monkeypatch):
        from django.core.mail import EmailMessage

        from privacy.workforce import jobs

        now = timezone.now()
        begun = now - timedelta(days=2)
        dead = tell(ana, key="dead", subject="Look", body="…", now=begun)
        tried = []
        with monkeypatch.context() as broken:
            broken.setattr(EmailMessage, "send", lambda self: tried.append(self) or (_ for _ in ()).throw(OSError("refused")))
            for minute in range(0, 2 * 24 * 60, 5):
                send_notice(dead.pk, now=begun + timedelta(minutes=minute))
        assert 8 <= len(tried) <= 20, "at first every few minutes, then every six hours"
        dead.refresh_from_db()
        assert dead.send_at <= now + timedelta(hours=6)
        Notice.objects.filter(pk=dead.pk).update(send_at=now - timedelta(hours=1))
        fresh = tell(ana, key="fresh", subject="New", body="…", now=now)
        monkeypatch.setattr(jobs, "MOST_NOTICES_A_RUN", 1)
        jobs.send_waiting_notices()
        fresh.refresh_from_db()
        assert fresh.sent_at is not None


def test_what_ones_groups_make_one_eligible_for_is_offered_first_and_still_has_to_be_asked_for(client, ana):
    from privacy.models import GroupEligibility, ScimGroup, ScimMember, ScimUser

    now = timezone.now()
    user = ScimUser.objects.create(employee=ana, user_name="ana", created_at=now, changed_at=now)
    group = ScimGroup.objects.create(display_name="Service", created_at=now, changed_at=now)
    ScimMember.objects.create(group=group, user=user)
    offered = entitlement("requests.work")
    sign_in(client, ana)
    assert "Your groups make you eligible" not in client.get(reverse("access:ask")).content.decode()
    GroupEligibility.objects.create(group=group, entitlement=offered)
    page = client.get(reverse("access:ask")).content.decode()
    assert f'href="?what={offered.pk}"' in page
    assert not ana.has_perm("privacy.work_tickets")


def test_what_a_leaver_decided_on_is_handed_on_though_they_held_nothing_themselves():
    now, manager = timezone.now(), EmployeeFactory()
    owner = EmployeeFactory(manager=manager, ends_on=timezone.localdate() - timedelta(days=1))
    owned = entitlement("requests.work")
    Entitlement.objects.filter(pk=owned.pk).update(owner=owner)
    actions.close_leavers(now=now)
    owned.refresh_from_db()
    assert owned.owner == manager


def test_a_leavers_open_request_ends_though_they_held_nothing_yet():
    now = timezone.now()
    asked = actions.request_grant(ana := EmployeeFactory(), entitlement("requests.work"), reason="my work", by=ana, now=now)
    Employee.objects.filter(pk=ana.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    actions.close_leavers(now=now)
    asked.refresh_from_db()
    assert asked.state == GrantState.LAPSED
