"""Privacy requests: one requester, one or more rights, each with its own clock and outcome (statement C, I, J, L)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.classification import Category, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked
from customers.models import Customer
from privacy.tickets.models.choices import DenialReason, EventKind, Outcome, Regime, RightKind, TicketChannel, TicketState


class TicketQuerySet(models.QuerySet["Ticket"]):
    def open(self) -> "TicketQuerySet":
        """Those that still wait for something from us."""
        return self.filter(closed_at__isnull=True)

    def overdue(self, *, at: datetime) -> "TicketQuerySet":
        """Open ones whose next clock has run out at that instant."""
        return self.open().filter(due_at__lt=at)


@classified(
    id=plain(),
    reference=plain(),
    channel=plain(),
    regime=plain(),
    state=plain(),
    received_at=plain(),
    due_at=plain(),
    requester_name=holds(Category.CONTACT),
    requester_email=holds(Category.CONTACT),
    requester_phone=holds(Category.CONTACT),
    requester_post=holds(Category.CONTACT),
    requester_key=plain(),
    requester_masked=plain(),
    subject=holds(Category.MAIL),
    preferred_channel=plain(),
    customer=plain(),
    match_score=plain(),
    match_reasons=plain(),
    opened_by=plain(),
    assignee=plain(),
    claimed_at=plain(),
    origin_message=plain(),
    closed_at=plain(),
    outcome=plain(),
    duplicate_of=plain(),
)
@tracked()
class Ticket(models.Model):
    """One request of one person.

    requester_key: keyed digest of the canonical address (or number) that the request came from. due_at: the soonest instant at
    which a clock of an open right runs out; kept for the queue, always what `policies.due_dates` derives from the events.
    match_score: 0 to 100, how sure we are that the customer is the requester; match_reasons says why. origin_message: the
    received mail's key.
    """

    reference = models.CharField(max_length=30, unique=True)
    channel = models.CharField(max_length=10, choices=TicketChannel)
    regime = models.CharField(max_length=10, choices=Regime, default=Regime.CCPA)
    state = models.CharField(max_length=20, choices=TicketState, default=TicketState.RECEIVED)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    requester_name = EncryptedTextField(null=True)
    requester_email = EncryptedTextField(null=True)
    requester_phone = EncryptedTextField(null=True)
    requester_post = EncryptedTextField(null=True)
    requester_key = models.BinaryField(max_length=32, null=True)
    requester_masked = models.CharField(max_length=80, blank=True)
    subject = EncryptedTextField(null=True)
    preferred_channel = models.CharField(max_length=10, choices=TicketChannel, default=TicketChannel.EMAIL)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    match_score = models.PositiveSmallIntegerField(null=True, blank=True)
    match_reasons = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets_opened"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets_assigned"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    origin_message = models.BigIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates")

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(closed_at__isnull=True), name="ticket_open_by_due"),
            models.Index(
                fields=["assignee", "due_at", "id"], condition=Q(closed_at__isnull=True), name="ticket_open_by_assignee"
            ),
            models.Index(fields=["-received_at", "-id"], name="ticket_newest_first"),
            models.Index(fields=["requester_key"], name="ticket_by_requester"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["origin_message"],
                condition=Q(origin_message__isnull=False),
                name="one_ticket_per_message",
                violation_error_message="This message opened a ticket already.",
            ),
            models.CheckConstraint(
                name="a_closed_ticket_has_an_outcome",
                condition=(Q(closed_at__isnull=True) & Q(outcome="")) | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                violation_error_message="A ticket is closed with an outcome.",
            ),
            models.CheckConstraint(
                name="a_closed_ticket_is_in_state_closed",
                condition=Q(closed_at__isnull=True, state__in=[s for s in TicketState if s != "closed"])
                | Q(closed_at__isnull=False, state="closed"),
                violation_error_message="A ticket is closed when its state says so, and only then.",
            ),
            models.CheckConstraint(
                name="a_duplicate_names_the_ticket_it_repeats",
                condition=~Q(outcome="duplicate") | Q(duplicate_of__isnull=False),
                violation_error_message="Say which ticket this one repeats.",
            ),
            models.CheckConstraint(
                name="a_ticket_does_not_repeat_itself",
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("pk")),
                violation_error_message="A ticket cannot repeat itself.",
            ),
            models.CheckConstraint(
                name="a_claimed_ticket_names_who_and_when",
                condition=Q(assignee__isnull=True, claimed_at__isnull=True) | Q(assignee__isnull=False, claimed_at__isnull=False),
                violation_error_message="A claimed ticket says who claimed it and when.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


@classified(
    id=plain(),
    ticket=plain(),
    kind=plain(),
    proposed=plain(),
    outcome=plain(),
    denial_reason=plain(),
    denial_text=holds(Category.MAIL),
    ended_at=plain(),
)
@tracked()
class TicketRight(models.Model):
    """One right that a ticket asks for, with its own clock and outcome. proposed: read from a mail, not confirmed by a person."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="rights")
    kind = models.CharField(max_length=20, choices=RightKind)
    proposed = models.BooleanField(default=False)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    denial_reason = models.CharField(max_length=30, choices=DenialReason, blank=True)
    denial_text = EncryptedTextField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"],
                name="one_right_of_each_kind_per_ticket",
                violation_error_message="This ticket asks for that already.",
            ),
            models.CheckConstraint(
                name="an_ended_right_has_an_outcome",
                condition=(Q(ended_at__isnull=True) & Q(outcome="")) | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                violation_error_message="A right ends with an outcome.",
            ),
            models.CheckConstraint(
                name="a_denied_right_has_a_reason",
                condition=~Q(outcome__in=["denied", "partial"]) | ~Q(denial_reason=""),
                violation_error_message="A denial, whole or in part, needs its reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_kind_display()}"


@classified(
    id=plain(),
    ticket=plain(),
    right=plain(),
    kind=plain(),
    at=plain(),
    by=plain(),
    text=holds(Category.MAIL),
    facts=plain(),
    message=plain(),
    letter=plain(),
)
@tracked()
class TicketEvent(models.Model):
    """One dated fact of a ticket's life. Extension and pause are events, not states; every due date is derived from these.

    facts: what the kind needs ({"until": …}, {"from": …, "to": …}), never personal data. message: key of the mail received.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    right = models.ForeignKey(TicketRight, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="ticket_events"
    )
    text = EncryptedTextField(null=True)
    facts: Any = models.JSONField(default=dict, blank=True)
    message = models.BigIntegerField(null=True, blank=True, db_index=True)
    letter = models.ForeignKey("privacy.Letter", on_delete=models.PROTECT, null=True, blank=True, related_name="ticket_events")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["ticket", "at"], name="ticket_event_timeline")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {timezone.localtime(self.at):%Y-%m-%d %H:%M %Z}"


@tracked()
class Closure(models.Model):
    """A day on which the company is closed beside the federal holidays: no business day."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
