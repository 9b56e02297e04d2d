"""Reviewers at the same instant, on real connections: one after the other, one outcome, never a deadlock."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from privacy.access import actions, errors
from privacy.access.actions import employment
from privacy.models import (
    AccessGrant,
    Answer,
    Decision,
    Employee,
    Entitlement,
    GrantState,
    ItemState,
    Review,
    ReviewItem,
    ReviewState,
)
from tests.factories.access import entitlement, grant
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory
from tests.privacy.access.test_races import events_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    walt, ines, owner, manager = (EmployeeFactory(login=login) for login in ("walt", "ines", "owner", "manager"))
    for administrator in (walt, ines):
        grant(administrator, "access.administer")
    ana = EmployeeFactory(login="ana", manager=manager)
    Entitlement.objects.filter(pk=entitlement("reveal.contact").pk).update(owner=owner)
    (held,) = grant(ana, "reveal.contact")
    now = timezone.now()
    review = actions.prepare_review("Quarter", "sensitive", due_at=now + timedelta(days=9), fallback=walt, by=walt, now=now)
    return review, held, walt, ines


def of(held, login):
    return Decision.objects.select_related("reviewer").get(item__grant=held, reviewer__login=login)


def test_launched_twice_at_once_it_is_launched_once(world):
    review, held, _, ines = world
    results = together(*[lambda: actions.launch_review(review.pk, by=ines, now=timezone.now())] * 3)
    assert sorted(type(one).__name__ for one in results) == ["NotPrepared", "NotPrepared", "Review"]
    assert ReviewItem.objects.filter(grant=held).count() == 1


def test_a_keep_and_a_deny_at_once_both_stand_and_the_deny_denies(world):
    review, held, _, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    one, two = of(held, "owner"), of(held, "manager")
    results = together(
        lambda: actions.answer_review(one.pk, Answer.KEEP, by=one.reviewer, reason="needed", now=timezone.now()),
        lambda: actions.answer_review(two.pk, Answer.REVOKE, by=two.reviewer, now=timezone.now()),
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    later = timezone.now() + timedelta(minutes=10)
    together(*[lambda: actions.advance_reviews(now=later)] * 3)
    held.refresh_from_db()
    assert held.state == GrantState.REVOKED
    assert events_of(held, "revoked") == 1
    assert ReviewItem.objects.get(grant=held).state == ItemState.REVOKED


def test_a_deny_and_the_cancelling_at_once_either_counts_or_is_refused(world):
    review, held, walt, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    one = of(held, "owner")
    results = together(
        lambda: actions.answer_review(one.pk, Answer.REVOKE, by=one.reviewer, now=timezone.now()),
        lambda: actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=timezone.now()),
    )
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, errors.ReviewNotRunning)], results
    actions.advance_reviews(now=timezone.now() + timedelta(days=20))
    assert Review.objects.get(pk=review.pk).state == ReviewState.CANCELLED
    refused = any(isinstance(one, errors.ReviewNotRunning) for one in results)
    assert AccessGrant.objects.get(pk=held.pk).state == (GrantState.APPROVED if refused else GrantState.REVOKED)
    assert of(held, "owner").answer == ("" if refused else Answer.REVOKE)


def test_a_deny_that_waited_for_the_cancelling_is_refused_and_not_lost(world):
    """The cancelling holds the item while the deny asks for it: what is answered to a cancelled review is told so."""
    review, held, walt, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    one = of(held, "owner")
    begun = threading.Event()

    def cancel_slowly():
        with transaction.atomic():
            actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=timezone.now())
            begun.set()
            time.sleep(1)

    def deny():
        begun.wait(10)
        return actions.answer_review(one.pk, Answer.REVOKE, by=one.reviewer, now=timezone.now())

    results = together(cancel_slowly, deny)
    assert any(isinstance(result, errors.ReviewNotRunning) for result in results), results
    assert of(held, "owner").answer == ""


def test_restoring_cancelling_and_the_clock_at_once_never_deadlock(world):
    review, held, walt, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    actions.end_employment(held.employee_id, by=None, reason="absent", now=timezone.now(), source="roster")
    event = held.employee.employment_events.get(kind="left")
    later = timezone.now()
    results = together(
        lambda: actions.restore_after_mistake(event.pk, by=walt, reason="the wrong line", now=later),
        lambda: actions.advance_reviews(now=later),
        lambda: actions.cancel_review(review.pk, by=ines, reason="wrong scope", now=later),
        lambda: actions.advance_reviews(now=later),
    )
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, errors.Refused)], results
    assert AccessGrant.objects.in_force(at=later).filter(employee=held.employee).exists()
    assert ReviewItem.objects.get(employee=held.employee).proven_at is None


def test_a_reviewers_leaving_the_clock_and_a_revocation_at_once_never_deadlock(world):
    review, held, walt, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    one, two = of(held, "owner"), of(held, "manager")
    actions.answer_review(two.pk, Answer.REVOKE, by=two.reviewer, now=timezone.now())
    later = timezone.now() + timedelta(minutes=10)
    results = together(
        lambda: actions.hand_on_decisions_of(one.reviewer_id, now=later),
        lambda: actions.advance_reviews(now=later),
        lambda: actions.revoke_grant(held.pk, by=walt, reason="over", now=later),
        lambda: actions.end_employment(one.reviewer_id, by=walt, reason="left", now=later, source="page"),
    )
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, errors.Refused)], results
    assert events_of(held, "revoked") == 1


def test_a_deny_and_a_renewal_at_once_are_one_after_the_other(world):
    """Of forty pairs thirty-four went through, both of them, before a reviewer waited for the holder's lock, too."""
    review, held, _, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    one, now = of(held, "owner"), timezone.now()
    second = Employee.objects.get(login="manager")
    wish = actions.request_grant(
        held.employee, held.entitlement, by=held.employee, reason="go on", now=now, ends_at=now + timedelta(days=80)
    )
    actions.approve_grant(wish.pk, by=one.reviewer, now=now)
    denying = threading.Event()

    def deny_slowly():
        with transaction.atomic():
            actions.answer_review(one.pk, Answer.REVOKE, by=one.reviewer, reason="not hers", now=timezone.now())
            denying.set()
            time.sleep(1)

    def approve():
        denying.wait(10)
        actions.approve_grant(wish.pk, by=second, now=timezone.now())

    denied, approved = together(deny_slowly, approve)
    assert denied is None
    assert isinstance(approved, errors.DeniedInReview)


@pytest.fixture
def each_other(world):
    """Ana and her manager are each asked about the other's access."""
    review, held, walt, ines = world
    ana, manager = held.employee, Employee.objects.get(login="manager")
    Employee.objects.filter(pk=manager.pk).update(manager=ana)
    grant(manager, "reveal.contact")
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    asked = Decision.objects.asked().values_list("item__employee__login", "reviewer__login")
    assert {("ana", "manager"), ("manager", "ana")} <= set(asked)
    return review, ana, manager, walt


def leave_slowly(person):
    """Holds the lock on them for a second before the rest of the leaving."""
    with transaction.atomic():
        Employee.objects.select_for_update(no_key=True).get(pk=person.pk)
        time.sleep(1)
        actions.end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="page")


def test_two_who_review_each_other_leave_at_once_and_never_deadlock(each_other):
    _, ana, manager, _ = each_other
    results = together(lambda: leave_slowly(ana), lambda: leave_slowly(manager))
    assert results == [None, None]
    assert not Employee.objects.filter(pk__in=[ana.pk, manager.pk], left_at=None).exists()


def test_two_reviewers_of_one_item_leave_while_one_of_them_answers_many_and_never_deadlock(world, monkeypatch):
    """Of a roster that ends both: the items of the second would be asked for behind those of the first."""
    review, held, _, ines = world
    owner, manager = (Employee.objects.get(login=login) for login in ("owner", "manager"))
    grant(EmployeeFactory(login="zoe", manager=manager), "reveal.contact")
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    kept = of(held, "owner")
    actions.answer_review(kept.pk, Answer.KEEP, by=owner, reason="needed", now=timezone.now())
    asked = Decision.objects.asked().order_by("item_id")
    assert list(asked.filter(reviewer=manager).values_list("item__employee__login", flat=True)) == ["ana", "zoe"]
    assert list(asked.filter(reviewer=owner).values_list("item__employee__login", flat=True)) == ["zoe"]
    keys = list(asked.filter(reviewer=manager).values_list("pk", flat=True))
    begun = threading.Event()
    hand_over = employment.hand_over

    def slowly(person, **more):
        answer = hand_over(person, **more)
        begun.set()
        time.sleep(1)
        return answer

    monkeypatch.setattr(employment, "hand_over", slowly)

    def answer():
        begun.wait(10)
        return actions.answer_many(keys, Answer.REVOKE, by=manager, now=timezone.now())

    leaving = [owner.pk, manager.pk]
    results = together(
        lambda: employment.end_employments(leaving, by=None, reason="absent", now=timezone.now(), source="roster"), answer
    )
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, errors.Refused)], results


def test_cancelling_a_review_while_a_reviewer_of_it_leaves_never_deadlocks(each_other):
    review, ana, manager, walt = each_other
    assert manager.pk < ana.pk  # the order in which cancelling locks them

    def cancel():
        time.sleep(0.5)
        return actions.cancel_review(review.pk, by=walt, reason="wrong scope", now=timezone.now())

    results = together(lambda: leave_slowly(ana), cancel)
    assert not [one for one in results if isinstance(one, Exception)], results
