"""The promises about signing in are measured from what happened, and break when it is not so."""

from datetime import timedelta

import pytest
from axes.models import AccessFailureLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from privacy.models import DeniedAttempt, Employee
from privacy.promises.queries import by_id, measure
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def standing(promise_id):
    stand = measure(by_id(promise_id), now=timezone.now())
    return stand.standing, stand.figure.value


@pytest.fixture
def ana():
    person = EmployeeFactory(login="ana", password_rule=12, second_factor=None)
    person.set_password("right-one-7-times")
    person.save()
    return person


def test_a_password_set_under_a_weaker_rule_breaks_the_promise(ana):
    assert standing("E1-password") == ("kept", 0)
    Employee.objects.filter(pk=ana.pk).update(password_rule=6)
    assert standing("E1-password") == ("broken", 1)


def test_a_session_that_outlives_its_limits_breaks_the_promise(ana, client):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    assert standing("E1-timeout") == ("kept", 0)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=2))
    assert standing("E1-timeout") == ("broken", 1)


def test_a_refused_sign_in_that_is_not_on_the_list_breaks_the_promise(ana, client):
    assert standing("E5-denied")[0] == "not_measured"
    client.post("/accounts/login/", {"login": "ana", "password": "wrong"})
    assert AccessFailureLog.objects.count() == 1
    assert standing("E5-denied") == ("kept", 0)
    DeniedAttempt.objects.all().delete()
    assert standing("E5-denied") == ("broken", 1)
    assert standing("E3-firewall") == ("broken", 1)
