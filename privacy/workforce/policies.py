"""Yes or no: may this be a password? (statement E.1: "required to be six characters and include a non-alphabetic character")"""

from typing import Any

from django.core.exceptions import ValidationError

LONGEST_PASSWORD = 1024


class NonAlphabeticCharacterValidator:
    """Statement E.1: a password includes a non-alphabetic character."""

    def validate(self, password: str, user: Any = None) -> None:
        if password and password.isalpha():
            raise ValidationError("Add at least one character that is not a letter.", code="password_only_letters")

    def get_help_text(self) -> str:
        return "At least one character is not a letter."


class MaximumLengthValidator:
    """Long passphrases are welcome (ASVS 6.2.9); a megabyte is not a passphrase but a way to keep the server busy."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(f"A password has at most {LONGEST_PASSWORD} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return ""
