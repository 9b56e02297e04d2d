"""The mails that we owe people: confirmations, answers, questions. Sent after commit, from the row that remembers them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from customers.classification import Category, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked

# The longest that a mail server is waited for (RFC 5321, 4.5.3.2.6): after that, a dialogue that did not end was cut short.
SENDING_TAKES = timedelta(minutes=10)


class LetterKind(models.TextChoices):
    CONFIRMATION = "confirmation", "confirmation of an opt-out"
    ACKNOWLEDGEMENT = "acknowledgement", "acknowledgement of a request"
    REPLY = "reply", "reply to a request"
    WITHDRAWAL = "withdrawal", "question whether an opt-out is withdrawn"


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, *, at: datetime) -> "LetterQuerySet":
        """Those to be sent now: never tried, or refused by the mail server and due to be tried again."""
        return self.filter(sent_at__isnull=True, sending_at__isnull=True, try_after__lte=at)

    def uncertain(self, *, at: datetime) -> "LetterQuerySet":
        """Those whose sending began and did not end in SENDING_TAKES: they may have left. Never sent again by themselves."""
        return self.filter(sent_at__isnull=True, sending_at__lt=at - SENDING_TAKES)

    def being_sent(self, *, at: datetime) -> "LetterQuerySet":
        """Those whose sending began a moment ago: somebody speaks with the mail server right now."""
        return self.filter(sent_at__isnull=True, sending_at__gte=at - SENDING_TAKES)


@classified(
    id=plain(),
    kind=plain(),
    to_address=holds(Category.CONTACT),
    to_key=plain(),
    subject=holds(Category.MAIL),
    body=holds(Category.MAIL),
    own_message_id=plain(drawn=True),
    in_reply_to=holds(Category.MAIL),
    automatic=plain(),
    evidence_message=plain(),
    ticket_reference=plain(),
    made_at=plain(),
    try_after=plain(),
    sending_at=plain(),
    sent_at=plain(),
    tries=plain(),
    last_error=plain(),
)
@tracked()
class Letter(models.Model):
    """A mail that we owe somebody. Written with the act that owes it, sent after its commit from this row, once.

    automatic: nobody wrote it by hand, so it says Auto-Submitted. evidence_message: key of the received message that it answers.
    """

    kind = models.CharField(max_length=20, choices=LetterKind)
    to_address = EncryptedTextField()
    to_key = models.BinaryField(max_length=32)
    subject = EncryptedTextField()
    body = EncryptedTextField()
    own_message_id = models.CharField(max_length=200, unique=True)
    in_reply_to = EncryptedTextField(null=True)
    automatic = models.BooleanField(default=True)
    evidence_message = models.BigIntegerField(null=True, blank=True)
    ticket_reference = models.CharField(max_length=30, blank=True, db_index=True)
    made_at = models.DateTimeField()
    try_after = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["to_key", "made_at"], name="letter_by_recipient"),
            models.Index(fields=["try_after"], condition=Q(sent_at__isnull=True), name="letter_not_sent_yet"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence_message", "to_key"],
                condition=Q(automatic=True, evidence_message__isnull=False),
                name="one_automatic_answer_per_message_and_address",
                violation_error_message="This message was answered already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
