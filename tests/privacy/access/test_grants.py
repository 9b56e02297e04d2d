"""Asking, approving, revoking: two people, a reason, an end; and never for oneself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, queries
from privacy.models import AccessGrant, Employee, GrantState, Notice
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.systems import SystemFactory, held
from tests.factories.workforce import ContractorFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def manager():
    return EmployeeFactory(login="manager")


@pytest.fixture
def ana(manager):
    return EmployeeFactory(login="ana", manager=manager)


@pytest.fixture
def owner():
    person = EmployeeFactory(login="owner")
    for code in ("requests.work", "reveal.contact"):
        actions.set_owner(entitlement(code).pk, owner=person, by=None)
    return person


def ask(person, code="requests.work", by=None, **other):
    return actions.request_grant(person, entitlement(code), by=by or person, reason="for my work", now=NOW(), **other)


def in_a_month():
    return NOW() + timedelta(days=30)


def test_the_owner_approves_and_it_is_in_force(ana, owner):
    asked = ask(ana)
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    assert Employee.objects.get(pk=ana.pk).has_perm("privacy.work_tickets")


def test_sensitive_access_needs_the_owner_and_the_manager(ana, owner, manager):
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    assert actions.approve_grant(asked.pk, by=owner, now=NOW()).state == GrantState.REQUESTED
    with pytest.raises(errors.AlreadyApprovedByYou):
        actions.approve_grant(asked.pk, by=owner, now=NOW())
    assert actions.approve_grant(asked.pk, by=manager, now=NOW()).state == GrantState.APPROVED
    assert Employee.objects.get(pk=ana.pk).has_perm("customers.reveal_contact")


def test_the_manager_may_come_first(ana, owner, manager):
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    assert actions.approve_grant(asked.pk, by=manager, now=NOW()).state == GrantState.REQUESTED
    assert actions.approve_grant(asked.pk, by=owner, now=NOW()).state == GrantState.APPROVED


def test_one_person_never_stands_for_both(ana, owner):
    Employee.objects.filter(pk=ana.pk).update(manager=owner)
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    with pytest.raises(errors.AlreadyApprovedByYou):
        actions.approve_grant(asked.pk, by=owner, now=NOW())
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    assert actions.approve_grant(asked.pk, by=administrator, now=NOW()).state == GrantState.APPROVED


def test_nobody_approves_for_themselves_even_as_owner_or_administrator(owner):
    grant(owner, "access.administer")
    asked = ask(owner)
    with pytest.raises(errors.NotYourself):
        actions.approve_grant(asked.pk, by=owner, now=NOW())


def test_nobody_approves_what_they_asked_for_others(ana, owner):
    grant(owner, "access.administer")
    asked = ask(ana, by=owner)
    with pytest.raises(errors.NotYourself):
        actions.approve_grant(asked.pk, by=owner, now=NOW())


def test_an_owner_who_asks_for_a_report_leaves_the_decision_to_an_administrator(ana, owner, client):
    Employee.objects.filter(pk=ana.pk).update(manager=owner)
    administrator = EmployeeFactory(name="Ada Minister")
    grant(administrator, "access.administer")
    asked = ask(ana, by=owner)
    assert "a security administrator" in sign_in(client, ana).get(reverse("access:grant", args=[asked.pk])).content.decode()
    assert [one.employee for one in Notice.objects.filter(key__contains=f"{asked.pk}")] == [administrator]
    assert actions.approve_grant(asked.pk, by=administrator, now=NOW()).state == GrantState.APPROVED


def test_two_hundred_requests_of_others_hide_none_that_is_mine_to_decide(owner):
    administrator = EmployeeFactory()
    grant(administrator, "access.administer")
    waits = {"state": "requested", "approved_by": None, "approved_at": None, "seconded_by": None, "seconded_at": None}
    for person in EmployeeFactory.create_batch(201):
        GrantFactory(employee=person, entitlement=entitlement("requests.work"), **waits)  # which has an owner
    mine = GrantFactory(entitlement=entitlement("optouts.manage"), requested_at=NOW() - timedelta(days=1), **waits)
    with CaptureQueriesContext(connection) as asked:
        assert [one.pk for one in queries.to_decide(administrator, now=NOW())] == [mine.pk]
    assert len(asked) < 5


def test_the_database_itself_refuses_a_second_approval_by_who_asked(ana, owner):
    with pytest.raises(IntegrityError, match="nobody_approves_what_they_asked_for"):
        GrantFactory(employee=ana, entitlement=entitlement("reveal.contact"), requested_by=owner, seconded_by=owner)


def test_nobody_closes_the_requests_of_a_stranger(ana):
    asked = ask(ana)
    with pytest.raises(errors.MayNotRevoke):
        actions.revoke_everything(ana.pk, by=EmployeeFactory(), reason="no reason", now=NOW())
    asked.refresh_from_db()
    assert asked.state == GrantState.REQUESTED


def test_the_database_itself_refuses_an_approval_for_oneself(ana):
    with pytest.raises(IntegrityError, match="nobody_approves_their_own_access"):
        GrantFactory(employee=ana, approved_by=ana)


def test_the_database_itself_refuses_sensitive_access_without_an_end_or_a_second_person(ana, owner):
    from django.db import transaction

    sensitive = entitlement("reveal.contact")
    with pytest.raises(IntegrityError, match="sensitive_grants_have_an_end"), transaction.atomic():
        GrantFactory(employee=ana, entitlement=sensitive, ends_at=None)
    with pytest.raises(IntegrityError, match="sensitive_grants_were_approved_by_two"), transaction.atomic():
        GrantFactory(employee=ana, entitlement=sensitive, approved_by=owner, seconded_by=None)
    GrantFactory(employee=ana, entitlement=sensitive)
    with pytest.raises(IntegrityError, match="one_active_grant_per_employee_and_entitlement"), transaction.atomic():
        GrantFactory(employee=ana, entitlement=sensitive)


def test_nobody_asks_for_a_stranger_by_naming_them_in_the_form(client, ana):
    mona = EmployeeFactory(login="mona")
    report = EmployeeFactory(manager=mona)
    sign_in(client, mona)
    typed = {"entitlement": entitlement("requests.work").pk, "reason": "to work"}
    assert client.post(reverse("access:ask"), {**typed, "employee": ana.pk}).status_code == 400
    assert not AccessGrant.objects.filter(requested_by=mona).exists()
    assert client.post(reverse("access:ask"), {**typed, "employee": report.pk}).status_code == 302
    assert AccessGrant.objects.get(requested_by=mona).employee == report


def test_a_stranger_neither_approves_nor_denies_nor_revokes(ana, owner):
    asked, stranger = ask(ana), EmployeeFactory()
    with pytest.raises(errors.NotTheApprover):
        actions.approve_grant(asked.pk, by=stranger, now=NOW())
    with pytest.raises(errors.NotTheApprover):
        actions.deny_grant(asked.pk, by=stranger, reason="no", now=NOW())
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    with pytest.raises(errors.MayNotRevoke):
        actions.revoke_grant(asked.pk, by=stranger, reason="no", now=NOW())


def test_sensitive_access_must_have_an_end(ana):
    with pytest.raises(errors.NeedsAnEnd):
        ask(ana, "reveal.contact")


def test_a_request_that_nobody_decided_lapses(ana, owner):
    asked = ask(ana)
    later = NOW() + timedelta(days=15)
    with pytest.raises(errors.RequestLapsed):
        actions.approve_grant(asked.pk, by=owner, now=later)
    assert actions.lapse_requests(now=later) == 1


def test_an_owner_who_is_told_days_later_reads_the_day_on_which_the_request_lapses(ana):
    days_ago = NOW() - timedelta(days=4)
    asked = actions.request_grant(ana, entitlement("requests.work"), by=ana, reason="for my work", now=days_ago)
    owner = EmployeeFactory()
    actions.set_owner(asked.entitlement_id, owner=owner, by=None)
    actions.tell_of_waiting(now=NOW())
    last = timezone.localtime(days_ago + timedelta(days=14))
    assert f"It lapses on {last:%B %-d, %Y at %H:%M %Z} if nobody decides." in Notice.objects.get(employee=owner).body


def test_a_contractors_access_ends_with_contract_or_nda(owner):
    today = timezone.localdate()
    contractor = ContractorFactory(ends_on=today + timedelta(days=60), nda__ends_on=today + timedelta(days=20))
    asked = ask(contractor, ends_at=NOW() + timedelta(days=40))
    with pytest.raises(errors.EndsTooLate):
        actions.approve_grant(asked.pk, by=owner, now=NOW())
    actions.deny_grant(asked.pk, by=owner, reason="too long", now=NOW())
    asked = ask(contractor, ends_at=NOW() + timedelta(days=10))
    assert actions.approve_grant(asked.pk, by=owner, now=NOW()).state == GrantState.APPROVED


def test_a_contractor_without_an_nda_gets_nothing(owner):
    asked = ask(ContractorFactory(nda=None))
    with pytest.raises(errors.NoNda):
        actions.approve_grant(asked.pk, by=owner, now=NOW())


def test_a_second_revocation_says_that_it_is_gone_already(ana, owner):
    (held,) = grant(ana, "requests.work")
    actions.revoke_grant(held.pk, by=owner, reason="project over", now=NOW())
    with pytest.raises(errors.AlreadyRevoked):
        actions.revoke_grant(held.pk, by=owner, reason="again", now=NOW())


def test_a_renewal_takes_the_place_of_the_old_grant(ana, owner):
    (old,) = grant(ana, "requests.work")
    asked = ask(ana)
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    assert AccessGrant.objects.get(pk=old.pk).state == GrantState.REVOKED
    assert AccessGrant.objects.in_force(at=NOW()).get(employee=ana) == asked


def test_suspended_access_comes_back_by_somebody_else_only(ana, owner):
    (held,) = grant(ana, "requests.work")
    actions.suspend_grant(held.pk, by=owner, reason="on leave", now=NOW())
    assert not Employee.objects.get(pk=ana.pk).has_perm("privacy.work_tickets")
    with pytest.raises(errors.MayNotSuspend):
        actions.resume_grant(held.pk, by=ana, reason="back", now=NOW())
    actions.resume_grant(held.pk, by=owner, reason="back", now=NOW())
    assert Employee.objects.get(pk=ana.pk).has_perm("privacy.work_tickets")


def to_be_told(asked):
    """Who is told of a request by a mail that has left or will leave, and how often."""
    return sorted(one.employee.login for one in Notice.objects.filter(key__startswith=f"request {asked.pk} ", dropped_at=None))


def test_an_owner_is_told_of_a_request_that_the_manager_decided_before_the_mail_left(ana, owner, manager):
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    actions.approve_grant(asked.pk, by=manager, now=NOW())
    actions.tell_of_waiting(now=NOW())
    assert to_be_told(asked) == ["owner"]
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    assert to_be_told(asked) == []


def test_a_manager_is_told_once_where_the_owner_was_quicker_than_the_mail(ana, owner, manager):
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    assert to_be_told(asked) == ["manager"]


def test_whoever_is_needed_again_after_their_mail_was_dropped_is_told_after_all(ana, owner, manager):
    ines = EmployeeFactory(login="ines")
    grant(ines, "access.administer")
    away = timezone.localdate() - timedelta(days=1)
    Employee.objects.filter(pk=owner.pk).update(ends_on=away)
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    assert to_be_told(asked) == ["ines", "manager"]
    Employee.objects.filter(pk=owner.pk).update(ends_on=None)
    actions.approve_grant(asked.pk, by=manager, now=NOW())
    assert to_be_told(asked) == ["owner"]
    Employee.objects.filter(pk=owner.pk).update(ends_on=away)
    for _ in range(2):
        actions.tell_of_waiting(now=NOW())
    assert "ines" in to_be_told(asked)


def test_whoever_may_not_resume_what_is_suspended_does_not_lift_it_by_a_renewal(client, ana, owner, manager):
    ines = EmployeeFactory(login="ines", name="Ines Romero")
    grant(ines, "access.administer")
    (held,) = grant(ana, "reveal.contact")
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    actions.suspend_grant(held.pk, by=ines, reason="investigation: stolen laptop", now=NOW())
    with pytest.raises(errors.MayNotSuspend):
        actions.resume_grant(held.pk, by=manager, reason="she needs it", now=NOW())
    with pytest.raises(errors.AlreadyDecided):
        actions.approve_grant(asked.pk, by=manager, now=NOW())
    sign_in(client, manager)
    assert "stolen laptop" in client.get(reverse("access:grant", args=[asked.pk])).content.decode()
    anew = ask(ana, "reveal.contact", ends_at=in_a_month())
    for approver in (owner, manager):
        with pytest.raises(errors.IsSuspended, match="stolen laptop"):
            actions.approve_grant(anew.pk, by=approver, now=NOW())
    page = client.get(reverse("access:grant", args=[anew.pk])).content.decode()
    assert "Ines Romero suspended this access" in page
    assert reverse("access:approve", args=[anew.pk]) not in page
    held.refresh_from_db()
    assert held.state == GrantState.SUSPENDED
    actions.resume_grant(held.pk, by=ines, reason="it was found", now=NOW())
    for approver in (owner, manager):
        anew = actions.approve_grant(anew.pk, by=approver, now=NOW())
    assert anew.state == GrantState.APPROVED


def test_a_suspension_is_not_waited_out_by_a_renewal_of_before(ana, owner, manager):
    (held,) = grant(ana, "reveal.contact", ends_at=NOW() + timedelta(hours=1))
    asked = ask(ana, "reveal.contact", ends_at=in_a_month())
    actions.approve_grant(asked.pk, by=owner, now=NOW())
    actions.suspend_grant(held.pk, by=owner, reason="stolen laptop", now=NOW())
    later = NOW() + timedelta(hours=2)
    actions.close_leavers(now=later)
    with pytest.raises(errors.AlreadyDecided):
        actions.approve_grant(asked.pk, by=manager, now=later)


def test_a_mover_keeps_for_a_while_what_its_owner_keeps(ana, owner):
    from tests.factories.workforce import JobFunctionFactory

    kept, gone = grant(ana, "requests.work", "reveal.contact")
    grant(owner, "people.manage")
    actions.keep_grant(kept.pk, by=owner, reason="hands over her cases", until=NOW() + timedelta(days=20), now=NOW())
    actions.change_function(ana.pk, to=JobFunctionFactory(code="buyer"), by=owner, now=NOW(), source="page")
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert kept.state == GrantState.APPROVED
    assert kept.ends_at < NOW() + timedelta(days=21)
    assert gone.state == GrantState.REVOKED
    assert gone.ended_by_event.kind == "changed_function"


def test_a_leaver_whose_last_day_passed_is_closed_by_the_job(ana, owner):
    (held,) = grant(ana, "requests.work")
    asked = ask(ana, "reveal.logs", ends_at=in_a_month())
    administrator = EmployeeFactory()
    grant(administrator, "people.manage")
    actions.schedule_leaving(ana.pk, last_day=timezone.localdate(), by=administrator, now=NOW(), source="page", reason="resigned")
    tomorrow = NOW() + timedelta(days=1, hours=1)
    assert not AccessGrant.objects.in_force(at=tomorrow).filter(employee=ana).exists()
    assert actions.close_leavers(now=tomorrow) == 1
    held.refresh_from_db()
    asked.refresh_from_db()
    assert (held.state, held.ended_by_event.kind, asked.state) == (GrantState.REVOKED, "left", GrantState.LAPSED)


class TestDoors:
    """Through the pages themselves."""

    def page(self, name, pk):
        return f"/admin/access/grants/{pk}/{name}/"

    def test_what_is_elsewhere_is_said_to_be_being_taken_away_and_not_to_be_gone(self, client, ana, owner):
        grant(owner, "access.administer")
        (elsewhere,) = held(ana, SystemFactory(name="Warehouse"), "badge")
        sign_in(client, owner)
        typed = {"reason": "not needed"}
        said = client.post(reverse("access:suspend", args=[elsewhere.pk]), typed, follow=True).text
        assert "being taken away in Warehouse" in said
        said = client.post(reverse("access:revoke", args=[elsewhere.pk]), typed, follow=True).text
        assert "being taken away in Warehouse" in said
        assert "gives nothing any more" not in said

    def test_from_asking_to_revoked(self, client, ana, owner):
        sign_in(client, ana)
        form = {
            "employee": ana.pk,
            "entitlement": entitlement("requests.work").pk,
            "reason": "I answer customers",
            "last_day": "",
        }
        answer = client.post("/admin/access/ask/", form, follow=True)
        assert "It waits for" in answer.content.decode()
        held = AccessGrant.objects.get(employee=ana)
        sign_in(client, owner)
        assert ana.name in client.get("/admin/access/").content.decode()
        answer = client.post(self.page("approve", held.pk), follow=True)
        assert "It is in force" in answer.content.decode()
        answer = client.get(self.page("revoke", held.pk))
        assert "This goes at once" in answer.content.decode()
        held.refresh_from_db()
        assert held.state == GrantState.APPROVED  # looking changed nothing
        client.post(self.page("revoke", held.pk), {"reason": "project over"})
        held.refresh_from_db()
        assert (held.state, held.revocation_reason, held.revoked_by) == (GrantState.REVOKED, "project over", owner)

    def test_a_request_says_whom_it_waits_for_and_when_it_lapses(self, client, ana, owner):
        asked = ask(ana)
        administrator = EmployeeFactory()
        grant(administrator, "access.administer")
        listed = sign_in(client, administrator).get("/admin/access/grants/?state=waiting").content.decode()
        assert f"{owner}, who owns it" in listed
        assert "lapses in 14 days" in listed
        hers = sign_in(client, owner).get(f"/admin/access/grants/{asked.pk}/").content.decode()
        assert "You may decide it." in hers
        assert "It waits for" not in hers

    def test_what_has_ended_says_so_and_not_that_it_has_no_end(self, client, ana, owner):
        (held,) = grant(ana, "requests.work")
        actions.revoke_grant(held.pk, by=owner, reason="project over", now=NOW())
        shown = sign_in(client, owner).get(f"/admin/access/grants/{held.pk}/").content.decode()
        assert f"by {owner}" in shown
        assert "no end" not in shown

    def test_who_has_left_is_told_about_in_the_past(self, client, ana, owner):
        (held,) = grant(ana, "requests.work")
        grant(owner, "people.manage")
        sign_in(client, owner)
        page = client.get(f"/admin/access/people/{ana.pk}/").content.decode()
        assert f"What {ana.get_short_name()} has, and why" in page
        assert "left now" in page
        actions.end_employment(ana.pk, by=owner, reason="resigned", now=NOW(), source="page")
        page = client.get(f"/admin/access/people/{ana.pk}/").content.decode()
        assert f"What {ana.get_short_name()} had, and why" in page
        assert "left now" not in page
        assert " ended</summary>" not in page
        assert f"/admin/access/grants/{held.pk}/" in page

    def test_what_has_ended_stands_behind_what_somebody_has(self, client, ana, owner):
        kept, gone = grant(ana, "requests.work", "optouts.manage")
        actions.revoke_grant(gone.pk, by=None, reason="project over", now=NOW())
        ana.refresh_from_db()
        page = sign_in(client, ana).get(f"/admin/access/people/{ana.pk}/").content.decode()
        has, _, ended = page.partition("1 ended</summary>")
        assert f"/admin/access/grants/{kept.pk}/" in has
        assert f"/admin/access/grants/{gone.pk}/" in ended

    @pytest.mark.parametrize("day", ["9999-12-31", "0026-11-30"])
    def test_a_last_day_outside_anybodys_life_is_refused_with_its_field(self, client, ana, day):
        sign_in(client, ana)
        form = {"employee": ana.pk, "entitlement": entitlement("requests.work").pk, "reason": "I answer", "last_day": day}
        answer = client.post("/admin/access/ask/", form)
        assert answer.status_code == 400
        assert "look at the year" in answer.content.decode()
        assert not AccessGrant.objects.filter(employee=ana).exists()

    def test_a_forged_approval_of_ones_own_request_changes_nothing(self, client, ana):
        asked = ask(ana)
        sign_in(client, ana)
        client.post(self.page("approve", asked.pk), {"approved_by": 1, "state": "approved"})
        asked.refresh_from_db()
        assert asked.state == GrantState.REQUESTED

    def test_somebody_elses_grant_is_not_shown(self, client, ana, owner):
        (held,) = grant(ana, "requests.work")
        sign_in(client, EmployeeFactory())
        for name in ("", "revoke/"):
            assert client.get(f"/admin/access/grants/{held.pk}/{name}").status_code == 403
        for name in ("approve", "deny", "withdraw", "revoke", "suspend", "resume"):
            assert client.post(self.page(name, held.pk), {"reason": "x"}).status_code == 403
        held.refresh_from_db()
        assert held.state == GrantState.APPROVED

    def test_a_form_sent_after_ones_own_access_ended_is_refused(self, client, ana):
        """The grant ended between GET and POST: the session is gone, and nothing happens (ASVS 15.4.2)."""
        administrator = EmployeeFactory()
        (mine,) = grant(administrator, "access.administer")
        (held,) = grant(ana, "requests.work")
        sign_in(client, administrator)
        for path in (
            f"grants/{held.pk}/revoke/",
            f"people/{ana.pk}/left/",
            f"people/{ana.pk}/revoke/",
            f"people/{ana.pk}/moved/",
        ):
            assert client.get(f"/admin/access/{path}").status_code == 200
        AccessGrant.objects.filter(pk=mine.pk).update(state="revoked", revoked_at=NOW(), revocation_reason="moved")
        for again in (False, True):
            if again:  # signed in once more, without the grant
                sign_in(client, Employee.objects.get(pk=administrator.pk))
            for path in (f"grants/{held.pk}/revoke/", f"people/{ana.pk}/left/", f"people/{ana.pk}/revoke/"):
                answer = client.post(f"/admin/access/{path}", {"reason": "late"})
                assert answer.status_code == (403 if again else 302)
        held.refresh_from_db()
        assert held.state == GrantState.APPROVED
        assert Employee.objects.get(pk=ana.pk).is_employed(at=NOW())

    def test_has_left_ends_everything_in_one_act(self, client, ana):
        administrator = EmployeeFactory()
        grant(administrator, "people.manage")
        grant(ana, "requests.work", "reveal.contact")
        leaver = client.__class__()
        sign_in(leaver, ana)
        assert leaver.get("/admin/access/").status_code == 200
        sign_in(client, administrator)
        answer = client.post(f"/admin/access/people/{ana.pk}/left/", {"reason": "resigned", "last_day": ""}, follow=True)
        assert "2 grants and every session ended" in answer.content.decode()
        assert leaver.get("/admin/access/").status_code == 302

    def test_every_page_of_an_administrator_answers(self, client, ana):
        administrator = EmployeeFactory()
        grant(administrator, "access.administer", "people.manage", "sharing.manage", "programme.manage")
        (held,) = grant(ana, "requests.work")
        sign_in(client, administrator)
        for path in (
            "access/",
            "access/ask/",
            "access/grants/",
            "access/grants/?state=not+in+force&find=a&entitlement=requests.work",
            f"access/grants/{held.pk}/",
            "access/people/",
            "access/people/?state=left",
            f"access/people/{ana.pk}/",
            f"access/people/{ana.pk}/moved/?to={ana.job_function_id}",
            "access/people/new/",
            "access/entitlements/",
            f"access/entitlements/{held.entitlement_id}/",
            "access/denied/",
            "sharing/",
            "sharing/new/",
            "sharing/ndas/",
            "sharing/ndas/?state=ends+soon",
            "sharing/ndas/new/",
            "programme/",
            "programme/policies/",
            "programme/briefings/",
            "programme/briefings/new/",
            "programme/policies/new/",
            "programme/reviews/new/",
            "programme/threats/new/",
        ):
            answer = client.get(f"/admin/{path}")
            assert answer.status_code == 200, path
            assert "style=" not in answer.content.decode()
