"""What people type about requests. Forms parse; verbs decide."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from customers.canonical import NotAnAddress, email_key
from customers.cards import refuse_card_number
from customers.doors.days import DayField, InstantField
from customers.doors.words import WordsField
from privacy.optouts.models import Channel, Purpose
from privacy.tickets.models import DenialReason, Outcome, Regime, RightKind, Ticket, TicketChannel
from privacy.tickets.policies import BY_MAIL, proof_needed
from privacy.tickets.queries import Requester, channel_to_stop
from privacy.workforce.models import Employee

OLDEST_DAYS = 5 * 366  # a request that reached us earlier was typed wrong


def _text(label: str, *, rows: int = 4, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=20_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[refuse_card_number],
    )


class AskedForm(forms.Form):
    """What somebody asks for, taken down while they talk."""

    kinds = forms.MultipleChoiceField(label="Asks for", choices=RightKind.choices, widget=forms.CheckboxSelectMultiple)
    channel = forms.ChoiceField(label="Came by", choices=TicketChannel.choices, initial=TicketChannel.PHONE)
    text = _text("In their words", rows=4, required=False)


class NewTicketForm(AskedForm):
    """A request that came by phone, post or fax, of somebody who says who they are."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True}),
        validators=[refuse_card_number],
    )
    phone = forms.CharField(label="Phone", max_length=40, required=False, validators=[refuse_card_number])
    email = forms.CharField(label="E-mail", max_length=254, required=False, validators=[refuse_card_number])
    preferred_channel = forms.ChoiceField(
        label="Wants the answer by",
        choices=[("", "as their record says"), *TicketChannel.choices],
        required=False,
        help_text="Where it says nothing: the way it came.",
    )
    received_at = InstantField(
        label="Reached us",
        required=False,
        help_text="Empty means now. The clock starts here: for a letter, the day it arrived.",
    )
    post = forms.CharField(
        label="Postal address",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_card_number],
    )
    regime = forms.ChoiceField(label="Law", choices=Regime.choices, initial=Regime.CCPA)
    field_order = ("name", "phone", "email", "kinds", "text", "channel")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].initial = [RightKind.QUESTION]
        self._now = now

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(part, "").strip() for part in ("name", "phone", "email", "post")):
            self.add_error("name", "Write down who it is: a name, a number or an address.")
        received_at = cleaned.get("received_at")
        if received_at and received_at > self._now:
            self.add_error("received_at", "A request cannot reach us in the future.")
        if received_at and received_at < self._now - timedelta(days=OLDEST_DAYS):
            self.add_error("received_at", "That is years ago: look at the date again.")
        return cleaned

    def clean_email(self) -> str:
        """What no mail could go to is heard wrong, and is asked for again while the person is still on the phone."""
        typed: str = self.cleaned_data["email"].strip()
        try:
            return typed and email_key(typed)
        except NotAnAddress as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def requester(self) -> Requester:
        """What the person told about themselves."""
        data = self.cleaned_data
        return Requester(name=data["name"], email=data["email"], phone=data["phone"].strip(), post=data["post"])


class CommentForm(forms.Form):
    text = _text("Note", rows=3, help_text="Only colleagues read it; the requester does not.")


class ReplyForm(forms.Form):
    text = _text("What the requester is told", rows=7)


class OptionalReasonForm(forms.Form):
    reason = WordsField(label="Reason", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class VerifyForm(forms.Form):
    how = forms.CharField(
        label="How the requester was verified",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_card_number],
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needed = proof_needed(right.kind for right in ticket.rights.all() if right.ended_at is None)
        self.fields["how"].help_text = (
            "Which facts matched, or which code was answered. Never with the field that is to be corrected."
            + (f" Without an account: {needed}." if needed else "")
        )


class HandOverForm(forms.Form):
    to = forms.CharField(label="Login of the colleague", max_length=150)
    reason = forms.CharField(label="Why", max_length=1000, required=False, validators=[refuse_card_number])

    def clean_to(self) -> Employee:
        found = Employee.objects.called(self.cleaned_data["to"].strip()).first()
        if found is None:
            raise forms.ValidationError("Nobody has that login.")
        return found


class KindsForm(forms.Form):
    kinds = forms.MultipleChoiceField(label="Asks for", choices=RightKind.choices, widget=forms.CheckboxSelectMultiple)


class ChannelForm(forms.Form):
    channel = forms.ChoiceField(label="Answer by", choices=TicketChannel.choices)
    reason = forms.CharField(label="How we know", max_length=500, validators=[refuse_card_number])


class SuppressForm(forms.Form):
    channel = forms.ChoiceField(label="Stop using", choices=Channel.choices)
    purpose = forms.ChoiceField(label="For", choices=Purpose.choices, initial=Purpose.ALL)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].initial = channel_to_stop(ticket)
        by_mail = ticket.preferred_channel in BY_MAIL and ticket.requester_email
        self.fields["purpose"].help_text = (
            "A letter confirms it." if by_mail else "No letter confirms it: tell the requester yourself."
        )


class MatchForm(forms.Form):
    customer = forms.CharField(label="Member id", max_length=40, required=False, help_text="Empty: the requester is no customer.")


class _NeededWhenDenied(forms.ChoiceField):
    """Not asked for with every outcome, so that the page does not call it optional."""

    sometimes_needed = True


class OutcomeForm(forms.Form):
    """The outcome of one right, or of everything that is still open."""

    right: Any = forms.ModelChoiceField(label="For", queryset=None, required=False, empty_label="everything that is open")
    outcome = forms.ChoiceField(label="Outcome", choices=[("", "Choose…"), *Outcome.choices])
    denial_reason = _NeededWhenDenied(
        label="Reason of a denial",
        choices=[("", "Choose…"), *DenialReason.choices],
        required=False,
        help_text="Needed when denied, whole or in part.",
    )
    explanation = _text("Explanation", rows=2, required=False)
    duplicate_of = forms.CharField(label="Repeats request no.", max_length=30, required=False)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["right"]
        field.queryset = ticket.rights.filter(ended_at__isnull=True)
        field.label_from_instance = lambda right: right.get_kind_display()

    def clean_duplicate_of(self) -> Ticket | None:
        reference = self.cleaned_data["duplicate_of"].strip()
        if not reference:
            return None
        found = Ticket.objects.filter(reference=reference.upper()).first()
        if found is None:
            raise forms.ValidationError("There is no request with this number.")
        return found


class ClosureForm(forms.Form):
    """A day on which the company is closed."""

    day = DayField(label="Day")
    name = forms.CharField(
        max_length=100,
        label="Why",
        help_text="Stocktaking, a storm, the company's anniversary.",
        validators=[refuse_card_number],
    )
