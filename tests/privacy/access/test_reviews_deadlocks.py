"""Who waits for whom: people first, then items, then what is owned, then what is told, each in the order of its keys."""

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from privacy.access import actions, errors
from privacy.access.actions import restoring, review_answers, review_clock, review_handing_on, roster
from privacy.access.actions.roster_plan import RosterPlan
from privacy.models import Answer, Decision, Employee, Entitlement, GrantState, HrEvent
from tests.factories.access import GrantFactory, grant
from tests.factories.systems import OutsideEntitlementFactory
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory
from tests.privacy.access.test_reviews_races import of, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db(transaction=True)


def failed(results):
    return [one for one in results if isinstance(one, Exception) and not isinstance(one, errors.Refused)]


@pytest.fixture
def slowly(monkeypatch):
    """Once a function of a module has done its part, the other thread is told to begin, and a second passes."""
    begun = threading.Event()

    def slowly(module, name):
        quickly = getattr(module, name)

        def slow(*args, **more):
            done = quickly(*args, **more)
            begun.set()
            time.sleep(1)
            return done

        monkeypatch.setattr(module, name, slow)
        return begun

    return slowly


def leave(person):
    return actions.end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="page")


def test_a_roster_that_ends_a_reviewer_and_moves_the_holder_does_not_cost_another_reviewer_their_deny(world, slowly):
    review, held, _, ines = world
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    gone, other = of(held, "owner"), of(held, "manager")
    JobFunctionFactory(code="chef")
    plan = RosterPlan(refused=[], working_here=100)
    plan.leavers.append((gone.reviewer, roster.ABSENT))
    plan.movers.append((held.employee, SimpleNamespace(job_function="chef")))
    begun = slowly(roster, "end_employments")

    def deny():
        begun.wait(10)
        return actions.answer_review(other.pk, Answer.REVOKE, by=other.reviewer, now=timezone.now())

    results = together(lambda: actions.apply_roster(plan, by=None, now=timezone.now(), known_at=timezone.now()), deny)
    assert not failed(results), results
    held.refresh_from_db()
    assert held.state == GrantState.REVOKED


def test_a_reminder_waits_for_whoever_answers_several_and_is_not_sent_once_they_are_done(world, slowly):
    review, _, _, ines = world
    manager = Employee.objects.get(login="manager")
    grant(EmployeeFactory(login="zoe", manager=manager), "reveal.contact")
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    review.refresh_from_db()
    first, second = Decision.objects.asked().filter(reviewer=manager).order_by("item_id").values_list("pk", flat=True)
    Decision.objects.filter(pk=first).update(told_at=None)  # it lies behind the second in the table from now on
    begun, later = slowly(review_answers, "_answer"), review.due_at - timedelta(days=6)

    def remind():
        begun.wait(10)
        return review_clock.remind_reviewers(review, now=later)

    results = together(lambda: actions.answer_many([first, second], Answer.REVOKE, by=manager, now=later), remind)
    assert not failed(results), results
    assert not manager.notices.filter(key__endswith="7 days").exists()


def test_two_leave_and_what_they_were_asked_goes_to_the_same_two(slowly):
    walt, ines, one, two, ann, ben = (EmployeeFactory(login=login) for login in ("walt", "ines", "one", "two", "ann", "ben"))
    for administrator in (walt, ines):
        grant(administrator, "access.administer")
    for owner, managers in ((one, (ann, ben)), (two, (ben, ann))):
        role = OutsideEntitlementFactory(sensitive=False, owner=owner)
        for manager in managers:
            GrantFactory(employee=EmployeeFactory(manager=manager), entitlement=role, seconded_by=None, seconded_at=None)
    now = timezone.now()
    review = actions.prepare_review("Half", "rest", due_at=now + timedelta(days=9), fallback=walt, by=walt, now=now)
    actions.launch_review(review.pk, by=ines, now=now)
    slowly(review_handing_on, "tell_of_hand_on")
    results = together(lambda: leave(one), lambda: leave(two))
    assert not failed(results), results
    asked = Decision.objects.asked().order_by("item_id").values_list("reviewer__login", flat=True)
    assert list(asked) == ["ann", "ben", "ben", "ann"]


@pytest.fixture
def mistaken(world):
    """Zed, who reviews Ana, left by mistake: what was his is his manager's, who is asked about Zed's own access, too."""
    review, held, walt, ines = world
    manager = Employee.objects.get(login="manager")
    zed = EmployeeFactory(login="zed", manager=manager)
    Entitlement.objects.filter(pk=held.entitlement_id).update(owner=zed)
    grant(zed, "reveal.contact")
    actions.launch_review(review.pk, by=ines, now=timezone.now())
    leave(zed)
    asked = Decision.objects.asked().filter(reviewer=walt).order_by("item_id")
    assert list(asked.values_list("item__employee__login", flat=True))[-2:] == ["ana", "zed"]
    return zed.employment_events.get(kind=HrEvent.LEFT), walt, ines, manager


def test_restoring_a_reviewer_while_another_leaves_never_deadlocks(mistaken, slowly):
    event, walt, ines, _ = mistaken
    begun = slowly(restoring, "lock_items_of")

    def other_leaves():
        begun.wait(10)
        return leave(walt)

    restore = lambda: actions.restore_after_mistake(event.pk, by=ines, reason="the wrong line", now=timezone.now())  # noqa: E731
    results = together(restore, other_leaves)
    assert not failed(results), results


def test_restoring_an_owner_while_the_clock_closes_who_has_what_they_owned_never_deadlocks(mistaken, slowly):
    event, _, ines, manager = mistaken
    day = timezone.localdate()
    Employee.objects.filter(pk=manager.pk).update(starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1))
    begun = slowly(restoring, "lock_items_of")

    def close():
        begun.wait(10)
        return actions.close_leavers(now=timezone.now())

    restore = lambda: actions.restore_after_mistake(event.pk, by=ines, reason="the wrong line", now=timezone.now())  # noqa: E731
    results = together(restore, close)
    assert not failed(results), results
