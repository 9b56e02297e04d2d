"""Promises about access find what breaks them, and say nothing is measured where there is nothing."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.utils import timezone
from django.utils.timezone import localdate

from privacy.access import actions
from privacy.access.models.drifts import MAY_SIGN_IN
from privacy.access.promises import grants, revoked
from privacy.models import (
    AccessGrant,
    Briefing,
    Drift,
    Employee,
    EmploymentEvent,
    Nda,
    Reconciliation,
    RecordedRead,
    SystemKind,
)
from tests.factories.access import grant
from tests.factories.agreements import DataSharingAgreementFactory
from tests.factories.systems import SystemFactory
from tests.factories.workforce import ContractorFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now


def test_an_empty_company_measures_nothing():
    for measure in (
        grants.access_without_nda,
        grants.access_without_second_factor,
        grants.access_without_briefing,
        grants.access_of_nobody_in_particular,
        grants.logins_of_outsiders,
        grants.reveals_without_a_grant,
        revoked.time_to_revoke,
    ):
        assert measure(NOW()).value is None


def test_grants_kept_out_of_force_are_a_risk_and_not_a_breach():
    person = EmployeeFactory(nda=None, second_factor=None, briefing=None)
    grant(person, "reveal.contact")
    for measure in (grants.access_without_nda, grants.access_without_second_factor, grants.access_without_briefing):
        figure = measure(NOW())
        assert (figure.value, len(figure.at_risk)) == (0, 1)


def test_an_nda_that_ends_soon_is_a_risk():
    person = EmployeeFactory(nda__ends_on=timezone.localdate() + timedelta(days=10))
    grant(person, "reveal.contact")
    assert any("ends within 30 days" in row.label for row in grants.access_without_nda(NOW()).at_risk)


def test_a_third_party_with_sensitive_data_and_no_nda_breaks_the_promise():
    DataSharingAgreementFactory(categories=["financial"])
    assert grants.access_without_nda(NOW()).value == 1


@pytest.fixture
def a_sign_in_that_forgets_ndas(monkeypatch):
    """A fault of ours: whoever is employed is let in. The promise is measured from who is let in, and finds it."""
    monkeypatch.setattr("privacy.access.queries.people.with_the_right_to_sign_in", Employee.objects.employed)


def test_a_contractor_who_is_kept_out_until_there_is_an_nda_breaks_no_promise():
    EmployeeFactory()
    ContractorFactory(nda=None)
    figure = grants.logins_of_outsiders(NOW())
    assert (figure.value, figure.detail) == (
        0,
        "1 person can sign in. 1 contractor is kept out until an NDA is in force.",
    )


def test_a_contractor_who_can_sign_in_without_an_nda_breaks_the_promise(a_sign_in_that_forgets_ndas):
    EmployeeFactory()
    assert grants.logins_of_outsiders(NOW()).value == 0
    ContractorFactory(nda=None)
    assert grants.logins_of_outsiders(NOW()).value == 1


@pytest.mark.parametrize("way", ["passkey", "the company's sign-in, once", "the company's sign-in, never yet"])
def test_a_contractor_without_an_nda_and_a_password_has_other_ways_in(settings, way, a_sign_in_that_forgets_ndas):
    outsider = ContractorFactory(nda=None, second_factor=None)
    outsider.set_unusable_password()
    outsider.save()
    before = grants.logins_of_outsiders(NOW()).value or 0
    if way == "passkey":
        Authenticator.objects.create(user=outsider, type=Authenticator.Type.WEBAUTHN, data={"credential": {}})
    elif way == "the company's sign-in, once":
        SocialAccount.objects.create(user=outsider, provider="oidc", uid="7")
    else:
        settings.OIDC_ISSUER = "https://id.example"
    assert grants.logins_of_outsiders(NOW()).value == before + 1


@pytest.mark.parametrize(
    ("kind", "note", "breaks"),
    [("excess", "", 1), ("stale", MAY_SIGN_IN, 1), ("stale", "It is switched off there; grants in force: 1.", 0)],
)
def test_a_leaver_who_may_still_sign_in_somewhere_is_an_open_breach(kind, note, breaks):
    gone = EmployeeFactory(left_at=NOW() - timedelta(days=1))
    system = SystemFactory(kind=SystemKind.BY_HAND)
    seen = Reconciliation.objects.create(system=system, began_at=NOW())
    Drift.objects.create(
        system=system, kind=kind, account_name="gone", external_name="r" if kind == "excess" else "", employee=gone, note=note,
        first_seen=seen, last_seen=seen,
    )  # fmt: skip
    figure = revoked.time_to_revoke(NOW())
    assert len(figure.broken) == breaks


def test_a_reveal_under_somebody_elses_grant_breaks_the_promise():
    ana, bob = EmployeeFactory(), EmployeeFactory()
    (held,) = grant(ana, "reveal.contact")
    RecordedRead.objects.create(at=NOW(), by=ana, kind="reveal", subject="x:1", category="contact", reason="r", grant_id=held.pk)
    assert grants.reveals_without_a_grant(NOW()).value == 0
    RecordedRead.objects.create(at=NOW(), by=bob, kind="reveal", subject="x:1", category="contact", reason="r", grant_id=held.pk)
    RecordedRead.objects.create(at=NOW(), by=ana, kind="reveal", subject="x:1", category="mail", reason="r", grant_id=held.pk)
    assert grants.reveals_without_a_grant(NOW()).value == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda held: AccessGrant.objects.filter(pk=held.pk).update(state="denied", approved_by=None, approved_at=None),
        lambda held: Nda.objects.filter(employee=held.employee).delete(),
        lambda held: Nda.objects.filter(employee=held.employee).update(
            starts_on=localdate() - timedelta(days=9), ends_on=localdate() - timedelta(days=1)
        ),
        lambda held: Briefing.objects.filter(employee=held.employee).update(given_on=localdate() + timedelta(days=1)),
        lambda held: Employee.objects.filter(pk=held.employee_id).update(left_at=NOW() - timedelta(days=1)),
    ],
    ids=["never approved", "no NDA", "NDA lapsed", "not briefed", "left"],
)
def test_a_reveal_under_a_grant_that_was_not_in_force_breaks_the_promise(spoil):
    ana = EmployeeFactory()
    (held,) = grant(ana, "reveal.contact")
    RecordedRead.objects.create(at=NOW(), by=ana, kind="reveal", subject="x:1", category="contact", reason="r", grant_id=held.pk)
    assert grants.reveals_without_a_grant(NOW()).value == 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    spoil(held)
    assert grants.reveals_without_a_grant(NOW()).value == 1


def test_the_time_to_revoke_is_measured_from_hrs_word_to_the_ledgers_row():
    ana = EmployeeFactory()
    grant(ana, "requests.work", "reveal.contact")
    actions.end_employment(ana.pk, by=None, reason="left", now=NOW(), known_at=NOW() - timedelta(seconds=90), source="roster")
    figure = revoked.time_to_revoke(NOW())
    assert 90 <= figure.value < 120
    assert ana.name in figure.broken[0].label
    assert "not measured" in figure.detail


def test_a_prompt_leaver_and_one_told_beforehand_keep_the_promise():
    ana, bob = EmployeeFactory(), EmployeeFactory()
    grant(ana, "requests.work")
    actions.end_employment(ana.pk, by=None, reason="left", now=NOW(), source="roster")
    actions.schedule_leaving(bob.pk, last_day=timezone.localdate(), by=None, now=NOW(), source="roster")
    figure = revoked.time_to_revoke(NOW() + timedelta(days=2))
    assert figure.value < 60
    assert not figure.broken
    assert "2 leavers and movers" in figure.detail


def test_a_mover_whose_access_was_forgotten_is_an_open_breach():
    ana = EmployeeFactory()
    grant(ana, "requests.work")
    Employee.objects.filter(pk=ana.pk).update(job_function=JobFunctionFactory(code="buyer"))
    EmploymentEvent.objects.create(employee=ana, kind="changed_function", known_at=NOW(), effective_at=NOW(), source="sql")
    figure = revoked.time_to_revoke(NOW())
    assert figure.value > revoked.HERE_BOUND_SECONDS
    assert "still has" in figure.broken[0].label


def test_a_group_breaks_the_promise():
    EmployeeFactory()
    with connection.cursor() as cursor:
        # The database refuses a group; the promise is measured all the same, should somebody take that refusal away.
        cursor.execute("ALTER TABLE auth_group DROP CONSTRAINT access_is_assigned_to_individuals_never_to_groups")
        cursor.execute("INSERT INTO auth_group (name) VALUES ('everybody')")
    assert grants.access_of_nobody_in_particular(NOW()).value == 1
    assert not AccessGrant.objects.exists()
