"""What people type about access reviews."""

from datetime import datetime
from typing import Any

from django import forms

from customers.doors.days import DayField
from customers.doors.words import ReasonForm, WordsField
from customers.instants import end_of
from privacy.access.models import ReviewScope, System
from privacy.workforce.models import Department, Employee


class PrepareForm(forms.Form):
    """Prepare a review. Nothing is asked of anybody yet."""

    name = WordsField(
        max_length=200, label="Name", help_text="Reviewers read it in their mail: “Fourth quarter, sensitive access”."
    )
    scope = forms.ChoiceField(
        choices=[(value, label[:1].upper() + label[1:]) for value, label in ReviewScope.choices], label="What"
    )
    system = forms.ModelChoiceField(System.objects.order_by("name"), required=False, empty_label="Every system", label="System")
    department = forms.ModelChoiceField(
        Department.objects.order_by("name"), required=False, empty_label="Every department", label="Department"
    )
    last_day = DayField(label="Last day to decide", help_text="Two weeks is usual. After it, what nobody decided is not kept.")
    fallback = forms.ModelChoiceField(
        Employee.objects.none(),
        label="Fallback reviewer",
        empty_label="Choose…",
        help_text="Decides where neither owner nor manager may.",
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fallback"].queryset = people  # type: ignore[attr-defined]

    @property
    def due_at(self) -> datetime:
        return end_of(self.cleaned_data["last_day"])


class HandOnForm(ReasonForm):
    """Not mine: hand one item on to somebody by name."""

    to = forms.ModelChoiceField(Employee.objects.none(), label="Whom to ask instead", empty_label="Choose…")
    reason = WordsField(max_length=1000, strip=True, label="Why them", widget=forms.TextInput())
    field_order = ("to", "reason")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class SignOffForm(forms.Form):
    """What somebody found who looked at a complete review."""

    note = WordsField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="What you looked at, and what you conclude",
        help_text="It stands in the evidence under your name.",
    )
