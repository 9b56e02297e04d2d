"""The time to revoke: five points, in every system, with what is late named; and what breaks the promise."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, queries
from privacy.access.actions.outbox import settle_everything
from privacy.access.promises import revoked
from privacy.models import (
    AccessGrant,
    ChangeState,
    Drift,
    EmploymentEvent,
    GrantState,
    Nda,
    Reconciliation,
    SystemChange,
    SystemKind,
)
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.agreements import NdaFactory
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import ContractorFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now
ADDRESSES = {SystemKind.POSTGRESQL: "postgresql://admin@db.example/shop", SystemKind.SCIM: "https://app.example/scim/v2"}


@pytest.fixture
def administrator():
    ines = EmployeeFactory(login="ines", name="Ines Romero")
    grant(ines, "access.administer")
    return ines


def outside(kind: str, name: str = "Warehouse"):
    """Something that a system of that kind gives."""
    system = SystemFactory(kind=kind, name=name, address=ADDRESSES.get(kind, ""))
    return OutsideEntitlementFactory(system=system)


def removal(thing, *, seconds: float | None, ago: timedelta = timedelta(hours=2), event=None, employee=None) -> SystemChange:
    """A removal whose access had to be gone so long ago, proven after so many seconds; None: still outstanding."""
    since = NOW() - ago
    proven_at = None if seconds is None else since + timedelta(seconds=seconds)
    return SystemChange.objects.create(
        system=thing.system,
        entitlement=thing,
        employee=employee or EmployeeFactory(),
        account_name="ana",
        wanted="removed",
        state=ChangeState.FAILED if seconds is None else ChangeState.PROVEN,
        event=event,
        known_at=since,
        effective_at=since,
        enforced_at=since,
        pushed_at=proven_at,
        proven_at=proven_at,
        due_at=since + timedelta(seconds=thing.system.bound_seconds),
        next_try_at=NOW(),
    )


def measure(**asked):
    now = NOW() + timedelta(seconds=1)
    return queries.measure_timeliness(begin=now - timedelta(days=90), end=now, now=now, **asked)


def left(employee=None, *, told_ago: timedelta = timedelta()) -> EmploymentEvent:
    """Somebody with access here left, and HR's word had reached us so long ago."""
    employee = employee or EmployeeFactory()
    if not employee.grants.exists():
        grant(employee, "requests.work")
    actions.end_employment(employee.pk, by=None, reason="left", now=NOW(), known_at=NOW() - told_ago, source="roster")
    return employee.employment_events.get(kind="left")


# --- the figures -----------------------------------------------------------------------------------------------------


def test_nothing_removed_measures_nothing():
    measured = measure()
    assert measured.count == 0
    assert measured.groups["connected"].p95 is None


def test_percentiles_are_of_the_finished_ones_and_late_ones_are_counted():
    warehouse = outside(SystemKind.POSTGRESQL)
    for seconds in (*range(1, 20), 400):
        removal(warehouse, seconds=seconds)
    removal(warehouse, seconds=None, ago=timedelta(seconds=10))
    removal(warehouse, seconds=None, ago=timedelta(minutes=10))
    spread = measure().groups["connected"]
    assert (spread.count, spread.p50, spread.p95, spread.worst) == (20, 10, 19, 400)
    assert (spread.late, spread.outstanding, spread.open) == (1, 2, 1)


def test_each_kind_of_system_has_its_own_bound():
    for kind, bound in ((SystemKind.POSTGRESQL, 300), (SystemKind.SCIM, 300), (SystemKind.BY_HAND, 86_400)):
        thing = outside(kind, name=kind)
        removal(thing, seconds=bound, ago=timedelta(days=3))
        removal(thing, seconds=bound + 1, ago=timedelta(days=3))
    measured = measure()
    assert {str(one.system): (one.count, one.late) for one in measured.systems} == {
        "postgresql": (2, 1),
        "scim": (2, 1),
        "by_hand": (2, 1),
    }
    assert (measured.groups["connected"].late, measured.groups["by_hand"].late) == (2, 1)


def test_a_leavers_grants_elsewhere_do_not_make_it_late_here():
    """The row that says “proven gone there” is of the same grant, and comes later: it is not the end here."""
    ana = EmployeeFactory()
    GrantFactory(employee=ana, entitlement=outside(SystemKind.POSTGRESQL))
    event = left(ana)
    before = measure().groups["here"].worst
    AccessGrant.objects.filter(ended_by_event=event).update(state=GrantState.REVOKED)
    assert measure().groups["here"].worst == before


def test_hrs_word_that_reached_us_earlier_counts_from_then():
    left(told_ago=timedelta(seconds=90))
    here = measure().groups["here"]
    assert 90 <= here.worst < 120
    assert here.late == 1


def test_a_last_day_told_beforehand_takes_no_time_and_counts_from_when_it_takes_effect():
    ana = EmployeeFactory()
    grant(ana, "requests.work")
    actions.schedule_leaving(ana.pk, last_day=timezone.localdate(), by=None, now=NOW(), source="roster")
    assert measure().groups["here"].count == 0
    later = NOW() + timedelta(days=2)
    measured = queries.measure_timeliness(begin=later - timedelta(days=3), end=later, now=later)
    assert (measured.groups["here"].count, measured.groups["here"].worst) == (1, 0)


def test_a_newcomers_first_function_is_no_change_of_function():
    ana = EmployeeFactory(job_function=None)
    actions.change_function(ana.pk, to=JobFunctionFactory(code="buyer"), by=None, now=NOW(), source="roster")
    assert measure().groups["here"].count == 0


def test_a_grant_that_an_administrator_revoked_is_measured_too_unless_only_leavers_are_asked_for(administrator):
    (held,) = grant(EmployeeFactory(), "requests.work")
    actions.revoke_grant(held.pk, by=administrator, reason="not needed", now=NOW())
    assert measure().groups["here"].count == 1
    assert measure(only_events=True).groups["here"].count == 0


def test_what_was_told_long_afterwards_is_not_measured_but_the_promise_counts_it():
    left(told_ago=timedelta(days=40))
    measured = measure()
    assert (measured.groups["here"].count, measured.taken_over) == (0, 1)
    assert revoked.time_to_revoke(NOW()).value > 60


def test_weeks_and_bars_hold_every_finished_removal():
    warehouse = outside(SystemKind.POSTGRESQL)
    for days in (3, 10, 17):
        removal(warehouse, seconds=20 * days, ago=timedelta(days=days))
    measured = measure()
    assert [(count, p95) for _, p95, _, count in measured.weeks["connected"]] == [(1, 340), (1, 200), (1, 60)]
    assert sum(measured.bars["connected"]) == 3
    assert measured.bars["connected"][-1] == 1  # 340 s: over the bound
    assert len(queries.bar_labels("connected")) == len(measured.bars["connected"])


def test_one_system_alone():
    warehouse, helpdesk = outside(SystemKind.POSTGRESQL), outside(SystemKind.SCIM, "Help desk")
    removal(warehouse, seconds=3)
    removal(helpdesk, seconds=7)
    assert measure(system=helpdesk.system_id).groups["connected"].worst == 7
    now = NOW()
    asked = {"begin": now - timedelta(days=1), "end": now, "now": now}
    assert len(queries.each_removal("connected", **asked)) == 2
    assert [seconds for _, seconds in queries.each_removal("connected", **asked, system=warehouse.system_id)] == [3]


# --- the five points of one person ------------------------------------------------------------------------------------


def test_a_leaver_has_five_points_and_the_last_two_come_with_the_last_system():
    event, warehouse, badges = left(), outside(SystemKind.POSTGRESQL), outside(SystemKind.BY_HAND, "Badges")
    times = queries.times_of(event, now=NOW())
    assert (times.removals, times.word) == (0, "in time")
    first = removal(warehouse, seconds=5, ago=timedelta(), event=event)
    second = removal(badges, seconds=None, ago=timedelta(), event=event)
    times = queries.times_of(event, now=NOW() + timedelta(seconds=9))
    assert (times.proven, times.outstanding, times.word) == (1, 1, "under way")
    assert times.proven_at is None
    assert queries.times_of(event, now=NOW() + timedelta(days=2)).word == "overdue"
    done = first.known_at + timedelta(hours=3)
    SystemChange.objects.filter(pk=second.pk).update(state=ChangeState.PROVEN, pushed_at=done, proven_at=done)
    times = queries.times_of(event, now=NOW() + timedelta(days=2))
    assert (times.word, times.proven_at) == ("in time", done)


def test_pages_of_leavers_follow_each_other_without_gaps(monkeypatch):
    monkeypatch.setattr("privacy.access.queries.clock_points.EVENTS_PAGE", 2)
    events = [left() for _ in range(5)]
    now, seen, after = NOW(), [], None
    while True:
        rows, after = queries.event_times(begin=now - timedelta(days=1), end=now, now=now, after=after)
        seen += [row.event.pk for row in rows]
        if after is None:
            break
    assert seen == [event.pk for event in reversed(events)]


# --- breaches and the promise ------------------------------------------------------------------------------------------


def test_an_outstanding_removal_past_its_bound_breaks_the_promise_however_old_it_is():
    change = removal(outside(SystemKind.POSTGRESQL), seconds=None, ago=timedelta(days=200))
    figure = revoked.time_to_revoke(NOW())
    assert figure.broken
    assert "still not gone" in figure.broken[0].label
    assert figure.broken[0].url == reverse("access:change", args=[change.pk])
    assert "1 open breach" in figure.detail


def test_one_that_was_proven_too_late_breaks_it_for_90_days():
    thing = outside(SystemKind.BY_HAND)
    removal(thing, seconds=90_000, ago=timedelta(days=80), event=left())
    assert revoked.time_to_revoke(NOW()).broken
    SystemChange.objects.update(known_at=NOW() - timedelta(days=95), effective_at=NOW() - timedelta(days=95))
    assert not revoked.time_to_revoke(NOW()).broken


def test_past_half_of_its_bound_a_removal_is_a_risk():
    thing = outside(SystemKind.POSTGRESQL)
    removal(thing, seconds=None, ago=timedelta(seconds=100))
    assert not revoked.time_to_revoke(NOW()).at_risk
    removal(thing, seconds=None, ago=timedelta(seconds=200))
    figure = revoked.time_to_revoke(NOW())
    assert len(figure.at_risk) == 1
    assert not figure.broken


def test_in_time_everywhere_keeps_it_and_says_the_figures():
    event = left()
    removal(outside(SystemKind.SCIM), seconds=4, event=event)
    removal(outside(SystemKind.BY_HAND, "Badges"), seconds=7_000, event=event)
    figure = revoked.time_to_revoke(NOW())
    assert figure.value < 60
    assert not figure.broken
    assert not figure.at_risk
    assert "In connected systems (bound 5 min): 1 removal: half within 4.00 s" in figure.detail
    assert "In systems worked by hand (bound 24 h): 1 removal:" in figure.detail


def test_a_grant_being_revoked_of_which_nothing_is_under_way_is_a_breach():
    ana = EmployeeFactory()
    held = GrantFactory(employee=ana, entitlement=outside(SystemKind.POSTGRESQL))
    AccessGrant.objects.filter(pk=held.pk).update(
        state=GrantState.REVOKING, revoked_at=NOW() - timedelta(hours=1), revocation_reason="left"
    )
    figure = revoked.time_to_revoke(NOW())
    assert "nothing is under way" in figure.broken[0].label
    assert figure.value > 60


def test_somebody_who_left_and_was_found_there_by_a_comparison_is_a_breach():
    event, thing = left(), outside(SystemKind.POSTGRESQL)
    compared = Reconciliation.objects.create(system=thing.system, began_at=NOW())
    Drift.objects.create(
        system=thing.system,
        kind="excess",
        account_name="ana",
        employee=event.employee,
        first_seen=compared,
        last_seen=compared,
    )
    assert "still there as ana" in revoked.time_to_revoke(NOW()).broken[0].label


def test_a_withdrawn_removal_and_a_gift_are_no_removals():
    thing = outside(SystemKind.POSTGRESQL)
    SystemChange.objects.filter(pk=removal(thing, seconds=None, ago=timedelta(days=2)).pk).update(state=ChangeState.WITHDRAWN)
    SystemChange.objects.filter(pk=removal(thing, seconds=None, ago=timedelta(days=2)).pk).update(wanted="given")
    assert measure().count == 0
    assert not queries.open_breaches(now=NOW())


def test_what_really_happens_is_measured_from_the_leaver_to_the_outbox(administrator):
    ana, thing = EmployeeFactory(name="Ana Silva"), outside(SystemKind.POSTGRESQL)
    GrantFactory(employee=ana, entitlement=thing)
    settle_everything(now=NOW())
    SystemChange.objects.update(state=ChangeState.PROVEN, pushed_at=NOW(), proven_at=NOW())
    event = left(ana)
    times = queries.times_of(event, now=NOW())
    assert (times.removals, times.outstanding) == (1, 1)
    figure = revoked.time_to_revoke(NOW() + timedelta(minutes=10))
    assert any("Ana Silva" in row.label and "Warehouse" in row.label for row in figure.broken)


# --- NDAs running out -------------------------------------------------------------------------------------------------


def test_ndas_running_out_say_how_much_access_stops():
    now = datetime(2026, 3, 10, 15, tzinfo=UTC)
    Nda.objects.all().delete()
    ana, bob = EmployeeFactory(nda=None), ContractorFactory(nda=None)
    NdaFactory(employee=ana, starts_on=date(2025, 1, 1), ends_on=date(2026, 5, 20))
    NdaFactory(employee=bob, starts_on=date(2025, 1, 1), ends_on=date(2026, 5, 31))
    GrantFactory(employee=ana, entitlement=entitlement("requests.work"), ends_at=NOW() + timedelta(days=4000))  # needs none
    GrantFactory(employee=ana, entitlement=entitlement("reveal.contact"), ends_at=NOW() + timedelta(days=4000))
    GrantFactory(employee=bob, entitlement=entitlement("requests.work"), ends_at=NOW() + timedelta(days=4000))
    months = {one.month: (one.ndas, one.grants) for one in queries.ndas_running_out(now=now)}
    assert len(months) == 12
    assert months[date(2026, 5, 1)] == (2, 2)
    gone = EmployeeFactory(nda=None, ends_on=date(2026, 3, 9))  # a last day that passed, which nobody wrote down as a leaving
    NdaFactory(employee=gone, starts_on=date(2025, 1, 1), ends_on=date(2026, 5, 20))
    assert {one.month: one.ndas for one in queries.ndas_running_out(now=now)}[date(2026, 5, 1)] == 2
    NdaFactory(employee=ana, starts_on=date(2026, 5, 21), ends_on=date(2030, 1, 1))  # goes on the day after
    assert {one.month: one.grants for one in queries.ndas_running_out(now=now)}[date(2026, 5, 1)] == 1


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_names_what_is_late_and_draws_the_rest(administrator, client):
    event, warehouse = left(EmployeeFactory(name="Leo Vance")), outside(SystemKind.POSTGRESQL)
    removal(warehouse, seconds=12, event=event)
    late = removal(warehouse, seconds=None, ago=timedelta(hours=1))
    removal(outside(SystemKind.BY_HAND, "Badges"), seconds=90_000, ago=timedelta(days=5))
    sign_in(client, administrator)
    page = client.get(reverse("access:timeliness")).content.decode()
    assert "Should be gone, and is not" in page
    assert reverse("access:change", args=[late.pk]) in page
    assert "Was gone too late" in page
    assert "Leo Vance" in page
    assert "The one removal in connected systems took 12 s" in page
    assert "Make evidence" in page
    for address in ("?days=7", f"?days=365&system={warehouse.system_id}", "?days=x&system=y&after=z", "?system=999999"):
        assert client.get(reverse("access:timeliness") + address).status_code == 200


def test_what_took_no_time_to_speak_of_is_said_in_whole_sentences(administrator, client):
    warehouse = outside(SystemKind.POSTGRESQL)
    for seconds in (0.01, 0.02, 3):
        removal(warehouse, seconds=seconds)
    page = sign_in(client, administrator).get(reverse("access:timeliness")).content.decode()
    assert "All 3 removals in connected systems were done within 3.0 s, half of them in under 0.1 s" in page
    assert "within under" not in page


def test_whoever_reads_the_promises_sees_it_without_links_that_are_closed_to_them(client):
    reader = EmployeeFactory()
    grant(reader, "promises.read")
    change = removal(outside(SystemKind.POSTGRESQL), seconds=None, ago=timedelta(hours=1))
    page = sign_in(client, reader).get(reverse("access:timeliness")).content.decode()
    assert "Should be gone, and is not" in page
    assert reverse("access:change", args=[change.pk]) not in page
    assert "Make evidence" not in page
    other = EmployeeFactory()
    grant(other, "requests.work")
    assert sign_in(Client(), other).get(reverse("access:timeliness")).status_code == 403


def test_many_removals_are_drawn_as_bars(administrator, client):
    thing = outside(SystemKind.POSTGRESQL)
    person = EmployeeFactory()
    for number in range(160):
        removal(thing, seconds=number, employee=person)
    page = sign_in(client, administrator).get(reverse("access:timeliness")).content.decode()
    assert "≤ 5 min" in page
    assert "over 5 min" in page


def test_every_system_that_it_links_to_has_a_page(administrator, client):
    left()
    there = removal(outside(SystemKind.POSTGRESQL), seconds=5)
    page = sign_in(client, administrator).get(reverse("access:timeliness")).content.decode()
    assert str(entitlement("requests.work").system) in page
    linked = set(re.findall(r'href="(/admin/access/systems/\d+/)"', page))
    assert linked == {reverse("access:system", args=[there.system_id])}
    for address in linked:
        assert client.get(address).status_code == 200
