"""What people type about received mail."""

from django import forms

from customers.doors.words import WordsField


class SettledForm(forms.Form):
    reason = WordsField(label="What was done about it", max_length=500)
