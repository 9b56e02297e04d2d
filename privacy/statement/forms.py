"""What a new version needs."""

from typing import Any

from django import forms

from customers.doors.days import InstantField
from customers.doors.words import WordsField
from privacy.statement.models import StatementVersion


class PostVersionForm(forms.ModelForm):
    """A new version of the statement, to be posted at once and in force from its instant."""

    takes_effect_at = InstantField(label="Takes effect (Eastern time)")

    class Meta:
        model = StatementVersion
        fields = ["title", "summary", "is_significant", "takes_effect_at", "text"]
        field_classes = dict.fromkeys(("title", "summary", "text"), WordsField)
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "text": forms.Textarea(attrs={"rows": 24, "class": "prose-input"}),
        }
        labels = {
            "is_significant": "Significant: changes how personally identifiable information is used",
            "summary": "What changes, in a customer's words",
        }
        help_texts = {
            "is_significant": "It then takes effect no sooner than 30 days after it is posted.",
            "summary": "Customers read it above the list of changes.",
            "text": "Markdown: ## begins a heading, - a line of a list. The newest text stands here to begin with.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["summary"].required = True

    def _post_clean(self) -> None:
        """Rules of dates are the verb's, which knows the instant: the form only parses."""
