"""What people type about choices. Forms parse; verbs decide."""

from datetime import datetime
from typing import Any

from django import forms

from customers.cards import refuse_card_number
from customers.doors.days import InstantField
from customers.models import Customer
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import Channel, DeliveryState, OptOutSource, Purpose
from privacy.optouts.policies import Subject

BY_HAND = (OptOutSource.PHONE, OptOutSource.POST, OptOutSource.FAX, OptOutSource.AGENT, OptOutSource.WEB)

WRITE_ONE_OF_THREE = "Write a whole e-mail address, a telephone number with its area code, or the member id of a customer."


class ChoiceForm(forms.Form):
    """A choice that a colleague writes down for somebody."""

    channel = forms.ChoiceField(label="Stop using", choices=Channel.choices, initial=Channel.ALL)
    purpose = forms.ChoiceField(label="For", choices=Purpose.choices, initial=Purpose.ALL)
    source = forms.ChoiceField(label="Came by", choices=[(source.value, source.label) for source in BY_HAND])
    evidence = forms.CharField(
        label="What was said, or where the letter is",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_card_number],
    )


class OptOutForm(ChoiceForm):
    """A choice that came by phone, post or fax: ask only what finds the record (11 CCR 7026)."""

    who = forms.CharField(
        label="E-mail address, phone number, or member id",
        max_length=254,
        help_text=(
            "An address stops e-mail to it, a number stops calls and texts to it. A member id stops any channel of that customer,"
            " as an address or a number does that exactly one customer has. No letter goes out."
        ),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    received_at = InstantField(label="Reached us", required=False, help_text="Empty means now.")
    field_order = ("who", "channel", "purpose", "source", "received_at", "evidence")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def clean_who(self) -> Subject:
        who = self.cleaned_data["who"].strip()
        customer = Customer.objects.filter(member_id=who).first()
        if customer:
            return Subject.of_customer(customer.pk, customer.member_id)
        try:
            return Subject.of_email(who) if "@" in who else Subject.of_phone(who)
        except NoSubject as refusal:
            # Words are none of the three; what is wrong with an address or a number is worth saying.
            why = str(refusal) if "@" in who or not any(letter.isalpha() for letter in who) else "Nobody can be found by that."
            raise forms.ValidationError(f"{why} {WRITE_ONE_OF_THREE}") from refusal

    def clean_received_at(self) -> datetime:
        received_at: datetime | None = self.cleaned_data["received_at"]
        if received_at and received_at > self._now:
            raise forms.ValidationError("An opt-out cannot reach us in the future.")
        return received_at or self._now


class EvidenceForm(forms.Form):
    evidence = forms.CharField(
        label="What the person said, and how",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_card_number],
    )


class ReceiptForm(forms.Form):
    state = forms.ChoiceField(label="Their answer", choices=[choice for choice in DeliveryState.choices if choice[0] != "sent"])
