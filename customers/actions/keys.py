"""The secrets of the house fit its database, or nothing starts (statement E.3).

With another INDEX_KEY every look-up of an encrypted value would miss: an opted-out address would be written to again, and nobody
would see why. With other FIELD_KEYS what is written now could not be read by anyone else.
"""

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager

from customers.encryption import CannotDecrypt, keyed_digest
from customers.models import KeyMark

_WORD = "lumens admin"
_PURPOSE = "mark of the keys"


class KeysDoNotFit(Exception):
    """These are not the keys that the database was written with. The message names the setting, never a value."""


def check_keys() -> bool:
    """Whether the database is marked with exactly these keys; False where it is not marked yet. Raises KeysDoNotFit."""
    try:
        mark = KeyMark.objects.first()
    except CannotDecrypt:
        raise KeysDoNotFit(
            "FIELD_KEYS does not hold the key that this database was encrypted with: put it back, behind the new one."
        ) from None
    if mark is None:
        return False
    if not hmac.compare_digest(bytes(mark.index_digest), keyed_digest(_WORD, purpose=_PURPOSE)):
        raise KeysDoNotFit("INDEX_KEY is not the one that this database's look-ups were made with: put the old one back.")
    return True


def mark_keys(*, in_act: Callable[[], AbstractContextManager[None]]) -> None:
    """Mark the database with the present keys, once, at the first start. Raises KeysDoNotFit where it is marked with others."""
    if not check_keys():
        with in_act():
            KeyMark.objects.get_or_create(pk=1, defaults={"index_digest": keyed_digest(_WORD, purpose=_PURPOSE), "sealed": _WORD})
        check_keys()
