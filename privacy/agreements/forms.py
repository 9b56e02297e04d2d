"""What people type about NDAs, third parties and agreements."""

from typing import Any

from django import forms

from customers.classification import Category
from customers.doors.days import DayField
from customers.doors.words import WordsField
from privacy.agreements.models import SharingPurpose, ThirdParty, ThirdPartyKind
from privacy.workforce.models import Employee


class _Dated(forms.Form):
    """signed_on, starts_on, ends_on: days; the first two are one day unless said otherwise."""

    signed_on = DayField(label="Signed on")
    starts_on = DayField(required=False, label="Holds from", help_text="The day it was signed where left empty.")
    ends_on = DayField(required=False, label="Last day", help_text="Empty where it holds until it is ended.")
    document = WordsField(max_length=300, label="Where the signed paper is")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["starts_on"] = values.get("starts_on") or values.get("signed_on")
        if values.get("ends_on") and values["starts_on"] and values["ends_on"] < values["starts_on"]:
            self.add_error("ends_on", "It cannot end before it starts.")
        return values


class NdaForm(_Dated):
    """With one person or one third party."""

    employee = forms.ModelChoiceField(Employee.objects.none(), required=False, label="With this person", empty_label="nobody")
    third_party = forms.ModelChoiceField(
        ThirdParty.objects.order_by("name"), required=False, label="or with this third party", empty_label="none"
    )
    field_order = ["employee", "third_party", "signed_on", "starts_on", "ends_on", "document"]

    def __init__(self, *args: Any, may_share: bool, now: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = Employee.objects.not_left(at=now).order_by("name")  # type: ignore[attr-defined]
        if not may_share:
            del self.fields["third_party"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if bool(values.get("employee")) == bool(values.get("third_party")):
            self.add_error("employee", "Choose one person or one third party.")
        return values


class EndForm(forms.Form):
    """End early: the last day on which it holds, and why."""

    last_day = DayField(label="Last day")
    reason = WordsField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ThirdPartyForm(forms.Form):
    """A party outside the company."""

    name = WordsField(max_length=200)
    code = forms.SlugField(max_length=50, help_text="Short, for commands and files: letters, digits, dashes.")
    kind = forms.ChoiceField(choices=ThirdPartyKind)
    contact_email = forms.EmailField(required=False, label="E-mail for notices")
    website = forms.URLField(required=False, assume_scheme="https")
    notes = WordsField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class AgreementForm(_Dated):
    """What a third party may receive, and for what."""

    reference = WordsField(max_length=100, help_text="The number on the paper.")
    purposes = forms.MultipleChoiceField(choices=SharingPurpose, widget=forms.CheckboxSelectMultiple)
    categories = forms.MultipleChoiceField(
        choices=Category, widget=forms.CheckboxSelectMultiple, required=False, label="Categories of data that may be shared"
    )
    return_or_destroy = forms.BooleanField(required=False, label="The party returns or destroys the data at the end")
    field_order = ["reference", "purposes", "categories", "signed_on", "starts_on", "ends_on", "document", "return_or_destroy"]
