"""Somebody who owns the database breaks a promise by hand: it turns broken, and each row leads to a page that opens."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from privacy.ledger.models import RecordedRead
from privacy.models import DeniedAttempt, Employee, OptOut
from privacy.promises.queries import by_id, measure
from tests.factories.access import grant, sign_in
from tests.factories.optouts import OptOutFactory
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    person = EmployeeFactory()
    grant(person, "access.administer", "promises.read", "optouts.manage", "ledger.read")
    return sign_in(client, person)


def broken(promise):
    stand = measure(by_id(promise), now=timezone.now())
    assert stand.standing == "broken"
    assert stand.figure.broken
    return [row.url for row in stand.figure.broken]


def opens(client, urls):
    assert all(urls)
    for url in urls:
        assert client.get(url).status_code == 200


def test_an_account_with_a_weaker_password_leads_to_the_person(administrator):
    weak = EmployeeFactory()
    weak.set_password("glow-lamp-2020")
    weak.save()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_employee SET password_rule = 6 WHERE id = %s", [weak.pk])
    opens(administrator, broken("E1-password"))


def test_a_reveal_without_a_grant_leads_to_who_looked(administrator):
    curious = Employee.objects.first()
    RecordedRead.objects.create(
        at=timezone.now(), by=curious, kind="reveal", subject="customers.customer:1", category="contact", reason="x", grant_id=0
    )
    urls = broken("E2-authorised")
    assert urls == [f"/admin/access/people/{curious.pk}/"]
    opens(administrator, urls)


def test_a_refused_sign_in_that_is_missing_leads_to_those_that_are_written_down(administrator):
    DeniedAttempt.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO axes_accessfailurelog (user_agent, ip_address, username, http_accept, path_info, attempt_time,"
            " locked_out) VALUES ('x', '127.0.0.1', 'nobody', '', '/', now(), false)"
        )
    opens(administrator, broken("E5-denied"))


@pytest.mark.parametrize("days", [1, 40])
def test_a_wish_that_was_honoured_late_breaks_the_promise_however_long_ago_it_came(administrator, days):
    wish = OptOutFactory(source="mail", received_at=timezone.now() - timedelta(days=days), suppressed_at=timezone.now())
    urls = broken("I-optout")
    assert urls == [f"/admin/opt-outs/{wish.pk}/"]
    opens(administrator, urls)


def test_a_wish_of_long_ago_that_was_honoured_at_once_is_not_measured_any_more():
    long_ago = timezone.now() - timedelta(days=40)
    OptOutFactory(source="mail", received_at=long_ago)
    assert OptOut.objects.count() == 1
    assert measure(by_id("I-optout"), now=timezone.now()).standing == "not_measured"


def test_nobody_can_make_a_group_even_by_hand():
    grant(EmployeeFactory(), "requests.work")
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="everybody")
    assert measure(by_id("E1-individuals"), now=timezone.now()).standing == "kept"
