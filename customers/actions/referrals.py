"""A friend gets one invitation, the data serves only that, and goes on request (statement C, "Refer a friend")."""

from datetime import datetime

from django.db import transaction

from customers.canonical import email_key
from customers.classification import Purpose, Source
from customers.encryption import keyed_digest
from customers.models import Customer, Referral


class FriendKnown(Exception):
    """This friend was told about us before, or asked never to be: no second invitation."""

    def __str__(self) -> str:
        return "This friend was told about us before, or asked us not to write. No second invitation is sent."


def friend_digest(address: str) -> bytes:
    """What stands for a friend's address for ever. Raises NotAnAddress."""
    return keyed_digest(email_key(address), purpose="email")


def refer_friend(referrer: Customer, *, name: str, address: str, now: datetime) -> Referral:
    """Keep a friend's name and address for one invitation. Raises FriendKnown, NotAnAddress, CardNumberRefused.

    With `mark_invited` and `ask_removal` it is what the shop calls where a customer refers a friend.
    """
    referral, created = Referral.objects.get_or_create(
        friend_digest=friend_digest(address),
        defaults={
            "referrer": referrer,
            "friend_name": name,
            "friend_email": address,
            "source": Source.FRIEND,
            "collected_at": now,
            "purpose": Purpose.REFERRAL,
        },
    )
    if not created:
        raise FriendKnown
    return referral


def mark_invited(referral_id: int, *, now: datetime) -> Referral:
    """Take the one invitation: whoever gets the row sends it, in the same transaction. Raises FriendKnown the second time."""
    with transaction.atomic():
        referral = Referral.objects.select_for_update().get(pk=referral_id)
        if referral.invited_at is not None or referral.removal_asked_at is not None:
            raise FriendKnown
        referral.invited_at = now
        referral.save(update_fields=["invited_at"])
    return referral


def ask_removal(address: str, *, now: datetime) -> int:
    """Note that a friend asked to be removed; from now on no invitation goes out. Returns how many records wait (0 or 1)."""
    waiting = Referral.objects.filter(friend_digest=friend_digest(address), removed_at__isnull=True)
    waiting.filter(removal_asked_at__isnull=True).update(removal_asked_at=now)
    return waiting.count()


def remove_friend(address: str, *, now: datetime) -> int:
    """Erase a friend's name and address; the digest stays, so that nobody can have them invited again. Idempotent.

    Also for somebody who was never referred: then only the digest is kept. Returns how many records were erased (0 or 1).
    """
    digest = friend_digest(address)
    with transaction.atomic():
        referral = Referral.objects.select_for_update().filter(friend_digest=digest).first()
        if referral is None:
            Referral.objects.create(
                friend_digest=digest,
                source=Source.CUSTOMER,
                collected_at=now,
                purpose=Purpose.REFERRAL,
                removal_asked_at=now,
                removed_at=now,
            )
            return 0
        if referral.removed_at is not None:
            return 0
        referral.friend_name = referral.friend_email = None
        referral.removal_asked_at = referral.removal_asked_at or now
        referral.removed_at = now
        referral.save(update_fields=["friend_name", "friend_email", "removal_asked_at", "removed_at"])
    return 1
