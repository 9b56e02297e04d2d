"""The security programme (statement E.5): policies told to everybody, briefings, department reviews, threats."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from customers.history import tracked
from privacy.workforce.models import Department, Employee


@tracked()
class Policy(models.Model):
    """One version of one security policy. Its text is never changed: a change is a new version."""

    code = models.SlugField(max_length=50)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    text = models.TextField()
    published_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["title", "-version"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"],
                name="one_policy_per_code_and_version",
                violation_error_message="This version of the policy exists already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


@tracked()
class PolicyAcknowledgement(models.Model):
    """This person says that they have read this version."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="acknowledgements")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "employee"],
                name="one_acknowledgement_per_person_and_policy",
                violation_error_message="Already acknowledged.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.policy}"


@tracked()
class Briefing(models.Model):
    """This person was briefed on security and privacy. Without one, no sensitive grant is in force."""

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="briefings")
    given_on = models.DateField()
    given_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="given_briefings")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-given_on", "-pk"]
        indexes = [models.Index(fields=["employee", "given_on"], name="briefing_by_person")]
        constraints = [
            models.CheckConstraint(
                name="nobody_briefs_themselves",
                condition=Q(given_by__isnull=True) | ~Q(given_by=F("employee")),
                violation_error_message="Nobody briefs themselves.",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_briefing_taken_back_ends_sessions",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_values"),
                func="UPDATE privacy_employee SET session_epoch = session_epoch + 1"
                " WHERE id IN (SELECT employee_id FROM old_values); RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.given_on}"


@tracked()
class DepartmentReview(models.Model):
    """A department looked at its security measures at a regular meeting."""

    CADENCE_DAYS: ClassVar[int] = 92

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="reviews")
    held_on = models.DateField()
    recorded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="recorded_reviews")
    notes = models.TextField()

    class Meta:
        ordering = ["-held_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.department}, {self.held_on}"


@tracked()
class Threat(models.Model):
    """A threat or weakness, what is done against it, and when it is looked at again."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    countermeasure = models.TextField(blank=True)
    owner = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, blank=True, related_name="threats")
    assessed_on = models.DateField()
    review_by = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["review_by", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_threat_is_reviewed_after_it_was_assessed",
                condition=Q(review_by__gte=F("assessed_on")),
                violation_error_message="The next review comes after the assessment.",
            )
        ]

    def __str__(self) -> str:
        return self.title
