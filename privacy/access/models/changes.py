"""What must change in other systems, and the proof that it did: the outbox of access (ACCESS.md, "Doors to other systems")."""

import hashlib
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from customers.encryption import EncryptedBytesField
from customers.history import tracked
from privacy.access.models.entitlements import Entitlement, System
from privacy.access.models.grants import AccessGrant
from privacy.workforce.models import Employee, EmploymentEvent


@tracked()
class SystemAccount(models.Model):
    """Which account a person has in a system: its name there, and its identifier there where it has one (SCIM)."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="accounts")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="accounts")
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["system", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "employee"],
                name="one_account_per_person_and_system",
                violation_error_message="This person already has an account there.",
            ),
            models.UniqueConstraint(
                "system",
                Lower("name"),
                name="an_account_belongs_to_one_person",
                violation_error_message="That account belongs to somebody already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.system}"


class Wanted(models.TextChoices):
    GIVEN = "given", "give"
    REMOVED = "removed", "take away"


class ChangeState(models.TextChoices):
    """A failed change is tried again, for ever. Withdrawn: something later is wanted instead."""

    PENDING = "pending", "pending"
    PUSHED = "pushed", "pushed, not yet proven"
    PROVEN = "proven", "proven"
    FAILED = "failed", "failed, tried again"
    WITHDRAWN = "withdrawn", "withdrawn"


OUTSTANDING = (ChangeState.PENDING, ChangeState.PUSHED, ChangeState.FAILED)


class SystemChangeQuerySet(models.QuerySet["SystemChange"]):
    def outstanding(self) -> "SystemChangeQuerySet":
        """Neither proven nor withdrawn."""
        return self.filter(state__in=OUTSTANDING)

    def removals(self) -> "SystemChangeQuerySet":
        """Those that take access away."""
        return self.filter(wanted=Wanted.REMOVED)

    def due(self, *, at: datetime) -> "SystemChangeQuerySet":
        """Outstanding, to be tried at that instant, and in no worker's hands."""
        return self.outstanding().filter(Q(taken_until__isnull=True) | Q(taken_until__lte=at), next_try_at__lte=at)

    def breaching(self, *, at: datetime) -> "SystemChangeQuerySet":
        """Removals that took longer than their bound, or are over it and still not proven at that instant."""
        late = Q(proven_at__gt=F("due_at")) | Q(proven_at__isnull=True, due_at__lt=at)
        return self.removals().exclude(state=ChangeState.WITHDRAWN).filter(late)


@tracked(exclude=["taken_until", "taken_by"])
class SystemChange(models.Model):
    """One outstanding act in one system: an entitlement is given to a person there, or taken away (a Removal).

    One row per grant, system and wanted state; or per account that nobody should have (`grant` empty, from a drift).
    The clock points, all instants: known_at (HR knew, or the decision was taken), effective_at, enforced_at (out of force in this
    house), pushed_at, proven_at; due_at = the later of the first two plus the system's bound. taken_until, taken_by: a worker's
    lease, so that a killed worker's change is taken up again; it outlives a withdrawal, because the worker may be just about it.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="changes")
    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, null=True, related_name="changes")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="system_changes")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, related_name="changes")
    account_name = models.CharField(max_length=200)
    external_name = models.CharField(max_length=200, blank=True, help_text="role or group there; empty: the account itself")
    wanted = models.CharField(max_length=10, choices=Wanted)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PENDING)
    reason = models.TextField(blank=True)
    event = models.ForeignKey(EmploymentEvent, on_delete=models.PROTECT, null=True, related_name="system_changes")
    asked_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="asked_changes")

    known_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    enforced_at = models.DateTimeField()
    pushed_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    failure = models.TextField(blank=True, help_text="what the system said, or what was found there, at the last try")
    taken_until = models.DateTimeField(null=True)
    taken_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["SystemChange"]] = SystemChangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-known_at", "-pk"]
        indexes = [
            models.Index(
                fields=["system", "next_try_at"],
                condition=Q(state__in=["pending", "pushed", "failed"]),
                name="outstanding_change_by_system",
            ),
            models.Index(fields=["employee", "-known_at"], name="change_by_person"),
            models.Index(fields=["event"], name="change_by_event"),
            models.Index(fields=["-known_at"], name="change_by_time"),
            models.Index(fields=["system"], condition=Q(taken_until__isnull=False), name="change_in_hands"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(state__in=["pending", "pushed", "failed"], grant__isnull=False),
                name="one_outstanding_change_per_grant",
                violation_error_message="A change of this grant is already under way.",
            ),
            models.CheckConstraint(
                name="proven_means_pushed_and_proven",
                condition=~Q(state="proven") | Q(pushed_at__isnull=False, proven_at__isnull=False),
                violation_error_message="A change is proven after it was pushed, with its instant.",
            ),
            models.CheckConstraint(
                name="a_change_names_its_account",
                condition=~Q(account_name=""),
                violation_error_message="Name the account in that system.",
            ),
        ]

    def __str__(self) -> str:
        what = self.external_name or "the account"
        return f"{self.get_wanted_display()} {what} of {self.account_name} in {self.system}"

    @property
    def clock_starts_at(self) -> datetime:
        """The instant from which it should be so there: the later of when we knew and when it takes effect."""
        return max(self.known_at, self.effective_at)


class Step(models.TextChoices):
    PUSH = "push", "told the system"
    READ_BACK = "read_back", "asked the system afterwards"
    PROBE = "probe", "tried to get in"
    BY_HAND = "by_hand", "done by hand"
    VERIFIED = "verified", "verified by a second person"


@tracked()
class Proof(models.Model):
    """What a system answered at one step of one try: the raw answer and its hash. Written once.

    answer: text as it came, secrets left out, at most 64 KB. answer_sha256: of that text in UTF-8, hexadecimal.
    """

    change = models.ForeignKey(SystemChange, on_delete=models.PROTECT, related_name="proofs")
    at = models.DateTimeField()
    attempt = models.PositiveIntegerField()
    step = models.CharField(max_length=12, choices=Step)
    holds = models.BooleanField(help_text="whether the step found what is wanted")
    answer = models.TextField()
    answer_sha256 = models.CharField(max_length=64)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["change", "at", "pk"]
        indexes = [models.Index(fields=["change", "at"], name="proof_by_change")]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {'holds' if self.holds else 'does not hold'}"


@tracked(exclude=["evidence"])
class HandTask(models.Model):
    """A change that somebody makes by hand in a system: done with evidence, verified by a second person.

    evidence: the file that shows it (encrypted). A verifier who does not believe it sends it back with a reason.
    """

    change = models.OneToOneField(SystemChange, on_delete=models.PROTECT, related_name="task")
    assigned_to = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="hand_tasks")
    done_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="done_tasks")
    done_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    evidence = EncryptedBytesField(null=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    evidence_type = models.CharField(max_length=100, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    verified_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="verified_tasks")
    verified_at = models.DateTimeField(null=True)
    sent_back_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="sent_back_tasks")
    sent_back_at = models.DateTimeField(null=True)
    sent_back_reason = models.TextField(blank=True)

    digested = ("evidence", "evidence_sha256")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_task_is_done_with_evidence",
                condition=Q(done_at__isnull=True) | (Q(done_by__isnull=False, evidence__isnull=False) & ~Q(evidence_sha256="")),
                violation_error_message="Attach the evidence.",
            ),
            models.CheckConstraint(
                name="a_second_person_verifies_a_task",
                condition=Q(verified_at__isnull=True)
                | (Q(verified_by__isnull=False, done_by__isnull=False) & ~Q(verified_by=F("done_by"))),
                violation_error_message="A second person verifies what was done by hand.",
            ),
        ]

    def __str__(self) -> str:
        return f"by hand: {self.change}"

    def is_as_digested(self) -> bool:
        """Whether the evidence is the file that was handed in (`verify_ledger`)."""
        return self.evidence is None or hashlib.sha256(self.evidence).hexdigest() == self.evidence_sha256
