"""The security programme: everybody is told, new people are briefed, threats are looked at."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from privacy.models import Briefing, Employee, Policy, PolicyAcknowledgement
from privacy.programme import actions, errors, promises
from tests.factories.access import grant, sign_in
from tests.factories.programme import PolicyFactory
from tests.factories.together import together
from tests.factories.workforce import DepartmentFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now


def test_a_new_version_asks_everybody_again(client):
    ana = EmployeeFactory()
    day = timezone.localdate()
    first = actions.publish_policy("screens", title="Screens", text="Lock.", by=None, day=day)
    sign_in(client, ana)
    client.post(f"/admin/programme/policies/{first.pk}/acknowledge/")
    client.post(f"/admin/programme/policies/{first.pk}/acknowledge/")
    assert PolicyAcknowledgement.objects.filter(employee=ana).count() == 1
    assert promises.uninformed_people(NOW()).value == 0
    actions.publish_policy("screens", title="Screens", text="Lock always.", by=None, day=day)
    figure = promises.uninformed_people(NOW())
    assert figure.value == 1
    with pytest.raises(errors.Withdrawn):
        actions.acknowledge_policy(first.pk, by=ana, now=NOW())


def test_a_briefing_is_given_by_somebody_else_and_not_in_the_future():
    ana, bob = EmployeeFactory(briefing=None), EmployeeFactory()
    grant(bob, "programme.manage")
    today = timezone.localdate()
    with pytest.raises(errors.NotYourself):
        actions.record_briefing(ana, given_on=today, by=ana, today=today)
    with pytest.raises(errors.NotInTheFuture):
        actions.record_briefing(ana, given_on=today + timedelta(days=1), by=bob, today=today)
    actions.record_briefing(ana, given_on=today, by=bob, today=today)
    assert Briefing.objects.get(employee=ana).given_by == bob


def test_whoever_administers_access_may_brief_too_through_the_page_that_is_open_to_them(client):
    administrator, ana = EmployeeFactory(), EmployeeFactory(briefing=None)
    grant(administrator, "access.administer")
    sign_in(client, administrator)
    form = {"employee": ana.pk, "given_on": timezone.localdate().isoformat(), "note": "first week"}
    for _ in range(2):  # a double click is one briefing
        assert client.post("/admin/programme/briefings/new/", form).status_code == 302
    assert Briefing.objects.filter(employee=ana).count() == 1


def test_said_twice_a_policy_has_no_next_version_and_a_review_was_held_once():
    today, department = timezone.localdate(), DepartmentFactory()
    for _ in range(2):
        actions.publish_policy("clean-desk", title="Clean desk", text="Nothing lies about.", by=None, day=today)
        actions.record_department_review(department, held_on=today, notes="doors", by=None, today=today)
    assert Policy.objects.get(code="clean-desk").version == 1
    assert department.reviews.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_the_first_version_at_once_publish_two_versions_or_one(transactional_db):
    day = timezone.localdate()
    texts = ["Nothing lies about.", "Nothing lies about at all."]
    together(*(lambda text=text: actions.publish_policy("desk", title="Desk", text=text, by=None, day=day) for text in texts))
    assert sorted(Policy.objects.values_list("version", flat=True)) == [1, 2]
    assert Policy.objects.filter(withdrawn_on=None).count() == 1


def test_a_department_of_people_who_all_left_is_not_overdue():
    department = DepartmentFactory()
    EmployeeFactory(department=department, ends_on=timezone.localdate() - timedelta(days=1))
    assert promises.departments_without_review(NOW()).value == 0


def test_the_database_itself_refuses_a_briefing_of_oneself():
    ana = EmployeeFactory()
    with pytest.raises(IntegrityError, match="nobody_briefs_themselves"):
        Briefing.objects.create(employee=ana, given_on=timezone.localdate(), given_by=ana)


def test_recorded_through_the_page_it_puts_sensitive_access_in_force(client):
    officer, ana = EmployeeFactory(), EmployeeFactory(briefing=None)
    grant(officer, "programme.manage")
    grant(ana, "reveal.contact")
    assert not ana.has_perm("customers.reveal_contact")
    sign_in(client, officer)
    form = {"employee": ana.pk, "given_on": timezone.localdate().isoformat(), "note": "first week"}
    assert client.post("/admin/programme/briefings/new/", form).status_code == 302
    assert ana.__class__.objects.get(pk=ana.pk).has_perm("customers.reveal_contact")


@pytest.mark.parametrize(
    ("page", "shown"), [("briefings/", 200), ("", 50), ("policies/{policy}/", 200)], ids=["briefings", "programme", "policy"]
)
def test_of_more_people_than_a_page_shows_it_says_how_many_there_are(client, page, shown):
    officer, policy, starts_on = EmployeeFactory(), PolicyFactory(), timezone.localdate()
    grant(officer, "programme.manage")
    newcomers = [Employee(login=f"new{n}", name=f"New {n}", starts_on=starts_on) for n in range(207)]
    Employee.objects.bulk_create(newcomers)
    there = Employee.objects.count() if "policies" in page else Employee.objects.filter(briefings__isnull=True).count()
    sign_in(client, officer)
    said = client.get(f"/admin/programme/{page.format(policy=policy.pk)}").content.decode()
    assert f"{shown} of {there} shown" in said


def test_of_as_many_as_a_page_shows_it_says_their_number_alone(client):
    officer, _ = EmployeeFactory(), EmployeeFactory(briefing=None)
    grant(officer, "programme.manage")
    said = sign_in(client, officer).get("/admin/programme/briefings/").content.decode()
    there = Employee.objects.filter(briefings__isnull=True).count()
    assert f'<h2>Not briefed yet</h2><span class="muted small">{there}</span>' in said


def test_a_department_that_did_not_meet_breaks_the_promise():
    EmployeeFactory()
    department = DepartmentFactory()
    assert promises.departments_without_review(NOW()).value == 1
    today = timezone.localdate()
    actions.record_department_review(department, held_on=today - timedelta(days=80), notes="doors", by=None, today=today)
    figure = promises.departments_without_review(NOW())
    assert figure.value == 0
    assert len(figure.at_risk) == 1


def test_a_threat_sent_twice_is_one_and_a_closed_one_is_not_looked_at_again():
    day = timezone.localdate()
    said = {"title": "Phishing", "assessed_on": day, "review_by": day + timedelta(days=30), "by": EmployeeFactory()}
    grant(said["by"], "programme.manage")
    first = actions.record_threat(**said)
    assert actions.record_threat(**said) == first
    actions.close_threat(first.pk, by=said["by"], reason="gone", day=day)
    with pytest.raises(errors.ThreatIsClosed):
        actions.reassess_threat(first.pk, countermeasure="none", review_by=said["review_by"], by=said["by"], day=day)
    assert actions.record_threat(**said) != first


def test_a_threat_without_a_countermeasure_breaks_the_promise():
    day = timezone.localdate()
    threat = actions.record_threat(title="Phishing", assessed_on=day, review_by=day + timedelta(days=30), by=None)
    assert promises.neglected_threats(NOW()).value == 1
    again, looker = day + timedelta(days=60), EmployeeFactory()
    grant(looker, "programme.manage")
    actions.reassess_threat(threat.pk, countermeasure="second factor", review_by=again, by=looker, day=day)
    assert promises.neglected_threats(NOW()).value == 0


def test_the_pages_answer(client):
    officer = EmployeeFactory()
    grant(officer, "programme.manage")
    sign_in(client, officer)
    policy = PolicyFactory()
    assert policy.title in client.get("/admin/programme/").content.decode()
    assert client.get(f"/admin/programme/policies/{policy.pk}/").status_code == 200
