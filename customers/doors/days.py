"""Days and instants that people type: of anybody's working life, so that no arithmetic on them leaves the calendar."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from customers.instants import EARLIEST, LATEST

OUT_OF_BOUNDS = "This is no day of anybody's working life: look at the year."


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """A date between EARLIEST and LATEST: 0026-11-30 is a slip of the finger, and the day after 9999-12-31 does not exist."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        validators = [MinValueValidator(EARLIEST, OUT_OF_BOUNDS), MaxValueValidator(LATEST, OUT_OF_BOUNDS)]
        super().__init__(validators=validators, **kwargs)


class InstantInput(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


class InstantField(forms.DateTimeField):
    """An instant on a day between EARLIEST and LATEST, typed as the company's clock shows it.

    In the night in which the clocks go back an hour is shown twice: the earlier one is meant, so that no clock of the law starts
    too late. In the night in which they go forward an hour is never shown: a time in it is refused, and the refusal says why.
    """

    widget = InstantInput

    def to_python(self, value: Any) -> datetime | None:
        try:
            instant: datetime | None = super().to_python(value)
        except forms.ValidationError as refusal:
            if getattr(refusal, "code", "") != "ambiguous_timezone":
                raise
            instant = _on_our_clock(refusal.params["datetime"])  # type: ignore[index]
        if instant is not None and not EARLIEST <= instant.date() <= LATEST:
            raise forms.ValidationError(OUT_OF_BOUNDS, code="out_of_bounds")
        return instant


def _on_our_clock(shown: datetime) -> datetime:
    """The first instant at which the company's clock shows this. Raises ValidationError where it never does."""
    if not EARLIEST <= shown.date() <= LATEST:
        raise forms.ValidationError(OUT_OF_BOUNDS, code="out_of_bounds")
    zone = timezone.get_current_timezone()
    # In UTC: Python takes an hour that is shown twice as equal to no instant of another zone (PEP 495).
    instant = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != shown:
        raise forms.ValidationError(
            "No clock showed %(time)s on that day: in that night the clocks went forward.",
            code="imaginary",
            params={"time": f"{shown:%H:%M}"},
        )
    return instant
