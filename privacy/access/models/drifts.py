"""What a comparison of another system with our grants found: differences, until they are gone or accepted (ACCESS.md)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from customers.history import tracked
from privacy.access.models.changes import SystemChange
from privacy.access.models.entitlements import Entitlement, System
from privacy.access.models.grants import AccessGrant
from privacy.workforce.models import Employee


class DriftKind(models.TextChoices):
    ORPHAN = "orphan", "an account that belongs to nobody we know"
    EXCESS = "excess", "access that no grant in force gives"
    MISSING = "missing", "a grant in force that is not there"
    STALE = "stale", "an account of ours that is gone or switched off there, or of somebody who has no grant left"


class DriftState(models.TextChoices):
    OPEN = "open", "open"
    MENDING = "mending", "being mended"
    GONE = "gone", "gone"
    ACCEPTED = "accepted", "accepted, with a reason"


@tracked()
class Reconciliation(models.Model):
    """One comparison of a system with what people should have there."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="reconciliations")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="reconciliations")
    accounts_seen = models.PositiveIntegerField(default=0)
    memberships_seen = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["-began_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.system}, {timezone.localtime(self.began_at):%Y-%m-%d %H:%M %Z}"


MAY_SIGN_IN = "It may sign in, and no grant is in force."  # the note of a STALE account that is not switched off


@tracked()
class Drift(models.Model):
    """One difference that a comparison found, from when it was first seen until it is gone or accepted."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="drifts")
    kind = models.CharField(max_length=10, choices=DriftKind)
    state = models.CharField(max_length=10, choices=DriftState, default=DriftState.OPEN)
    account_name = models.CharField(max_length=200)
    external_name = models.CharField(max_length=200, blank=True)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="drifts")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, related_name="drifts")
    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, null=True, related_name="drifts")
    sensitive = models.BooleanField(default=False)
    first_seen = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="found")
    last_seen = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="seen_again")
    note = models.TextField(blank=True)
    change = models.ForeignKey(SystemChange, on_delete=models.PROTECT, null=True, related_name="drifts")
    decided_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="decided_drifts")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-sensitive", "kind", "account_name"]
        indexes = [models.Index(fields=["system", "state"], name="drift_by_system")]
        constraints = [
            models.UniqueConstraint(
                "system",
                "kind",
                Lower("account_name"),
                "external_name",
                condition=Q(state__in=["open", "mending", "accepted"]),
                name="a_difference_is_listed_once",
                violation_error_message="This difference is listed already.",
            ),
            models.CheckConstraint(
                name="an_accepted_difference_says_who_and_why",
                condition=~Q(state="accepted") | (Q(decided_by__isnull=False) & ~Q(reason="")),
                violation_error_message="Say why this difference is accepted.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account_name}"
