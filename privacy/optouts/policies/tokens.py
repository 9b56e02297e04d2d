"""Links and addresses that carry a choice: made by us, for one purpose, unreadable for others (ASVS 9.2.2, 11.5.1, 14.2.1).

A link's token is the encrypted choice under FIELD_KEYS: old keys, as long as they stay in that list, keep old links valid. An
unsubscribe address must fit the 64 characters before the @, so it carries a customer's key with a 128-bit tag instead.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from customers.encryption import CannotDecrypt, decrypt, encrypt, keyed_digest
from privacy.optouts.errors import BadToken
from privacy.optouts.models import Channel, Purpose

UNSUBSCRIBE_PREFIX = "unsubscribe+"
WITHDRAWAL_VALID_DAYS = 7
LONGEST_TOKEN = 800
_ONE_CLICK = "privacy.one_click_opt_out"
_WITHDRAWAL = "privacy.withdrawal_of_opt_out"
_MAILBOX = "unsubscribe address"
_TAG_BYTES = 16
_CHANNELS, _PURPOSES = list(Channel), list(Purpose)


@dataclass(frozen=True)
class Choice:
    """What a token says: this address (or this customer), this channel, this purpose."""

    channel: Channel
    purpose: Purpose
    address: str = ""
    customer_id: int | None = None


def one_click_token(address: str, *, channel: str = Channel.EMAIL, purpose: str = Purpose.ALL) -> str:
    """The last part of a List-Unsubscribe link (RFC 8058)."""
    return _sealed("\x1f".join([Channel(channel), Purpose(purpose), address]), _ONE_CLICK)


def read_one_click_token(token: str) -> Choice:
    """Raises BadToken."""
    try:
        channel, purpose, address = _opened(token, _ONE_CLICK).split("\x1f")
        return Choice(Channel(channel), Purpose(purpose), address)
    except ValueError as error:
        raise BadToken from error


def withdrawal_token(opt_out_id: int, *, now: datetime) -> str:
    """The last part of the link by which a person confirms that an opt-out is withdrawn; valid for WITHDRAWAL_VALID_DAYS."""
    return _sealed(f"{opt_out_id}\x1f{int(now.timestamp())}", _WITHDRAWAL)


def read_withdrawal_token(token: str, *, now: datetime) -> int:
    """Key of the opt-out. Raises BadToken, also when it has expired."""
    try:
        opt_out_id, made = _opened(token, _WITHDRAWAL).split("\x1f")
        if datetime.fromtimestamp(int(made), UTC) + timedelta(days=WITHDRAWAL_VALID_DAYS) < now:
            raise BadToken
        return int(opt_out_id)
    except ValueError as error:
        raise BadToken from error


def unsubscribe_address(customer_id: int, *, domain: str, channel: str = Channel.EMAIL, purpose: str = Purpose.ALL) -> str:
    """An address for List-Unsubscribe and Reply-To; mail to it opts that customer out, whoever it comes from."""
    body = customer_id.to_bytes(8, "big") + bytes([_CHANNELS.index(Channel(channel)), _PURPOSES.index(Purpose(purpose))])
    text = base64.b32encode(body + _tag(body)).decode().rstrip("=").lower()
    return f"{UNSUBSCRIBE_PREFIX}{text}@{domain}"


def read_unsubscribe_address(address: str) -> Choice:
    """Raises BadToken."""
    match = re.fullmatch(re.escape(UNSUBSCRIBE_PREFIX) + r"([a-z2-7]{42})@.+", address.strip().lower())
    if not match:
        raise BadToken
    try:
        data = base64.b32decode(match[1].upper() + "=" * (-len(match[1]) % 8))
    except binascii.Error as error:
        raise BadToken from error
    body, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(body)):
        raise BadToken
    return Choice(_CHANNELS[body[8]], _PURPOSES[body[9]], customer_id=int.from_bytes(body[:8], "big"))


def _tag(body: bytes) -> bytes:
    return keyed_digest(body.hex(), purpose=_MAILBOX)[:_TAG_BYTES]


def _sealed(text: str, label: str) -> str:
    return base64.urlsafe_b64encode(encrypt(text.encode(), label=label)).decode().rstrip("=")


def _opened(token: str, label: str) -> str:
    # Python's own decoder passes over characters that are none of the alphabet.
    if len(token) > LONGEST_TOKEN or not re.fullmatch(r"[A-Za-z0-9_-]+", token):
        raise BadToken
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if base64.urlsafe_b64encode(sealed).decode().rstrip("=") != token:  # other bits behind the last byte
            raise BadToken
        return decrypt(sealed, label=label).decode()
    except (CannotDecrypt, binascii.Error, ValueError) as error:
        raise BadToken from error
