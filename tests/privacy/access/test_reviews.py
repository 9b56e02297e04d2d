"""Access reviews: launched by a second person, decided by the right people, followed until proven; silence never keeps."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.access.promises.reviews import reviews_overdue
from privacy.access.queries.review_around import Standing
from privacy.access.queries.review_plan import in_scope
from privacy.desk.queries import places_for, waits_for
from privacy.ledger.actions import record_read
from privacy.ledger.models import ReadKind
from privacy.models import (
    AccessGrant,
    Answer,
    ChangeState,
    Decision,
    Entitlement,
    GrantState,
    ItemState,
    Notice,
    RecordedRead,
    Review,
    ReviewItem,
    ReviewScope,
    ReviewState,
    Role,
    System,
    SystemChange,
    SystemKind,
)
from privacy.workforce.actions import send_notice
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.workforce import ContractorFactory, DepartmentFactory, EmployeeFactory, JobFunctionFactory

pytestmark = [pytest.mark.slow(25), pytest.mark.django_db]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def walt():
    person = EmployeeFactory(login="walt", name="Walt Brandt")
    grant(person, "access.administer")
    return person


@pytest.fixture
def ines():
    person = EmployeeFactory(login="ines", name="Ines Romero")
    grant(person, "access.administer")
    return person


@pytest.fixture
def owner():
    return EmployeeFactory(login="owner", name="Olga Owner")


@pytest.fixture
def manager():
    return EmployeeFactory(login="manager", name="Mona Manager")


@pytest.fixture
def fallback():
    return EmployeeFactory(login="fallback", name="Fred Fallback")


@pytest.fixture
def ana(manager):
    return EmployeeFactory(login="ana", name="Ana Silva", manager=manager, department=DepartmentFactory(code="service"))


def owned(code, owner):
    found = entitlement(code)
    Entitlement.objects.filter(pk=found.pk).update(owner=owner)
    found.owner = owner
    return found


@pytest.fixture
def rest(ana, owner):
    """Ana's grant of something that is not sensitive, owned by Olga, approved by somebody else."""
    owned("requests.work", owner)
    return grant(ana, "requests.work")[0]


@pytest.fixture
def sensitive(ana, owner):
    """Ana's sensitive grant, owned by Olga, approved by others."""
    owned("reveal.contact", owner)
    return grant(ana, "reveal.contact")[0]


def prepared(by, fallback, now, scope=ReviewScope.ALL, days=14, **more):
    return actions.prepare_review("Quarter", scope, due_at=now + timedelta(days=days), fallback=fallback, by=by, now=now, **more)


@pytest.fixture
def launch(walt, ines, fallback, now):
    """`launch()` prepares by Walt and launches by Ines, in the department of Ana: the administrators' own access is not in it."""

    def make(scope=ReviewScope.ALL, days=14, at=None, **more):
        at = at or now
        more.setdefault("department", DepartmentFactory(code="service"))
        for person in (walt, ines):
            type(person).objects.filter(pk=person.pk).update(department=DepartmentFactory(code="it"))
        review = prepared(walt, fallback, at, scope, days, **more)
        return actions.launch_review(review.pk, by=ines, now=at)

    return make


def asked(item_of, *, review=None):
    """{login: decision} of a grant's item."""
    found = Decision.objects.filter(item__grant=item_of).select_related("reviewer", "item")
    if review is not None:
        found = found.filter(item__review=review)
    return {decision.reviewer.login: decision for decision in found}


def answered(decision, answer, now, **more):
    return actions.answer_review(decision.pk, answer, by=decision.reviewer, now=now, **more)


class TestPreparing:
    def test_the_impact_is_shown_before_anything_happens(self, client, walt, ines, fallback, rest, sensitive, now):
        sign_in(client, walt)
        answer = client.post(
            reverse("access:prepare_review"),
            {
                "name": "Fourth quarter",
                "scope": "all",
                "department": rest.employee.department_id,
                "last_day": (timezone.localdate(now) + timedelta(days=14)).isoformat(),
                "fallback": fallback.pk,
            },
        )
        review = Review.objects.get()
        assert answer.url == reverse("access:review", args=[review.pk])
        assert review.state == ReviewState.PREPARED
        page = client.get(answer.url).content.decode()
        assert "Olga Owner" in page
        assert "reveal.contact" in page
        assert "a second person launches it" in page
        assert "Ines Romero" in page
        assert not ReviewItem.objects.exists()
        plan = queries.plan_review(review, at=now)
        loser = next(one for one in plan.by_person if one.employee == rest.employee)
        assert (loser.revoked, loser.suspended) == (["reveal.contact"], ["requests.work"])

    def test_who_prepared_it_does_not_launch_it(self, client, walt, fallback, rest, now):
        review = prepared(walt, fallback, now)
        sign_in(client, walt)
        client.post(reverse("access:launch_review", args=[review.pk]))
        review.refresh_from_db()
        assert review.state == ReviewState.PREPARED
        with pytest.raises(errors.SecondPersonLaunches):
            actions.launch_review(review.pk, by=walt, now=now)

    def test_the_database_wants_a_second_person_too(self, walt, fallback, rest, now):
        review = prepared(walt, fallback, now)
        with pytest.raises(IntegrityError, match="a_second_person_launches_a_review"), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(launched_by=walt, launched_at=now, state="running")

    def test_the_second_person_launches_it_in_their_browser(self, client, walt, ines, fallback, rest, now):
        review = prepared(walt, fallback, now)
        sign_in(client, ines)
        client.post(reverse("access:launch_review", args=[review.pk]))
        review.refresh_from_db()
        assert (review.state, review.launched_by) == (ReviewState.RUNNING, ines)
        assert ReviewItem.objects.filter(grant=rest).exists()

    def test_it_is_launched_once(self, launch, ines, rest, now):
        review = launch()
        with pytest.raises(errors.NotPrepared):
            actions.launch_review(review.pk, by=ines, now=now)
        assert ReviewItem.objects.filter(review=review).count() == 1

    def test_somebody_without_a_grant_prepares_and_launches_nothing(self, walt, fallback, rest, ana, now):
        with pytest.raises(errors.MayNotPrepareReview):
            prepared(ana, fallback, now)
        review = prepared(walt, fallback, now)
        with pytest.raises(errors.MayNotPrepareReview):
            actions.launch_review(review.pk, by=ana, now=now)

    def test_a_due_date_too_soon_an_absent_fallback_and_an_empty_scope_are_refused(self, walt, fallback, rest, now):
        with pytest.raises(errors.DueTooSoon):
            prepared(walt, fallback, now, days=0)
        gone = EmployeeFactory(left_at=now - timedelta(days=1))
        with pytest.raises(errors.FallbackNotEmployed):
            prepared(walt, gone, now)
        with pytest.raises(errors.NothingToReview):
            prepared(walt, fallback, now, department=DepartmentFactory(code="empty"))

    def test_sensitive_rest_and_a_system_bound_the_scope(self, walt, fallback, rest, sensitive, now):
        def codes(**more):
            return {grant.entitlement.code for grant in in_scope(Review(fallback=fallback, **more), at=now)}

        assert "requests.work" not in codes(scope="sensitive")
        assert "reveal.contact" in codes(scope="sensitive")
        assert codes(scope="rest") == {"requests.work"}
        other = System.objects.create(code="wiki", name="Wiki", kind=SystemKind.BY_HAND)
        assert codes(scope="all", system=other) == set()

    def test_the_scope_is_frozen_at_the_launch(self, launch, rest, ana):
        review = launch()
        (later,) = grant(ana, "optouts.manage")
        assert not review.items.filter(grant=later).exists()
        rest.entitlement.name = "something else now"
        rest.entitlement.save()
        item = review.items.get(grant=rest)
        assert item.seen["entitlement"]["name"] != "something else now"
        assert item.seen["why"]["reason"] == rest.reason

    def test_what_has_ended_and_who_has_left_is_not_in_it(self, launch, ana, rest, owner, now):
        owned("optouts.manage", owner)
        ended = grant(ana, "optouts.manage", ends_at=now - timedelta(minutes=1), requested_at=now - timedelta(days=9))[0]
        leaver = EmployeeFactory(department=ana.department, left_at=now - timedelta(minutes=5))
        held = grant(leaver, "requests.work")[0]
        review = launch()
        assert not review.items.filter(grant__in=[ended, held]).exists()
        assert review.items.filter(grant=rest).exists()

    def test_a_scope_of_thousands_takes_few_statements(self, walt, ines, fallback, owner, manager, now):
        people = [EmployeeFactory(nda=None, briefing=None, second_factor=None, manager=manager) for _ in range(30)]
        for code in ("requests.work", "optouts.manage", "reveal.contact", "sharing.manage"):
            what = owned(code, owner)
            for person in people:
                GrantFactory(employee=person, entitlement=what, approved_by=walt, seconded_by=ines)
        review = prepared(walt, fallback, now)
        with CaptureQueriesContext(connection) as few:
            actions.launch_review(review.pk, by=ines, now=now)
        assert review.items.count() >= 120
        told = Decision.objects.filter(item__review=review).values("reviewer").distinct().count()
        # Each reviewer is told (some statements each); the items themselves cost none of their own.
        assert len(few) < 60 + 12 * told


class TestReviewers:
    def test_the_owner_is_asked_about_what_is_not_sensitive(self, launch, rest):
        launch()
        assert {login: one.role for login, one in asked(rest).items()} == {"owner": Role.OWNER}

    def test_owner_and_manager_are_asked_about_what_is_sensitive(self, launch, sensitive):
        launch()
        assert {login: one.role for login, one in asked(sensitive).items()} == {"owner": Role.OWNER, "manager": Role.MANAGER}

    def test_the_manager_is_asked_where_the_owner_approved_it(self, launch, rest, owner):
        AccessGrant.objects.filter(pk=rest.pk).update(approved_by=owner)
        launch()
        assert set(asked(rest)) == {"manager"}

    def test_the_fallback_is_asked_where_owner_and_manager_approved_it(self, launch, rest, owner, manager):
        AccessGrant.objects.filter(pk=rest.pk).update(approved_by=owner, seconded_by=manager)
        launch()
        assert {login: one.role for login, one in asked(rest).items()} == {"fallback": Role.FALLBACK}

    def test_nobody_is_asked_about_their_own_access(self, launch, ana, owner, manager, fallback):
        what = owned("requests.work", owner)
        owner.department = owner.department
        own = GrantFactory(employee=owner, entitlement=what)
        type(owner).objects.filter(pk=owner.pk).update(manager=manager, department=ana.department)
        launch()
        assert set(asked(own)) == {"manager"}

    def test_somebody_who_left_is_not_asked(self, launch, rest, owner, now):
        type(owner).objects.filter(pk=owner.pk).update(left_at=now - timedelta(days=1))
        launch()
        assert set(asked(rest)) == {"manager"}

    @pytest.mark.parametrize("who", ["employee", "approved_by", "seconded_by"])
    def test_the_database_refuses_the_holder_and_the_approvers(self, who, launch, sensitive, fallback, now):
        launch()
        item = ReviewItem.objects.get(grant=sensitive)
        barred = getattr(sensitive, who)
        name = "nobody_reviews_their_own_access" if who == "employee" else "nobody_reviews_what_they_approved"
        with pytest.raises(IntegrityError, match=f"{name}|names the holder and the approvers"), transaction.atomic():
            Decision.objects.create(
                item=item, reviewer=barred, role=Role.HANDED, employee=fallback, asked_at=now
            )  # a false copy of whose access it is
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            item.decisions.filter(reviewer__login="owner").update(reviewer=barred)

    @pytest.mark.parametrize("answer", [Answer.KEEP, Answer.REVOKE])
    def test_who_became_the_approver_after_being_asked_does_not_answer(self, launch, rest, owner, now, answer):
        launch()
        AccessGrant.objects.filter(pk=rest.pk).update(approved_by=owner)
        with pytest.raises(errors.CannotBeAsked, match="what they themselves approved"):
            answered(asked(rest)["owner"], answer, now)
        assert asked(rest)["owner"].answer == ""

    def test_a_reviewer_who_leaves_hands_on_to_the_next(self, launch, rest, sensitive, owner, now):
        launch()
        assert actions.hand_on_decisions_of(owner.pk, now=now) == 2
        assert asked(rest)["owner"].handed_to.login == "manager"
        assert asked(rest)["manager"].handed_from == asked(rest)["owner"]
        assert asked(sensitive)["owner"].handed_to.login == "fallback"
        assert actions.hand_on_decisions_of(owner.pk, now=now) == 0

    def test_a_last_day_that_passes_by_the_clock_hands_on_too(self, launch, rest, owner, now):
        launch()
        type(owner).objects.filter(pk=owner.pk).update(ends_on=timezone.localdate(now) + timedelta(days=1))
        actions.advance_reviews(now=now + timedelta(days=3))
        assert asked(rest)["owner"].handed_to.login == "manager"

    @pytest.mark.parametrize("lapses", ["before the launch", "during the review"])
    def test_a_contractor_whose_nda_lapsed_is_asked_nothing(self, launch, rest, owner, now, lapses):
        type(owner).objects.filter(pk=owner.pk).update(worker_type="contractor")
        day = timezone.localdate(now)
        if lapses == "before the launch":
            owner.ndas.update(starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1))
            launch()
            assert set(asked(rest)) == {"manager"}
            return
        owner.ndas.update(ends_on=day + timedelta(days=1))
        launch()
        actions.advance_reviews(now=now + timedelta(days=3))
        assert asked(rest)["owner"].handed_to.login == "manager"


class TestAnswers:
    def test_a_keep_of_sensitive_access_needs_a_reason(self, launch, sensitive, now):
        launch()
        with pytest.raises(errors.KeepNeedsAReason):
            answered(asked(sensitive)["owner"], Answer.KEEP, now)
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="on the rota")

    def test_two_keeps_keep_and_one_deny_denies(self, launch, sensitive, rest, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.KEEP, now)
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="on the rota")
        answered(asked(sensitive)["manager"], Answer.REVOKE, now, reason="moved to returns")
        later = now + timedelta(minutes=policies.UNDO_MINUTES)
        actions.advance_reviews(now=later)
        sensitive.refresh_from_db()
        assert sensitive.state == GrantState.REVOKED
        assert sensitive.revoked_by.login == "manager"
        assert "moved to returns" in sensitive.revocation_reason
        assert ReviewItem.objects.get(grant=rest).state == ItemState.KEPT
        item = ReviewItem.objects.get(grant=sensitive)
        assert (item.state, item.by_silence) == (ItemState.REVOKED, False)
        assert item.proven_at is not None
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE

    def test_one_keep_of_two_keeps_nothing(self, launch, sensitive, now):
        launch()
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="on the rota")
        actions.advance_reviews(now=now + timedelta(days=1))
        assert ReviewItem.objects.get(grant=sensitive).state == ItemState.OPEN

    def test_a_deny_can_be_undone_for_ten_minutes(self, launch, rest, now):
        launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now)
        almost = now + timedelta(minutes=policies.UNDO_MINUTES, seconds=-1)
        actions.advance_reviews(now=almost)
        rest.refresh_from_db()
        assert rest.state == GrantState.APPROVED
        actions.undo_answer(asked(rest)["owner"].pk, by=asked(rest)["owner"].reviewer, now=almost)
        actions.advance_reviews(now=now + timedelta(hours=1))
        rest.refresh_from_db()
        assert rest.state == GrantState.APPROVED
        answered(asked(rest)["owner"], Answer.REVOKE, now)
        with pytest.raises(errors.TooLateToUndo):  # whether or not the job has run
            actions.undo_answer(asked(rest)["owner"].pk, by=asked(rest)["owner"].reviewer, now=now + timedelta(minutes=10))

    def test_not_mine_goes_to_a_named_person_with_a_reason(self, launch, rest, now):
        launch()
        bob = EmployeeFactory(login="bob", name="Bob Castle")
        with pytest.raises(errors.SayWhyNotYou):
            answered(asked(rest)["owner"], Answer.NOT_MINE, now, to=bob)
        answered(asked(rest)["owner"], Answer.NOT_MINE, now, to=bob, reason="Bob leads that team now")
        assert asked(rest)["bob"].role == Role.HANDED
        answered(asked(rest)["bob"], Answer.KEEP, now)
        actions.advance_reviews(now=now + timedelta(minutes=10))
        assert ReviewItem.objects.get(grant=rest).state == ItemState.KEPT

    def test_it_is_not_handed_to_the_holder_an_approver_or_somebody_asked(self, launch, sensitive, ana, now):
        launch()
        for to in (ana, sensitive.approved_by, asked(sensitive)["manager"].reviewer, EmployeeFactory(left_at=now)):
            with pytest.raises(errors.CannotBeAsked):
                answered(asked(sensitive)["owner"], Answer.NOT_MINE, now, to=to, reason="not mine")

    def test_what_one_cannot_judge_goes_to_the_fallback(self, launch, rest, now):
        launch()
        with pytest.raises(errors.SayWhyNotYou):
            answered(asked(rest)["owner"], Answer.CANNOT_JUDGE, now)
        answered(asked(rest)["owner"], Answer.CANNOT_JUDGE, now, reason="do not know her work")
        assert set(asked(rest)) == {"owner", "fallback"}
        actions.undo_answer(asked(rest)["owner"].pk, by=asked(rest)["owner"].reviewer, now=now)
        assert set(asked(rest)) == {"owner"}

    def test_a_hand_on_that_was_answered_is_not_undone(self, launch, rest, now):
        launch()
        answered(asked(rest)["owner"], Answer.CANNOT_JUDGE, now, reason="do not know her work")
        answered(asked(rest)["fallback"], Answer.KEEP, now)
        with pytest.raises(errors.HandedOnAndAnswered):
            actions.undo_answer(asked(rest)["owner"].pk, by=asked(rest)["owner"].reviewer, now=now)

    def test_the_same_answer_twice_is_one_and_another_is_refused(self, launch, rest, now):
        launch()
        first = answered(asked(rest)["owner"], Answer.KEEP, now)
        again = answered(asked(rest)["owner"], Answer.KEEP, now + timedelta(minutes=1))
        assert again.answered_at == first.answered_at
        with pytest.raises(errors.AnsweredAlready):
            answered(asked(rest)["owner"], Answer.REVOKE, now)

    def test_somebody_not_asked_answers_nothing(self, client, launch, rest, walt, now):
        launch()
        with pytest.raises(errors.NotAsked):
            actions.answer_review(asked(rest)["owner"].pk, Answer.KEEP, by=walt, now=now)
        sign_in(client, walt)
        answer = client.post(reverse("access:answer_review", args=[asked(rest)["owner"].pk]), {"answer": "keep"})
        assert answer.status_code == 404
        assert asked(rest)["owner"].answer == ""

    def test_access_that_ended_meanwhile_leaves_nothing_to_decide(self, launch, rest, walt, now):
        review = launch()
        actions.revoke_grant(rest.pk, by=walt, reason="left the project", now=now)
        with pytest.raises(errors.EndedMeanwhile):
            answered(asked(rest)["owner"], Answer.KEEP, now)
        actions.advance_reviews(now=now)
        item = ReviewItem.objects.get(grant=rest)
        assert item.state == ItemState.MOOT
        with pytest.raises(errors.EndedMeanwhile):
            answered(asked(rest)["owner"], Answer.REVOKE, now)
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE

    def test_a_renewal_does_not_undo_a_reviewers_deny(self, launch, ana, rest, owner, now):
        launch()
        asked_for = actions.request_grant(ana, rest.entitlement, reason="goes on", by=ana, now=now)
        answered(asked(rest)["owner"], Answer.REVOKE, now)
        with pytest.raises(errors.DeniedInReview):
            actions.approve_grant(asked_for.pk, by=owner, now=now)
        later = now + timedelta(minutes=20)
        actions.advance_reviews(now=later)
        rest.refresh_from_db()
        assert rest.state == GrantState.REVOKED

    def test_access_that_was_renewed_meanwhile_is_not_said_to_be_gone(self, client, launch, ana, rest, owner, walt, now):
        review = launch()
        asked_for = actions.request_grant(ana, rest.entitlement, reason="goes on", by=ana, now=now)
        renewal = actions.approve_grant(asked_for.pk, by=owner, now=now)
        actions.advance_reviews(now=now)
        item = ReviewItem.objects.get(grant=rest)
        assert (item.state, item.proven_at, item.came_to) == ("moot", None, f"renewed meanwhile as grant {renewal.pk}")
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        sign_in(client, walt)
        assert item.came_to in client.get(reverse("access:review", args=[review.pk])).content.decode()
        assert item.came_to in client.get(reverse("access:review_item", args=[item.pk])).content.decode()

    def test_a_cancelled_review_takes_no_answers_and_silence_does_nothing(self, launch, walt, rest, sensitive, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now)
        with pytest.raises(errors.ReasonNeeded):
            actions.cancel_review(review.pk, by=walt, reason=" ", now=now)
        actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=now)
        for attempt in (
            lambda: answered(asked(sensitive)["owner"], Answer.REVOKE, now),
            lambda: actions.undo_answer(asked(rest)["owner"].pk, by=asked(rest)["owner"].reviewer, now=now),
        ):
            with pytest.raises(errors.ReviewNotRunning):
                attempt()
        actions.advance_reviews(now=now + timedelta(days=30))
        assert AccessGrant.objects.get(pk=sensitive.pk).state == GrantState.APPROVED
        assert AccessGrant.objects.get(pk=rest.pk).state == GrantState.REVOKED, "it was denied before"
        with pytest.raises(errors.NotToBeCancelled):
            actions.cancel_review(review.pk, by=walt, reason="again", now=now)

    def test_sensitive_access_is_never_kept_in_bulk(self, client, launch, rest, sensitive, owner, now):
        launch()
        both = [asked(rest)["owner"].pk, asked(sensitive)["owner"].pk]
        with pytest.raises(errors.NoBulkKeep):
            actions.answer_many(both, Answer.KEEP, by=owner, reason="all fine", now=now)
        sign_in(client, owner)
        client.post(reverse("access:answer_many"), {"decision": both, "answer": "keep", "reason": "all fine"})
        assert not Decision.objects.exclude(answer="").exists()

    def test_what_is_not_sensitive_is_kept_and_anything_revoked_in_bulk(self, client, launch, rest, sensitive, owner):
        launch()
        sign_in(client, owner)
        client.post(reverse("access:answer_many"), {"decision": [asked(rest)["owner"].pk], "answer": "keep"})
        assert asked(rest)["owner"].answer == Answer.KEEP
        client.post(reverse("access:answer_many"), {"decision": [asked(sensitive)["owner"].pk], "answer": "revoke"})
        assert asked(sensitive)["owner"].answer == Answer.REVOKE

    def test_bulk_is_all_or_none(self, launch, rest, sensitive, owner, manager, now):
        launch()
        with pytest.raises(errors.NotAsked):
            actions.answer_many([asked(rest)["owner"].pk, asked(sensitive)["manager"].pk], Answer.REVOKE, by=owner, now=now)
        assert not Decision.objects.exclude(answer="").exists()

    def test_two_reviewers_of_one_review_do_not_reach_each_others_items(self, client, launch, rest, sensitive, owner, manager):
        """By the key in the address, and by keys in the form (ASVS 8.2.2)."""
        launch()
        others = asked(rest)["owner"].pk
        sign_in(client, manager)
        said = {"answer": "revoke", "reason": "not needed", "to": manager.pk}
        for act in ("answer_review", "undo_answer", "hand_on_decision"):
            assert client.post(reverse(f"access:{act}", args=[others]), said).status_code == 404, act
        own = asked(sensitive)["manager"].pk
        client.post(reverse("access:answer_many"), {"decision": [own, others], **said})
        assert not Decision.objects.exclude(answer="").exists()
        client.post(reverse("access:answer_many"), {"decision": [own], **said})
        assert asked(sensitive)["manager"].answer == Answer.REVOKE

    def test_an_administrator_or_the_fallback_hands_on_what_another_was_asked(
        self, client, launch, rest, sensitive, owner, manager, fallback, now
    ):
        review = launch()
        with pytest.raises(errors.MayNotHandOn):
            actions.hand_on_everything(review.pk, owner.pk, to=fallback, by=manager, reason="on holiday", now=now)
        sign_in(client, fallback)
        address = reverse("access:hand_on_reviewer", args=[review.pk, owner.pk])
        assert client.get(address).status_code == 200
        client.post(address, {"to": fallback.pk, "reason": "Olga is on holiday"})
        assert asked(rest)["owner"].handed_to == fallback
        assert asked(sensitive)["fallback"].answer == ""


class TestSilence:
    def test_at_the_due_time_sensitive_access_goes_and_the_rest_is_suspended(self, launch, rest, sensitive, now):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        rest.refresh_from_db()
        sensitive.refresh_from_db()
        assert sensitive.state == GrantState.REVOKED
        assert sensitive.revoked_by is None
        assert rest.state == GrantState.SUSPENDED
        assert rest.suspended_until == review.due_at + timedelta(days=7)
        assert set(review.items.values_list("by_silence", flat=True)) == {True}
        review.refresh_from_db()
        assert review.state == ReviewState.REMOVING  # not complete: seven days are still open
        for reviewer in ("owner", "manager"):
            with pytest.raises((errors.ItemClosed, errors.PastDue)):
                answered(asked(sensitive)[reviewer], Answer.KEEP, review.due_at, reason="late")

    def test_what_was_suspended_is_revoked_after_seven_days(self, launch, rest, now):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        later = review.due_at + timedelta(days=7)
        actions.close_leavers(now=later)
        actions.advance_reviews(now=later)
        item = ReviewItem.objects.get(grant=rest)
        assert (item.state, item.by_silence) == (ItemState.REVOKED, True)
        assert item.proven_at == later
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE

    def test_the_owner_resumes_what_was_suspended_by_name(self, launch, rest, owner, now):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        actions.resume_grant(rest.pk, by=owner, reason="was on holiday; she needs it", now=review.due_at + timedelta(days=1))
        actions.advance_reviews(now=review.due_at + timedelta(days=1))
        item = ReviewItem.objects.get(grant=rest)
        assert (item.state, item.by_silence) == (ItemState.KEPT, False)
        review.refresh_from_db()
        evidence = queries.review_evidence(review)
        assert evidence["items"][0]["resumed"]["by"] == "owner"
        assert "on holiday" in evidence["items"][0]["resumed"]["reason"]

    def test_answers_count_as_they_stand_at_the_due_time(self, launch, rest, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, review.due_at - timedelta(minutes=1))
        actions.advance_reviews(now=review.due_at)
        item = ReviewItem.objects.get(grant=rest)
        assert (item.state, item.by_silence) == (ItemState.REVOKED, False)

    def test_one_silent_reviewer_of_two_is_silence(self, launch, sensitive, now):
        review = launch()
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="on the rota")
        actions.advance_reviews(now=review.due_at)
        item = ReviewItem.objects.get(grant=sensitive)
        assert (item.state, item.by_silence) == (ItemState.REVOKED, True)

    def test_the_database_lets_silence_keep_nothing(self, launch, rest):
        launch()
        with pytest.raises(IntegrityError, match="silence_never_keeps"), transaction.atomic():
            ReviewItem.objects.update(state="kept", by_silence=True)

    def test_the_holder_is_told_what_went(self, launch, ana, rest, sensitive):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        notice = Notice.objects.get(employee=ana)
        assert "Revoked: reveal" in notice.body
        assert "Suspended: work on" in notice.body


class TestReminders:
    def keys(self, person):
        return [
            key.split(" ", 4)[-1] for key in Notice.objects.filter(employee=person).order_by("pk").values_list("key", flat=True)
        ]

    def test_a_reviewer_is_told_by_one_mail_naming_how_many_wait(self, launch, owner, rest, sensitive, now):
        launch()
        (notice,) = Notice.objects.filter(employee=owner)
        send_notice(notice.pk, now=now)
        assert mail.outbox[-1].to == [owner.email]
        assert "2 items" in mail.outbox[-1].subject
        assert "/admin/access/reviews/mine/" in mail.outbox[-1].body

    def test_reminders_come_seven_three_and_one_day_before_and_once_each(self, launch, owner, rest):
        review = launch()
        for days_before in (8, 7, 6.9, 3, 2.5, 1, 0.5):
            at = review.due_at - timedelta(days=days_before)
            actions.advance_reviews(now=at)
            actions.advance_reviews(now=at + timedelta(minutes=1))
        assert self.keys(owner) == ["launched", "7 days", "3 days", "1 days"]

    def test_they_stop_when_a_reviewer_is_done(self, launch, owner, rest, now):
        review = launch()
        waiting = Notice.objects.get(employee=owner)
        answered(asked(rest)["owner"], Answer.KEEP, now)
        waiting.refresh_from_db()
        assert waiting.dropped_at is not None  # not even the first leaves any more
        actions.advance_reviews(now=review.due_at - timedelta(days=3))
        assert Notice.objects.filter(employee=owner).count() == 1

    def test_a_day_before_due_the_fallback_and_the_manager_of_the_reviewer_are_told(self, launch, owner, fallback, walt, rest):
        type(owner).objects.filter(pk=owner.pk).update(manager=walt)
        review = launch()
        actions.advance_reviews(now=review.due_at - timedelta(days=1))
        assert "You may take over" in Notice.objects.get(employee=fallback).subject
        assert Notice.objects.filter(employee=walt, subject__startswith="Not reviewed yet").exists()

    def test_the_other_administrators_hear_of_a_prepared_review_until_it_is_launched(self, walt, ines, fallback, rest, now):
        review = prepared(walt, fallback, now)
        notice = Notice.objects.get(employee=ines)
        assert "waits for a second person" in notice.subject
        actions.launch_review(review.pk, by=ines, now=now)
        notice.refresh_from_db()
        assert notice.dropped_at is not None


class TestComplete:
    @pytest.fixture
    def elsewhere(self, ana, owner):
        warehouse = System.objects.create(
            code="warehouse", name="Data warehouse", kind=SystemKind.POSTGRESQL, address="postgresql://admin@db.example/shop"
        )
        readers = Entitlement.objects.create(
            system=warehouse, code="read", name="read the warehouse", sensitive=False, external_name="readers", owner=owner
        )
        return GrantFactory(employee=ana, entitlement=readers)

    def test_it_is_complete_when_removed_and_proven_not_when_decided(self, launch, elsewhere, now):
        review = launch()
        answered(asked(elsewhere)["owner"], Answer.REVOKE, now, reason="not needed")
        later = now + timedelta(minutes=10)
        actions.advance_reviews(now=later)
        elsewhere.refresh_from_db()
        review.refresh_from_db()
        assert elsewhere.state == GrantState.REVOKING
        assert review.state == ReviewState.REMOVING
        assert queries.how_far(review).unproven == 1
        proven_at = later + timedelta(seconds=40)
        SystemChange.objects.filter(grant=elsewhere).update(state=ChangeState.PROVEN, pushed_at=later, proven_at=proven_at)
        from privacy.access.actions.outbox import grant_is_gone

        grant_is_gone(elsewhere.pk, now=proven_at)
        actions.advance_reviews(now=proven_at + timedelta(seconds=30))
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        assert ReviewItem.objects.get(grant=elsewhere).proven_at == proven_at

    def test_a_review_with_a_removal_that_is_not_proven_is_not_signed_off(self, client, launch, ines, elsewhere, now):
        review = launch()
        answered(asked(elsewhere)["owner"], Answer.REVOKE, now, reason="not needed")
        actions.advance_reviews(now=now + timedelta(minutes=10))
        with pytest.raises(errors.NotToBeSignedOff):
            actions.sign_off_review(review.pk, by=ines, note="early", now=now)
        sign_in(client, ines)
        client.post(reverse("access:sign_off_review", args=[review.pk]), {"note": "early"})
        review.refresh_from_db()
        assert (review.state, review.signed_off_at) == (ReviewState.REMOVING, None)

    def finished(self, launch, rest, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now, reason="not needed")
        actions.advance_reviews(now=now + timedelta(minutes=10))
        review.refresh_from_db()
        return review

    def test_another_person_than_the_preparer_signs_it_off(self, client, launch, walt, ines, rest, now):
        review = self.finished(launch, rest, now)
        with pytest.raises(errors.AnotherPersonSignsOff):
            actions.sign_off_review(review.pk, by=walt, note="looked at it", now=now)
        with pytest.raises(IntegrityError, match="another_person_than_who_prepared_it"), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(signed_off_by=walt, signed_off_at=now)
        sign_in(client, ines)
        client.post(reverse("access:sign_off_review", args=[review.pk]), {"note": "went through all of it"})
        review.refresh_from_db()
        assert (review.signed_off_by, review.sign_off_note) == (ines, "went through all of it")
        with pytest.raises(errors.NotToBeSignedOff):
            actions.sign_off_review(review.pk, by=ines, note="again", now=now)

    def test_a_running_review_is_not_signed_off(self, launch, ines, rest, now):
        review = launch()
        with pytest.raises(errors.NotToBeSignedOff):
            actions.sign_off_review(review.pk, by=ines, note="early", now=now)
        with pytest.raises(IntegrityError, match="only_a_complete_review_is_signed_off"), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(signed_off_by=ines, signed_off_at=now)

    def test_the_evidence_says_who_answered_what_and_that_it_is_gone(self, launch, rest, sensitive, now):
        review = launch()
        answered(asked(rest)["owner"], Answer.REVOKE, now, reason="not needed")
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="on the rota")
        actions.advance_reviews(now=review.due_at)
        actions.advance_reviews(now=review.due_at)
        review.refresh_from_db()
        evidence = queries.review_evidence(review)
        items = {one["grant"]: one for one in evidence["items"]}
        assert evidence["figures"]["revoked"] == evidence["figures"]["proven_gone"] == 2
        assert evidence["figures"]["by_silence"] == 1
        assert items[rest.pk]["decisions"][0] | {"asked_at": "", "answered_at": ""} == {
            "reviewer": {"login": "owner", "name": "Olga Owner"},
            "role": "owner of the entitlement",
            "asked_at": "",
            "answer": "revoke",
            "answered_at": "",
            "reason": "not needed",
            "handed_to": None,
        }
        assert items[sensitive.pk]["by_silence"] is True
        assert items[rest.pk]["proven_at"] is not None
        import json

        json.dumps(evidence)  # plain data


class TestBeside:
    def test_it_says_why_who_when_how_often_and_what_colleagues_have(self, launch, ana, sensitive, owner, now):
        for number in range(3):
            colleague = EmployeeFactory(job_function=ana.job_function)
            if number == 0:
                grant(colleague, "reveal.contact")
        used_at = now - timedelta(days=4)
        record_read(ReadKind.REVEAL, "x", by=ana, now=used_at, reason="call", category="contact", grant_id=sensitive.pk)
        launch()
        item = ReviewItem.objects.get(grant=sensitive)
        beside = queries.Beside(item.seen)
        assert beside.seen["why"]["reason"] == "works in customer service"
        assert [name for name, _ in beside.approved] == [str(sensitive.approved_by), str(sensitive.seconded_by)]
        assert beside.used_at == used_at
        assert beside.seen["colleagues"]["have"] == 2
        assert beside.share < 100
        assert beside.seen["changed"] == []
        assert beside.seen["last_review"] is None

    def test_the_riskiest_comes_first_with_its_reasons(self, client, launch, ana, rest, sensitive, owner):
        launch()
        first, second = ReviewItem.objects.all()
        assert (first.grant, second.grant) == (sensitive, rest)
        assert "sensitive data" in first.seen["risk"]
        assert "never used" in first.seen["risk"]
        sign_in(client, owner)
        page = client.get(reverse("access:my_reviews")).content.decode()
        assert page.index("never used") < page.index("Work on privacy requests")

    def test_a_change_of_function_since_the_last_review_is_said(self, launch, ana, rest, walt, now):
        before = now - timedelta(days=100)
        AccessGrant.objects.update(requested_at=before, approved_at=before, starts_at=before)
        last = launch(at=now - timedelta(days=90))
        answered(asked(rest, review=last)["owner"], Answer.KEEP, now - timedelta(days=89))
        actions.advance_reviews(now=now - timedelta(days=88))
        to = JobFunctionFactory(code="returns", name="Returns clerk")
        from privacy.workforce.actions import record_function_change

        moved = now - timedelta(days=10)
        record_function_change(ana.pk, to=to, by=walt, now=moved, known_at=moved, source="page")
        review = launch()
        item = review.items.get(grant=rest)
        assert "Returns clerk" in item.seen["changed"][0]
        assert item.seen["last_review"]["outcome"] == "kept"
        assert any("changed function" in reason for reason in item.seen["risk"])

    def test_new_categories_since_the_last_review_are_said(self, launch, rest, now):
        last = launch(at=now)
        answered(asked(rest, review=last)["owner"], Answer.KEEP, now)
        actions.advance_reviews(now=now + timedelta(minutes=10))
        Entitlement.objects.filter(pk=rest.entitlement_id).update(categories=["financial"])
        review = launch(at=now + timedelta(days=1))
        assert "financial" in review.items.get(grant=rest).seen["changed"][0]

    def test_of_many_reviews_of_the_same_only_the_last_decision_is_read(self, launch, rest, sensitive, now):
        old = launch(at=now)
        old.items.update(state=ItemState.KEPT, decided_at=now - timedelta(days=8))
        for days_ago, outcome in ((900, "kept"), (5, "revoked"), (700, "kept")):
            other = Review.objects.get(pk=old.pk)
            other.pk, other.name = None, f"{days_ago} days ago"
            other.save()
            for item in old.items.all():
                item.pk, item.review, item.state, item.decided_at = None, other, outcome, now - timedelta(days=days_ago)
                item.seen["person"]["function"] = f"as of {days_ago} days ago"
                item.save()
        with CaptureQueriesContext(connection) as asked:
            around = Standing(old, at=now)
        assert {(last.name, last.outcome, last.function) for last in around.last.values()} == {
            ("5 days ago", "revoked", "as of 5 days ago")
        }
        (query,) = [query["sql"] for query in asked if '"seen"' in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(query)
            assert len(cursor.fetchall()) == 2, "one of each grant"

    def test_a_contractor_and_an_nda_that_ends_soon_are_risks(self, launch, ana, owner, now):
        soon = timezone.localdate(now) + timedelta(days=9)
        contractor = ContractorFactory(department=ana.department, nda__ends_on=soon)
        held = grant(contractor, "optouts.manage", ends_at=now + timedelta(days=9))[0]
        launch()
        reasons = ReviewItem.objects.get(grant=held).seen["risk"]
        assert "contractor" in reasons
        assert "the NDA ends soon" in reasons


class TestPages:
    def test_a_reviewer_without_any_grant_finds_reviews_in_the_navigation(self, client, launch, owner, rest, now):
        assert "reviews" not in {place.code for place in places_for(owner, now=now)}
        launch()
        place = next(place for place in places_for(owner, now=now) if place.code == "reviews")
        assert (place.address, place.waiting) == (reverse("access:my_reviews"), 1)
        sign_in(client, owner)
        page = client.get(reverse("access:my_reviews"))
        assert "Ana Silva" in page.content.decode()
        waiting = [one for one in waits_for(owner, now=now) if one.icon == "reviews"]
        assert waiting[0].what == "Review access: 1 item"

    def test_a_plain_form_without_script_decides(self, client, launch, owner, rest):
        launch()
        sign_in(client, owner)
        decision = asked(rest)["owner"]
        answer = client.post(
            reverse("access:answer_review", args=[decision.pk]), {"answer": "keep", "reason": "still\x00 needed"}
        )
        assert answer.status_code == 302
        assert asked(rest)["owner"].answer == Answer.KEEP
        assert asked(rest)["owner"].reason == "still needed"
        client.post(reverse("access:undo_answer", args=[decision.pk]))
        assert asked(rest)["owner"].answer == ""
        bob = EmployeeFactory(login="bob", name="Bob Castle")
        assert client.get(reverse("access:hand_on_decision", args=[decision.pk])).status_code == 200
        client.post(reverse("access:hand_on_decision", args=[decision.pk]), {"to": bob.pk, "reason": "his team"})
        assert asked(rest)["owner"].handed_to == bob

    def test_htmx_gets_the_row_and_the_new_count(self, client, launch, owner, rest, sensitive):
        launch()
        sign_in(client, owner)
        decision = asked(sensitive)["owner"]
        refused = client.post(
            reverse("access:answer_review", args=[decision.pk]), {"answer": "keep"}, headers={"HX-Request": "true"}
        ).content.decode()
        assert "only with a reason" in refused
        row = client.post(
            reverse("access:answer_review", args=[decision.pk]),
            {"answer": "revoke"},
            headers={"HX-Request": "true"},
        ).content.decode()
        assert "<html" not in row
        assert "1 of 2" in row
        assert "Undo" in row
        assert 'hx-swap-oob="innerHTML"' in row

    def test_an_answer_that_does_not_exist_is_refused(self, client, launch, owner, rest):
        launch()
        sign_in(client, owner)
        for answer in ("", "not_mine", "everything"):
            said = client.post(reverse("access:answer_review", args=[asked(rest)["owner"].pk]), {"answer": answer})
            assert said.status_code == 400
        assert client.post(reverse("access:answer_many"), {"answer": "not_mine", "decision": "1"}).status_code == 400

    def test_looking_changes_nothing(self, client, launch, owner, rest):
        launch()
        sign_in(client, owner)
        for name in ("answer_review", "undo_answer"):
            assert client.get(reverse(f"access:{name}", args=[asked(rest)["owner"].pk])).status_code == 405

    def test_a_reviewer_sees_no_other_items_and_no_review_as_a_whole(self, client, launch, manager, rest, sensitive):
        review = launch()
        sign_in(client, manager)
        assert client.get(reverse("access:review", args=[review.pk])).status_code == 403
        assert client.post(reverse("access:export_review", args=[review.pk])).status_code == 403
        hers, others = ReviewItem.objects.get(grant=sensitive), ReviewItem.objects.get(grant=rest)
        assert client.get(reverse("access:review_item", args=[hers.pk])).status_code == 200
        assert client.get(reverse("access:review_item", args=[others.pk])).status_code == 403
        assert client.get(reverse("access:my_reviews") + "?show=rest").status_code == 200

    def test_a_reviewer_does_not_see_what_the_other_answered(self, client, launch, manager, sensitive, now):
        launch()
        answered(asked(sensitive)["owner"], Answer.KEEP, now, reason="Olga has her reasons")
        sign_in(client, manager)
        item = ReviewItem.objects.get(grant=sensitive)
        for address in (reverse("access:my_reviews"), reverse("access:review_item", args=[item.pk])):
            assert "Olga has her reasons" not in client.get(address).content.decode()

    def test_every_page_of_a_review_opens_in_each_of_its_states(self, client, launch, walt, ines, rest, sensitive, now):
        sign_in(client, ines)
        assert client.get(reverse("access:reviews")).status_code == 200
        review = launch()
        whole = reverse("access:review", args=[review.pk])
        for state in ("all", "open", "kept", "revoked", "suspended", "moot", "silence", "nonsense"):
            assert client.get(whole, {"state": state, "find": "ana\x00", "after": "x", "reviewer": "9"}).status_code == 200
        actions.advance_reviews(now=review.due_at)
        for address in (whole, reverse("access:reviews"), reverse("access:sign_off_review", args=[review.pk])):
            assert client.get(address).status_code == 200
        assert client.get(reverse("access:review", args=[999999])).status_code == 404

    def test_items_are_paged_by_risk_and_key(self, launch, ana, owner, monkeypatch):
        for code in ("requests.work", "optouts.manage", "reveal.contact", "reveal.mail"):
            grant(ana, code)
        review = launch()
        monkeypatch.setattr("privacy.access.queries.reviews.ITEMS_PAGE", 3)
        first, following = queries.items_of_review(review)
        second, end = queries.items_of_review(review, after=following)
        assert end is None
        assert [one.pk for one in first + second] == list(review.items.values_list("pk", flat=True))

    def test_the_items_leave_as_csv_and_that_is_written_down(self, client, launch, ines, ana, rest):
        type(ana).objects.filter(pk=ana.pk).update(name='=HYPERLINK("x")')
        review = launch()
        sign_in(client, ines)
        lines = b"".join(client.post(reverse("access:export_review", args=[review.pk])).streaming_content).decode()
        assert "'=HYPERLINK" in lines
        subject = f"items of access review {review.pk}"
        begun, finished = RecordedRead.objects.filter(kind="export", subject=subject, by=ines).order_by("pk")
        assert (begun.reason, finished.rows_seen) == ("begun", review.items.count())

    @pytest.mark.parametrize("end", ["grant", "session"])
    def test_the_csv_stops_when_the_right_to_see_it_ends(self, client, launch, ines, ana, owner, now, monkeypatch, end):
        for code in ("requests.work", "optouts.manage", "reveal.contact", "reveal.mail"):
            grant(ana, code)
        review = launch()
        sign_in(client, ines)
        monkeypatch.setattr("privacy.access.views.reviews.ITEMS_AT_A_TIME", 1)
        lines = iter(client.post(reverse("access:export_review", args=[review.pk])).streaming_content)
        begun = b""
        while b"Ana Silva" not in begun:
            begun += next(lines)
        if end == "grant":
            held = AccessGrant.objects.active().get(employee=ines, entitlement__code="access.administer")
            actions.revoke_grant(held.pk, by=None, reason="over", now=timezone.now())
        else:  # ended and restored while the reader waited
            type(ines).objects.filter(pk=ines.pk).update(left_at=now)
            type(ines).objects.filter(pk=ines.pk).update(left_at=None)
        rest = b"".join(lines).decode()
        assert "stopped: access ended" in rest.splitlines()[-1]
        assert "stopped before the end" in RecordedRead.objects.filter(kind="export").latest("pk").reason
        assert (begun.decode() + rest).count("Ana Silva") < review.items.count()

    def test_the_work_page_takes_few_statements_however_many_items(self, client, launch, ana, owner):
        def cost():
            with CaptureQueriesContext(connection) as statements:
                assert client.get(reverse("access:my_reviews")).status_code == 200
            return len(statements)

        owned("requests.work", owner)
        for _ in range(2):
            grant(EmployeeFactory(department=ana.department), "requests.work")
        first = launch()
        sign_in(client, owner)
        cost()  # what is compiled once
        few = cost()
        actions.cancel_review(first.pk, by=first.launched_by, reason="again with more", now=timezone.now())
        for _ in range(20):
            grant(EmployeeFactory(department=ana.department), "requests.work")
        launch()
        assert cost() <= few + 2


class TestCalendar:
    def test_nothing_to_review_is_not_kept_but_not_measured(self, now):
        assert reviews_overdue(now).value is None

    def test_a_quarter_without_a_complete_review_of_sensitive_access_breaks_the_promise(self, ines, now):
        assert reviews_overdue(now).value == 0
        later = now + timedelta(days=91)
        AccessGrant.objects.update(ends_at=now + timedelta(days=400))
        figure = reviews_overdue(later)
        assert figure.value == 1
        assert "sensitive access" in figure.broken[0].label
        assert reviews_overdue(now + timedelta(days=85)).at_risk

    def test_a_complete_review_of_the_whole_company_moves_the_day(self, walt, ines, fallback, now):
        review = prepared(walt, fallback, now, ReviewScope.SENSITIVE)
        actions.launch_review(review.pk, by=ines, now=now)
        actions.advance_reviews(now=review.due_at)
        actions.advance_reviews(now=review.due_at)
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE
        (sensitive, _) = queries.review_calendar(now=review.due_at)
        assert sensitive.last == review

    def test_a_review_of_one_department_does_not_count_for_the_company(self, launch, sensitive, rest, now):
        review = launch()
        actions.advance_reviews(now=review.due_at)
        assert all(one.last is None and one.running is None for one in queries.review_calendar(now=now))

    def test_a_complete_review_that_nobody_signs_off_is_at_risk_and_then_breaks_the_promise(self, walt, ines, fallback, now):
        review = prepared(walt, fallback, now, ReviewScope.SENSITIVE)
        actions.launch_review(review.pk, by=ines, now=now)
        for _ in range(2):
            actions.advance_reviews(now=review.due_at)
        review.refresh_from_db()
        assert review.state == ReviewState.COMPLETE

        def unsigned(rows):
            return [row.label for row in rows if "signed it off" in row.label]

        figure = reviews_overdue(review.completed_at + timedelta(days=15))
        assert (len(unsigned(figure.at_risk)), unsigned(figure.broken)) == (1, [])
        figure = reviews_overdue(review.completed_at + timedelta(days=31))
        assert (unsigned(figure.at_risk), len(unsigned(figure.broken))) == ([], 1)

    def test_a_review_past_due_that_nothing_closed_breaks_the_promise(self, launch, rest, now):
        review = launch()
        assert any("past due" in row.label for row in reviews_overdue(review.due_at + timedelta(hours=2)).broken)

    def test_today_asks_an_administrator_to_prepare_what_is_soon_overdue(self, client, ines, now):
        soon = now + timedelta(days=85)
        AccessGrant.objects.update(ends_at=soon + timedelta(days=400))
        found = [one.what for one in waits_for(ines, now=now) if one.icon == "reviews"]
        assert found == []
        AccessGrant.objects.update(requested_at=now - timedelta(days=85))
        found = [one.what for one in waits_for(ines, now=now) if one.icon == "reviews"]
        assert found == ["Prepare a review of sensitive access"]
