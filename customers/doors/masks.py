"""How what we hold about a person is shown before anyone may see it: in one place, by the category of its column.

Every page of the house shows masked values only. The plain one comes from a reveal: one record, one category, one reason.
"""

import ipaddress
from collections.abc import Callable
from typing import Any

from django.db import models
from django.dispatch import Signal
from django.http import HttpRequest

from customers.classification import Category, classification_of
from customers.encryption import EncryptedBytesField, keyed_digest

DOTS = "•••"
NOTHING = "—"

# Sent before somebody looks for a person: request. A receiver that refuses raises TooMany, and then nothing is looked for.
searching = Signal()
# Sent after somebody looked for a person and before anything is shown: request, what (say it with `search_subject`), rows.
# A receiver that cannot write it down raises, and then nothing is shown (ASVS 16.5.3).
searched = Signal()


def may_see(request: HttpRequest, category: Category) -> bool:
    """Whether this employee may ask for a reveal of that category. Lists and pages stay masked all the same."""
    return bool(request.user.has_perm(f"customers.reveal_{category.value}"))


def category_of(field: "models.Field[Any, Any]") -> Category | None:
    """The category of the data that a column holds, or None where it says nothing about a person."""
    declared = classification_of(field.model).get(field.name)
    return declared.category if declared else None


def masked(value: object, field: "models.Field[Any, Any]") -> str:
    """A value as it may be shown to anybody who may see the record: "m•••@g•••.com", "J••• S•••", "•••• 4242".

    Values of columns that say nothing about a person are shown as they are. Encrypted values are not decrypted for it.
    """
    if value is None or value == "":
        return NOTHING
    mask = mask_of(field)
    return mask(str(value)) if mask else str(value)


def mask_of(field: "models.Field[Any, Any]") -> Callable[[str], str] | None:
    """How the values of a column are masked; None where they say nothing about a person. A list asks once, not for every row."""
    if category_of(field) is None:
        return None
    if isinstance(field, EncryptedBytesField | models.BinaryField):
        return _dots
    return _RULES.get(field.name, _dots)


def _dots(_text: str) -> str:
    return DOTS


def masked_name(name: str) -> str:
    """The initial of each of at most four words: whole names of one letter stay unreadable too."""
    return " ".join(f"{word[0]}{DOTS}" if len(word) > 1 else DOTS for word in name.split()[:4]) or DOTS


def masked_email(address: str) -> str:
    """First letters of the part before the @ and of the domain, and the top-level domain."""
    local, at, domain = address.rpartition("@")
    if not at or not local:
        return DOTS
    name, _, top = domain.rpartition(".")
    return f"{local[0]}{DOTS}@{name[:1]}{DOTS}.{top}" if len(local) > 1 and name else f"{DOTS}@{DOTS}"


def masked_phone(number: str) -> str:
    return f"•••• ••{number[-2:]}" if len(number) > 6 else DOTS


def masked_network_address(address: str) -> str:
    """The network, without the machine: first 16 bits of IPv4, first 32 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return DOTS
    kept = ".".join(address.split(".")[:2]) if parsed.version == 4 else ":".join(parsed.exploded.split(":")[:2])
    return f"{kept}{'.' if parsed.version == 4 else ':'}{DOTS}"


def _start(characters: int) -> Callable[[str], str]:
    return lambda text: f"{text[:characters]}{DOTS}" if len(text) > characters + 1 else DOTS


# By the column's name, because the same word means the same thing in every table of ours. What is not listed shows dots only.
_RULES: dict[str, Callable[[str], str]] = {
    "name": masked_name,
    "recipient": masked_name,
    "email": masked_email,
    "email_key": masked_email,
    "phone": masked_phone,
    "brand": str,  # of a card, as on every receipt, with
    "last_four": lambda text: f"•••• {text}",
    "postal_code": _start(2),
    "address": masked_network_address,
}


def search_subject(what: str, asked: str) -> str:
    """How a search is written down: what was looked through, and a keyed digest that can prove or rule out a known search."""
    digest = keyed_digest(" ".join(asked.split()).upper(), purpose="search").hex()[:16]
    return f"{what}: {len(asked)} characters, digest {digest}"
