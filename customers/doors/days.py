"""Days that people type: a day of anybody's working life, so that no arithmetic on it leaves the calendar."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """A date between EARLIEST and LATEST: 0026-11-30 is a slip of the finger, and the day after 9999-12-31 does not exist."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        said = "This is no day of anybody's working life: look at the year."
        super().__init__(validators=[MinValueValidator(EARLIEST, said), MaxValueValidator(LATEST, said)], **kwargs)
