"""What was refused: sign-ins, codes, pages, forged forms (statement E.5: "non-valid attempts are denied and logged")."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from customers.history import tracked


class DeniedKind(models.TextChoices):
    SIGN_IN = "sign_in", "sign-in refused"
    LOCKED_OUT = "locked_out", "locked out"
    SECOND_FACTOR = "second_factor", "second factor refused"
    PAGE = "page", "page refused"
    FORGED_FORM = "forged_form", "form without its token"
    REVEAL = "reveal", "reveal refused"
    EXPORT = "export", "export refused"
    SCIM = "scim", "identity provider refused"
    TOO_MANY = "too_many", "too many tries"


@tracked()
class DeniedAttempt(models.Model):
    """One attempt that was refused. Holds what was tried and from where, never a password or a code; of a login that nobody
    has, its first letters.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=DeniedKind)
    login = models.CharField(max_length=150, blank=True, help_text="as typed; its first letters, where nobody has it")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="denied_attempts")
    address = models.GenericIPAddressField(null=True)
    path = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at"], name="denied_attempt_by_instant"),
            models.Index(fields=["employee", "-at"], name="denied_attempt_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {timezone.localtime(self.at):%Y-%m-%d %H:%M:%S %Z}"
