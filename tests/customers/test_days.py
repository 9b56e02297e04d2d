"""Days and instants that people type into forms: what the clock on the wall showed, in a year that somebody lives in."""

from datetime import UTC, datetime

import pytest
from django import forms

from customers.doors.days import InstantField


class Note(forms.Form):
    reached_us = InstantField(required=False)


def typed(text):
    form = Note({"reached_us": text})
    return form.cleaned_data["reached_us"] if form.is_valid() else form.errors["reached_us"][0]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-01T01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # shown twice: at 05:30 and at 06:30 UTC
        ("2026-11-01T01:30-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),  # the second, said so
        ("2026-11-01T00:59", datetime(2026, 11, 1, 4, 59, tzinfo=UTC)),
        ("2026-11-01T02:00", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        ("2026-03-08T01:59", datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        ("2026-03-08T03:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        ("2026-11-23T10:00:30", datetime(2026, 11, 23, 15, 0, 30, tzinfo=UTC)),
    ],
)
def test_who_writes_down_what_the_clock_showed_is_understood_in_the_night_in_which_it_goes_back_too(text, instant):
    assert typed(text) == instant


@pytest.mark.parametrize("text", ["2026-03-08T02:00", "2026-03-08T02:30", "2026-03-08T02:59:59"])
def test_who_writes_down_what_no_clock_showed_is_told_so(text):
    assert typed(text) == f"No clock showed {text[11:16]} on that day: in that night the clocks went forward."


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "0026-11-30T10:00", "1899-12-31T23:59", "2200-01-01T00:00",
     "9999-12-31T23:59", "9999-12-31T23:59-14:00"],
)  # fmt: skip
def test_whose_finger_slipped_is_asked_to_look_at_the_year(text):
    assert "look at the year" in typed(text)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T10:00", "2026-11-23T25:00", "\x00", "2026-11-23T10:00+99:00"])
def test_what_is_no_instant_at_all_is_refused(text):
    assert isinstance(typed(text), str)


def test_nothing_typed_is_nothing():
    assert typed("") is None
