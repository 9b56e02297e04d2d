"""The nights in which the clocks change: `last_night_the_clocks_went_back()` is a day of the year that has just passed."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def last_night_the_clocks_went_back() -> date:
    """From 02:00 to 01:00: 01:30 is shown twice."""
    return _last_change(timedelta(hours=-1))


def last_night_the_clocks_went_forward() -> date:
    """From 02:00 to 03:00: 02:30 is never shown."""
    return _last_change(timedelta(hours=1))


def _last_change(by: timedelta) -> date:
    day = timezone.localdate() - timedelta(days=1)
    while _offset(day + timedelta(days=1)) - _offset(day) != by:
        day -= timedelta(days=1)
    return day


def _offset(day: date) -> timedelta:
    return datetime.combine(day, time(0), timezone.get_current_timezone()).utcoffset()
