"""A query that is composed once asks, every time, about the instant and the person it is given, and about no other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.composed import Composed
from customers.instants import end_of
from customers.models import Customer
from privacy.agreements.models import Nda
from privacy.workforce.models import Employee
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def running_out(at, person):
    return Nda.objects.running_out(within_days=14, at=at).filter(employee=person).values_list("pk")


def test_it_is_about_the_day_and_the_person_that_are_asked_for():
    today = timezone.localdate()
    ann, ben = (EmployeeFactory(nda__ends_on=today + timedelta(days=days)) for days in (5, 40))
    composed, now = Composed(running_out, takes=["day", "person"]), timezone.now()
    for person in (ann, ben):
        for days in (-400, -1, 0, 5, 6, 25, 26, 27, 41, 400):
            at = now + timedelta(days=days)
            plain = list(running_out(at, person.pk))
            assert composed.rows(at=at, person=person.pk) == plain
            assert composed.count(at=at, person=person.pk) == len(plain)
    assert composed.count(at=now, person=ann.pk) == 1


def test_it_is_composed_once():
    asked = []

    def compose(at, person):
        asked.append(person)
        return Employee.objects.filter(pk=person, starts_on__lte=timezone.localdate(at)).values("pk")

    composed, now = Composed(compose, takes=["day", "person"]), timezone.now()
    people = [EmployeeFactory() for _ in range(3)]
    assert [composed.rows(at=now, person=person.pk) for person in people] == [[(person.pk,)] for person in people]
    assert len(asked) == 1


def test_one_that_forgets_whom_it_is_about_is_not_asked():
    with pytest.raises(AssertionError, match="no longer names its instant, person"):
        Composed(lambda at, person: Employee.objects.values("pk"), takes=["instant", "person"]).count(at=timezone.now(), person=1)


def test_one_that_makes_more_of_its_instant_than_whole_days_is_not_asked():
    """The end of a day is not as far from every instant of that day."""

    def compose(at, person):
        return Customer.objects.filter(collected_at__lt=end_of(timezone.localdate(at))).values("pk")

    with pytest.raises(AssertionError, match="more than whole days"):
        Composed(compose, takes=["instant"]).count(at=timezone.now(), person=1)
