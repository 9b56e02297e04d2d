"""What people type about emergencies, mistakes of HR and what a mover keeps."""

from datetime import datetime
from typing import Any

from django import forms

from customers.doors.days import DayField
from customers.doors.words import ReasonForm, WordsField
from customers.instants import end_of
from privacy.access.forms.grants import called
from privacy.access.models import Entitlement
from privacy.access.models.grants import BREAK_GLASS_HOURS
from privacy.workforce.models import Employee


class EmergencyForm(ReasonForm):
    """Break the glass."""

    hours = forms.TypedChoiceField(
        coerce=int,
        choices=[(hours, f"{hours} hour{'s' if hours > 1 else ''}") for hours in range(1, BREAK_GLASS_HOURS + 1)],
        label="For how long",
    )
    field_order = ("reason", "hours")


class NameForm(forms.Form):
    """Name somebody for emergencies."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label="Who", empty_label="Choose…")
    entitlement = forms.ModelChoiceField(Entitlement.objects.none(), label="May take", empty_label="Choose…")
    last_day = DayField(label="Last day", help_text="At most a year from now.")
    reason = WordsField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), label="Why this person")

    def __init__(self, *args: Any, people: Any, entitlements: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = people  # type: ignore[attr-defined]
        self.fields["entitlement"].queryset = entitlements  # type: ignore[attr-defined]
        self.fields["entitlement"].label_from_instance = called  # type: ignore[attr-defined]

    @property
    def ends_at(self) -> datetime:
        return end_of(self.cleaned_data["last_day"])


class NoteForm(forms.Form):
    """What somebody found who looked at what was taken in an emergency."""

    note = WordsField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label="What you found")


class KeepForm(ReasonForm):
    """A mover keeps a grant for a while."""

    last_day = DayField(label="Until", help_text="At most 30 days from today.")
    field_order = ("reason", "last_day")

    @property
    def until(self) -> datetime:
        return end_of(self.cleaned_data["last_day"])
