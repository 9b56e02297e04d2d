"""What is typed about identity providers."""

from typing import Any

from django import forms

from customers.doors.words import WordsField
from privacy.access.forms.grants import called
from privacy.access.models import Entitlement


class ConnectForm(forms.Form):
    """A new identity provider."""

    name = WordsField(max_length=100, label="Name", help_text="What people call it: Okta, Entra.")


class EligibleForm(forms.Form):
    """What members of a group are offered first."""

    entitlement = forms.ModelChoiceField(Entitlement.objects.none(), label="Entitlement", empty_label="Choose…")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entitlement"].queryset = Entitlement.objects.select_related("system").order_by("name")  # type: ignore[attr-defined]
        self.fields["entitlement"].label_from_instance = called  # type: ignore[attr-defined]
