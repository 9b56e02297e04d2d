"""What a new version needs."""

import re
from typing import Any

from django import forms

from customers.cards import refuse_card_number
from customers.doors.days import InstantField
from customers.doors.words import WordsField
from privacy.statement.models import StatementVersion

WEB_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"']+")


class PostVersionForm(forms.ModelForm):
    """A new version of the statement, to be posted at once and in force from its instant."""

    takes_effect_at = InstantField(label="Takes effect (Eastern time)")

    class Meta:
        model = StatementVersion
        fields = ["title", "summary", "is_significant", "takes_effect_at", "text"]
        field_classes = dict.fromkeys(("title", "summary"), WordsField)
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

    def clean_text(self) -> str:
        """Card numbers are refused; the addresses of pages that an earlier version names are none, whatever their digits say.

        The web archive's hold the second at which a page was kept: one in ten such numbers passes for a card's.
        """
        text: str = self.cleaned_data["text"]
        posted = "\n".join(StatementVersion.objects.values_list("text", flat=True))
        named = set(WEB_ADDRESS.findall(posted))
        refuse_card_number(WEB_ADDRESS.sub(lambda found: " " if found[0] in named else found[0], text))
        return text

    def _post_clean(self) -> None:
        """Rules of dates are the verb's, which knows the instant: the form only parses."""
