"""What people type about other systems: how one is reached, what it gives, evidence of what was done by hand."""

from typing import Any

from django import forms

from customers.classification import Category
from customers.doors.words import WordsField
from privacy.access.models import Entitlement, System, SystemKind
from privacy.access.policies.systems import EVIDENCE_BYTES_AT_MOST, address_fault
from privacy.workforce.models import Employee

_KINDS = [(kind.value, kind.label) for kind in SystemKind if kind != SystemKind.HERE]


class SystemForm(forms.Form):
    """Change a system. The secret is written, never read: the field is always empty."""

    name = WordsField(max_length=200)
    address = forms.CharField(
        max_length=500,
        required=False,
        help_text="PostgreSQL: postgresql://user@host:5432/database. SCIM: https://app.example/scim/v2. By hand: where one goes.",
    )
    secret = forms.CharField(
        max_length=4000,
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "spellcheck": "false"}),
        help_text="Password or bearer token. Encrypted, and never shown again. Empty: the one that is there stays.",
    )
    owner = forms.ModelChoiceField(
        Employee.objects.none(),
        required=False,
        empty_label="nobody: the security administrators",
        help_text="Does what is done there by hand.",
    )
    reconciled = forms.BooleanField(required=False, label="Compare every night with what people should have there")

    def __init__(self, *args: Any, people: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        if kind == SystemKind.BY_HAND:
            del self.fields["secret"], self.fields["reconciled"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kind = values.get("kind") or self.kind
        if kind and "address" in values and (fault := address_fault(kind, values["address"])):
            self.add_error("address", fault)
        return values


class ConnectForm(SystemForm):
    """Connect a system. Its code and its kind stay for good."""

    code = forms.SlugField(max_length=50, help_text="Short and for good: “warehouse”, “helpdesk”. Used in files and commands.")
    kind = forms.ChoiceField(choices=_KINDS, label="How access is given and taken away there")  # type: ignore[assignment]
    field_order = ["name", "code", "kind", "address", "secret", "owner", "reconciled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].help_text = "Password or bearer token. Encrypted, and never shown again."

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if System.objects.filter(code=code).exists():
            raise forms.ValidationError("There is a system with that code already.")
        return code


class EntitlementForm(forms.Form):
    """One thing that a system gives."""

    name = WordsField(
        max_length=200, label="What the holder may do", help_text="As a sentence's end: “read the orders of the data warehouse”."
    )
    external_name = WordsField(
        max_length=200,
        required=False,
        label="Role or group there",
        help_text="Exactly as that system calls it. Empty: the account itself, being able to sign in.",
    )
    sensitive = forms.BooleanField(
        required=False, label="Sensitive: needs an NDA, a briefing, a second factor, two approvals and an end"
    )
    categories = forms.MultipleChoiceField(
        choices=Category, required=False, widget=forms.CheckboxSelectMultiple, label="Customers' data that it opens"
    )
    owner = forms.ModelChoiceField(
        Employee.objects.none(),
        required=False,
        empty_label="nobody: the security administrators decide",
        label="Who decides on requests",
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class NewEntitlementForm(EntitlementForm):
    """Its code stays for good."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]*$", max_length=100, help_text="Short and for good, in small letters: “orders.read”."
    )
    field_order = ["name", "code", "external_name", "sensitive", "categories", "owner"]

    def __init__(self, *args: Any, system: System, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.system = system

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Entitlement.objects.filter(system=self.system, code=code).exists():
            raise forms.ValidationError("This system has an entitlement with that code already.")
        return code


class AccountForm(forms.Form):
    """Whose account is whose there."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label="Person", empty_label="Choose…")
    name = WordsField(max_length=200, label="Account's name there")
    external_id = forms.CharField(
        max_length=200, required=False, label="Identifier there", help_text="SCIM: the id. Empty: looked up by the name."
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = people  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    """Done by hand: the file that shows it."""

    evidence = forms.FileField(
        help_text="PDF, PNG, JPEG, text or mail (.eml), at most 10 MB. It is encrypted; its name is not kept.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.txt,.eml"}),
    )
    note = WordsField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What was done",
        help_text="Where it was taken away, and what the file shows.",
    )

    def clean_evidence(self) -> Any:
        file = self.cleaned_data["evidence"]
        if file.size > EVIDENCE_BYTES_AT_MOST:  # before a byte of it is looked at
            raise forms.ValidationError("The file is larger than 10 MB.", code="too_large")
        return file
