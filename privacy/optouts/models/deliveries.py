"""What third parties were told about opt-outs, so that they stop sending on our behalf (statement G)."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from customers.classification import classified, plain
from customers.history import tracked
from privacy.agreements.models import HashProfile, ThirdParty


class DeliveryState(models.TextChoices):
    """How far a list got with its party. Only one that is applied keeps anybody from being written to."""

    SENT = "sent", "sent"
    DELIVERED = "delivered", "delivered"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    APPLIED = "applied", "applied"


SUPPRESSION_PURPOSE = "only to stop sending on our behalf"


class SuppressionDeliveryQuerySet(models.QuerySet["SuppressionDelivery"]):
    def overdue(self, *, at: datetime) -> "SuppressionDeliveryQuerySet":
        """Those that their party should have applied by that instant and has not said it did, whatever else it said."""
        return self.exclude(state=DeliveryState.APPLIED).filter(deadline__lt=at)


@tracked()
class SuppressionDelivery(models.Model):
    """One list of hashes given to one third party, so that it stops sending on our behalf (statement G).

    file_sha256, previous_sha256: hexadecimal digests of this data file and of the delivery before it. deadline: applied by then.
    """

    third_party = models.ForeignKey(ThirdParty, on_delete=models.PROTECT, related_name="suppression_deliveries")
    sequence = models.PositiveIntegerField()
    full = models.BooleanField(default=False)
    profile = models.CharField(max_length=20, choices=HashProfile)
    purpose_stamp = models.CharField(max_length=100, default=SUPPRESSION_PURPOSE)
    additions = models.PositiveBigIntegerField()
    removals = models.PositiveBigIntegerField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=20, choices=DeliveryState, default=DeliveryState.SENT)
    receipt_at = models.DateTimeField(null=True, blank=True)

    objects = SuppressionDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "suppression deliveries"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["third_party", "sequence"],
                name="one_delivery_per_third_party_and_sequence_number",
                violation_error_message="A delivery with this number exists.",
            ),
            models.CheckConstraint(
                name="opt_out_data_is_shared_only_to_stop_sending",
                condition=Q(purpose_stamp=SUPPRESSION_PURPOSE),
                violation_error_message="Opt-out data is shared for one purpose only (statement G).",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression delivery {self.sequence}"


@classified(id=plain(), third_party=plain(), owed_sha256=plain(), added_in=plain(), removed_in=plain())
@tracked()
class SuppressionItem(models.Model):
    """One hash that one third party holds because of us; its key is the item's permanent id in every delivery."""

    third_party = models.ForeignKey(ThirdParty, on_delete=models.PROTECT, related_name="suppression_items")
    owed_sha256 = models.BinaryField(max_length=32)
    added_in = models.ForeignKey(SuppressionDelivery, on_delete=models.PROTECT, related_name="items_added")
    removed_in = models.ForeignKey(
        SuppressionDelivery, on_delete=models.PROTECT, null=True, blank=True, related_name="items_removed"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["third_party", "owed_sha256"],
                condition=Q(removed_in__isnull=True),
                name="one_standing_item_per_third_party_and_hash",
                violation_error_message="This third party holds that item already.",
            )
        ]

    def __str__(self) -> str:
        return f"suppression item {self.pk}"
