"""Passkeys in words that say what one gets. Named in MFA_FORMS."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm

from customers.doors.words import WordsField


class AddKeyForm(AddWebAuthnForm):
    name = WordsField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label = "Sign in with this key alone"
        alone.help_text = "Without login name and password. The key then asks for your finger, your face or its PIN."
