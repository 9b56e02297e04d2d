"""What people type when they ask for, decide on, or end access. States are never fields: each verb has its own button."""

from datetime import datetime
from typing import Any

from django import forms

from customers.cards import refuse_card_number
from customers.doors.days import DayField
from customers.doors.words import ReasonForm, WordsField
from customers.instants import end_of, start_of
from privacy.access.models import Entitlement
from privacy.workforce.models import Department, Employee, JobFunction, WorkerType


class RequestForm(forms.Form):
    """Ask for access, for oneself or for somebody one manages."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label="For whom", empty_label="Choose…")
    entitlement = forms.ModelChoiceField(Entitlement.objects.none(), label="What", empty_label="Choose…")
    reason = WordsField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why it is needed",
        help_text="The approver decides by this, and it stays beside the grant.",
    )
    first_day = DayField(required=False, label="First day", help_text="Leave empty to begin as soon as it is approved.")
    last_day = DayField(
        required=False,
        label="Last day",
        help_text="Sensitive access must have an end; so must a contractor's.",
    )

    def __init__(self, *args: Any, people: Any, entitlements: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = people  # type: ignore[attr-defined]
        self.fields["entitlement"].queryset = entitlements  # type: ignore[attr-defined]
        self.fields["entitlement"].label_from_instance = called  # type: ignore[attr-defined]

    @property
    def starts_at(self) -> datetime | None:
        day = self.cleaned_data["first_day"]
        return start_of(day) if day else None

    @property
    def ends_at(self) -> datetime | None:
        day = self.cleaned_data["last_day"]
        return end_of(day) if day else None


def called(entitlement: Entitlement) -> str:
    return f"{entitlement.name[:1].upper()}{entitlement.name[1:]}{' (sensitive)' if entitlement.sensitive else ''}"


class LeftForm(ReasonForm):
    """Has left: now, or after a last day that is still to come."""

    last_day = DayField(
        required=False,
        label="Last day",
        help_text="Leave empty to end employment at once. With a day in the future, access ends by itself when it is over.",
    )


class MovedForm(forms.Form):
    """Changed function."""

    to = forms.ModelChoiceField(JobFunction.objects.order_by("name"), label="New function", empty_label="Choose…")


class BackForm(ReasonForm):
    """Works here again."""

    starts_on = DayField(label="First day")
    ends_on = DayField(required=False, label="Last day")


class HireForm(forms.Form):
    """Somebody new. The roster does this for everybody at once."""

    login = WordsField(max_length=150)
    name = WordsField(max_length=200)
    email = forms.EmailField(
        max_length=254,
        label="E-mail",
        validators=[refuse_card_number],
        help_text="They set their password with “Forgot password?” on the sign-in page: its link goes there.",
    )
    worker_type = forms.ChoiceField(choices=WorkerType, label="Works here as")
    job_function = forms.ModelChoiceField(JobFunction.objects.order_by("name"), label="Function", empty_label="Choose…")
    department = forms.ModelChoiceField(Department.objects.order_by("name"), required=False, empty_label="none")
    manager = forms.ModelChoiceField(Employee.objects.none(), required=False, empty_label="nobody")
    starts_on = DayField(label="First day")
    ends_on = DayField(required=False, label="Last day")

    def __init__(self, *args: Any, managers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = managers  # type: ignore[attr-defined]

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        if any(character.isspace() or not character.isprintable() for character in login):
            raise forms.ValidationError("A login has no spaces.")
        return login

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("starts_on") and values.get("ends_on") and values["ends_on"] < values["starts_on"]:
            self.add_error("ends_on", "Employment cannot end before it starts.")
        return values


class OwnerForm(forms.Form):
    """Who decides on requests for an entitlement."""

    owner = forms.ModelChoiceField(
        Employee.objects.none(), required=False, empty_label="nobody: the security administrators decide", label="Owner"
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class JustifyForm(forms.Form):
    """Which function an entitlement belongs to."""

    job_function = forms.ModelChoiceField(JobFunction.objects.order_by("name"), label="Function", empty_label="Choose…")
