"""Encryption of single columns: AES-256-GCM, keys by id, bound to the column (statement E.3).

Stored form, bytes: version (1) | key id (4) | nonce (12) | ciphertext and tag. The column's label is authenticated with it, so
a value moved to another column does not decrypt. `FIELD_KEYS`: the first key encrypts, all of them decrypt; `rotate_field_keys`
moves every row to the first. The ledger keeps what a row held before, under the key of that time: keep a retired key at the end
of FIELD_KEYS for as long as its history is kept. Values that must be looked up get a blind index: HMAC-SHA-256 under
`INDEX_KEY`, which never rotates by itself.
"""

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable

from customers.cards import CardNumberRefused, holds_a_card_number

_VERSION = b"\x01"
_HEADER = 1 + 4
_NONCE = 12


class CannotDecrypt(Exception):
    """The stored value was altered, moved from another column, or its key is not in FIELD_KEYS."""


@cache
def _ring(keys: tuple[str, ...]) -> dict[bytes, AESGCM]:
    ring: dict[bytes, AESGCM] = {}
    for text in keys:
        key = base64.urlsafe_b64decode(text)
        if len(key) != 32:
            raise ValueError("each of FIELD_KEYS must be 32 bytes in URL-safe Base64")
        ring[hashlib.sha256(b"lumens field key id" + key).digest()[:4]] = AESGCM(key)
    return ring


def _keys() -> dict[bytes, AESGCM]:
    return _ring(tuple(settings.FIELD_KEYS))


def current_key_id() -> bytes:
    """Id (4 bytes) of the key that encrypts now."""
    return next(iter(_keys()))


def key_ids() -> list[bytes]:
    """Ids (4 bytes) of every key of FIELD_KEYS, the current one first."""
    return list(_keys())


def key_id_of(stored: bytes) -> bytes:
    """Id (4 bytes) of the key that a stored value was encrypted with."""
    return bytes(stored[1:_HEADER])


def encrypt(value: bytes, *, label: str) -> bytes:
    """Encrypt for the column named by `label` ("customers.paymentmethod.processor_token")."""
    key_id, cipher = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE)
    header = _VERSION + key_id
    return header + nonce + cipher.encrypt(nonce, value, header + label.encode())


def decrypt(stored: bytes, *, label: str) -> bytes:
    """The value again. Raises CannotDecrypt."""
    stored = bytes(stored)
    cipher = _keys().get(stored[1:_HEADER]) if stored[:1] == _VERSION else None
    if cipher is None:
        raise CannotDecrypt(f"{label}: encrypted under a key that FIELD_KEYS does not hold")
    try:
        nonce = stored[_HEADER : _HEADER + _NONCE]
        return cipher.decrypt(nonce, stored[_HEADER + _NONCE :], stored[:_HEADER] + label.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotDecrypt(f"{label}: the stored value was altered") from error


def keyed_digest(value: str, *, purpose: str) -> bytes:
    """HMAC-SHA-256 (32 bytes) of a canonical value: equal values of one purpose have equal digests; nothing else is learnt."""
    return hmac.new(settings.INDEX_KEY.encode(), f"{purpose}\x00{value}".encode(), hashlib.sha256).digest()


class EncryptedBytesField(models.BinaryField):
    """Bytes, encrypted at rest. Cannot be filtered or ordered by."""

    def __init__(self, *args: Any, label: str | None = None, **kwargs: Any) -> None:
        self._label = label
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        # Fixed where the column was first declared: the ledger's copies of the column, and a renamed model, decrypt as before.
        if self._label is None and not cls._meta.abstract:
            self._label = f"{cls._meta.label_lower}.{name}"

    @property
    def label(self) -> str:
        if self._label is None:
            raise ValueError(f"{self!r} belongs to no model yet")
        return self._label

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self._label:
            kwargs["label"] = self._label
        return name, path, list(args), kwargs

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None:
            value = encrypt(self._to_bytes(value), label=self.label)
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self._from_bytes(decrypt(value, label=self.label))

    def get_lookup(self, lookup_name: str) -> Any:
        # "df" (is distinct from) is for the ledger's triggers, which compare stored forms.
        return super().get_lookup(lookup_name) if lookup_name in {"isnull", "df"} else None

    def _to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def _from_bytes(self, value: bytes) -> Any:
        return value


class EncryptedTextField(EncryptedBytesField):
    """Text, encrypted at rest. Cannot be filtered or ordered by.

    card_free: refuse card numbers when writing (CardNumberRefused): the database's own constraint cannot look into ciphertext.
    """

    # What the type checker sees on a model (django-stubs).
    _pyi_private_set_type: str | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, card_free: bool = False, **kwargs: Any) -> None:
        self.card_free = card_free
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.card_free:
            kwargs["card_free"] = True
        return name, path, args, kwargs

    def _to_bytes(self, value: Any) -> bytes:
        if self.card_free and holds_a_card_number(str(value)):
            raise CardNumberRefused(self.label)
        return str(value).encode()

    def _from_bytes(self, value: bytes) -> Any:
        return value.decode()

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return value
