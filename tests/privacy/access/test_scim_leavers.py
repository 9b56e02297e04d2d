"""Leaving wins: two connections at once, in both orders; sessions and running exports end with that word."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from privacy.access.actions import end_employment
from privacy.models import AccessGrant, Employee
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.scim import USER, Provider, is_scim_error
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)
INACTIVE, ACTIVE = ({"op": "Replace", "path": "active", "value": word} for word in ("False", "True"))


@pytest.fixture
def okta(live_server):
    provider = Provider(live_server.url)
    yield provider
    provider.close()


class Sent:
    """A request on a thread of its own. `answer()` waits for it."""

    def __init__(self, send):
        self.result = None
        self.thread = threading.Thread(target=self._run, args=(send,))
        self.thread.start()

    def _run(self, send):
        self.result = send()

    def answer(self):
        self.thread.join(20)
        assert self.result is not None
        return self.result


def wait_for_waiters(count):
    """Until that many connections wait for a lock."""
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def works_here(person):
    return Employee.objects.get(pk=person.pk).is_employed(at=timezone.now())


def test_an_activation_that_reached_us_before_the_leaving_was_committed_is_refused(okta):
    person = EmployeeFactory(login="ana")
    ana = okta.find("ana")
    with transaction.atomic():
        end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="page")
        sent = Sent(lambda: okta.patch(f"/Users/{ana['id']}", ACTIVE))
        put = Sent(lambda: okta.put(f"/Users/{ana['id']}", {**ana, "active": True}))
        wait_for_waiters(2)
    assert is_scim_error(sent.answer(), 409)
    assert is_scim_error(put.answer(), 409)
    assert not works_here(person)
    # Said again, after the leaving was known: it counts.
    assert okta.patch(f"/Users/{ana['id']}", ACTIVE).status_code == 200
    assert works_here(person)


def test_an_activation_first_and_a_deactivation_after_it_is_a_leaver(okta):
    person = EmployeeFactory(login="ana")
    ana = okta.find("ana")
    okta.patch(f"/Users/{ana['id']}", INACTIVE)
    with transaction.atomic():
        Employee.objects.select_for_update().get(pk=person.pk)
        back = Sent(lambda: okta.patch(f"/Users/{ana['id']}", ACTIVE))
        wait_for_waiters(1)
        gone = Sent(lambda: okta.patch(f"/Users/{ana['id']}", INACTIVE))
        wait_for_waiters(2)
    answers = {back.answer().status_code, gone.answer().status_code}
    assert answers <= {200, 409}
    assert gone.answer().status_code == 200
    assert not works_here(person)


def test_a_leaver_told_while_a_recreation_is_on_its_way_stays_gone(okta):
    person = EmployeeFactory(login="ana", name="Ana")
    ana = okta.find("ana")
    with transaction.atomic():
        Employee.objects.select_for_update().get(pk=person.pk)
        deleted = Sent(lambda: okta.delete(f"/Users/{ana['id']}"))
        wait_for_waiters(1)
        made = Sent(lambda: okta.post("/Users", {"schemas": [USER], "userName": "ana", "displayName": "Ana"}))
        wait_for_waiters(2)
    assert deleted.answer().status_code == 204
    assert is_scim_error(made.answer(), 409)
    assert not works_here(person)


def test_both_words_at_once_never_leave_a_deactivated_person_with_access(okta):
    for turn in range(4):
        person = EmployeeFactory(login=f"ana{turn}")
        grant(person, "requests.work")
        ana = okta.find(f"ana{turn}")
        path = f"/Users/{ana['id']}"
        words = [INACTIVE, ACTIVE, INACTIVE, ACTIVE] if turn % 2 else [ACTIVE, INACTIVE, ACTIVE, INACTIVE]
        sent = [Sent(lambda word=word, path=path: okta.patch(path, word)) for word in words]
        assert {one.answer().status_code for one in sent} <= {200, 409}
        assert not AccessGrant.objects.active().filter(employee=person).exists()
        assert okta.patch(path, INACTIVE).status_code == 200
        assert not works_here(person)


def test_two_new_users_of_one_name_at_once_are_one(okta):
    bodies = [{"schemas": [USER], "userName": name} for name in ("ana", "ANA", "Ana", "aNa")]
    sent = [Sent(lambda body=body: okta.post("/Users", body)) for body in bodies]
    assert sorted(one.answer().status_code for one in sent) == [201, 409, 409, 409]
    assert Employee.objects.filter(login__iexact="ana").count() == 1


def test_deactivation_ends_sessions_for_good_and_stops_an_export_in_the_middle(okta, monkeypatch):
    from privacy.access.views import reading

    monkeypatch.setattr(reading, "EXPORT_CHUNK", 2)
    CustomerFactory.create_batch(6)
    person = EmployeeFactory(login="ana")
    grant(person, "customers.export")
    browser = sign_in(Client(), person)
    path = f"/Users/{okta.find('ana')['id']}"
    stream = iter(browser.post("/admin/access/export/customers.csv", {"reason": "asked"}).streaming_content)
    next(stream), next(stream)
    assert okta.patch(path, INACTIVE).status_code == 200
    rest = b"".join(stream).decode()
    assert "stopped: access ended" in rest
    assert rest.count("\n") == 1
    assert browser.get("/admin/access/").status_code == 302
    assert okta.patch(path, ACTIVE).status_code == 200
    assert browser.get("/admin/access/").status_code == 302
