"""Passkeys: in words that say what one gets, and proof against whatever else is sent in their place. Named in MFA_FORMS."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from customers.doors.words import WordsField
from privacy.access.forms.tries import TriesAreFew

logger = logging.getLogger(__name__)
LONGEST_CREDENTIAL = 64 * 1024  # characters of JSON; a browser sends some 2,000


class CredentialField(forms.JSONField):
    """What a browser says of a key: an object with a response in it. Anything else is refused, whatever Python takes it for.

    A library that asks `if credential` would take `false` for "nothing to look at", and keep it as a key.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=True, widget=forms.HiddenInput, max_length=None, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_CREDENTIAL:
            raise get_adapter().validation_error("incorrect_code")
        try:
            credential = super().to_python(value)
        except RecursionError:
            raise get_adapter().validation_error("incorrect_code") from None
        if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
            raise get_adapter().validation_error("incorrect_code")
        return credential


def _read(read: Callable[[], Any]) -> Any:
    """What the library makes of a credential; whatever it stumbles over in one is no key. Raises ValidationError."""
    try:
        return read()
    except (ValidationError, DatabaseError):
        raise
    except Exception as error:
        logger.info("a credential could not be read: %s", type(error).__name__)
        raise get_adapter().validation_error("incorrect_code") from None


class AddKeyForm(AddWebAuthnForm):
    name = WordsField(required=False)
    credential = CredentialField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label = "Sign in with this key alone"
        alone.help_text = "Without login name and password. The key then asks for your finger, your face or its PIN."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = _read(super().clean)
        return cleaned


class _ReadsWithCare(TriesAreFew, AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Any:
        return _read(super().clean_credential)


class AuthenticateKeyForm(_ReadsWithCare):
    """The key as second factor."""


class LoginKeyForm(_ReadsWithCare, LoginWebAuthnForm):
    """The key alone."""


class ReauthenticateKeyForm(_ReadsWithCare, ReauthenticateWebAuthnForm):
    """The key once more, before something that asks for it."""
