"""Card numbers are never kept: whatever could be one is refused wherever it is typed (PROMISES.md, A1-transaction).

What counts: 13 to 19 digits that pass the Luhn check, written together, in one of the groupings printed on cards, or as
everything between two other characters; spaces and dashes of any kind between them, digits of any script. With points, strokes,
commas or colons between them only those groupings count, because dates are written so. What does not: shorter or longer
numbers, a leading zero, 13 digits that start with 1 (milliseconds of a clock), 13 digits after a plus (a telephone).

The same rule stands in the database as `holds_a_card_number(text)` (`customers.sql`); a test holds the two together.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible

SHORTEST, LONGEST = 13, 19
LAYOUTS = frozenset({(4, 4, 4, n) for n in (1, 2, 3, 4)} | {(4, 4, 4, 4, n) for n in (1, 2, 3)} | {(4, 6, 5), (4, 6, 4), (8, 8)})
_AFTER_THE_LAST_DIGIT = 0x20000  # a test looks through the rest of Unicode, which would take each process a tenth of a second
_OTHER_DIGITS = [c for c in map(chr, range(128, _AFTER_THE_LAST_DIGIT)) if c.isdecimal()]
_OTHER_SEPARATORS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
_OTHER_DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
# Characters to read as others: both sides equally long, so that the database's translate() can use them too.
READ_FROM = "".join(_OTHER_DIGITS) + _OTHER_SEPARATORS + _OTHER_DASHES
READ_AS = "".join(str(unicodedata.digit(c)) for c in _OTHER_DIGITS) + " " * len(_OTHER_SEPARATORS) + "-" * len(_OTHER_DASHES)
_TABLE = str.maketrans(READ_FROM, READ_AS)
_RUN = re.compile(r"(\+?)([0-9](?:[ -]{0,3}[0-9]){12,})")
_GAP = re.compile(r"[ -]+")
MARKS = " ?[._/,:|] ?"
_MARKED_RUN = re.compile(f"[0-9]+(?:{MARKS}[0-9]+)+")
_MARK = re.compile(MARKS)

INSTEAD = "(what looks like a card number)"
MESSAGE = "This looks like a card number. Card numbers are never kept: the payment processor holds them."


class CardNumberRefused(ValidationError):
    """Something that looks like a card number was about to be stored."""

    def __init__(self, where: str = "") -> None:
        super().__init__(f"{where}: {MESSAGE}" if where else MESSAGE, code="card_number")


def holds_a_card_number(text: str) -> bool:
    """Whether the text contains anything that looks like a card number."""
    if not text.isascii() or "\t" in text:
        text = text.translate(_TABLE)
    if any(_run_holds_one(_GAP.split(digits), plus=bool(plus)) for plus, digits in _RUN.findall(text)):
        return True
    return any(_in_a_layout(_MARK.split(digits)) for digits in _MARKED_RUN.findall(text))


def refuse_card_number(text: Any) -> None:
    """Validator for free text. Raises CardNumberRefused."""
    if text and holds_a_card_number(str(text)):
        raise CardNumberRefused


_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


def is_called_like_a_card(text: str) -> bool:
    """Whether what somebody or something is called holds a card number.

    Identity providers call people by UUIDs, too; one in five hundred looks like one: eight digits, four more and four more.
    """
    return holds_a_card_number(_UUID.sub(" ", text))


def without_card_number(text: str) -> str:
    """The text, or INSTEAD of it where it holds a card number: for what is written down although nobody could be asked again."""
    return INSTEAD if holds_a_card_number(text) else text


def _run_holds_one(groups: list[str], *, plus: bool) -> bool:
    alone = any(_is_one(group, plus=plus and place == 0) for place, group in enumerate(groups))
    return alone or _in_a_layout(groups, plus=plus) or _is_one("".join(groups), plus=plus)


def _in_a_layout(groups: list[str], *, plus: bool = False) -> bool:
    last = len(groups)
    windows = ((start, end) for start in range(last) for end in range(start + 2, min(start + 5, last) + 1))
    return any(
        tuple(map(len, groups[start:end])) in LAYOUTS and _is_one("".join(groups[start:end]), plus=plus and start == 0)
        for start, end in windows
    )


def _is_one(digits: str, *, plus: bool) -> bool:
    if not SHORTEST <= len(digits) <= LONGEST or digits[0] == "0":
        return False
    if len(digits) == SHORTEST and (plus or digits[0] == "1"):
        return False
    return passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@deconstructible(path="customers.cards.NoCardNumber")
class NoCardNumber(models.Func):
    """Condition of a constraint: none of these columns (text, never null) holds a card number."""

    function = "holds_a_card_number"
    template = "NOT %(function)s(%(expressions)s)"
    arg_joiner = " || chr(10) || "
    output_field = models.BooleanField()  # type: ignore[assignment]
    conditional = True


def no_card_number(*columns: str) -> models.CheckConstraint:
    """The constraint for free text of a model."""
    return models.CheckConstraint(
        name="no_%(class)s_holds_a_card_number",
        condition=NoCardNumber(*(models.F(column) for column in columns)),
        violation_error_message=MESSAGE,
    )
