"""Statement E.1: nobody outside the company has a login. A contractor is inside as long as an NDA with them is in force."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, jobs, policies, queries
from privacy.access.actions.signin import send_link
from privacy.access.forms.keys import LoginKeyForm
from privacy.agreements import actions as agreements
from privacy.models import DeniedAttempt, Employee, Entitlement, HandTask, Notice
from privacy.promises.queries import by_id, measure
from privacy.workforce.actions import hire
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.agreements import NdaFactory
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import PASSWORD, ContractorFactory, EmployeeFactory
from tests.privacy.access.test_sign_in import code_for

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SAID = "nondisclosure agreement"


@pytest.fixture
def ines():
    administrator = EmployeeFactory(login="ines")
    grant(administrator, "access.administer", "people.manage")
    return administrator


@pytest.fixture
def kit():
    return ContractorFactory(login="kit", second_factor=None, nda__ends_on=timezone.localdate() + timedelta(days=20))


def lapse(person):
    """Their NDA ended yesterday, told by nobody: as a last day that passes."""
    person.ndas.update(starts_on=timezone.localdate() - timedelta(days=9), ends_on=timezone.localdate() - timedelta(days=1))


def by_password(client, password=PASSWORD):
    return client.post(LOGIN, {"login": "kit", "password": password}, follow=True).content.decode()


def is_inside(client):
    return client.get("/accounts/sessions/").status_code == 200


def test_a_contractor_signs_in_while_the_nda_holds_not_after_it_and_again_under_a_new_one(kit, ines):
    client, day = Client(), timezone.localdate()
    by_password(client)
    assert is_inside(client)
    lapse(kit)
    late = Client()
    page = by_password(late)
    assert not is_inside(late)
    assert SAID in page
    assert "security administrator" in page, "and what to do"
    attempt = DeniedAttempt.objects.get(employee=kit)
    assert (attempt.kind, attempt.login) == ("sign_in", "kit")
    assert SAID in attempt.reason
    agreements.record_nda(by=ines, employee=kit, signed_on=day, starts_on=day, document="paper 9")
    again = Client()
    by_password(again)
    assert is_inside(again)


def test_a_stranger_with_a_wrong_password_learns_nothing_about_the_nda(kit):
    lapse(kit)
    page = by_password(Client(), password="wrong 1 password")
    assert SAID not in page
    assert "The login name or the password is not right." in page


def test_the_open_session_of_a_contractor_ends_at_the_instant_and_stays_ended(kit, ines):
    client = Client()
    by_password(client)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=1) + timedelta(days=21)
    with time_machine.travel(midnight - timedelta(minutes=5), tick=False):
        by_password(client)
        assert is_inside(client)
        unused = Client()
        by_password(unused)
    with time_machine.travel(midnight, tick=False):
        assert not is_inside(client)
        for page in ("/", "/admin/access/", reverse("access:ask"), reverse("access:emergencies"), "/admin/tables/"):
            assert client.get(page).url.startswith(LOGIN), page
        day = timezone.localdate()
        agreements.record_nda(by=None, employee=kit, signed_on=day, starts_on=day + timedelta(days=1), document="paper 9")
        kit.ndas.filter(document="paper 9").update(starts_on=day)
        assert not is_inside(client), "a cookie of before stays dead"
        assert not is_inside(unused), "also one that nobody used meanwhile"


def test_the_second_step_is_refused_where_the_nda_ended_after_the_first(kit):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(kit, SECRET)
    client = Client()
    by_password(client)
    kit.ndas.update(signed_on=timezone.localdate() + timedelta(days=1))
    page = client.post("/accounts/2fa/authenticate/", {"code": code_for(SECRET)}, follow=True).content.decode()
    assert not is_inside(client)
    assert SAID in page
    assert DeniedAttempt.objects.filter(employee=kit, reason__contains=SAID).exists()


def test_a_key_alone_opens_nothing_either(kit, monkeypatch):
    key = Authenticator.objects.create(
        user=kit, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": {"response": {"x": 1}}}
    )
    monkeypatch.setattr(LoginKeyForm, "clean_credential", lambda form: key)
    monkeypatch.setattr(Authenticator, "record_usage", lambda self: None)
    sent = {"credential": '{"response": {"x": 1}}'}
    inside = Client()
    inside.post("/accounts/2fa/webauthn/login/", sent)
    assert is_inside(inside)
    lapse(kit)
    outside = Client()
    page = outside.post("/accounts/2fa/webauthn/login/", sent, follow=True).content.decode()
    assert not is_inside(outside)
    assert SAID in page


def test_a_link_to_a_new_password_signs_nobody_in(kit, mailoutbox):
    import re

    lapse(kit)
    send_link(kit.pk, now=timezone.now())
    client = Client()
    form = client.get(re.search(r"(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1], follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another-right-one-7", "password2": "another-right-one-7"})
    assert not is_inside(client)
    assert SAID in by_password(client, password="another-right-one-7")
    assert not is_inside(client)


def test_an_employee_without_an_nda_signs_in(client):
    EmployeeFactory(login="kit", nda=None, second_factor=None)
    by_password(client)
    assert is_inside(client)


def test_whoever_may_not_sign_in_decides_nothing_and_others_decide_instead(ines, kit):
    other = EmployeeFactory()
    grant(other, "access.administer")
    ana = EmployeeFactory(manager=kit)
    wanted = entitlement("reveal.contact")
    Entitlement.objects.filter(pk=wanted.pk).update(owner=kit)
    now = timezone.now()
    asked = actions.request_grant(
        ana, Entitlement.objects.get(pk=wanted.pk), by=ana, reason="work", now=now, ends_at=now + timedelta(days=9)
    )
    assert policies.deciding_owner(asked, at=now) == policies.seconding_manager(asked, at=now) == kit
    lapse(kit)
    assert policies.deciding_owner(asked, at=now) is policies.seconding_manager(asked, at=now) is None
    with pytest.raises(errors.NotTheApprover):
        actions.approve_grant(asked.pk, by=kit, now=now)
    actions.approve_grant(asked.pk, by=ines, now=now)
    assert actions.approve_grant(asked.pk, by=other, now=now).state == "approved"
    assert not policies.may_keep(asked, kit, at=now)
    assert policies.may_keep(asked, ines, at=now)


def test_who_decides_instead_is_told_although_the_request_was_made_before(ines, kit):
    wanted = entitlement("requests.work")
    Entitlement.objects.filter(pk=wanted.pk).update(owner=kit)
    now = timezone.now()
    asked = actions.request_grant(EmployeeFactory(), Entitlement.objects.get(pk=wanted.pk), by=ines, reason="work", now=now)
    waits = Notice.objects.filter(key__startswith=f"request {asked.pk} ")
    assert [one.employee for one in waits] == [kit]
    lapse(kit)
    other = EmployeeFactory()
    grant(other, "access.administer")
    jobs.tell_of_waiting()
    jobs.tell_of_waiting()
    assert {one.employee for one in waits.all()} == {kit, other}  # each once; Inés asked, and decides nothing about it


def test_a_task_by_hand_is_of_nobody_who_may_not_sign_in(ines, kit):
    leads = EmployeeFactory()
    Employee.objects.filter(pk=kit.pk).update(manager=leads)
    held = GrantFactory(entitlement=OutsideEntitlementFactory(system=SystemFactory(owner=kit)))
    actions.settle_everything(now=timezone.now())
    actions.open_hand_tasks(now=timezone.now())
    assert HandTask.objects.get().assigned_to == kit
    lapse(kit)
    actions.open_hand_tasks(now=timezone.now())
    assert HandTask.objects.get().assigned_to == leads
    assert Notice.objects.filter(employee=leads, key__startswith="task ").count() == 1
    actions.revoke_grant(held.pk, by=None, reason="left", now=timezone.now())
    Employee.objects.filter(pk=kit.pk).update(manager=None)
    actions.open_hand_tasks(now=timezone.now())
    assert HandTask.objects.get(change__wanted="removed").assigned_to is None
    assert Notice.objects.filter(employee=ines, key__startswith="task ").count() == 1


def test_what_a_leaver_owned_does_not_pass_to_a_manager_who_may_not_sign_in(kit):
    lapse(kit)
    owner = EmployeeFactory(manager=kit)
    owned = entitlement("requests.work")
    Entitlement.objects.filter(pk=owned.pk).update(owner=owner)
    actions.end_employment(owner.pk, by=None, reason="left", now=timezone.now(), source="page")
    owned.refresh_from_db()
    assert owned.owner is None


def test_the_promise_counts_who_really_could_sign_in(kit, ines, monkeypatch):
    standing = lambda: measure(by_id("E1-outside"), now=timezone.now())  # noqa: E731
    assert (standing().standing, standing().figure.value) == ("kept", 0)
    lapse(kit)
    stand = standing()
    assert (stand.standing, stand.figure.value) == ("kept", 0)
    assert "1 contractor is kept out" in stand.figure.detail
    monkeypatch.setattr("privacy.access.queries.people.with_the_right_to_sign_in", Employee.objects.employed)
    assert standing().figure.value == 1, "where the sign-in let them in, the promise would say so"
    assert "kit" in standing().figure.broken[0].label.lower() or str(kit) in standing().figure.broken[0].label


def test_a_contractor_whom_a_provider_makes_before_the_nda_is_signed_breaks_no_promise(kit, settings):
    settings.OIDC_ISSUER = "https://login.lumens.example"
    day, now = timezone.localdate(), timezone.now()
    new = hire(
        login="newcomer",
        name="New Comer",
        email="new@lumens.example",
        worker_type="contractor",
        starts_on=day,
        by=None,
        now=now,
        source="scim",
    )
    assert measure(by_id("E1-outside"), now=now).standing == "kept"
    assert not policies.may_sign_in(new, at=now)
    NdaFactory(employee=new)
    assert policies.may_sign_in(new, at=now)
    assert measure(by_id("E1-outside"), now=now).standing == "kept"


def test_a_renewed_nda_signs_nobody_out(kit, ines):
    client, day = Client(), timezone.localdate()
    sign_in(client, kit)
    agreements.record_nda(by=ines, employee=kit, signed_on=day, starts_on=day + timedelta(days=21), document="paper 10")
    assert is_inside(client)


@pytest.mark.parametrize("worker_type", ["employee", "contractor"])
@pytest.mark.parametrize(
    "paper",
    [None, {}, {"ends_on": -1}, {"ends_on": 0}, {"starts_on": 1}, {"signed_on": 1}],
    ids=["none", "holds", "ended", "last day", "begins tomorrow", "not signed yet"],
)
@pytest.mark.parametrize("starts_on", [0, 1])
def test_the_sign_in_and_the_promise_mean_the_same_people(worker_type, paper, starts_on):
    day, now = timezone.localdate(), timezone.now()
    person = EmployeeFactory(worker_type=worker_type, nda=None, starts_on=day + timedelta(days=starts_on))
    if paper is not None:
        NdaFactory(employee=person, **{name: day + timedelta(days=days) for name, days in paper.items()})
    listed = policies.with_the_right_to_sign_in(at=now).filter(pk=person.pk).exists()
    assert policies.may_sign_in(person, at=now) == listed
    assert listed == (starts_on == 0 and (worker_type == "employee" or paper in ({}, {"ends_on": 0})))


def test_a_session_that_the_end_of_an_nda_ended_is_not_listed_as_open(kit):
    by_password(Client())
    assert queries.open_sessions(now=timezone.now(), employee=kit)
    kit.ndas.update(starts_on=timezone.localdate() - timedelta(days=9))
    later = timezone.now() + timedelta(days=21)
    with time_machine.travel(later - timedelta(days=1), tick=False):
        by_password(Client())
        assert queries.open_sessions(now=timezone.now(), employee=kit)
    Session.objects.update(expire_date=later + timedelta(hours=1))
    assert not queries.open_sessions(now=later, employee=kit)


def test_an_owner_who_may_not_sign_in_resumes_nothing_and_looks_at_nothing(kit, ines):
    ana, now = EmployeeFactory(), timezone.now()
    Entitlement.objects.filter(pk=entitlement("requests.work").pk).update(owner=kit)
    (held,) = grant(ana, "requests.work")
    taken = GrantFactory(
        employee=EmployeeFactory(),
        entitlement=held.entitlement,
        origin="break_glass",
        starts_at=now - timedelta(hours=2),
        ends_at=now - timedelta(hours=1),
    )
    actions.suspend_grant(held.pk, by=kit, reason="looked into", now=now)
    assert policies.may_look_at(taken, kit, at=now)
    lapse(kit)
    assert not policies.may_look_at(taken, kit, at=now)
    with pytest.raises(errors.MayNotSuspend):
        actions.resume_grant(held.pk, by=kit, reason="nothing in it", now=now)
    with pytest.raises(errors.NotYourOwnEmergency):
        actions.look_at_emergency(taken.pk, by=kit, note="fine", now=now)
