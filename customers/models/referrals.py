"""Friends whom customers told us about (statement C, "Refer a friend")."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from customers.cards import no_card_number
from customers.classification import Category, Purpose, Source, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked
from customers.models.people import Customer
from customers.models.provenance import PROVENANCE, Collected

_FRIEND = holds(Category.REFERRAL, source=Source.FRIEND, keep="referral")


class ReferralQuerySet(models.QuerySet["Referral"]):
    def removal_overdue(self, *, asked_before: datetime) -> "ReferralQuerySet":
        """Those who asked for removal before that instant and are still here."""
        return self.filter(removal_asked_at__lt=asked_before, removed_at__isnull=True)


# The ledger says that a friend was invited and removed, never who it was: removal on request must be removal there too.
@tracked(exclude=["friend_name", "friend_email"])
@classified(
    id=plain(),
    referrer=plain(),
    friend_name=_FRIEND,
    friend_email=_FRIEND,
    friend_digest=holds(Category.REFERRAL, source=Source.COMPANY, keep="referral"),
    invited_at=plain(),
    joined_at=plain(),
    removal_asked_at=plain(),
    removed_at=plain(),
    **PROVENANCE,
)
class Referral(Collected):
    """One friend, one invitation, for ever: the digest stays after a removal, so that nobody can have the friend invited again.

    friend_digest: `keyed_digest(email_key(address), purpose="email")`. joined_at: when the friend became a customer.
    """

    referrer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="referrals")
    friend_name = EncryptedTextField(verbose_name="friend's name", null=True, blank=True, card_free=True)
    friend_email = EncryptedTextField(verbose_name="friend's e-mail address", null=True, blank=True, card_free=True)
    friend_digest = models.BinaryField(max_length=32)
    invited_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    removal_asked_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta(Collected.Meta):
        abstract = False
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["friend_digest"],
                name="a_friend_is_referred_once",
                violation_error_message="This friend was told about us already.",
            ),
            models.CheckConstraint(
                name="a_friends_data_serves_the_invitation_only",
                condition=Q(purpose=Purpose.REFERRAL),
                violation_error_message="A friend's data serves the invitation and the count of its success, and nothing else.",
            ),
            models.CheckConstraint(
                name="a_removed_friend_leaves_neither_name_nor_address",
                condition=Q(removed_at__isnull=True) | Q(friend_name__isnull=True, friend_email__isnull=True),
                violation_error_message="After a removal neither name nor address remains.",
            ),
            no_card_number("source_detail"),
        ]

    def __str__(self) -> str:
        return f"referral {self.pk}"
