"""What can be given: systems, their entitlements, and which of them a job function justifies."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from customers.classification import Category
from customers.encryption import EncryptedTextField
from customers.history import tracked
from privacy.workforce.models import Employee, JobFunction

HERE = "back-office"  # the system that this house itself is


class SystemKind(models.TextChoices):
    """How access is given and taken away there."""

    HERE = "here", "this back-office: authority is computed at every request"
    POSTGRESQL = "postgresql", "PostgreSQL database"
    SCIM = "scim", "application with SCIM 2.0"
    BY_HAND = "by_hand", "worked by hand"


# Longest time from "must be gone" to "proven gone" (ACCESS.md, "Timeliness"), in seconds.
BOUND_SECONDS = {SystemKind.HERE: 60, SystemKind.POSTGRESQL: 300, SystemKind.SCIM: 300, SystemKind.BY_HAND: 24 * 3600}


@tracked(exclude=["answered_at", "failed_at", "failure"])
class System(models.Model):
    """Something that people can have access to.

    address: where it is reached, without any secret: `postgresql://admin@host:5432/shop`, `https://app.example/scim/v2`.
    secret: the password or bearer token, encrypted. owner: does the tasks by hand. answered_at, failed_at, failure: its health,
    as the last contacts told it.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=SystemKind, default=SystemKind.BY_HAND)
    address = models.CharField(max_length=500, blank=True)
    secret = EncryptedTextField(null=True, blank=True)
    owner = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_systems")
    reconciled = models.BooleanField(default=True, help_text="compared every night with what people should have there")
    answered_at = models.DateTimeField(null=True, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    failure = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="only_this_house_is_here",
                condition=Q(code=HERE, kind="here") | (~Q(code=HERE) & ~Q(kind="here")),
                violation_error_message="Only the back-office itself is “here”.",
            ),
            models.CheckConstraint(
                name="a_connected_system_has_an_address",
                condition=Q(kind__in=["here", "by_hand"]) | ~Q(address=""),
                violation_error_message="Say where the system is reached.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_here(self) -> bool:
        return self.code == HERE

    @property
    def bound_seconds(self) -> int:
        """Longest time, in seconds, from “must be gone” to “proven gone”."""
        return BOUND_SECONDS[SystemKind(self.kind)]


@tracked()
class Entitlement(models.Model):
    """One thing that a system can give.

    In this house it gives `permissions` ("customers.reveal_contact"). In another system it is what `external_name` names there:
    a role of PostgreSQL, a group of a SCIM application; empty: being able to sign in is all that it gives.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="entitlements")
    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200, help_text="what the holder may do, as a sentence's end: “reveal contact information”")
    owner = models.ForeignKey(
        Employee,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_entitlements",
        help_text="who approves requests; while nobody owns it, the security administrators do",
    )
    categories = ArrayField(models.CharField(max_length=40, choices=Category), default=list, blank=True)
    sensitive = models.BooleanField(help_text="needs a nondisclosure agreement, a briefing, a second factor and an end")
    permissions = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    external_name = models.CharField(max_length=200, blank=True, help_text="the role or group in that system")

    class Meta:
        ordering = ["system", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "code"],
                name="one_entitlement_per_system_and_code",
                violation_error_message="This system already has an entitlement of that code.",
            )
        ]

    def __str__(self) -> str:
        return self.code


@tracked()
class FunctionEntitlement(models.Model):
    """This job function justifies this entitlement: a mover loses what the new function does not justify."""

    job_function = models.ForeignKey(JobFunction, on_delete=models.CASCADE, related_name="justified")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.CASCADE, related_name="justified_by")

    class Meta:
        ordering = ["job_function", "entitlement"]
        constraints = [
            models.UniqueConstraint(
                fields=["job_function", "entitlement"],
                name="a_function_justifies_an_entitlement_once",
                violation_error_message="This function already justifies that entitlement.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_function} → {self.entitlement}"
