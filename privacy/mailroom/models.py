"""Received mail: every message kept as it came, with what became of it (statement A.1, I)."""

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from customers.classification import Category, classified, holds, plain
from customers.encryption import EncryptedBytesField, EncryptedTextField
from customers.history import tracked
from privacy.mailroom.gateways.parsing import normalise_line_ends


class MessageOutcome(models.TextChoices):
    """What became of a message (OPTOUTS.md, "Mailroom"; INTERFACES.md, `receive_mail`)."""

    OPTED_OUT = "opted_out", "opted out"
    TICKET_OPENED = "ticket_opened", "opened a ticket"
    TICKET_REPLY = "ticket_reply", "reply to a ticket"
    DUPLICATE = "duplicate", "duplicate"
    AUTOMATIC = "automatic", "automatic, not answered"
    UNDELIVERABLE = "undeliverable", "undeliverable notice"
    FEEDBACK_REPORT = "feedback_report", "feedback report"
    QUARANTINED = "quarantined", "quarantined: could not be read"


class Door(models.TextChoices):
    """How a message came in."""

    FILE = "file", "file"
    STDIN = "stdin", "standard input"
    IMAP = "imap", "mailbox"


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        """Kept, but nobody has decided yet what becomes of them."""
        return self.filter(outcome="")

    def quarantined(self) -> "MessageQuerySet":
        """Those that could not be read and that nobody has looked at yet."""
        return self.filter(outcome=MessageOutcome.QUARANTINED, settled_at__isnull=True)


@classified(
    id=plain(),
    raw=holds(Category.MAIL),
    raw_size=plain(),
    raw_sha256=plain(),
    identity=plain(),
    door=plain(),
    received_at=plain(),
    message_id=holds(Category.MAIL),
    from_address=holds(Category.CONTACT),
    from_key=plain(),
    from_masked=plain(),
    subject=holds(Category.MAIL),
    text=holds(Category.MAIL),
    notes=plain(),
    outcome=plain(),
    reason=plain(),
    sorted_at=plain(),
    duplicate_of=plain(),
    ticket=plain(),
    opt_out=plain(),
    settled_at=plain(),
)
@tracked(exclude=["raw", "text"])
class Message(models.Model):
    """One message as it came, and what became of it. Kept first, in a commit of its own; sorted in the next.

    raw: the bytes received (empty where they equal those of `duplicate_of`). raw_sha256: digest of the bytes with line ends made
    equal. identity: digest of Message-ID, sender, subject and body, or of everything where there is no Message-ID: equal means
    duplicate.
    received_at: when it arrived, which is when every clock starts. notes: what was odd about it ("two From headers").
    """

    raw = EncryptedBytesField(null=True)
    raw_size = models.PositiveBigIntegerField()
    raw_sha256 = models.BinaryField(max_length=32)
    identity = models.BinaryField(max_length=32, null=True)
    door = models.CharField(max_length=10, choices=Door)
    received_at = models.DateTimeField()
    message_id = EncryptedTextField(null=True)
    from_address = EncryptedTextField(null=True)
    from_key = models.BinaryField(max_length=32, null=True)
    from_masked = models.CharField(max_length=80, blank=True)
    subject = EncryptedTextField(null=True)
    text = EncryptedTextField(null=True)
    notes = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    outcome = models.CharField(max_length=20, choices=MessageOutcome, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was sorted like this")
    sorted_at = models.DateTimeField(null=True, blank=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates")
    ticket = models.ForeignKey("privacy.Ticket", on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    opt_out = models.ForeignKey("privacy.OptOut", on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="when somebody dealt with it by hand (quarantine)")

    objects = MessageQuerySet.as_manager()
    digested = ("raw", "raw_size", "raw_sha256")

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="message_newest_first"),
            models.Index(fields=["outcome", "-received_at", "-id"], name="message_by_outcome"),
            models.Index(fields=["raw_sha256"], name="message_by_content"),
            models.Index(fields=["from_key"], name="message_by_sender"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(identity__isnull=False) & ~Q(outcome="duplicate"),
                name="one_message_per_identity",
                violation_error_message="This message was received already.",
            ),
            models.CheckConstraint(
                name="a_sorted_message_has_an_outcome",
                condition=(Q(sorted_at__isnull=True) & Q(outcome="")) | (Q(sorted_at__isnull=False) & ~Q(outcome="")),
                violation_error_message="A message is sorted when it has an outcome, and only then.",
            ),
            models.CheckConstraint(
                name="a_duplicate_message_names_the_one_it_repeats",
                condition=~Q(outcome="duplicate") | Q(duplicate_of__isnull=False),
                violation_error_message="A duplicate names the message that it repeats.",
            ),
            models.CheckConstraint(
                name="a_message_keeps_its_bytes_unless_another_has_them",
                condition=Q(raw__isnull=False) | Q(duplicate_of__isnull=False),
                violation_error_message="A message is kept as it came.",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} ({self.get_outcome_display() or 'waiting'})"

    def is_as_digested(self) -> bool:
        """Whether the bytes are those that came (`verify_ledger`)."""
        return self.raw is None or digest_of(bytes(self.raw), self.raw_size) == bytes(self.raw_sha256)


def digest_of(raw: bytes, size: int) -> bytes:
    """SHA-256 (32 bytes) of a message with line ends made equal. size: its bytes, where raw is their beginning only."""
    cut = size > len(raw)  # two huge messages that only begin alike are not the same one
    return hashlib.sha256(normalise_line_ends(raw) + (b"\x00%d" % size if cut else b"")).digest()


class UndeliverableQuerySet(models.QuerySet["Undeliverable"]):
    def since(self, *, at: datetime) -> "UndeliverableQuerySet":
        """Those reported at or after that instant."""
        return self.filter(reported_at__gte=at)


@classified(
    id=plain(),
    message=plain(),
    address=holds(Category.CONTACT),
    address_key=plain(),
    masked=plain(),
    action=plain(),
    status=plain(),
    reported_at=plain(),
)
@tracked()
class Undeliverable(models.Model):
    """An address that a mail server could not deliver to, or a disposition notice. A fact of its own, never an opt-out."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="undeliverables")
    address = EncryptedTextField(null=True)
    address_key = models.BinaryField(max_length=32, null=True)
    masked = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=40, blank=True, help_text="failed, delayed, displayed …")
    status = models.CharField(max_length=40, blank=True, help_text="enhanced status code: 5.1.1")
    reported_at = models.DateTimeField()

    objects = UndeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = "undeliverable address"
        verbose_name_plural = "undeliverable addresses"
        ordering = ["-reported_at", "-pk"]
        indexes = [models.Index(fields=["address_key"], name="undeliverable_by_address")]

    def __str__(self) -> str:
        return f"{self.masked or 'an address'}: {self.status or self.action or 'undeliverable'}"
