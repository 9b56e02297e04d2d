"""Yes or no: may this be a password? (statement E.1: "required to be six characters and include a non-alphabetic character")"""

import re
from itertools import pairwise
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

LONGEST_PASSWORD = 1024
FEWEST_CHARACTERS = 4  # different ones, in the whole password
_UNDISGUISED = str.maketrans("@4301$5!7", "aaeoissit")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"^(.+?)\1+$")


class NonAlphabeticCharacterValidator:
    """Statement E.1: a password includes a non-alphabetic character."""

    def validate(self, password: str, user: Any = None) -> None:
        if password and password.isalpha():
            raise ValidationError("Add at least one character that is not a letter.", code="password_only_letters")

    def get_help_text(self) -> str:
        return "At least one character is not a letter."


# The first words that somebody tries who knows whose house this is (ASVS 6.2.11).
WORDS_OF_THE_HOUSE = frozenset({"lumens", "lumensadmin", "lumenscom", "adminlumens", "lumenslamps", "lumenslights"})


class NotCommonValidator(CommonPasswordValidator):
    """A common password stays one with its letters disguised, said twice, or with digits and signs around it (ASVS 6.2.4).

    The list of 20,000 that Django brings holds few as long as our passwords have to be: Welcome12345 is not on it, welcome is.
    """

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        plain = password.casefold()[:LONGEST_PASSWORD]
        if len(set(plain)) < FEWEST_CHARACTERS or _counts(plain) or self._is_dressed_up(plain):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def _is_dressed_up(self, plain: str) -> bool:
        words = [_AROUND.sub("", spelled) for spelled in (plain, plain.translate(_UNDISGUISED))]
        if not WORDS_OF_THE_HOUSE.isdisjoint(words):
            return True
        return any(word in self.passwords or _REPEATED.sub(r"\1", word) in self.passwords for word in words)


def _counts(plain: str) -> bool:
    """Whether it is a row of digits: 123456789012, 987654321098."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(plain)} if plain.isdecimal() else set()
    return len(steps) == 1


class MaximumLengthValidator:
    """Long passphrases are welcome (ASVS 6.2.9); a megabyte is not a passphrase but a way to keep the server busy."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(f"A password has at most {LONGEST_PASSWORD} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return ""
