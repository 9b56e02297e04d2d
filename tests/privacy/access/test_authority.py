"""Authority is computed from grants in force, at every question, and from nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from privacy.access import policies
from privacy.models import AccessGrant, Employee, GrantState, Nda, WorkerType
from tests.factories.access import grant, sign_in
from tests.factories.workforce import ContractorFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now


def afresh(employee):
    return Employee.objects.get(pk=employee.pk)


def may(employee, permission="customers.reveal_contact"):
    return afresh(employee).has_perm(permission)


@pytest.fixture
def ana():
    employee = EmployeeFactory(login="ana")
    grant(employee, "requests.work", "reveal.contact")
    return employee


def test_a_grant_in_force_gives_its_permissions_and_no_others(ana):
    assert may(ana)
    assert may(ana, "privacy.work_tickets")
    assert may(ana, "privacy.view_ticket")
    assert not may(ana, "customers.reveal_financial")
    assert not may(ana, "privacy.administer_access")
    assert afresh(ana).has_module_perms("customers")
    assert not afresh(ana).has_module_perms("axes")


def test_a_person_without_a_grant_has_nothing():
    nobody = EmployeeFactory()
    assert not may(nobody, "privacy.work_tickets")
    assert not afresh(nobody).has_module_perms("privacy")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a, g: g.update(state="suspended", suspended_at=NOW()), "suspended"),
        (lambda a, g: g.update(starts_at=NOW() + timedelta(hours=1)), "not begun"),
        (lambda a, g: g.update(ends_at=NOW() - timedelta(seconds=1)), "end has passed"),
        (lambda a, g: g.update(state="revoked", revoked_at=NOW(), revocation_reason="left"), "not approved"),
        (lambda a, g: Nda.objects.filter(employee=a).update(ends_on=timezone.localdate() - timedelta(days=1)), "nondisclosure"),
        (lambda a, g: Nda.objects.filter(employee=a).delete(), "nondisclosure"),
        (lambda a, g: a.briefings.all().delete(), "briefed"),
        (lambda a, g: a.authenticator_set.all().delete(), "second factor"),
        (lambda a, g: Employee.objects.filter(pk=a.pk).update(left_at=NOW()), "does not work here"),
        (
            lambda a, g: Employee.objects.filter(pk=a.pk).update(ends_on=timezone.localdate() - timedelta(days=1)),
            "does not work here",
        ),
        (
            lambda a, g: Employee.objects.filter(pk=a.pk).update(starts_on=timezone.localdate() + timedelta(days=1)),
            "does not work here",
        ),
    ],
)
def test_each_condition_by_itself_takes_a_sensitive_grant_out_of_force_and_says_so(ana, change, sentence):
    grants = AccessGrant.objects.filter(employee=ana, entitlement__code="reveal.contact")
    assert policies.why_not(grants.get(), NOW()) == []
    change(ana, grants)
    assert not may(ana)
    assert not policies.may_now(ana.pk, "customers.reveal_contact", at=NOW())
    said = policies.why_not(grants.get(), NOW())
    assert len(said) == 1
    assert sentence in said[0]


def test_ordinary_work_of_an_employee_needs_no_nda_but_a_contractors_does():
    employee = EmployeeFactory(nda=None, briefing=None, second_factor=None)
    contractor = ContractorFactory(nda=None)
    for person in (employee, contractor):
        grant(person, "requests.work")
    assert may(employee, "privacy.work_tickets")
    assert not may(contractor, "privacy.work_tickets")


def test_an_employee_who_becomes_a_contractor_needs_an_nda_at_once():
    employee = EmployeeFactory(nda=None)
    grant(employee, "requests.work")
    Employee.objects.filter(pk=employee.pk).update(worker_type=WorkerType.CONTRACTOR)
    assert not may(employee, "privacy.work_tickets")


def test_the_last_day_of_an_nda_and_of_employment_still_count():
    today = timezone.localdate()
    last_day = EmployeeFactory(ends_on=today, nda__ends_on=today)
    grant(last_day, "reveal.contact")
    assert may(last_day)


def test_all_permissions_of_a_request_cost_one_query(ana):
    person = afresh(ana)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for permission in ("privacy.work_tickets", "customers.reveal_contact", "privacy.nothing", "customers.view_customer"):
            person.has_perm(permission)
        person.has_module_perms("customers")
    assert len(queries) == 1


def test_the_next_question_hears_of_a_grant_that_ended(ana):
    assert may(ana)
    AccessGrant.objects.filter(employee=ana, entitlement__code="reveal.contact").delete()
    assert not may(ana)


class TestSessions:
    """Whatever ends access ends sessions, whoever ended it and by whatever means."""

    @pytest.fixture
    def signed_in(self, client, ana):
        return sign_in(client, ana)

    def is_signed_in(self, client):
        return client.get("/admin/access/").status_code == 200

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE privacy_accessgrant SET state = 'revoked', revoked_at = now(), revocation_reason = 'x'"
            " WHERE employee_id = %s",
            "UPDATE privacy_accessgrant SET state = 'suspended' WHERE employee_id = %s",
            "UPDATE privacy_accessgrant SET ends_at = now() WHERE employee_id = %s",
            "DELETE FROM privacy_accessgrant WHERE employee_id = %s",
            "UPDATE privacy_nda SET ends_on = current_date - 2 WHERE employee_id = %s",
            "DELETE FROM privacy_nda WHERE employee_id = %s",
            "DELETE FROM privacy_briefing WHERE employee_id = %s",
            "UPDATE privacy_employee SET left_at = now() - interval '1 second' WHERE id = %s",
            "UPDATE privacy_employee SET ends_on = current_date + 9 WHERE id = %s",
        ],
    )
    def test_raw_sql_that_ends_access_ends_the_session(self, signed_in, ana, statement):
        assert self.is_signed_in(signed_in)
        with connection.cursor() as cursor:
            cursor.execute(statement, [ana.pk])
        assert not self.is_signed_in(signed_in)

    def test_the_old_cookie_stays_dead_when_a_leaver_comes_back(self, signed_in, ana):
        Employee.objects.filter(pk=ana.pk).update(left_at=timezone.now())
        assert not self.is_signed_in(signed_in)
        Employee.objects.filter(pk=ana.pk).update(left_at=None)
        assert not self.is_signed_in(signed_in)

    def test_more_access_ends_no_session(self, signed_in, ana):
        grant(ana, "reveal.logs")
        AccessGrant.objects.filter(employee=ana).update(ends_at=timezone.now() + timedelta(days=200))
        assert self.is_signed_in(signed_in)

    def test_only_those_whose_access_ended_are_signed_out(self, signed_in, ana):
        other = EmployeeFactory()
        grant(other, "requests.work")
        AccessGrant.objects.filter(employee=other).update(state=GrantState.SUSPENDED)
        assert self.is_signed_in(signed_in)
        assert afresh(other).session_epoch == other.session_epoch + 1
