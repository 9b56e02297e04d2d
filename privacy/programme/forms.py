"""What people type about the security programme."""

from datetime import date
from typing import Any

from django import forms

from customers.doors.days import DayField
from customers.doors.words import WordsField
from privacy.workforce.models import Department, Employee


class BriefingForm(forms.Form):
    """Somebody was briefed."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label="Who was briefed", empty_label="Choose…")
    given_on = DayField(label="On")
    note = WordsField(required=False, max_length=1000, label="What was covered")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = people  # type: ignore[attr-defined]


class PolicyForm(forms.Form):
    """A policy, or the next version of one."""

    title = WordsField(max_length=200)
    code = forms.SlugField(max_length=50, help_text="The same code again publishes the next version.")
    text = WordsField(max_length=100_000, widget=forms.Textarea(attrs={"rows": 12}))


class DepartmentReviewForm(forms.Form):
    """A department reviewed its security measures."""

    department = forms.ModelChoiceField(Department.objects.order_by("name"), empty_label="Choose…")
    held_on = DayField(label="On")
    notes = WordsField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}), label="What was looked at and decided")


class ThreatForm(forms.Form):
    """A threat, what is done against it, when it is looked at again."""

    title = WordsField(max_length=200)
    description = WordsField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    countermeasure = WordsField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    review_by = DayField(label="Look at it again by")

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day

    def clean_review_by(self) -> date:
        review_by: date = self.cleaned_data["review_by"]
        if review_by < self.day:
            raise forms.ValidationError("The next look comes after today.")
        return review_by
