"""By when: every due date of a right, derived from dated facts by one function (REQUESTS.md, "Clocks").

Days are the company's (America/New_York); a clock runs out at the last second of its last day. Business days leave out week-ends,
US federal holidays (the library `holidays`) and the company's own closures (the table Closure); Europe's months only week-ends.
"""

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from customers.instants import is_business_day
from privacy.tickets.models import EventKind, Regime, RightKind

COMPANY_ZONE = timezone.get_default_timezone()
# Statement C and J: "Monday through Friday, 9 AM - 9 PM ET and Saturday 10AM - 7PM ET". Monday is 0.
STATED_HOURS = {**dict.fromkeys(range(5), (time(9), time(21))), 5: (time(10), time(19))}

ACKNOWLEDGE_WITHIN_BUSINESS_DAYS = 10  # 11 CCR 7021(a)
ANSWER_WITHIN_DAYS = 45  # 11 CCR 7021(b), Civ. 1798.130
EXTENSION_DAYS = 45
# 15 USC 7704(a)(4)(A) gives 10 days for commercial e-mail, 11 CCR 7026(f) 15 for sale and sharing: the stricter one for both.
OPT_OUT_WITHIN_BUSINESS_DAYS = 10
LIMIT_USE_WITHIN_BUSINESS_DAYS = 15  # 11 CCR 7027
SHINE_THE_LIGHT_WITHIN_DAYS = 30  # Civ. 1798.83, at the designated address
HOUSE_RULE_BUSINESS_DAYS = 10  # no law sets a clock for questions and printed statements; the house does
GDPR_MONTHS, GDPR_EXTENSION_MONTHS = 1, 2  # Art. 12(3), Reg. 1182/71

KNOW_DELETE_CORRECT = frozenset(
    {
        RightKind.ACCESS_CATEGORIES,
        RightKind.ACCESS_SPECIFIC,
        RightKind.CORRECTION,
        RightKind.DELETION,
        RightKind.REFERRAL_REMOVAL,
    }
)
_HOUSE_RULE = frozenset({RightKind.QUESTION, RightKind.PRINTED_STATEMENT})


@dataclass(frozen=True)
class Fact:
    """One event as far as clocks care: what happened, when, and what it says ({"days": 45})."""

    kind: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """acknowledge_by: None where no law asks for it, or it is done. answer_by: with a valid extension.

    first_answer_by: without it.
    """

    acknowledge_by: datetime | None
    answer_by: datetime
    first_answer_by: datetime

    @property
    def soonest(self) -> datetime:
        return min(self.answer_by, self.acknowledge_by) if self.acknowledge_by else self.answer_by


def due_dates(*, kind: str, regime: str, received_at: datetime, events: Iterable[Fact], closures: Collection[date] = ()) -> Due:
    """When one right is due. The only place where a due date comes from.

    A question that is asked again on a closed request starts anew when the request was reopened: what was paused or extended
    before was the time of the question before. events: as they were written down; mail is dated by its arrival, and may be read
    after what happened meanwhile. A pause moves only clocks that may be paused: Europe's and the house's own, never
    California's ("from receipt, whatever verification takes").
    """
    written, start = list(events), received_at
    reopened = [place for place, fact in enumerate(written) if fact.kind == EventKind.REOPENED]
    if reopened and kind == RightKind.QUESTION:
        written = written[reopened[-1] :]
        start = written[0].at
    facts = sorted(written, key=lambda fact: fact.at)
    day = start.astimezone(COMPANY_ZONE).date()
    first = first_deadline(kind=kind, regime=regime, day=day, closures=closures)
    paused = _paused_days(facts) if regime == Regime.GDPR or kind in _HOUSE_RULE else 0
    if paused:
        later = first + timedelta(days=paused)
        first = _not_on_a_week_end(later) if regime == Regime.GDPR else nth_business_day(later - timedelta(days=1), 1, closures)
    answer = first
    extended = [fact for fact in facts if fact.kind == EventKind.EXTENDED and fact.at <= _end_of(first)]
    if extended and may_be_extended(kind, regime):
        if regime == Regime.GDPR:
            later = _months_after(day, GDPR_MONTHS + GDPR_EXTENSION_MONTHS) + timedelta(days=paused)
            answer = _not_on_a_week_end(later)
        else:
            answer = first + timedelta(days=EXTENSION_DAYS)
    acknowledge = None
    done = any(fact.kind == EventKind.ACKNOWLEDGED for fact in facts)
    if regime == Regime.CCPA and kind in KNOW_DELETE_CORRECT and not done:
        acknowledge = _end_of(nth_business_day(day, ACKNOWLEDGE_WITHIN_BUSINESS_DAYS, closures))
    return Due(acknowledge, _end_of(answer), _end_of(first))


def may_be_extended(kind: str, regime: str) -> bool:
    """Whether the law knows more time for this right: Europe's for every one, California's to know, delete and correct."""
    return regime == Regime.GDPR or kind in KNOW_DELETE_CORRECT


def first_deadline(*, kind: str, regime: str, day: date, closures: Collection[date] = ()) -> date:
    """The last day to answer a right received on `day`, before any extension or pause."""
    if regime == Regime.GDPR:
        return _not_on_a_week_end(_months_after(day, GDPR_MONTHS))
    if kind == RightKind.OPT_OUT:
        return nth_business_day(day, OPT_OUT_WITHIN_BUSINESS_DAYS, closures)
    if kind == RightKind.LIMIT_USE:
        return nth_business_day(day, LIMIT_USE_WITHIN_BUSINESS_DAYS, closures)
    if kind in KNOW_DELETE_CORRECT:
        return day + timedelta(days=ANSWER_WITHIN_DAYS)
    if kind == RightKind.SHINE_THE_LIGHT:
        return day + timedelta(days=SHINE_THE_LIGHT_WITHIN_DAYS)
    if kind in _HOUSE_RULE:
        return nth_business_day(day, HOUSE_RULE_BUSINESS_DAYS, closures)
    raise ValueError(f"no clock for {kind!r}")


def nth_business_day(day: date, count: int, closures: Collection[date] = ()) -> date:
    """The count-th business day after `day`, which itself is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day, closures)
    return day


def is_open(at: datetime, closures: Collection[date] = ()) -> bool:
    """Whether customer service answers the phone at that instant (statement C, J)."""
    local = at.astimezone(COMPANY_ZONE)
    hours = STATED_HOURS.get(local.weekday())
    return bool(hours) and local.date() not in closures and hours[0] <= local.time() < hours[1]  # type: ignore[index]


def _months_after(day: date, months: int) -> date:
    """The same-numbered day of a later month, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _not_on_a_week_end(day: date) -> date:
    """Monday instead of a Saturday or Sunday (Reg. 1182/71, 3(4)). Public holidays there are a member state's, and nobody says
    which one a requester lives in; America's and the company's closed days give no more time.
    """
    return day + timedelta(days=(7 - day.weekday()) * (day.weekday() >= 5))


def _paused_days(facts: list[Fact]) -> int:
    """Whole days between each pause and its end. A pause that has not ended moves nothing yet."""
    days, since = 0, None
    for fact in facts:
        if fact.kind == EventKind.PAUSED and since is None:
            since = fact.at
        elif fact.kind == EventKind.RESUMED and since is not None:
            days += (fact.at.astimezone(COMPANY_ZONE).date() - since.astimezone(COMPANY_ZONE).date()).days
            since = None
    return days


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), COMPANY_ZONE).astimezone(UTC)
