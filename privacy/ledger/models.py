"""Reads that matter. Writes are recorded by triggers (`customers.history`); a read leaves no trace unless a verb writes one."""

from django.conf import settings
from django.db import models

from customers.history import tracked


class ReadKind(models.TextChoices):
    REVEAL = "reveal", "revealed masked data"
    SEARCH = "search", "searched"
    EXPORT = "export", "exported"
    EVIDENCE = "evidence", "downloaded evidence"


@tracked()
class RecordedRead(models.Model):
    """Who looked at what, when and why. Never the value that was seen."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recorded_reads")
    kind = models.CharField(max_length=20, choices=ReadKind)
    subject = models.CharField(max_length=200, help_text="label and key of the record, or what was searched or exported")
    category = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    grant_id = models.BigIntegerField(null=True, help_text="the grant that allowed it")
    address = models.GenericIPAddressField(null=True)
    rows_seen = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["by", "-at"], name="recorded_read_by_person"),
            models.Index(fields=["subject", "-at"], name="recorded_read_by_subject"),
            models.Index(fields=["kind", "-at"], name="recorded_read_by_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_reveal_has_a_reason_and_a_grant",
                condition=~models.Q(kind="reveal") | (~models.Q(reason="") & models.Q(grant_id__isnull=False)),
                violation_error_message="A reveal needs a reason and a grant in force.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
