"""Reads that matter, the seals of the ledger, and what was found when it was read against them.

Writes are recorded by triggers (`customers.history`); a read leaves no trace unless a verb writes one.
"""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
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


class Seal(models.Model):
    """One link of the chain: every entry of the ledger written since the last seal, under one digest (HOUSE.md, "The ledger").

    digest: SHA-256 over number, instant, the last seal's digest and the roots of the parts (`queries.digest_of`). The newest one
    is also written outside the database, so that a rewritten chain and an old copy are found. Not tracked: it is the ledger.
    """

    number = models.PositiveIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    previous = models.BinaryField(max_length=32, help_text="the last seal's digest; of the first seal, 32 zero bytes")
    entries = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["previous"],
                name="a_seal_is_followed_by_one_seal",
                violation_error_message="Another seal follows that one already.",
            ),
            models.CheckConstraint(
                name="seals_count_from_one",
                condition=models.Q(number__gte=1),
                violation_error_message="The first seal has number 1.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="a_seal_is_final", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"seal {self.number}"

    @property
    def hexadecimal(self) -> str:
        return bytes(self.digest).hex()


class SealedPart(models.Model):
    """A run of entries of one of the ledger's tables under a seal.

    after_id, to_id: the keys it covers, gaps included: after_id < pgh_id <= to_id. columns: those that were digested, in order.
    root: of the Merkle tree over the entries' digests (RFC 6962). leaves: 8 bytes of key and the first 8 of the digest for each
    entry, so that a changed, vanished or added one can be named.
    """

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="parts")
    table = models.CharField(max_length=63)
    columns = ArrayField(models.CharField(max_length=63))
    after_id = models.BigIntegerField()
    to_id = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    leaves = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "after_id"],
                name="an_entry_is_sealed_once",
                violation_error_message="These entries are sealed already.",
            ),
            models.CheckConstraint(
                name="a_sealed_part_ends_after_its_start",
                condition=models.Q(to_id__gt=models.F("after_id")),
                violation_error_message="A part ends after its start.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="a_sealed_part_is_final", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.table} {self.after_id + 1} to {self.to_id}"


@tracked()
class Verification(models.Model):
    """One reading of the whole ledger: against its seals, those that are kept outside, and the rows that it is about.

    seals: it was read up to the seal of this number. anchored: the newest seal that the anchor knew; None where it knew none.
    findings: what is not as it was sealed, worst first, each a sentence; the first of them only, found counts all.
    """

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    anchor = models.CharField(max_length=300, help_text="where the seals are kept outside")
    anchored = models.PositiveIntegerField(null=True)
    seals = models.PositiveIntegerField()
    entries = models.PositiveBigIntegerField()
    found = models.PositiveIntegerField()
    findings = ArrayField(models.TextField(), default=list)

    class Meta:
        ordering = ["-began_at", "-pk"]
        get_latest_by = ["began_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="what_a_verification_found_is_named",
                condition=models.Q(found=0, findings=[]) | models.Q(found__gte=1, findings__len__gte=1),
                violation_error_message="What was found is named, and nothing else.",
            )
        ]
        triggers = [pgtrigger.Protect(name="a_verification_is_final", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"verification of {self.entries} entries"
