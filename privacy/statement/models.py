"""Versions of the privacy statement: what was promised, from when (statement K)."""

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.history import tracked

NOTICE_DAYS = 30


class StatementVersionQuerySet(models.QuerySet["StatementVersion"]):
    def in_force(self, *, at: datetime) -> "StatementVersionQuerySet":
        """The version in force at that instant: a queryset of at most one."""
        newest = self.filter(takes_effect_at__lte=at).order_by("-takes_effect_at", "-pk").values("pk")[:1]
        return self.filter(pk__in=list(newest.values_list("pk", flat=True)))

    def coming(self, *, at: datetime) -> "StatementVersionQuerySet":
        """Posted, and not in force yet: soonest first."""
        return self.filter(posted_at__lte=at, takes_effect_at__gt=at).order_by("takes_effect_at")

    def earlier(self, *, at: datetime) -> "StatementVersionQuerySet":
        """No longer in force: newest first."""
        return self.filter(takes_effect_at__lte=at).exclude(pk__in=self.in_force(at=at)).order_by("-takes_effect_at")


@tracked()
class StatementVersion(models.Model):
    """One version, in Markdown. What is posted is never altered and never taken back: a mistake is mended by a new version."""

    title = models.CharField(max_length=200)
    text = models.TextField(help_text="Markdown")
    summary = models.TextField(blank=True, help_text="what changed, in a customer's words")
    is_significant = models.BooleanField(
        default=False, help_text="changes how personally identifiable information is used: 30 days' notice"
    )
    posted_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(unique=True)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = StatementVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-takes_effect_at"]
        constraints = [
            models.CheckConstraint(
                name="a_significant_change_is_posted_30_days_before_it_takes_effect",
                condition=Q(is_significant=False) | Q(takes_effect_at__gte=F("posted_at") + timedelta(days=NOTICE_DAYS)),
                violation_error_message="A significant change is posted 30 days before it takes effect (statement K).",
            ),
            models.CheckConstraint(
                name="a_version_takes_effect_after_it_is_posted",
                condition=Q(takes_effect_at__gte=F("posted_at")),
                violation_error_message="A version cannot take effect before it is posted.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="what_was_posted_stays_posted", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.title}, in force from {timezone.localtime(self.takes_effect_at):%d %B %Y}"
