"""A mistake of HR undone: what a leaver owned comes back, a wrong function's access goes, the evidence says why it was undone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.models import (
    AccessGrant,
    Answer,
    Decision,
    Entitlement,
    FunctionEntitlement,
    GrantState,
    HandTask,
    Notice,
    System,
    SystemKind,
)
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.workforce import DepartmentFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ines():
    person = EmployeeFactory(login="ines", name="Ines Romero")
    grant(person, "access.administer", "people.manage")
    return person


@pytest.fixture
def manager():
    return EmployeeFactory(login="manager", name="Mona Manager")


@pytest.fixture
def priya(manager):
    return EmployeeFactory(login="priya", name="Priya Nair", manager=manager)


def left(person, now):
    actions.end_employment(person.pk, by=None, reason="absent from the list", now=now, source="roster")
    return person.employment_events.filter(kind="left").order_by("-pk").first()


def moved(person, to, now):
    actions.change_function(person.pk, to=JobFunctionFactory(code=to), by=None, now=now, source="roster")
    return person.employment_events.filter(kind="changed_function").order_by("-pk").first()


def restored(event, by, now):
    return actions.restore_after_mistake(event.pk, by=by, reason="HR took the wrong line", now=now)


class TestWhatALeaverOwned:
    @pytest.fixture
    def archive(self, priya):
        return System.objects.create(code="archive", name="Paper archive", kind=SystemKind.BY_HAND, owner=priya)

    @pytest.fixture
    def key(self, archive, priya):
        return Entitlement.objects.create(system=archive, code="archive.key", name="the key", sensitive=False, owner=priya)

    def test_it_comes_back_with_them_and_they_are_told(self, client, priya, ines, archive, key, now):
        GrantFactory(entitlement=key)
        actions.settle_everything(now=now)
        actions.open_hand_tasks(now=now)
        assert HandTask.objects.get().assigned_to == priya
        event = left(priya, now)
        assert key.__class__.objects.get(pk=key.pk).owner_id == priya.manager_id
        sign_in(client, ines)
        page = client.post(reverse("access:restore", args=[event.pk]), {"reason": "the wrong line"}, follow=True)
        for row in (archive, key):
            row.refresh_from_db()
            assert row.owner == priya
        assert HandTask.objects.get().assigned_to == priya
        assert "Theirs again: 1 entitlement, 1 system, 1 task by hand" in page.content.decode()
        assert Notice.objects.filter(employee=priya, key=f"handed back {event.pk}").count() == 1

    def test_what_somebody_gave_to_another_since_stays_there_and_that_is_told(self, priya, ines, archive, key, now):
        event = left(priya, now)
        carl = EmployeeFactory(login="carl")
        actions.set_owner(key.pk, owner=carl, by=ines)
        back = restored(event, ines, now + timedelta(minutes=1)).handed_back
        key.refresh_from_db()
        assert key.owner == carl
        assert (back.systems, back.entitlements, back.stay) == (1, 0, 1)

    def test_without_a_manager_it_comes_back_from_the_administrators(self, ines, now):
        carl = EmployeeFactory(manager=None)
        owned = entitlement("requests.work")
        Entitlement.objects.filter(pk=owned.pk).update(owner=carl)
        restored(left(carl, now), ines, now + timedelta(minutes=1))
        owned.refresh_from_db()
        assert owned.owner == carl

    def test_a_last_day_that_had_passed_by_the_clock_is_the_same(self, priya, ines, key, now):
        day = timezone.localdate(now)
        actions.schedule_leaving(priya.pk, last_day=day, by=None, now=now, source="roster")
        later = now + timedelta(days=2)
        actions.close_leavers(now=later)
        key.refresh_from_db()
        assert key.owner_id == priya.manager_id
        event = priya.employment_events.filter(kind="left").first()
        restored(event, ines, later)
        key.refresh_from_db()
        assert key.owner == priya

    def test_what_they_were_asked_in_a_review_waits_for_them_again_where_nobody_answered(self, priya, ines, now):
        walt = EmployeeFactory(login="walt")
        grant(walt, "access.administer")
        for code in ("requests.work", "optouts.manage"):
            Entitlement.objects.filter(pk=entitlement(code).pk).update(owner=priya)
        ana = EmployeeFactory(login="ana", department=DepartmentFactory(code="service"))
        one, other = grant(ana, "requests.work", "optouts.manage")
        review = actions.prepare_review(
            "Quarter", "rest", due_at=now + timedelta(days=9), fallback=walt, by=walt, now=now, department=ana.department
        )
        actions.launch_review(review.pk, by=ines, now=now)
        event = left(priya, now)
        taken = Decision.objects.asked().get(item__grant=other)
        actions.answer_review(taken.pk, Answer.KEEP, by=taken.reviewer, now=now)
        back = restored(event, ines, now + timedelta(minutes=1)).handed_back
        assert [d.reviewer for d in Decision.objects.filter(item__grant=one)] == [priya]
        assert Decision.objects.get(item__grant=one).answer == ""
        assert Decision.objects.get(item__grant=other, reviewer=priya).handed_to == taken.reviewer
        assert (back.decisions, back.stay) == (1, 1)


class TestAnAgreedLastDay:
    @pytest.fixture
    def until_the_day_after_tomorrow(self, priya, now):
        last_day = timezone.localdate(now) + timedelta(days=2)
        actions.schedule_leaving(
            priya.pk, last_day=last_day, by=None, now=now - timedelta(days=30), source="roster", reason="fixed term"
        )
        return last_day

    def test_it_comes_back_with_them(self, priya, ines, until_the_day_after_tomorrow, now):
        grant(priya, "requests.work", ends_at=None)
        assert len(restored(left(priya, now), ines, now + timedelta(days=1))) == 1
        priya.refresh_from_db()
        assert priya.ends_on == until_the_day_after_tomorrow

    def test_past_it_a_mistake_of_before_is_not_undone(self, client, priya, ines, until_the_day_after_tomorrow, now):
        grant(priya, "requests.work", ends_at=None)
        event = left(priya, now)
        later = now + timedelta(days=4)
        event.employee.refresh_from_db()
        assert not policies.is_restorable(event, at=later)
        with pytest.raises(errors.WouldHaveLeft, match="their last day was to be"):
            restored(event, ines, later)
        priya.refresh_from_db()
        assert priya.left_at is not None
        with time_machine.travel(later):
            page = sign_in(client, ines).get(reverse("access:restore", args=[event.pk])).text
        assert "which has passed by now" in page


class TestAWrongFunction:
    @pytest.fixture
    def quinn(self, manager):
        return EmployeeFactory(login="quinn", name="Quinn Reyes", manager=manager, job_function=JobFunctionFactory(code="buyer"))

    @pytest.fixture
    def owner(self):
        return EmployeeFactory(login="owner", name="Olga Owner")

    def given(self, person, code, owner, now):
        wanted = entitlement(code)
        Entitlement.objects.filter(pk=wanted.pk).update(owner=owner)
        wanted.refresh_from_db()
        wish = actions.request_grant(person, wanted, by=person, reason="my new work", now=now, ends_at=now + timedelta(days=60))
        return actions.approve_grant(wish.pk, by=owner, now=now)

    def justify(self, function, code):
        FunctionEntitlement.objects.create(job_function=JobFunctionFactory(code=function), entitlement=entitlement(code))

    def test_what_was_approved_under_it_goes_and_what_the_restored_one_justifies_stays(self, client, quinn, owner, ines, now):
        self.justify("buyer", "optouts.manage")
        event = moved(quinn, "order-clerk", now)
        wrong, right = (self.given(quinn, code, owner, now) for code in ("requests.work", "optouts.manage"))
        sign_in(client, ines)
        page = client.post(reverse("access:restore", args=[event.pk]), {"reason": "the wrong line"}, follow=True)
        wrong.refresh_from_db()
        right.refresh_from_db()
        assert (wrong.state, right.state) == (GrantState.REVOKED, GrantState.APPROVED)
        assert "the wrong line" in wrong.revocation_reason
        assert wrong.entitlement.name in page.content.decode()

    def test_what_its_owner_keeps_stays(self, quinn, owner, ines, now):
        event = moved(quinn, "order-clerk", now)
        wrong = self.given(quinn, "requests.work", owner, now)
        actions.keep_grant(wrong.pk, by=owner, reason="hand-over", until=now + timedelta(days=20), now=now)
        assert restored(event, ines, now).ended == []
        wrong.refresh_from_db()
        assert wrong.state == GrantState.APPROVED

    def test_what_they_had_before_stays_or_comes_back_also_where_it_was_renewed_or_asked_anew(self, quinn, owner, ines, now):
        self.justify("order-clerk", "optouts.manage")
        before, gone = grant(quinn, "optouts.manage", "requests.work")
        event = moved(quinn, "order-clerk", now)
        renewal = self.given(quinn, "optouts.manage", owner, now)
        assert renewal.renews == before
        anew = self.given(quinn, "requests.work", owner, now)
        given = restored(event, ines, now)
        assert [one.restores_id for one in given] == [gone.pk]
        renewal.refresh_from_db()
        anew.refresh_from_db()
        assert (renewal.state, anew.state) == (GrantState.APPROVED, GrantState.REVOKED)

    def kept(self, held, owner, now, days=20):
        Entitlement.objects.filter(pk=held.entitlement_id).update(owner=owner)
        return actions.keep_grant(held.pk, by=owner, reason="hand-over", until=now + timedelta(days=days), now=now)

    def test_what_was_kept_through_it_has_the_end_of_before_again(self, client, quinn, owner, ines, now):
        held, without_end = grant(quinn, "requests.work", "optouts.manage")
        for one in (held, without_end):
            FunctionEntitlement.objects.create(job_function=quinn.job_function, entitlement=one.entitlement)
        AccessGrant.objects.filter(pk=without_end.pk).update(ends_at=None)
        end = held.ends_at
        for days in (25, 20):
            self.kept(held, owner, now, days)
        self.kept(without_end, owner, now)
        event = moved(quinn, "order-clerk", now)
        sign_in(client, ines)
        page = client.post(reverse("access:restore", args=[event.pk]), {"reason": "the wrong line"}, follow=True).text
        assert "its end is the one of before" in page
        for one, before in ((held, end), (without_end, None)):
            one.refresh_from_db()
            assert (one.state, one.ends_at, one.kept_by, one.kept_reason) == (GrantState.APPROVED, before, None, "")

    def test_what_was_kept_through_an_earlier_and_true_change_stays_short(self, quinn, owner, ines, now):
        (held,) = grant(quinn, "requests.work")
        self.kept(held, owner, now)
        moved(quinn, "order-clerk", now)
        restored(moved(quinn, "chef", now), ines, now)
        held.refresh_from_db()
        assert (held.state, held.kept_by) == (GrantState.APPROVED, owner)
        assert held.ends_at == now + timedelta(days=20)

    def test_an_open_request_of_that_time_is_closed(self, quinn, ines, now):
        event = moved(quinn, "order-clerk", now)
        wish = actions.request_grant(quinn, entitlement("requests.work"), by=quinn, reason="my new work", now=now)
        restored(event, ines, now)
        wish.refresh_from_db()
        assert wish.state == GrantState.LAPSED


def test_the_evidence_of_a_leaver_says_why_it_was_restored_and_not_why_it_was_given(priya, ines, now):
    grant(priya, "requests.work", reason="works in customer service")
    event = left(priya, now)
    restored(event, ines, now + timedelta(minutes=1))
    data = queries.leaver_evidence(event, now=now + timedelta(minutes=2)).data
    (said,) = [line for line in data["exceptions"] if "restored by" in line]
    assert "HR took the wrong line" in said
    assert "customer service" not in said


def test_a_glass_that_was_broken_does_not_come_back_as_ordinary_access(client, priya, ines, now):
    wanted = entitlement("customers.export")
    named = actions.name_for_emergencies(
        priya, wanted, by=ines, reason="on call", ends_at=now + timedelta(days=90), now=now - timedelta(minutes=1)
    )
    taken = actions.break_glass(named.pk, by=priya, reason="the site is down", hours=4, now=now, proven_at=now)
    (held,) = grant(priya, "requests.work")
    event = left(priya, now + timedelta(minutes=1))
    page = " ".join(sign_in(client, ines).get(reverse("access:restore", args=[event.pk])).text.split())
    assert "Not given back, because it was taken in an emergency, which is over" in page
    given = restored(event, ines, now + timedelta(minutes=2))
    assert [one.entitlement for one in given] == [held.entitlement]
    taken.refresh_from_db()
    assert taken.state in (GrantState.REVOKING, GrantState.REVOKED)
    assert not priya.grants.filter(entitlement=wanted, origin="restored").exists()
