"""What was measured, when: the trend behind each promise."""

from django.db import models

from customers.history import tracked


class Standing(models.TextChoices):
    """Never green by default (PROMISES.md)."""

    KEPT = "kept", "kept"
    AT_RISK = "at_risk", "at risk"
    BROKEN = "broken", "broken"
    NOT_MEASURED = "not_measured", "not measured"


@tracked()
class Measurement(models.Model):
    """One figure of one promise at one instant."""

    promise = models.CharField(max_length=40, help_text="id of the promise, as PROMISES.md names it")
    at = models.DateTimeField()
    standing = models.CharField(max_length=20, choices=Standing)
    figure = models.FloatField(null=True)
    detail = models.TextField(blank=True)
    broken_rows = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["promise", "-at"], name="measurements_of_a_promise")]
        constraints = [
            models.CheckConstraint(
                name="kept_means_that_something_was_measured",
                condition=models.Q(figure__isnull=False) | ~models.Q(standing__in=["kept", "at_risk"]),
                violation_error_message="A promise is kept only by a figure.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.promise}: {self.get_standing_display()}"
