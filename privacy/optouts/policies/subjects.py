"""Who a choice is about: an address, a number, or a customer, under one key each."""

import hashlib
from dataclasses import dataclass

from customers.canonical import NotAnAddress, NotAPhoneNumber, email_key, phone_key
from customers.doors.masks import masked_email, masked_phone
from customers.encryption import keyed_digest
from privacy.optouts.errors import NoSubject
from privacy.optouts.models import Channel, SubjectKind

MOST_LETTERS_A_DAY = 3
# Purpose of the keyed digest, by kind of subject. E-mail addresses share theirs with the rest of the house.
SUBJECT_DIGEST = {SubjectKind.EMAIL: "email", SubjectKind.PHONE: "phone", SubjectKind.CUSTOMER: "customer"}


@dataclass(frozen=True)
class Subject:
    """kind: what the key was made of. canonical: address, E.164 number, or the customer's key as text. masked: may be shown."""

    kind: SubjectKind
    canonical: str
    masked: str

    @classmethod
    def of_email(cls, address: str) -> "Subject":
        """Raises NoSubject."""
        try:
            key = email_key(address)
        except NotAnAddress as error:
            raise NoSubject(str(error)) from error
        return cls(SubjectKind.EMAIL, key, masked_email(key)[:80])

    @classmethod
    def of_phone(cls, number: str, *, as_before: bool = False) -> "Subject":
        """Raises NoSubject. as_before: for searching only (`phone_key`)."""
        try:
            key = phone_key(number, as_before=as_before)
        except NotAPhoneNumber as error:
            raise NoSubject(str(error)) from error
        return cls(SubjectKind.PHONE, key, masked_phone(key))

    @classmethod
    def of_customer(cls, customer_id: int, member_id: str = "") -> "Subject":
        return cls(SubjectKind.CUSTOMER, str(customer_id), f"customer {member_id}".strip())

    @property
    def key(self) -> bytes:
        """Keyed digest (32 bytes): equal for the same person's address however it was written."""
        return keyed_digest(self.canonical, purpose=SUBJECT_DIGEST[self.kind])


def serves(subject: Subject, channel: str) -> bool:
    """Whether a choice under this address can stop that channel with no customer known behind it: no mail is sent to a number."""
    needed = {Channel.EMAIL: SubjectKind.EMAIL, Channel.PHONE: SubjectKind.PHONE, Channel.SMS: SubjectKind.PHONE}
    return needed.get(Channel(channel), subject.kind) == subject.kind


def owed_sha256(address: str) -> bytes:
    """Plain SHA-256 (32 bytes) of the trimmed lower-case address: dots and +tags kept (profile sha256_hex)."""
    return hashlib.sha256(address.strip().lower().encode()).digest()
