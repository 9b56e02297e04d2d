"""What a review says of access that goes on: renewed, restored, resumed; and that one deny denies, whoever is in a hurry."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.models import (
    AccessGrant,
    Answer,
    Decision,
    Entitlement,
    GrantState,
    ItemState,
    Notice,
    Review,
    ReviewItem,
    ReviewState,
    System,
    SystemKind,
)
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.workforce import DepartmentFactory, EmployeeFactory, JobFunctionFactory

pytestmark = [pytest.mark.slow(25), pytest.mark.django_db]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def walt():
    person = EmployeeFactory(login="walt", name="Walt Brandt", department=DepartmentFactory(code="it"))
    grant(person, "access.administer")
    return person


@pytest.fixture
def ines():
    person = EmployeeFactory(login="ines", name="Ines Romero", department=DepartmentFactory(code="it"))
    grant(person, "access.administer")
    return person


@pytest.fixture
def owner():
    return EmployeeFactory(login="owner", name="Olga Owner", department=DepartmentFactory(code="it"))


@pytest.fixture
def ana():
    manager = EmployeeFactory(login="manager", name="Mona Manager", department=DepartmentFactory(code="it"))
    return EmployeeFactory(login="ana", name="Ana Silva", manager=manager, department=DepartmentFactory(code="service"))


def owned(code, owner):
    found = entitlement(code)
    Entitlement.objects.filter(pk=found.pk).update(owner=owner)
    found.owner = owner
    return found


@pytest.fixture
def rest(ana, owner):
    owned("requests.work", owner)
    return grant(ana, "requests.work")[0]


@pytest.fixture
def sensitive(ana, owner):
    owned("reveal.contact", owner)
    return grant(ana, "reveal.contact")[0]


@pytest.fixture
def by_hand(ana, owner):
    """Ana's access to a system that people work by hand; nothing was ever pushed there."""
    archive = System.objects.create(code="archive", name="Paper archive", kind=SystemKind.BY_HAND, owner=owner)
    key = Entitlement.objects.create(system=archive, code="archive.key", name="the key", sensitive=False, owner=owner)
    return GrantFactory(employee=ana, entitlement=key)


@pytest.fixture
def launch(walt, ines, now):
    def make(department="service", days=14):
        fallback = EmployeeFactory(login="fallback", name="Fred Fallback", department=DepartmentFactory(code="it"))
        review = actions.prepare_review(
            "Quarter",
            "all",
            due_at=now + timedelta(days=days),
            fallback=fallback,
            by=walt,
            now=now,
            department=DepartmentFactory(code=department),
        )
        return actions.launch_review(review.pk, by=ines, now=now)

    return make


def asked(held):
    found = Decision.objects.filter(item__grant=held).select_related("reviewer", "item")
    return {decision.reviewer.login: decision for decision in found}


def answered(decision, answer, now, **more):
    return actions.answer_review(decision.pk, answer, by=decision.reviewer, now=now, **more)


def moved(person, now, to="chef"):
    actions.change_function(person.pk, to=JobFunctionFactory(code=to), by=None, now=now, source="roster")
    return person.employment_events.filter(kind="changed_function").order_by("-pk").first()


def left(person, now):
    actions.end_employment(person.pk, by=None, reason="absent from the list", now=now, source="roster")
    return person.employment_events.filter(kind="left").order_by("-pk").first()


def restored(event, by, now):
    return actions.restore_after_mistake(event.pk, by=by, reason="HR took the wrong line", now=now)


def in_force(held, now):
    return AccessGrant.objects.in_force(at=now).filter(employee=held.employee, entitlement=held.entitlement).exists()


class TestRenewed:
    @pytest.mark.parametrize("which", ["rest", "by_hand"])
    def test_what_silence_suspended_and_its_owner_approved_anew_is_not_called_gone(
        self, request, client, launch, ana, owner, walt, which
    ):
        held = request.getfixturevalue(which)
        review = launch()
        at = review.due_at + timedelta(hours=1)
        actions.advance_reviews(now=review.due_at)
        item = ReviewItem.objects.get(grant=held)
        assert item.state == ItemState.SUSPENDED
        wish = actions.request_grant(
            ana, held.entitlement, reason="still needed", by=ana, now=at, ends_at=at + timedelta(days=60)
        )
        renewal = actions.approve_grant(wish.pk, by=owner, now=at)
        actions.advance_reviews(now=at)
        item.refresh_from_db()
        assert in_force(held, at)
        assert (item.state, item.by_silence, item.proven_at) == (ItemState.MOOT, False, None)
        assert item.came_to == f"renewed meanwhile as grant {renewal.pk}"
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        evidence = queries.review_evidence(review)
        (said,) = [one for one in evidence["items"] if one["grant"] == held.pk]
        assert (said["outcome"], said["goes_on_as"], said["proven_at"]) == (item.came_to, renewal.pk, None)
        assert evidence["figures"]["proven_gone"] == evidence["figures"]["revoked"] == 0
        sign_in(client, walt)
        page = client.get(reverse("access:review", args=[review.pk])).content.decode()
        assert item.came_to in page
        assert "nothing went" in page
        page = client.get(reverse("access:review_item", args=[item.pk])).content.decode()
        assert item.came_to in page
        assert "Proven gone" not in page

    def test_what_an_earlier_version_called_gone_is_said_to_be_renewed(self, launch, ana, rest, owner, now):
        review = launch()
        wish = actions.request_grant(ana, rest.entitlement, reason="goes on", by=ana, now=now)
        renewal = actions.approve_grant(wish.pk, by=owner, now=now)
        review.items.update(state=ItemState.REVOKED, by_silence=True, decided_at=now, proven_at=now)
        (said,) = queries.review_evidence(review)["items"]
        assert said["outcome"] == f"renewed meanwhile as grant {renewal.pk}"
        assert (said["proven_at"], said["by_silence"]) == (None, False)
        actions.advance_reviews(now=now)
        item = review.items.get()
        assert (item.state, item.proven_at) == (ItemState.MOOT, None)

    def test_an_access_elsewhere_whose_removal_nobody_proved_is_not_proven_gone(self, launch, by_hand, now):
        review = launch()
        answered(asked(by_hand)["owner"], Answer.REVOKE, now)
        later = now + timedelta(minutes=policies.UNDO_MINUTES)
        actions.advance_reviews(now=later)
        AccessGrant.objects.filter(pk=by_hand.pk).update(state=GrantState.REVOKED)  # whatever made it so
        actions.advance_reviews(now=later)
        review.refresh_from_db()
        assert (review.items.get(grant=by_hand).proven_at, review.state) == (None, ReviewState.REMOVING)


class TestAskedForBefore:
    """A renewal that was asked for before a reviewer's deny does not give again what the deny took away."""

    def wish(self, ana, held, now):
        return actions.request_grant(ana, held.entitlement, reason="goes on", by=ana, now=now, ends_at=now + timedelta(days=60))

    def test_a_request_between_two_denies_is_closed_and_can_be_made_anew(self, launch, ana, sensitive, now):
        launch()
        answered(asked(sensitive)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="not hers")
        wish = self.wish(ana, sensitive, now + timedelta(minutes=2))
        answered(asked(sensitive)["manager"], Answer.REVOKE, now + timedelta(minutes=3), reason="nor for me")
        later = now + timedelta(minutes=20)
        actions.advance_reviews(now=later)
        wish.refresh_from_db()
        assert wish.state == GrantState.LAPSED
        assert self.wish(ana, sensitive, later).state == GrantState.REQUESTED

    def test_an_owner_who_denies_in_the_review_has_not_given_it_by_their_half_of_before(
        self, client, launch, ana, owner, sensitive, now
    ):
        launch()
        wish = self.wish(ana, sensitive, now)
        actions.approve_grant(wish.pk, by=owner, now=now)
        answered(asked(sensitive)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="must not read them")
        sign_in(client, ana.manager)
        page = client.get(reverse("access:grant", args=[wish.pk])).content.decode()
        assert "Olga Owner denied this access" in page
        assert reverse("access:approve", args=[wish.pk]) not in page
        assert reverse("access:deny", args=[wish.pk]) in page
        with pytest.raises(errors.DeniedInReview):
            actions.approve_grant(wish.pk, by=ana.manager, now=now + timedelta(minutes=5))
        later = now + timedelta(minutes=20)
        actions.advance_reviews(now=later)
        with pytest.raises(errors.AlreadyDecided):
            actions.approve_grant(wish.pk, by=ana.manager, now=later)
        assert not in_force(sensitive, later)
        wish.refresh_from_db()
        assert (wish.state, "must not read them" in wish.denial_reason) == (GrantState.LAPSED, True)
        assert "must not read them" in client.get(reverse("access:grant", args=[wish.pk])).content.decode()

    def test_nor_where_the_review_is_cancelled(self, launch, ana, owner, walt, rest, now):
        review = launch()
        wish = self.wish(ana, rest, now)
        answered(asked(rest)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="not hers")
        actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=now + timedelta(minutes=2))
        with pytest.raises(errors.AlreadyDecided):
            actions.approve_grant(wish.pk, by=owner, now=now + timedelta(minutes=3))
        assert not in_force(rest, now + timedelta(minutes=3))

    def test_nor_where_what_was_denied_reached_its_own_end_first(self, client, launch, ana, owner, rest, now):
        AccessGrant.objects.filter(pk=rest.pk).update(ends_at=now + timedelta(minutes=5))
        launch()
        wish = self.wish(ana, rest, now)
        answered(asked(rest)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="not hers")
        later = now + timedelta(minutes=6)
        actions.close_leavers(now=later)
        with pytest.raises(errors.DeniedInReview):
            actions.approve_grant(wish.pk, by=owner, now=later)
        actions.advance_reviews(now=later)
        with pytest.raises(errors.AlreadyDecided):
            actions.approve_grant(wish.pk, by=owner, now=later)

    def test_one_that_an_earlier_version_left_open_is_refused_and_says_why(self, client, launch, ana, owner, rest, now):
        launch()
        wish = self.wish(ana, rest, now)
        answered(asked(rest)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="not hers")
        later = now + timedelta(minutes=20)
        actions.advance_reviews(now=later)
        AccessGrant.objects.filter(pk=wish.pk).update(state=GrantState.REQUESTED, denied_at=None, denial_reason="")
        with pytest.raises(errors.DeniedInReview, match="ask for it anew"):
            actions.approve_grant(wish.pk, by=owner, now=later)
        sign_in(client, owner)
        assert "not hers" in client.get(reverse("access:grant", args=[wish.pk])).content.decode()

    def test_what_is_asked_for_after_the_deny_is_a_fresh_wish(self, launch, ana, owner, rest, now):
        launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now + timedelta(minutes=1), reason="not hers")
        wish = self.wish(ana, rest, now + timedelta(minutes=2))
        later = now + timedelta(minutes=20)
        actions.advance_reviews(now=later)
        assert actions.approve_grant(wish.pk, by=owner, now=later).state == GrantState.APPROVED

    def test_a_deny_that_was_undone_stands_against_nothing(self, launch, ana, owner, rest, now):
        launch()
        wish = self.wish(ana, rest, now)
        denied = answered(asked(rest)["owner"], Answer.REVOKE, now + timedelta(minutes=1))
        actions.undo_answer(denied.pk, by=owner, now=now + timedelta(minutes=2))
        assert actions.approve_grant(wish.pk, by=owner, now=now + timedelta(minutes=3)).state == GrantState.APPROVED

    def test_a_reviewers_silence_leaves_it_to_who_decides_on_requests(self, launch, ana, owner, rest, now):
        review = launch()
        wish = self.wish(ana, rest, review.due_at - timedelta(days=1))
        actions.advance_reviews(now=review.due_at)
        assert actions.approve_grant(wish.pk, by=owner, now=review.due_at).state == GrantState.APPROVED


class TestRestored:
    def test_what_a_reviewer_denied_is_not_given_back_and_the_restorer_is_told(
        self, client, launch, ana, owner, ines, rest, sensitive, now
    ):
        launch()
        answered(asked(sensitive)["owner"], Answer.REVOKE, now, reason="must not read them")
        event = moved(ana, now)
        actions.advance_reviews(now=now)
        sign_in(client, ines)
        address = reverse("access:restore", args=[event.pk])
        assert "must not read them" in client.get(address).content.decode()
        answer = client.post(address, {"reason": "HR took the wrong line"}, follow=True)
        page = answer.content.decode()
        assert sensitive.entitlement.name in page
        assert "must not read them" in page
        later = timezone.now() + timedelta(minutes=30)
        actions.advance_reviews(now=later)
        assert in_force(rest, later)
        assert not in_force(sensitive, later)
        assert ReviewItem.objects.get(grant=sensitive).came_to == "ended meanwhile"

    def test_what_was_denied_in_a_review_that_is_over_by_now_is_not_given_back_either(
        self, launch, ana, ines, rest, sensitive, now
    ):
        review = launch()
        answered(asked(sensitive)["manager"], Answer.REVOKE, now, reason="must not read them")
        answered(asked(rest)["owner"], Answer.KEEP, now)
        event = left(ana, now + timedelta(minutes=1))
        actions.advance_reviews(now=now + timedelta(minutes=2))
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        given = restored(event, ines, now + timedelta(minutes=3))
        assert [one.entitlement_id for one in given] == [rest.entitlement_id]
        denied = [(one.entitlement_id, by.reviewer.login) for one, by in given.found.denied]
        assert denied == [(sensitive.entitlement_id, "manager")]

    def test_a_deny_that_was_undone_denies_nothing(self, launch, ana, ines, sensitive, now):
        launch()
        denied = answered(asked(sensitive)["owner"], Answer.REVOKE, now)
        actions.undo_answer(denied.pk, by=denied.reviewer, now=now)
        given = restored(left(ana, now), ines, now + timedelta(minutes=1))
        assert (len(given), given.found.denied) == (1, [])

    def test_while_the_review_runs_what_was_restored_waits_for_its_reviewer_again(
        self, client, launch, ana, owner, ines, rest, sensitive, now
    ):
        review = launch()
        event = left(ana, now)
        actions.advance_reviews(now=now + timedelta(minutes=1))
        assert set(review.items.values_list("state", flat=True)) == {ItemState.MOOT}
        Review.objects.filter(pk=review.pk).update(state=ReviewState.RUNNING, closed_at=None, completed_at=None)  # others wait
        given = restored(event, ines, now + timedelta(minutes=2))
        later = now + timedelta(minutes=3)
        actions.advance_reviews(now=later)
        for item in review.items.all():
            assert (item.state, item.proven_at, item.decided_at) == (ItemState.OPEN, None, None)
            assert item.grant_id in [one.pk for one in given]
        assert review.items.count() == 2
        answered(asked(next(one for one in given if one.sensitive))["manager"], Answer.REVOKE, later)
        actions.advance_reviews(now=later + timedelta(minutes=10))
        assert not in_force(sensitive, later + timedelta(minutes=10))
        assert in_force(rest, later + timedelta(minutes=10))
        sign_in(client, owner)
        assert "Ana Silva" in client.get(reverse("access:my_reviews")).content.decode()

    def test_where_the_review_is_over_it_says_that_the_access_was_restored(self, client, launch, ana, ines, rest, now):
        review = launch()
        event = left(ana, now)
        actions.advance_reviews(now=now + timedelta(minutes=1))
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        (again,) = restored(event, ines, now + timedelta(minutes=2))
        item = review.items.get()
        assert (item.came_to, item.proven_at) == (f"restored meanwhile as grant {again.pk}", None)
        (said,) = queries.review_evidence(review)["items"]
        assert (said["outcome"], said["proven_at"]) == (item.came_to, None)
        sign_in(client, ines)
        page = client.get(reverse("access:review_item", args=[item.pk])).content.decode()
        assert item.came_to in page
        assert "Proven gone" not in page

    def test_whoever_restored_what_nobody_had_approved_does_not_review_it(self, launch, ana, ines, sensitive, now):
        AccessGrant.objects.filter(pk=sensitive.pk).update(origin="bootstrap", approved_by=None, seconded_by=None)
        sensitive.refresh_from_db()
        Entitlement.objects.filter(pk=sensitive.entitlement_id).update(owner=ines)
        review = launch()
        answered(asked(sensitive)["ines"], Answer.KEEP, now, reason="needed")
        event = left(ana, now)
        given = restored(event, ines, now + timedelta(minutes=1))
        assert review.items.get().grant == given[0]
        waits = Decision.objects.asked().filter(item__review=review)
        assert {one.reviewer.login for one in waits} == {"manager", "fallback"}
        assert asked(given[0])["ines"].answer == Answer.NOT_MINE

    def test_whoever_handed_it_on_and_then_restored_it_leaves_it_with_whom_they_named(self, launch, ana, ines, sensitive, now):
        AccessGrant.objects.filter(pk=sensitive.pk).update(origin="bootstrap", approved_by=None, seconded_by=None)
        Entitlement.objects.filter(pk=sensitive.entitlement_id).update(owner=ines)
        review = launch()
        bob = EmployeeFactory(login="bob", name="Bob Castle")
        answered(asked(sensitive)["ines"], Answer.NOT_MINE, now, to=bob, reason="his team")
        given = restored(left(ana, now), ines, now + timedelta(minutes=1))
        waits = Decision.objects.asked().filter(item__review=review)
        assert {one.reviewer.login for one in waits} == {"manager", "bob"}
        for login in ("manager", "bob"):
            answered(asked(given[0])[login], Answer.KEEP, now + timedelta(minutes=2), reason="needed")
        actions.advance_reviews(now=now + timedelta(minutes=20))
        assert review.items.get().state == ItemState.KEPT

    def test_what_silence_had_suspended_goes_on_being_suspended_by_that_review(self, launch, ana, owner, ines, rest):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        event = left(ana, review.due_at + timedelta(days=1))
        actions.advance_reviews(now=review.due_at + timedelta(days=1))
        # Another item is still suspended: the review is not over.
        Review.objects.filter(pk=review.pk).update(state=ReviewState.REMOVING, completed_at=None)
        (again,) = restored(event, ines, review.due_at + timedelta(days=2))
        item = review.items.get()
        assert (item.state, item.grant, item.by_silence, item.proven_at) == (ItemState.SUSPENDED, again, True, None)
        actions.resume_grant(again.pk, by=owner, reason="she needs it", now=review.due_at + timedelta(days=3))
        actions.advance_reviews(now=review.due_at + timedelta(days=3))
        assert review.items.get().state == ItemState.KEPT

    def test_what_its_suspension_would_have_ended_by_now_is_not_given_again(self, launch, ana, ines, rest):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        event = left(ana, review.due_at + timedelta(days=6))
        assert list(restored(event, ines, review.due_at + timedelta(days=8))) == []


class TestCancelled:
    def test_what_was_denied_before_goes_all_the_same(self, client, launch, walt, rest, sensitive, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now, reason="not hers")
        sign_in(client, walt)
        address = reverse("access:cancel_review", args=[review.pk])
        assert "carries out" in client.get(address).content.decode()
        page = client.post(address, {"reason": "wrong scope"}, follow=True).content.decode()
        assert "1 denied before is carried out" in page
        rest.refresh_from_db()
        assert (rest.state, rest.revoked_by.login) == (GrantState.REVOKED, "owner")
        assert in_force(sensitive, timezone.now())
        item = review.items.get(grant=rest)
        assert (item.state, item.by_silence) == (ItemState.REVOKED, False)
        actions.advance_reviews(now=timezone.now())
        item.refresh_from_db()
        assert item.proven_at is not None

    def test_nobody_cancels_a_review_that_denies_them_something(self, client, launch, walt, ines, owner, now):
        owned("requests.work", owner)
        (held,) = grant(walt, "requests.work")
        review = launch(department="it")
        answered(asked(held)["owner"], Answer.REVOKE, now, reason="not his")
        with pytest.raises(errors.DeniedToYou):
            actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=now)
        sign_in(client, walt)
        page = client.post(reverse("access:cancel_review", args=[review.pk]), {"reason": "wrong scope"}, follow=True)
        assert str(errors.DeniedToYou()) in page.content.decode()
        review.refresh_from_db()
        assert review.state == ReviewState.RUNNING
        actions.cancel_review(review.pk, by=ines, reason="wrong scope", now=now)
        assert not in_force(held, now)
        told = Notice.objects.get(employee=walt, key__startswith=f"taken by review {review.pk} from")
        assert told.dropped_at is None, "whoever lost something is told, though the review is over"

    def test_a_deny_of_what_ended_meanwhile_still_keeps_it_from_being_restored(self, launch, ana, ines, walt, rest, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now, reason="not hers")
        event = left(ana, now)
        actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=now)
        assert list(restored(event, ines, now + timedelta(minutes=1))) == []


class TestHandedOn:
    def test_nobody_hands_on_what_is_about_themselves_or_what_they_approved(self, client, launch, walt, ines, owner, now):
        owned("requests.work", owner)
        (own,) = grant(walt, "requests.work")
        approved = GrantFactory(
            employee=EmployeeFactory(department=walt.department), entitlement=own.entitlement, approved_by=walt
        )
        (other,) = grant(EmployeeFactory(department=walt.department), "requests.work")
        review = launch(department="it")
        friend = EmployeeFactory(login="joan", name="Joan Pryce")
        sign_in(client, walt)
        address = reverse("access:hand_on_reviewer", args=[review.pk, owner.pk])
        page = client.post(address, {"to": friend.pk, "reason": "away"}, follow=True).content.decode()
        assert "1 item went to Joan Pryce" in page
        assert "2 stay where they are" in page
        assert "what you approved" in page
        assert asked(other)["owner"].handed_to == friend
        assert asked(own)["owner"].answer == asked(approved)["owner"].answer == ""
        with pytest.raises(errors.NotYoursToHandOn):
            actions.hand_on_everything(review.pk, owner.pk, to=friend, by=walt, reason="away", now=now)
        assert actions.hand_on_everything(review.pk, owner.pk, to=friend, by=ines, reason="away", now=now) == 2

    def test_not_mine_a_second_time_with_another_name_is_refused_and_not_called_done(self, client, launch, owner, rest, now):
        launch()
        bob, carl = (EmployeeFactory(login=login, name=login.title()) for login in ("bob", "carl"))
        answered(asked(rest)["owner"], Answer.NOT_MINE, now, to=bob, reason="his team")
        answered(asked(rest)["owner"], Answer.NOT_MINE, now, to=bob, reason="his team")
        with pytest.raises(errors.AnsweredAlready):
            answered(asked(rest)["owner"], Answer.NOT_MINE, now, to=carl, reason="his team")
        sign_in(client, owner)
        address = reverse("access:hand_on_decision", args=[asked(rest)["owner"].pk])
        page = client.post(address, {"to": carl.pk, "reason": "his team"}, follow=True).content.decode()
        assert "Handed on to Carl" not in page
        assert "Undo that first" in page


class TestResumed:
    def test_who_approved_it_does_not_turn_a_reviewers_silence_into_a_keep(self, client, launch, ana, owner, walt, rest):
        AccessGrant.objects.filter(pk=rest.pk).update(approved_by=owner)
        review = launch()
        at = review.due_at + timedelta(days=1)
        actions.advance_reviews(now=review.due_at)
        with pytest.raises(errors.SilenceIsNotYours):
            actions.resume_grant(rest.pk, by=owner, reason="still needed", now=at)
        sign_in(client, owner)
        page = client.get(reverse("access:grant", args=[rest.pk])).content.decode()
        assert reverse("access:resume", args=[rest.pk]) not in page
        actions.resume_grant(rest.pk, by=walt, reason="asked her manager", now=at)
        actions.advance_reviews(now=at)
        assert ReviewItem.objects.get(grant=rest).state == ItemState.KEPT

    def test_who_approved_it_still_resumes_what_they_themselves_suspended(self, owner, rest, now):
        AccessGrant.objects.filter(pk=rest.pk).update(approved_by=owner)
        actions.suspend_grant(rest.pk, by=owner, reason="looked into", now=now)
        assert actions.resume_grant(rest.pk, by=owner, reason="nothing in it", now=now).state == GrantState.APPROVED
