"""Emergencies: who may take what, how often, and what ends the right to it (ACCESS.md, "Break-glass")."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.models import AccessGrant, BreakGlassEligibility, Employee, EmploymentEvent, Entitlement, GrantState, HrEvent
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.workforce import PASSWORD, EmployeeFactory, JobFunctionFactory
from tests.privacy.access.test_sign_in import code_for

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ines():
    administrator = EmployeeFactory(login="ines", name="Ines Romero")
    grant(administrator, "access.administer", "people.manage")
    return administrator


@pytest.fixture
def ana():
    return EmployeeFactory(login="ana", name="Ana Silva")


@pytest.fixture
def named(ana, ines):
    return name(ana, ines)


def name(ana, ines, code="reveal.contact", now=None):
    now = now or timezone.now()
    return actions.name_for_emergencies(
        ana, entitlement(code), by=ines, reason="on call", ends_at=now + timedelta(days=90), now=now
    )


def take(named, ana, now=None, hours=1):
    ana = Employee.objects.get(pk=ana.pk)
    now = now or timezone.now()
    return actions.break_glass(named.pk, by=ana, reason="site is down", hours=hours, now=now, proven_at=now)


def return_of(ana, now):
    actions.bring_back(ana.pk, starts_on=timezone.localdate(now), ends_on=None, by=None, now=now, source="page")


class TestWhatEndsIt:
    def leaves_by_page(self, ana, ines, now):
        actions.end_employment(ana.pk, by=ines, reason="left", now=now, source="page")

    def leaves_by_roster(self, ana, ines, now):
        actions.employment.end_employments([ana.pk], by=None, reason="not in the roster", now=now, source="roster")

    def leaves_by_the_clock(self, ana, ines, now):
        Employee.objects.filter(pk=ana.pk).update(ends_on=timezone.localdate(now) - timedelta(days=1))
        actions.close_leavers(now=now)

    def leaves_by_the_clock_and_no_job_runs(self, ana, ines, now):
        Employee.objects.filter(pk=ana.pk).update(ends_on=timezone.localdate(now) - timedelta(days=1))

    def changes_function(self, ana, ines, now):
        actions.change_function(ana.pk, to=JobFunctionFactory(code="chef"), by=None, now=now, source="roster")

    @pytest.mark.parametrize(
        "door",
        [
            "leaves_by_page",
            "leaves_by_roster",
            "leaves_by_the_clock",
            "leaves_by_the_clock_and_no_job_runs",
            "changes_function",
        ],
    )
    def test_whoever_leaves_and_comes_back_or_changes_function_may_break_no_glass(self, named, ana, ines, door):
        now = timezone.now() + timedelta(hours=1)
        getattr(self, door)(ana, ines, now)
        if door != "changes_function":
            return_of(ana, now + timedelta(minutes=1))
        with pytest.raises(errors.NotNamed):
            take(named, ana, now + timedelta(minutes=2))
        named.refresh_from_db()
        assert named.ended_at in (now, now + timedelta(minutes=1))
        assert named.ended_reason
        assert not queries.named_for_emergencies(at=now + timedelta(minutes=2), employee=ana)
        again = name(ana, ines, now=now + timedelta(minutes=3))
        assert take(again, ana, now + timedelta(minutes=4)).state == GrantState.APPROVED

    def test_the_right_is_asked_for_afresh_though_the_row_says_it_stands(self, named, ana):
        """As a database of an earlier version holds it, or whoever writes past the verbs."""
        now = timezone.now()
        EmploymentEvent.objects.create(
            employee=ana, kind=HrEvent.RETURNED, known_at=now, effective_at=now + timedelta(seconds=1), source="page"
        )
        later = now + timedelta(seconds=2)
        assert not policies.may_break_glass(named, ana, at=later)
        with pytest.raises(errors.NotNamed):
            take(named, ana, later)

    def test_a_leaving_that_was_told_and_taken_back_before_its_day_ends_nothing(self, named, ana, ines):
        now = timezone.now()
        day = timezone.localdate() + timedelta(days=5)
        actions.schedule_leaving(ana.pk, last_day=day, by=ines, now=now + timedelta(hours=1), source="page")
        actions.schedule_leaving(ana.pk, last_day=None, by=ines, now=now + timedelta(hours=2), source="page")
        assert take(named, ana, now + timedelta(days=8)).state == GrantState.APPROVED

    def test_what_would_go_names_it_and_so_does_the_pack_of_evidence(self, client, named, ana, ines):
        now = timezone.now() + timedelta(seconds=1)
        chef = JobFunctionFactory(code="chef")
        sign_in(client, ines)
        for page in (
            reverse("access:would_go", args=[ana.pk]),
            reverse("access:left", args=[ana.pk]),
            f"{reverse('access:moved', args=[ana.pk])}?to={chef.pk}",
        ):
            text = " ".join(client.get(page).content.decode().split())
            assert "break the glass" in text.lower(), page
        actions.end_employment(ana.pk, by=ines, reason="left", now=now, source="page")
        event = EmploymentEvent.objects.get(employee=ana, kind="left")
        data = queries.leaver_evidence(event, now=now).data
        (one,) = data["emergencies_before"]
        assert (one["entitlement"], one["ended_by_this"], one["ended_at"]) == ("reveal.contact", True, now)
        pack = actions.make_leaver_pack(event.pk, by=ines, now=now)
        assert b"emergencies_before" in bytes(pack.file)
        assert b"could break the glass" in bytes(pack.file).lower()


class TestTheSecondFactor:
    """Each taking asks for a second factor that was proven for it."""

    @pytest.fixture
    def ana(self):
        person = EmployeeFactory(login="ana", name="Ana Silva", second_factor=None)
        TOTP.activate(person, SECRET)
        return person

    def prove(self, client, address):
        client.post(f"{reverse('mfa_reauthenticate')}?next={address}", {"code": code_for(SECRET)})

    def test_the_code_of_the_sign_in_does_not_count_and_one_code_opens_one_glass(self, named, ana, ines):
        other = name(ana, ines, "reveal.mail")
        first, second = (reverse("access:break_glass", args=[one.pk]) for one in (named, other))
        now, form, client = timezone.now(), {"reason": "site is down", "hours": "1"}, Client()
        client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": code_for(SECRET)})
        for answer in (client.get(first), client.post(first, form)):
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("mfa_reauthenticate"))
        assert not AccessGrant.objects.filter(employee=ana).exists()
        with time_machine.travel(now + timedelta(seconds=40)):
            self.prove(client, first)
            assert client.get(first).status_code == 200
            assert client.post(first, form).url.startswith("/admin/access/grants/")
            assert client.post(second, form).url.startswith(reverse("mfa_reauthenticate")), "that code was for the first"
        with time_machine.travel(now + timedelta(seconds=80)):
            self.prove(client, second)
            assert client.post(second, form).url.startswith("/admin/access/grants/")
        assert AccessGrant.objects.filter(employee=ana, origin="break_glass").count() == 2

    def test_the_verb_itself_refuses_what_was_proven_before_the_last_taking_or_long_ago(self, named, ana, ines):
        other, now = name(ana, ines, "reveal.mail"), timezone.now()
        take(named, ana, now)
        for proven_at, at in ((now, now), (now - timedelta(seconds=9), now), (now + timedelta(1), now + timedelta(1, 301))):
            with pytest.raises(errors.ProveAgain):
                actions.break_glass(other.pk, by=ana, reason="more", hours=1, now=at, proven_at=proven_at)
        later = now + timedelta(seconds=30)
        assert actions.break_glass(other.pk, by=ana, reason="more", hours=1, now=later, proven_at=later)


class TestLookingAtIt:
    def test_while_it_runs_nobody_looks_at_it_and_who_looks_after_it_sees_all(self, client, named, ana, ines):
        now = timezone.now()
        taken = take(named, ana, now)
        with pytest.raises(errors.StillRuns):
            actions.look_at_emergency(taken.pk, by=ines, note="fine", now=now + timedelta(minutes=59))
        sign_in(client, ines)
        page = reverse("access:look", args=[taken.pk])
        assert client.post(page, {"note": "fine"}).status_code == 400
        shown = client.get(page).content.decode()
        assert "It still runs" in shown
        assert "<textarea" not in shown, "no form that would be refused"
        assert page not in client.get(reverse("access:grant", args=[taken.pk])).content.decode()
        actions.revoke_grant(taken.pk, by=ines, reason="it is over", now=now + timedelta(minutes=5))
        assert page in client.get(reverse("access:grant", args=[taken.pk])).content.decode()
        assert "<textarea" in client.get(page).content.decode()
        assert actions.look_at_emergency(taken.pk, by=ines, note="fine", now=now + timedelta(minutes=6)).looked_at

    def test_it_is_looked_at_from_its_end_on_whether_or_not_a_job_ran(self, named, ana, ines):
        taken = take(named, ana)
        assert actions.look_at_emergency(taken.pk, by=ines, note="fine", now=taken.ends_at).looked_at_by == ines

    def test_nobody_takes_it_again_before_somebody_looked(self, client, named, ana, ines):
        taken = take(named, ana, hours=4)
        after = taken.ends_at + timedelta(seconds=1)
        for at in (after, after + timedelta(days=3)):
            with pytest.raises(errors.NotLookedAtYet, match="Ines Romero"):
                take(named, ana, at)
            actions.close_leavers(now=at)
        ben = EmployeeFactory()
        assert take(name(ben, ines), ben).state == GrantState.APPROVED, "another person who is named may"
        actions.look_at_emergency(taken.pk, by=ines, note="fine", now=after)
        assert take(named, ana, after + timedelta(seconds=1)).state == GrantState.APPROVED

    def test_giving_it_up_early_does_not_open_it_again(self, named, ana):
        now = timezone.now()
        taken = take(named, ana, now)
        actions.revoke_grant(taken.pk, by=ana, reason="done", now=now)
        with pytest.raises(errors.NotLookedAtYet):
            take(named, ana, now + timedelta(minutes=1))


class TestWhatIsThereAlready:
    def test_a_late_job_keeps_no_glass_closed(self, named, ana, ines):
        taken = take(named, ana)
        after = taken.ends_at + timedelta(seconds=1)
        actions.look_at_emergency(taken.pk, by=ines, note="fine", now=taken.ends_at)
        again = take(named, ana, after)
        taken.refresh_from_db()
        assert (taken.state, taken.revoked_at) == (GrantState.REVOKED, taken.ends_at)
        assert AccessGrant.objects.in_force(at=after).get(employee=ana) == again

    def test_a_grant_whose_own_end_has_passed_is_in_the_way_no_more(self, named, ana):
        now = timezone.now()
        held = GrantFactory(employee=ana, entitlement=entitlement("reveal.contact"), ends_at=now - timedelta(seconds=1))
        assert take(named, ana, now).state == GrantState.APPROVED
        held.refresh_from_db()
        assert (held.state, held.revoked_at) == (GrantState.REVOKED, now)

    def test_who_has_it_approved_for_later_is_told_from_when_and_what_to_do(self, named, ana):
        now = timezone.now()
        GrantFactory(employee=ana, entitlement=entitlement("reveal.contact"), starts_at=now + timedelta(days=10))
        day = timezone.localtime(now + timedelta(days=10))
        with pytest.raises(errors.HasItAlready, match=f"from {day:%B %-d, %Y}.*earlier"):
            take(named, ana, now)

    def test_who_has_it_out_of_force_is_told_why_and_no_glass_breaks(self, named, ana):
        (held,) = grant(ana, "reveal.contact")
        actions.suspend_grant(held.pk, by=None, reason="looked into", now=timezone.now())
        with pytest.raises(errors.HasItAlready, match="It is suspended"):
            take(named, ana)


def test_whoever_is_refused_reads_who_has_to_look(named, ana, ines):
    """The entitlement is owned: its owner is named as who looks."""
    owner = EmployeeFactory(name="Olga Owner")
    Entitlement.objects.filter(pk=named.entitlement_id).update(owner=owner)
    taken = take(BreakGlassEligibility.objects.get(pk=named.pk), ana)
    with pytest.raises(errors.NotLookedAtYet, match="Olga Owner"):
        take(named, ana, taken.ends_at)


def test_the_page_offers_no_glass_that_would_not_break_and_no_look_at_what_still_runs(named, ana, ines):
    mine, theirs = sign_in(Client(), ana), sign_in(Client(), ines)
    page, door, look = reverse("access:emergencies"), reverse("access:break_glass", args=[named.pk]), "Look at it"
    assert door in mine.get(page).content.decode()
    taken = take(named, ana)
    assert door not in (said := mine.get(page).content.decode())
    assert "This access is there already" in said
    assert look not in theirs.get(page).content.decode()
    with time_machine.travel(taken.ends_at + timedelta(minutes=1), tick=True):
        mine, theirs = sign_in(Client(), ana), sign_in(Client(), ines)
        assert door not in (said := mine.get(page).content.decode())
        assert "Nobody has looked yet" in said
        assert look in theirs.get(page).content.decode()
        actions.look_at_emergency(taken.pk, by=ines, note="as it should", now=timezone.now())
        assert door in sign_in(Client(), Employee.objects.get(pk=ana.pk)).get(page).content.decode()


def test_whoever_suspends_what_was_taken_in_an_emergency_closes_no_ordinary_request(named, ana, ines):
    now = timezone.now()
    wish = actions.request_grant(ana, named.entitlement, by=ana, reason="every day", now=now, ends_at=now + timedelta(days=30))
    taken = take(named, ana, now)
    actions.suspend_grant(taken.pk, by=ines, reason="looked into", now=now)
    wish.refresh_from_db()
    assert wish.state == GrantState.REQUESTED
    assert policies.stands_against(wish) is None
