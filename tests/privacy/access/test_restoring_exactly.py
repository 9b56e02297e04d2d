"""A mistake of HR undone, and nothing else with it: what was decided on purpose stays, and the promise of movers agrees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.access.queries import breaches
from privacy.models import (
    AccessGrant,
    Entitlement,
    FunctionEntitlement,
    GrantState,
    Notice,
    SystemChange,
    SystemKind,
    Wanted,
)
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

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
def quinn():
    manager = EmployeeFactory(login="manager")
    return EmployeeFactory(login="quinn", name="Quinn Reyes", manager=manager, job_function=JobFunctionFactory(code="buyer"))


@pytest.fixture
def owner():
    return EmployeeFactory(login="owner", name="Olga Owner")


def moved(person, to, now):
    actions.change_function(person.pk, to=JobFunctionFactory(code=to), by=None, now=now, source="roster")
    return person.employment_events.filter(kind="changed_function").order_by("-pk").first()


def last_day(person, days, now, *, told_after=timedelta(0)):
    day = timezone.localdate(now) + timedelta(days=days)
    return actions.schedule_leaving(person.pk, last_day=day, by=None, now=now + told_after, source="roster")


def restored(event, by, now):
    event.employee.refresh_from_db()
    return actions.restore_after_mistake(event.pk, by=by, reason="HR took the wrong line", now=now)


def justify(function, code):
    FunctionEntitlement.objects.create(job_function=JobFunctionFactory(code=function), entitlement=entitlement(code))


def owned(code, owner):
    Entitlement.objects.filter(pk=entitlement(code).pk).update(owner=owner)
    return Entitlement.objects.get(pk=entitlement(code).pk)


def given(person, code, owner, now):
    wish = actions.request_grant(
        person, owned(code, owner), by=person, reason="a project", now=now, ends_at=now + timedelta(days=60)
    )
    return actions.approve_grant(wish.pk, by=owner, now=now)


def kept(held, owner, now, days=20):
    Entitlement.objects.filter(pk=held.entitlement_id).update(owner=owner)
    return actions.keep_grant(held.pk, by=owner, reason="hand-over", until=now + timedelta(days=days), now=now)


def in_force(person, now):
    return set(AccessGrant.objects.in_force(at=now).filter(employee=person).values_list("entitlement__code", flat=True))


class TestThePromiseOfMovers:
    """D-revoked: what was approved individually is had as before the mistake, whatever the function of before justifies."""

    def test_what_the_mistake_ended_comes_back_and_is_no_breach(self, quinn, ines, now):
        grant(quinn, "requests.work")
        restored(moved(quinn, "order-clerk", now), ines, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        assert in_force(quinn, later) == {"requests.work"}
        assert queries.open_breaches(now=later) == []

    def test_what_the_wrong_function_justified_went_on_and_is_no_breach(self, quinn, ines, owner, now):
        justify("order-clerk", "requests.work")
        grant(quinn, "requests.work")
        event = moved(quinn, "order-clerk", now)
        renewal = given(quinn, "requests.work", owner, now + timedelta(seconds=1))
        restored(event, ines, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        renewal.refresh_from_db()
        assert renewal.state == GrantState.APPROVED
        assert queries.open_breaches(now=later) == []

    def test_what_was_kept_through_it_has_its_end_of_before_and_its_keeper_is_told(self, quinn, ines, owner, now):
        (held,) = grant(quinn, "requests.work")
        before = held.ends_at
        kept(held, owner, now)
        restored(moved(quinn, "order-clerk", now + timedelta(seconds=1)), ines, now + timedelta(minutes=1))
        held.refresh_from_db()
        assert (held.state, held.ends_at, held.kept_by) == (GrantState.APPROVED, before, None)
        assert queries.open_breaches(now=now + timedelta(minutes=2)) == []
        assert "say so once more" in Notice.objects.get(employee=owner, key__startswith="kept no more").body

    def test_what_outlives_a_true_change_before_or_after_a_mistake_is_a_breach(self, quinn, ines, now):
        (held,) = grant(quinn, "requests.work")
        restored(moved(quinn, "order-clerk", now), ines, now + timedelta(minutes=1))
        back = AccessGrant.objects.get(restores=held)
        justify("chef", "requests.work")
        moved(quinn, "chef", now + timedelta(minutes=2))
        FunctionEntitlement.objects.all().delete()
        (breach,) = queries.open_breaches(now=now + timedelta(minutes=3))
        assert breach.grant == back.pk

    def test_what_began_under_the_wrong_function_and_outlived_the_undoing_is_a_breach(self, quinn, ines, owner, now):
        event = moved(quinn, "order-clerk", now)
        wrong = given(quinn, "requests.work", owner, now + timedelta(seconds=1))
        restored(event, ines, now + timedelta(minutes=1))
        AccessGrant.objects.filter(pk=wrong.pk).update(state=GrantState.APPROVED)
        (breach,) = queries.open_breaches(now=now + timedelta(minutes=3))
        assert breach.grant == wrong.pk

    def test_an_undoing_that_is_undone_is_a_change_of_function_like_any(self, quinn, ines, now):
        (held,) = grant(quinn, "requests.work")
        justify("order-clerk", "requests.work")
        restored(moved(quinn, "order-clerk", now), ines, now + timedelta(minutes=1))
        again = quinn.employment_events.filter(kind="changed_function").order_by("-pk").first()
        restored(again, ines, now + timedelta(minutes=2))
        FunctionEntitlement.objects.all().delete()
        (breach,) = queries.open_breaches(now=now + timedelta(minutes=3))
        assert breach.grant == held.pk

    def test_what_its_owner_kept_through_a_true_change_is_kept_still_once_a_leaving_was_undone(self, quinn, ines, owner, now):
        (held,) = grant(quinn, "requests.work")
        kept(held, owner, now)
        moved(quinn, "order-clerk", now + timedelta(seconds=1))
        actions.end_employment(quinn.pk, by=None, reason="absent", now=now + timedelta(minutes=1), source="roster")
        (back,) = restored(quinn.employment_events.get(kind="left"), ines, now + timedelta(minutes=2))
        assert (back.kept_by, back.kept_reason, back.ends_at) == (owner, "hand-over", now + timedelta(days=20))
        assert queries.open_breaches(now=now + timedelta(minutes=3)) == []

    def test_what_was_renewed_costs_no_question_each(self, ines, now, django_assert_max_num_queries):
        people = [EmployeeFactory(job_function=JobFunctionFactory(code="buyer")) for _ in range(8)]
        for person in people:
            (old,) = grant(person, "requests.work")
            AccessGrant.objects.filter(pk=old.pk).update(state=GrantState.REVOKED, revoked_at=now, revocation_reason="renewed")
            GrantFactory(employee=person, renews=old, approved_at=now)
            moved(person, "order-clerk", now + timedelta(seconds=1))
        AccessGrant.objects.filter(renews__isnull=False).update(state=GrantState.APPROVED)
        later = now + timedelta(minutes=1)
        with django_assert_max_num_queries(6):
            assert len(breaches.still_in_force(now=later)) == len(people)


class TestWhatWasTakenAwayOnPurpose:
    @pytest.fixture
    def anew(self, quinn, owner, now):
        grant(quinn, "requests.work")
        event = moved(quinn, "order-clerk", now)
        return event, given(quinn, "requests.work", owner, now + timedelta(seconds=1))

    def test_it_does_not_come_back_and_the_restorer_is_told(self, client, quinn, ines, owner, anew, now):
        event, wish = anew
        actions.revoke_grant(wish.pk, by=owner, reason="the project is over", now=now + timedelta(seconds=2))
        page = " ".join(sign_in(client, ines).get(reverse("access:restore", args=[event.pk])).text.split())
        assert "given anew since, and taken away" in page
        assert "by Olga Owner: “the project is over”" in page
        assert "No access comes back" in page  # some was ended
        page = client.post(reverse("access:restore", args=[event.pk]), {"reason": "the wrong line"}, follow=True).text
        assert "taken away" in page
        assert "by Olga Owner: “the project is over”" in page
        assert in_force(quinn, timezone.now()) == set()

    def test_what_ended_by_its_own_end_or_went_on_as_another_was_not_taken_away(self, quinn, ines, owner, now):
        grant(quinn, "requests.work", "optouts.manage")
        event = moved(quinn, "order-clerk", now)
        short = actions.request_grant(
            quinn, owned("requests.work", owner), by=quinn, reason="a day", now=now, ends_at=now + timedelta(days=1)
        )
        actions.approve_grant(short.pk, by=owner, now=now)
        for seconds in (1, 2):
            given(quinn, "optouts.manage", owner, now + timedelta(seconds=seconds))
        later = now + timedelta(days=2)
        actions.close_leavers(now=later)
        restored(event, ines, later)
        assert in_force(quinn, later) == {"requests.work", "optouts.manage"}


class TestWhatWasKeptForAnotherChange:
    def test_what_was_kept_after_the_mistake_for_a_change_to_come_stays_so(self, quinn, ines, owner, now):
        for function in ("buyer", "order-clerk"):
            justify(function, "requests.work")
        (held,) = grant(quinn, "requests.work")
        event = moved(quinn, "order-clerk", now)
        kept(held, owner, now + timedelta(seconds=1))
        FunctionEntitlement.objects.filter(job_function__code="order-clerk").delete()
        assert restored(event, ines, now + timedelta(minutes=1)).unkept == []
        held.refresh_from_db()
        assert held.kept_by == owner

    def test_what_the_wrong_function_justified_was_kept_for_another_and_stays_so(self, quinn, ines, owner, now):
        for function in ("buyer", "order-clerk"):
            justify(function, "requests.work")
        (held,) = grant(quinn, "requests.work")
        kept(held, owner, now)
        event = moved(quinn, "order-clerk", now + timedelta(seconds=1))
        assert restored(event, ines, now + timedelta(minutes=1)).unkept == []
        moved(quinn, "chef", now + timedelta(minutes=2))
        held.refresh_from_db()
        assert (held.state, held.kept_by) == (GrantState.APPROVED, owner)


class TestTwoLastDaysInARow:
    @pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
    def test_both_are_undone_by_undoing_the_first(self, client, quinn, ines, first, second, now):
        grant(quinn, "requests.work")
        one = last_day(quinn, first, now)
        two = last_day(quinn, second, now, told_after=timedelta(minutes=1))
        later = now + timedelta(days=4)
        actions.close_leavers(now=later)
        with pytest.raises(errors.WouldHaveLeft, match="restore that leaving"):
            restored(two, ines, later)
        assert len(restored(one, ines, later)) == 1
        quinn.refresh_from_db()
        assert (quinn.ends_on, quinn.left_at) == (None, None)
        assert in_force(quinn, later) == {"requests.work"}

    def test_a_leaving_at_once_after_a_last_day_that_passed_is_undone_with_it(self, quinn, ines, now):
        grant(quinn, "requests.work")
        one = last_day(quinn, 1, now)
        later = now + timedelta(days=3)
        actions.close_leavers(now=later)
        actions.end_employment(quinn.pk, by=None, reason="absent", now=later, source="page")
        assert len(restored(one, ines, later)) == 1
        quinn.refresh_from_db()
        assert quinn.is_employed(at=later + timedelta(days=30))

    def test_the_page_says_what_is_undone_with_it(self, client, quinn, ines, now):
        one = last_day(quinn, 0, now - timedelta(days=2))
        actions.end_employment(quinn.pk, by=None, reason="absent", now=now, source="page")
        page = " ".join(sign_in(client, ines).get(reverse("access:restore", args=[one.pk])).text.split())
        assert "Undone with it, because it was told afterwards" in page

    def test_a_last_day_that_passes_after_a_leaving_was_undone_is_its_own_leaving_and_undone_too(self, quinn, ines, now):
        grant(quinn, "requests.work")
        one = last_day(quinn, 2, now)
        actions.end_employment(quinn.pk, by=None, reason="absent", now=now + timedelta(hours=1), source="roster")
        two = quinn.employment_events.filter(kind="left").order_by("-pk").first()
        restored(two, ines, now + timedelta(hours=2))
        later = now + timedelta(days=4)
        actions.close_leavers(now=later)
        back = AccessGrant.objects.get(employee=quinn, origin="restored")
        assert back.ended_by_event != two
        assert back.ended_by_event.effective_at == one.effective_at
        assert not policies.is_restorable(two, at=later)
        assert len(restored(one, ines, later)) == 1
        quinn.refresh_from_db()
        assert quinn.ends_on is None

    def test_whoever_came_back_for_a_time_and_was_gone_after_it_is_not_restored_by_what_was_before(self, quinn, ines, now):
        grant(quinn, "requests.work")
        one = last_day(quinn, 1, now)
        day = timezone.localdate(now)
        later = now + timedelta(days=3)
        actions.close_leavers(now=later)
        actions.bring_back(
            quinn.pk, starts_on=day + timedelta(days=3), ends_on=day + timedelta(days=4), by=None, now=later, source="roster"
        )
        one.employee.refresh_from_db()
        assert not policies.is_restorable(one, at=now + timedelta(days=6))

    def test_nor_where_they_came_back_until_the_last_day_of_before(self, client, quinn, ines, now):
        """It would be undone for good: whoever came back for a time would work here without an end."""
        one, day = last_day(quinn, 4, now - timedelta(days=6)), timezone.localdate(now)
        actions.end_employment(quinn.pk, by=None, reason="absent", now=now - timedelta(days=5), source="roster")
        actions.bring_back(
            quinn.pk, starts_on=day - timedelta(days=4), ends_on=one.employee.ends_on, by=None, now=now, source="roster"
        )
        quinn.refresh_from_db()
        assert not quinn.is_employed(at=now)
        one.employee.refresh_from_db()
        assert not policies.is_restorable(one, at=now)
        assert sign_in(client, ines).get(reverse("access:restore", args=[one.pk])).status_code == 200

    def test_the_page_of_one_that_was_taken_back_in_time_answers(self, client, quinn, ines, now):
        one = last_day(quinn, 4, now)
        actions.schedule_leaving(quinn.pk, last_day=None, by=None, now=now, source="roster")
        assert sign_in(client, ines).get(reverse("access:restore", args=[one.pk])).status_code == 200


def test_the_clock_of_whoever_came_back_for_a_time_starts_when_that_is_over(quinn, now):
    portal = SystemFactory(kind=SystemKind.BY_HAND, owner=quinn.manager)
    long_ago = now - timedelta(days=100)
    actions.end_employment(quinn.pk, by=None, reason="left", now=long_ago, source="roster")
    day = timezone.localdate(now)
    actions.bring_back(
        quinn.pk, starts_on=day - timedelta(days=50), ends_on=day, by=None, now=now - timedelta(days=50), source="roster"
    )
    GrantFactory(employee=quinn, entitlement=OutsideEntitlementFactory(system=portal))
    actions.settle_everything(now=now)
    later = now + timedelta(days=1)
    actions.close_leavers(now=later)
    change = SystemChange.objects.get(employee=quinn, wanted=Wanted.REMOVED)
    assert change.due_at > later
    assert queries.open_breaches(now=later) == []


def test_what_is_sensitive_by_now_does_not_come_back_and_holds_nothing_else_up(client, quinn, ines, now):
    role = OutsideEntitlementFactory(system=SystemFactory(kind=SystemKind.BY_HAND, owner=quinn.manager), sensitive=False)
    GrantFactory(employee=quinn, entitlement=role, ends_at=None, seconded_by=None, seconded_at=None)
    grant(quinn, "requests.work")
    actions.end_employment(quinn.pk, by=None, reason="absent", now=now, source="roster")
    event = quinn.employment_events.get(kind="left")
    AccessGrant.objects.filter(entitlement=role).update(state=GrantState.REVOKED)
    SystemChange.objects.all().update(state="withdrawn")
    actions.change_entitlement(
        role.pk, name=role.name, external_name=role.external_name, categories=[], sensitive=True, owner=None, by=ines, now=now
    )
    page = sign_in(client, ines).get(reverse("access:restore", args=[event.pk])).text
    assert "approved as what is not" in page
    page = client.post(reverse("access:restore", args=[event.pk]), {"reason": "the wrong line"}, follow=True).text
    assert "to be asked for anew" in page
    assert in_force(quinn, timezone.now()) == {"requests.work"}


def test_a_function_told_before_the_last_day_came_was_applied_then(quinn, ines, owner, now):
    one = last_day(quinn, 2, now)
    moved(quinn, "order-clerk", now + timedelta(hours=1))
    given(quinn, "requests.work", owner, now + timedelta(hours=2))
    later = now + timedelta(days=4)
    actions.close_leavers(now=later)
    assert [back.entitlement.code for back in restored(one, ines, later)] == ["requests.work"]
