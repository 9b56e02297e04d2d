"""Where the company's days begin and end, which of them are business days, and how people say a length of time."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone

# Days of anybody's working life: no arithmetic on them leaves the calendar.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def start_of(day: date) -> datetime:
    """The instant at which a day begins, in the company's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The instant at which a last day is over: the next day begins, in the company's time zone."""
    return start_of(day + timedelta(days=1))


def is_business_day(day: date, closures: Collection[date] = ()) -> bool:
    """Monday to Friday, no federal holiday, and the company is not closed."""
    return day.weekday() < 5 and day not in closures and day not in _federal_holidays(day.year)


@lru_cache(maxsize=200)
def _federal_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("US", years=year))


def within(seconds: float | timedelta | None) -> str:
    """How long something took at most: "within 3 min"; "in under 0.1 s"; empty for none."""
    length = lasted(seconds)
    return f"in {length}" if length.startswith("under") else length and f"within {length}"


def lasted(seconds: float | timedelta | None, *, decimals: int = 1) -> str:
    """A length of time as people say it: "0.4 s", "12 s", "3 min", "5 h", "2 days"; empty for none.

    decimals: of what took less than ten seconds.
    """
    if seconds is None:
        return ""
    size = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if size < 0:
        return f"−{lasted(-size, decimals=decimals)}"
    if 0 < size < 0.05 and decimals == 1:
        return "under 0.1 s"
    if size < 9.95:
        return f"{size:.{decimals}f} s"
    if size < 120:
        return f"{size:.0f} s"
    if size < 7200:
        return f"{size / 60:.0f} min"
    return f"{size / 3600:.0f} h" if size < 172_800 else f"{size / 86_400:.0f} days"
