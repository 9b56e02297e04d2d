"""Every due date against an oracle that counts day by day, and against dates worked out by hand."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.tickets.models import EventKind, Regime, RightKind
from privacy.tickets.policies import COMPANY_ZONE, Fact, due_dates, is_open, nth_business_day

NEW_YORK = ZoneInfo("America/New_York")
FEDERAL = holidays.country_holidays("US", years=range(2019, 2036))
instants = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2032, 12, 31), timezones=st.just(ZoneInfo("UTC")), allow_imaginary=False
)
closed_days = st.frozensets(st.dates(min_value=date(2020, 1, 1), max_value=date(2033, 12, 31)), max_size=30)


# --- the oracle: walks a calendar one day at a time, and knows nothing of the code it checks --------------------------


def works(day, closures):
    return day.strftime("%a") not in {"Sat", "Sun"} and day not in FEDERAL and day not in closures


def last_day_by_walking(received, count, counts):
    day = received
    passed = 0
    while passed < count:
        day = date.fromordinal(day.toordinal() + 1)
        if counts(day):
            passed += 1
    return day


def gdpr_oracle(received, months, waited=0):
    """Reg. 1182/71, 3(4): a last day that is a Saturday or Sunday "shall end with the expiry of the last hour of the following
    working day". Its public holidays are those of a member state; America's, and days on which a company is closed, are none.
    """
    return not_a_week_end(same_day_of_a_later_month(received, months) + timedelta(days=waited))


def not_a_week_end(day):
    return {"Sat": day + timedelta(days=2), "Sun": day + timedelta(days=1)}.get(day.strftime("%a"), day)


def next_day_of_work(day, closures):
    while not works(day, closures):
        day += timedelta(days=1)
    return day


def same_day_of_a_later_month(received, months):
    year, month = received.year, received.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    wanted = received.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1


def oracle(kind, regime, received, closures, extended):
    """(acknowledge by, answer by) as days in New York."""
    if regime == "gdpr":
        return None, gdpr_oracle(received, 3 if extended else 1)
    know = {"access_categories", "access_specific", "correction", "deletion", "referral_removal"}
    if kind in know:
        days = 90 if extended else 45
        return (
            last_day_by_walking(received, 10, lambda day: works(day, closures)),
            last_day_by_walking(received, days, lambda day: True),
        )
    if kind == "opt_out":  # 15 USC 7704(a)(4)(A)(i): "more than 10 business days after the receipt of such request" is unlawful
        return None, last_day_by_walking(received, 10, lambda day: works(day, closures))
    if kind == "limit_use":  # 11 CCR 7027(g)(1): "no later than 15 business days from the date the business receives the request"
        return None, last_day_by_walking(received, 15, lambda day: works(day, closures))
    if kind == "shine_the_light":
        return None, last_day_by_walking(received, 30, lambda day: True)
    return None, last_day_by_walking(received, 10, lambda day: works(day, closures))


def oracle_of_a_diary(kind, regime, received, diary, closures):
    """(first day to answer by, answer by), by reading a diary of (day, what happened) from its first line to its last."""
    begun, waited, waits_since, more_time_on = received, 0, None, []
    for day, what in diary:
        if what == "reopened" and kind == "question":  # a new question: a new page
            begun, waited, waits_since, more_time_on = day, 0, None, []
        elif what == "paused" and waits_since is None:
            waits_since = day
        elif what == "resumed" and waits_since is not None:
            while waits_since < day:
                waits_since, waited = waits_since + timedelta(days=1), waited + 1
            waits_since = None
        elif what == "extended":
            more_time_on.append(day)
    if regime != "gdpr" and kind not in {"question", "printed_statement"}:
        waited = 0  # California waits for nobody
    _, first = oracle(kind, regime, begun, closures, False)
    if waited:
        later = first + timedelta(days=waited)
        first = not_a_week_end(later) if regime == "gdpr" else next_day_of_work(later, closures)
    if not any(day <= first for day in more_time_on):
        return first, first
    if regime == "gdpr":
        return first, gdpr_oracle(begun, 3, waited)
    longest = oracle(kind, regime, begun, closures, True)[1]
    return first, max(first, longest)  # where California knows no more time, its longest is its first, which a pause moves


def day_of(instant):
    return None if instant is None else instant.astimezone(NEW_YORK).date()


@given(
    kind=st.sampled_from(list(RightKind)),
    regime=st.sampled_from(list(Regime)),
    received=instants,
    closures=closed_days,
    extended_after=st.none() | st.integers(min_value=0, max_value=120),
)
def test_due_dates_agree_with_the_oracle(kind, regime, received, closures, extended_after):
    local = received.astimezone(NEW_YORK).date()
    _, first = oracle(kind, regime, local, closures, False)
    events = []
    extended = False
    if extended_after is not None:
        at = received + timedelta(days=extended_after)
        events.append(Fact(EventKind.EXTENDED, at))
        extended = at.astimezone(NEW_YORK).date() <= first
    due = due_dates(kind=kind, regime=regime, received_at=received, events=events, closures=closures)
    acknowledge, answer = oracle(kind, regime, local, closures, extended)
    assert (day_of(due.acknowledge_by), day_of(due.answer_by)) == (acknowledge, answer)
    assert day_of(due.first_answer_by) == first
    assert due.answer_by.astimezone(NEW_YORK).strftime("%H:%M:%S") == "23:59:59"


one_thing = st.sampled_from(["paused", "resumed", "extended", "paused", "resumed", "reply"])
one_round = st.lists(st.tuples(st.integers(min_value=0, max_value=9), one_thing), max_size=6)


@given(
    kind=st.sampled_from(["question", "question", "question", "printed_statement", "deletion", "opt_out"]),
    regime=st.sampled_from(list(Regime)),
    received=instants,
    closures=closed_days,
    rounds=st.lists(one_round, min_size=1, max_size=3),
)
def test_due_dates_agree_with_the_oracle_whatever_happened_before_and_after_a_request_was_reopened(
    kind, regime, received, closures, rounds
):
    happened = [line for one in rounds for line in [*one, (1, "reopened")]][:-1]
    events, diary, at = [], [], received
    for days_later, what in happened:
        at += timedelta(days=days_later)
        events.append(Fact(EventKind(what), at))
        diary.append((day_of(at), what))
    due = due_dates(kind=kind, regime=regime, received_at=received, events=events, closures=closures)
    assert (day_of(due.first_answer_by), day_of(due.answer_by)) == oracle_of_a_diary(
        kind, regime, day_of(received), diary, closures
    )


@pytest.mark.parametrize("regime", list(Regime))
def test_who_was_waited_for_and_put_off_a_year_ago_is_not_put_off_again_by_that(regime):
    asked, again = (datetime(year, 3, 2, 15, tzinfo=ZoneInfo("UTC")) for year in (2025, 2026))
    before = [
        Fact(EventKind.EXTENDED, asked + timedelta(days=1)),
        Fact(EventKind.PAUSED, asked + timedelta(days=2)),
        Fact(EventKind.RESUMED, asked + timedelta(days=30)),
        Fact(EventKind.PAUSED, asked + timedelta(days=40)),  # nobody ended it: the request was closed
        Fact(EventKind.REOPENED, again),
    ]
    after = [Fact(EventKind.RESUMED, again + timedelta(days=5))]
    for events in (before, before + after):
        due = due_dates(kind="question", regime=regime, received_at=asked, events=events)
        assert due == due_dates(kind="question", regime=regime, received_at=again, events=[])


@given(received=instants, paused=st.integers(min_value=0, max_value=200), lasts=st.integers(min_value=0, max_value=200))
def test_a_pause_never_moves_californias_clock(received, paused, lasts):
    events = [
        Fact(EventKind.PAUSED, received + timedelta(days=paused)),
        Fact(EventKind.RESUMED, received + timedelta(days=paused + lasts)),
    ]
    with_pause = due_dates(kind="deletion", regime="ccpa", received_at=received, events=events)
    without = due_dates(kind="deletion", regime="ccpa", received_at=received, events=[])
    assert with_pause == without


@given(received=instants, again=st.integers(min_value=1, max_value=400))
def test_a_question_asked_again_starts_anew(received, again):
    reopened = received + timedelta(days=again)
    due = due_dates(kind="question", regime="ccpa", received_at=received, events=[Fact(EventKind.REOPENED, reopened)])
    assert due.answer_by == due_dates(kind="question", regime="ccpa", received_at=reopened, events=[]).answer_by


@pytest.mark.parametrize(
    ("received", "kind", "regime", "due"),
    [
        ("2026-01-31", "deletion", "gdpr", "2026-03-02"),  # 28 February 2026 is a Saturday
        ("2026-03-05", "deletion", "gdpr", "2026-04-06"),  # 5 April 2026 is a Sunday
        ("2024-01-31", "deletion", "gdpr", "2024-02-29"),
        ("2026-10-26", "deletion", "gdpr", "2026-11-26"),  # America's Thanksgiving is no holiday of a member state
        ("2026-06-03", "deletion", "gdpr", "2026-07-03"),  # nor is the day on which Independence Day is kept
        ("2026-08-07", "opt_out", "gdpr", "2026-09-07"),  # nor Labor Day
        ("2026-11-25", "question", "gdpr", "2026-12-25"),  # a holiday in most member states, but we know of none which is theirs
        ("2026-01-01", "deletion", "ccpa", "2026-02-15"),  # calendar days: a Sunday is a day
        ("2026-12-18", "opt_out", "ccpa", "2027-01-05"),  # Christmas Day and New Year's Day fall on Fridays
        ("2026-12-18", "limit_use", "ccpa", "2027-01-12"),
        ("2026-11-23", "opt_out", "ccpa", "2026-12-08"),  # Thanksgiving
        ("2026-07-01", "question", "ccpa", "2026-07-16"),  # Independence Day, a Saturday, is kept on Friday the 3rd
        ("2026-03-06", "access_specific", "ccpa", "2026-04-20"),  # over the spring change of the clocks
    ],
)
def test_dates_worked_out_by_hand(received, kind, regime, due):
    at = datetime.combine(date.fromisoformat(received), datetime.min.time(), NEW_YORK) + timedelta(hours=13)
    assert day_of(due_dates(kind=kind, regime=regime, received_at=at, events=[]).answer_by).isoformat() == due


def test_europes_clock_does_not_wait_until_the_company_opens_again():
    at = datetime(2026, 10, 1, 17, tzinfo=ZoneInfo("UTC"))
    closures = {date(2026, 11, 2), date(2026, 11, 3)}
    due = due_dates(kind="deletion", regime="gdpr", received_at=at, events=[], closures=closures)
    assert day_of(due.answer_by) == date(2026, 11, 2)  # the 1st is a Sunday


def test_what_arrives_late_in_the_evening_counts_by_the_companys_day_not_by_utc():
    at = datetime(2026, 11, 24, 2, 0, tzinfo=ZoneInfo("UTC"))  # the 23rd, 21:00, in New York
    assert day_of(due_dates(kind="deletion", regime="ccpa", received_at=at, events=[]).answer_by) == date(2027, 1, 7)


def test_the_companys_own_closures_are_no_business_days():
    monday = date(2026, 11, 23)
    assert nth_business_day(monday, 1) == date(2026, 11, 24)
    assert nth_business_day(monday, 1, {date(2026, 11, 24)}) == date(2026, 11, 25)
    assert nth_business_day(monday, 3) == date(2026, 11, 27)  # the 26th is Thanksgiving


@pytest.mark.parametrize(
    ("local", "is_so"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 20:59", True),
        ("2026-11-23 21:00", False),
        ("2026-11-28 09:30", False),
        ("2026-11-28 10:00", True),
        ("2026-11-28 19:00", False),
        ("2026-11-29 12:00", False),
    ],
)
def test_the_hours_are_those_of_the_statement(local, is_so):
    assert is_open(datetime.fromisoformat(local).replace(tzinfo=COMPANY_ZONE)) is is_so
