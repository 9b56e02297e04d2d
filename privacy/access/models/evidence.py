"""Evidence packs: what was shown to whom asked, signed (ACCESS.md, "Timeliness", "Reviews")."""

import hashlib

from django.db import models
from django.db.models import Q

from customers.encryption import EncryptedBytesField
from customers.history import tracked
from privacy.access.models.reviews import Review
from privacy.workforce.models import Employee, EmploymentEvent


class PackKind(models.TextChoices):
    LEAVER = "leaver", "leaver or mover"
    REVIEW = "review", "access review"


@tracked(exclude=["file"])
class EvidencePack(models.Model):
    """One zip: readable HTML, JSON, a manifest of their hashes, signed with this installation's Ed25519 key. Written once."""

    kind = models.CharField(max_length=10, choices=PackKind)
    event = models.ForeignKey(EmploymentEvent, on_delete=models.PROTECT, null=True, related_name="evidence_packs")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, null=True, related_name="evidence_packs")
    made_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="made_evidence")
    made_at = models.DateTimeField()
    file = EncryptedBytesField()
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64, help_text="of the zip, hexadecimal")

    digested = ("file", "sha256")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_is_about_one_thing",
                condition=Q(kind="leaver", event__isnull=False, review__isnull=True)
                | Q(kind="review", event__isnull=True, review__isnull=False),
                violation_error_message="A pack is about one HR event or one review.",
            )
        ]

    def __str__(self) -> str:
        return f"evidence of {self.event or self.review}"

    def is_as_digested(self) -> bool:
        """Whether the file is the one that was made (`verify_ledger`)."""
        return hashlib.sha256(self.file).hexdigest() == self.sha256
