"""How one value of a table is written for people: masked, in words, in days and hours of the house."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from customers.doors.masks import NOTHING, mask_of

_E_MAIL = re.compile(r"\bemail\b", re.IGNORECASE)


def shown(value: Any, field: "models.Field[Any, Any] | None") -> str:
    """One value for a page: masked where its column is classified, in words where it is a choice, an instant or a yes or no."""
    return writer(field)(value)


def label_of(field: "models.Field[Any, Any]") -> str:
    """What a column is called above its values: "E-mail address", as everywhere in the house."""
    return str(capfirst(_E_MAIL.sub("e-mail", str(field.verbose_name).removesuffix(" masked"))))


def writer(field: "models.Field[Any, Any] | None") -> Callable[[Any], str]:
    """`shown` for one column: what depends on the column is decided once, for however many rows."""
    mask = mask_of(field) if field is not None else None
    words = {value: str(label) for value, label in field.flatchoices} if field is not None and field.choices else {}

    def write(value: Any) -> str:
        if value is None or value == "":
            return NOTHING
        if mask is not None:
            return mask(str(value))
        if words:
            return words.get(value) or str(value)
        if field is None or isinstance(value, str):
            return str(value)
        if isinstance(value, datetime):
            local = timezone.localtime(value)
            return f"{_day(local.date())}, {local:%H:%M}"
        if isinstance(value, date):
            return _day(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)

    return write


@lru_cache(maxsize=4096)
def _day(day: date) -> str:
    return date_format(day, "j M Y")
