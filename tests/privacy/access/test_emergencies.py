"""Emergencies: who may take what, how often, and what ends the right to it (ACCESS.md, "Break-glass")."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors, policies, queries
from privacy.models import Employee, EmploymentEvent, GrantState, HrEvent
from tests.factories.access import entitlement, grant, sign_in
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

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
    return actions.break_glass(named.pk, by=ana, reason="site is down", hours=hours, now=now or timezone.now())


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
