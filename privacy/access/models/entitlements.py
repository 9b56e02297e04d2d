"""What can be given: systems, their entitlements, and which of them a job function justifies."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from customers.classification import Category
from customers.history import tracked
from privacy.workforce.models import Employee, JobFunction

HERE = "back-office"  # the system that this house itself is


@tracked()
class System(models.Model):
    """Something that people can have access to. `back-office` is this house: there, authority is computed at every request."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_here(self) -> bool:
        return self.code == HERE


@tracked()
class Entitlement(models.Model):
    """One thing that a system can give. In this house it gives `permissions` ("customers.reveal_contact")."""

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
