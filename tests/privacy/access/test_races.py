"""Two people at once, on real connections: one event, never two, never a deadlock."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from privacy.access import actions, errors, policies
from privacy.agreements import actions as agreements
from privacy.models import AccessGrant, Employee, EmploymentEvent, GrantState, Notice, RecordedRead
from privacy.workforce import errors as workforce_errors
from privacy.workforce.actions import hire
from privacy.workforce.models import WorkerType
from tests.factories.access import entitlement, grant
from tests.factories.agreements import NdaFactory
from tests.factories.customers import CustomerFactory
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)


def events_of(held, state):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM privacy_accessgrantledgerevent WHERE pgh_obj_id = %s AND state = %s AND pgh_label = 'update'",
            [held.pk, state],
        )
        return cursor.fetchone()[0]


def kinds(results):
    return sorted(type(result).__name__ for result in results)


def test_two_revocations_at_once_are_one_event():
    person, owner = EmployeeFactory(), EmployeeFactory()
    grant(owner, "access.administer")
    (held,) = grant(person, "requests.work")
    results = together(*[lambda: actions.revoke_grant(held.pk, by=owner, reason="over", now=timezone.now())] * 4)
    assert kinds(results) == ["AccessGrant"] + ["AlreadyRevoked"] * 3
    assert events_of(held, "revoked") == 1


def test_two_approvals_at_once_are_one_event():
    person, one, two = EmployeeFactory(), EmployeeFactory(), EmployeeFactory()
    for administrator in (one, two):
        grant(administrator, "access.administer")
    asked = actions.request_grant(person, entitlement("requests.work"), by=person, reason="work", now=timezone.now())
    results = together(*[lambda by=by: actions.approve_grant(asked.pk, by=by, now=timezone.now()) for by in (one, two, one, two)])
    assert kinds(results) == ["AccessGrant"] + ["AlreadyDecided"] * 3
    assert events_of(asked, "approved") == 1


def test_two_requests_at_once_are_one():
    person = EmployeeFactory()
    wanted = entitlement("requests.work")
    results = together(*[lambda: actions.request_grant(person, wanted, by=person, reason="work", now=timezone.now())] * 4)
    assert kinds(results) == ["AccessGrant"] + ["AlreadyRequested"] * 3


def test_an_approval_and_the_end_of_the_nda_at_once_leave_nothing_in_force():
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    yesterday = timezone.localdate() - timedelta(days=1)
    for _ in range(4):
        contractor = EmployeeFactory(worker_type=WorkerType.CONTRACTOR, nda=None)
        nda = NdaFactory(employee=contractor, ends_on=timezone.localdate() + timedelta(days=20))
        until = timezone.now() + timedelta(days=10)
        asked = actions.request_grant(
            contractor, entitlement("requests.work"), by=contractor, reason="work", now=timezone.now(), ends_at=until
        )
        results = together(
            lambda asked=asked: actions.approve_grant(asked.pk, by=administrator, now=timezone.now()),
            lambda nda=nda: agreements.end_nda(nda.pk, last_day=yesterday, by=administrator, reason="broken"),
        )
        assert kinds(results) in (["AccessGrant", "Nda"], ["Nda", "NoNda"]), results
        assert not AccessGrant.objects.in_force(at=timezone.now()).filter(employee=contractor).exists()
        assert not Employee.objects.get(pk=contractor.pk).has_perm("privacy.work_requests")


def test_two_workers_who_warn_of_an_nda_at_once_tell_everybody_once():
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    contractor = EmployeeFactory(worker_type=WorkerType.CONTRACTOR, nda=None, manager=None)
    NdaFactory(employee=contractor, ends_on=timezone.localdate() + timedelta(days=14))
    results = together(*[lambda: actions.warn_of_ndas(now=timezone.now())] * 4)
    assert sum(results) == Notice.objects.filter(key__startswith="nda ").count() == 2


def test_an_approval_and_a_leaving_at_once_leave_nothing_in_force():
    for _ in range(3):
        person, administrator = EmployeeFactory(), EmployeeFactory()
        grant(administrator, "access.administer", "people.manage")
        asked = actions.request_grant(person, entitlement("optouts.manage"), by=person, reason="work", now=timezone.now())
        results = together(
            lambda a=asked, by=administrator: actions.approve_grant(a.pk, by=by, now=timezone.now()),
            lambda p=person, by=administrator: actions.end_employment(
                p.pk, by=by, reason="left", now=timezone.now(), source="page"
            ),
        )
        assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, errors.Refused)], results
        assert not AccessGrant.objects.active().filter(employee=person).exists()
        assert not AccessGrant.objects.waiting().filter(employee=person).exists()


def test_leaving_said_twice_and_revoked_at_once_never_deadlocks():
    person, administrator = EmployeeFactory(), EmployeeFactory()
    grant(administrator, "access.administer", "people.manage")
    held = grant(person, "requests.work", "optouts.manage", "reveal.logs")
    works = [
        lambda: actions.end_employment(person.pk, by=administrator, reason="left", now=timezone.now(), source="page")
    ] * 2 + [lambda g=g: actions.revoke_grant(g.pk, by=administrator, reason="over", now=timezone.now()) for g in held]
    results = together(*works)
    refusals = (errors.Refused, workforce_errors.Refused)
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, refusals)], results
    assert {g.state for g in AccessGrant.objects.filter(employee=person)} == {GrantState.REVOKED}
    assert all(events_of(g, "revoked") == 1 for g in held)


def test_of_two_reveals_at_once_at_the_limit_one_is_shown(monkeypatch):
    ana = EmployeeFactory()
    grant(ana, "requests.work", "reveal.contact")
    customer, now = CustomerFactory(), timezone.now()
    monkeypatch.setattr(policies, "REVEALS_PER_MINUTE", 1)
    look = lambda: actions.reveal("customers.customer", customer.pk, "contact", by=ana, reason="ticket 12", now=now)  # noqa: E731
    assert kinds(together(look, look)) == ["Revealed", "TooManyReveals"]
    assert RecordedRead.objects.filter(kind="reveal", by=ana).count() == 1


def test_two_who_hire_under_one_login_at_once_make_one_account_and_the_second_is_told():
    day, now = timezone.localdate(), timezone.now()
    results = together(
        *[
            lambda login=login: hire(login=login, name="Ada", starts_on=day, by=None, now=now, source="page")
            for login in ("ada", "ADA", "Ada")
        ]
    )
    assert kinds(results) == ["Employee", "LoginTaken", "LoginTaken"]
    assert Employee.objects.filter(login__iexact="ada").count() == 1
    assert EmploymentEvent.objects.filter(employee__login__iexact="ada").count() == 1
