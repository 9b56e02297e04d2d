"""Who may break the glass: people named beforehand, for one entitlement (ACCESS.md, "Break-glass")."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from customers.history import tracked
from privacy.access.models.entitlements import Entitlement
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent

ENDS_NAMINGS = (HrEvent.LEFT, HrEvent.RETURNED, HrEvent.CHANGED_FUNCTION)


class BreakGlassQuerySet(models.QuerySet["BreakGlassEligibility"]):
    def standing(self, *, at: datetime) -> "BreakGlassQuerySet":
        """Those that allow it at that instant: not ended, and nobody left, came back or changed function since they were named.

        The latter is asked of HR's word itself, so that no door that forgot to end one leaves it open.
        """
        since = EmploymentEvent.objects.standing().filter(kind__in=ENDS_NAMINGS, employee=OuterRef("employee"))
        since = since.filter(effective_at__gt=OuterRef("starts_at"), effective_at__lte=at)
        bounds = self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), starts_at__lte=at, ends_at__gt=at)
        return bounds.exclude(Exists(since))


@tracked()
class BreakGlassEligibility(models.Model):
    """This person may give themselves this entitlement in an emergency, for at most 4 hours; somebody else named them for it."""

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="break_glass")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="break_glass")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    named_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="named_for_break_glass")
    reason = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="ended_break_glass")
    ended_reason = models.TextField(blank=True, default="", db_default="")
    ended_by_event = models.ForeignKey(
        EmploymentEvent, on_delete=models.PROTECT, null=True, related_name="ended_namings", help_text="the HR event that ended it"
    )

    objects: ClassVar[models.Manager["BreakGlassEligibility"]] = BreakGlassQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["employee", "entitlement"]
        verbose_name_plural = "break-glass eligibilities"
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "entitlement"],
                condition=Q(ended_at__isnull=True),
                name="a_person_is_named_once_for_break_glass",
                violation_error_message="This person is named for it already.",
            ),
            models.CheckConstraint(
                name="nobody_names_themselves_for_break_glass",
                condition=~Q(named_by=F("employee")),
                violation_error_message="Nobody names themselves for break-glass.",
            ),
            models.CheckConstraint(
                name="break_glass_eligibility_ends",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message="It must end after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} may break the glass for {self.entitlement}"
