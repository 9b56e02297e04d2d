"""What people write in their own words: no form keeps a card number (PROMISES.md, A1-transaction)."""

from django import forms

from customers.cards import refuse_card_number


class WordsField(forms.CharField):
    """A reason, a note, a name: kept in the ledger, from which nobody takes anything back. Card numbers are refused before."""

    default_validators = [*forms.CharField.default_validators, refuse_card_number]


class ReasonForm(forms.Form):
    """Why. Written into the ledger with the act."""

    reason = WordsField(max_length=1000, strip=True, widget=forms.Textarea(attrs={"rows": 3}), label="Reason")
