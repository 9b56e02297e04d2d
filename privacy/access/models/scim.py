"""Identity providers that tell us who works here, by SCIM 2.0 (RFC 7643, 7644; ACCESS.md, "Doors for HR events")."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from customers.history import tracked
from privacy.access.models.entitlements import Entitlement
from privacy.workforce.models import Employee


@tracked(exclude=["token_digest", "last_used_at", "last_address"])
class ScimClient(models.Model):
    """An identity provider that may speak to us. Its bearer token is shown once and kept only as a SHA-256 digest (32 bytes)."""

    name = models.CharField(max_length=100)
    token_digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="made_scim_clients")
    made_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="revoked_scim_clients")
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = "SCIM client"
        ordering = ["name", "-made_at"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(revoked_at__isnull=True),
                name="one_live_scim_client_per_name",
                violation_error_message="A client of that name is at work already; revoke it first, or choose another name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class ScimUser(models.Model):
    """What identity providers said about a person beyond what Employee holds; and the identifier under which they know them.

    told: JSON with the `resource` as it is shown (as told, with what this house has learnt since; without id and meta), the
    `facts` of Employee that it says, `extra` (undeclared attributes of the enterprise extension), and `ended_word` (when a word
    that the person left last reached us).
    deleted_at: they deleted it; it is not shown to them any more (the employee stays, and has left). version: raised when told.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="scim_users")
    user_name = models.CharField(max_length=200, help_text="as they wrote it; compared without case")
    external_id = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=dict)
    told_by = models.ForeignKey(ScimClient, on_delete=models.PROTECT, null=True, related_name="users")
    version = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "SCIM user"
        ordering = ["pk"]
        indexes = [models.Index(fields=["external_id"], name="scim_user_by_external_id")]
        constraints = [
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(deleted_at__isnull=True),
                name="a_person_is_one_user",
                violation_error_message="This person is known already.",
            ),
            models.UniqueConstraint(
                Lower("user_name"),
                condition=Q(deleted_at__isnull=True),
                name="one_user_per_user_name",
                violation_error_message="This userName is taken.",
            ),
        ]

    def __str__(self) -> str:
        return self.user_name


@tracked()
class ScimGroup(models.Model):
    """A group of an identity provider. It gives eligibility, never access (statement E.1)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    display_name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=dict)
    told_by = models.ForeignKey(ScimClient, on_delete=models.PROTECT, null=True, related_name="groups")
    version = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = "SCIM group"
        ordering = ["display_name", "pk"]

    def __str__(self) -> str:
        return self.display_name


@tracked()
class ScimMember(models.Model):
    """This user is in this group of the identity provider."""

    group = models.ForeignKey(ScimGroup, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(ScimUser, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = "member of a SCIM group"
        verbose_name_plural = "members of SCIM groups"
        ordering = ["group", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                name="a_user_is_in_a_group_once",
                violation_error_message="This user is in that group already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"


@tracked()
class GroupEligibility(models.Model):
    """Members of this group are offered this entitlement first when they ask. They still ask, and are approved."""

    group = models.ForeignKey(ScimGroup, on_delete=models.CASCADE, related_name="eligible_for")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.CASCADE, related_name="eligible_groups")

    class Meta:
        ordering = ["group", "entitlement"]
        verbose_name_plural = "group eligibilities"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "entitlement"],
                name="a_group_is_eligible_once",
                violation_error_message="This group is eligible for that already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.entitlement}"
