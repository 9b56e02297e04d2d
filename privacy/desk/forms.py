"""What a colleague fills in on the page about one person: whom it is about is known already."""

from django import forms

from customers.cards import refuse_card_number
from privacy.optouts.models import Channel, OptOutSource, Purpose
from privacy.tickets.models import RightKind, TicketChannel

BY_HAND = (OptOutSource.PHONE, OptOutSource.POST, OptOutSource.FAX)


class ChoiceForm(forms.Form):
    """A choice that this person made by phone, post or fax."""

    channel = forms.ChoiceField(label="Stop using", choices=Channel.choices, initial=Channel.ALL)
    purpose = forms.ChoiceField(label="For", choices=Purpose.choices, initial=Purpose.ALL)
    source = forms.ChoiceField(label="Came by", choices=[(source.value, source.label) for source in BY_HAND])
    evidence = forms.CharField(
        label="What was said, or where the letter is",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_card_number],
    )


class RequestForm(forms.Form):
    """A request of this person, taken down while they talk. Name and address come from the record, unseen."""

    kinds = forms.MultipleChoiceField(label="Asks for", choices=RightKind.choices, widget=forms.CheckboxSelectMultiple)
    channel = forms.ChoiceField(label="Came by", choices=TicketChannel.choices, initial=TicketChannel.PHONE)
    text = forms.CharField(
        label="In their words",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[refuse_card_number],
    )
