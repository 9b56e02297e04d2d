"""The promises about signing in are measured from what happened, and break when it is not so."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from axes.models import AccessFailureLog
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access.policies import session_of
from privacy.access.queries import sessions
from privacy.models import DeniedAttempt, Employee
from privacy.promises.queries import by_id, measure
from tests.factories.access import grant, sign_in
from tests.factories.workforce import PASSWORD, EmployeeFactory

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
    (row,) = measure(by_id("E1-timeout"), now=timezone.now()).figure.broken
    assert row.label.startswith(f"{ana}, signed in ")


def test_the_administrator_ends_what_outlived_its_limits_and_the_promise_is_kept_again(ana, client):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    now = timezone.now()
    Session.objects.update(expire_date=now + timedelta(hours=2))
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=now + timedelta(days=9))
    Session.objects.create(session_key="b" * 32, session_data="", expire_date=now - timedelta(hours=1))
    stand = measure(by_id("E1-timeout"), now=timezone.now())
    assert stand.figure.value == 3
    assert stand.figure.broken[1].label == "2 sessions of nobody who is signed in"
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    theirs = Client()
    sign_in(theirs, administrator)
    assert "End 3 past a limit" in theirs.get(stand.figure.broken[0].url).content.decode()
    theirs.post(reverse("access:end_past_a_limit"))
    assert standing("E1-timeout") == ("kept", 0)
    assert client.get("/admin/").status_code == 302
    assert theirs.get("/admin/").status_code == 200


def test_the_administrator_ends_all_sessions_of_one_person_and_what_they_download(ana, client):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    old = client.cookies["session"].value
    before = session_of(ana.pk)
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    theirs = Client()
    sign_in(theirs, administrator)
    assert ana.name in theirs.get(reverse("access:sessions")).content.decode()
    theirs.post(reverse("access:end_sessions_of", args=[ana.pk]))
    assert ana.name not in theirs.get(reverse("access:sessions")).text.partition("<tbody")[2]
    assert client.get("/admin/").status_code == 302
    assert session_of(ana.pk) == before + 1  # what a stream compares
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    assert client.get("/admin/").status_code == 200
    client.cookies["session"] = old
    assert client.get("/admin/").status_code == 302


def test_somebody_who_may_not_revoke_ends_no_session_of_another(ana, client):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    other = Client()
    sign_in(other, EmployeeFactory())
    assert other.get(reverse("access:sessions")).status_code == 403
    assert other.post(reverse("access:end_sessions_of", args=[ana.pk])).status_code == 403
    assert client.get("/admin/").status_code == 200


def test_a_refused_sign_in_that_is_not_on_the_list_breaks_the_promise(ana, client):
    assert standing("E5-denied")[0] == "not_measured"
    client.post("/accounts/login/", {"login": "ana", "password": "wrong"})
    assert AccessFailureLog.objects.count() == 1
    assert standing("E5-denied") == ("kept", 0)
    DeniedAttempt.objects.all().delete()
    assert standing("E5-denied") == ("broken", 1)
    assert standing("E3-firewall") == ("broken", 1)


def test_a_refused_second_factor_that_is_not_on_the_list_breaks_the_promise_however_quickly_others_followed(ana, client):
    TOTP.activate(ana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    for _ in range(9):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert AccessFailureLog.objects.count() == DeniedAttempt.objects.count() == 9
    assert standing("E5-denied") == ("kept", 0)
    DeniedAttempt.objects.filter(kind="locked_out").delete()
    assert standing("E5-denied") == ("broken", 4)
    assert standing("E3-firewall") == ("broken", 4)


def test_a_right_second_factor_is_no_refusal(ana, client):
    TOTP.activate(ana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})  # nobody had begun to sign in
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", counter))
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert not AccessFailureLog.objects.exists()
    assert not DeniedAttempt.objects.exists()


def test_a_session_past_its_limit_is_listed_however_many_newer_ones_there_are(ana, client, monkeypatch):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    UserSession.objects.update(created_at=timezone.now() - timedelta(days=30))
    for _ in range(3):
        Client().post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    monkeypatch.setattr(sessions, "MOST_SESSIONS_LISTED", 2)
    assert [one.is_past_a_limit for one in sessions.open_sessions(now=timezone.now())] == [True, False]


def test_sessions_that_are_dead_already_push_none_that_is_open_off_the_list(ana, client, monkeypatch):
    client.post("/accounts/login/", {"login": "ana", "password": "right-one-7-times"})
    other = EmployeeFactory(login="ben", second_factor=None)
    for _ in range(3):
        Client().post("/accounts/login/", {"login": "ben", "password": PASSWORD})
    assert UserSession.objects.filter(user=other).count() == 3
    Employee.objects.filter(pk=other.pk).update(session_epoch=F("session_epoch") + 1)
    monkeypatch.setattr(sessions, "MOST_SESSIONS_LISTED", 2)
    assert [one.employee for one in sessions.open_sessions(now=timezone.now())] == [ana]
