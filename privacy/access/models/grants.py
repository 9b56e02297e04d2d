"""Who has what: grants, and the one queryset that says which of them are in force (ACCESS.md, "Authority is computed")."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pgtrigger
from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from customers.history import tracked
from privacy.access.models.entitlements import Entitlement
from privacy.agreements.models import Nda
from privacy.programme.models import Briefing
from privacy.workforce.models import Employee, EmploymentEvent, WorkerType

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class GrantState(models.TextChoices):
    REQUESTED = "requested", "requested"
    APPROVED = "approved", "approved"
    SUSPENDED = "suspended", "suspended"
    REVOKING = "revoking", "being revoked"
    REVOKED = "revoked", "revoked"
    DENIED = "denied", "denied"
    LAPSED = "lapsed", "lapsed"


# In another system, a grant in one of these may be there, or may still be.
MAY_BE_THERE = (GrantState.APPROVED, GrantState.SUSPENDED, GrantState.REVOKING)


class Origin(models.TextChoices):
    REQUEST = "request", "asked for and approved"
    BOOTSTRAP = "bootstrap", "given at the terminal to a security administrator"
    BREAK_GLASS = "break_glass", "taken in an emergency (break-glass)"
    RESTORED = "restored", "restored after a mistake of HR"


BREAK_GLASS_HOURS = 4


def conditions(at: datetime) -> dict[str, tuple[Any, str]]:
    """All that must hold for a grant to be in force at that instant: name → (condition in SQL, what is said when it fails)."""
    day = timezone.localdate(at)
    contractor = Q(employee__worker_type=WorkerType.CONTRACTOR)
    sensitive = Q(entitlement__sensitive=True)
    same_person = OuterRef("employee_id")
    under_nda = Exists(Nda.objects.in_force(on=day).filter(employee=same_person))
    briefed = Exists(Briefing.objects.filter(employee=same_person, given_on__lte=day))
    second_factor = Exists(Authenticator.objects.filter(user=same_person, type__in=SECOND_FACTORS))
    return {
        "suspended": (~Q(state=GrantState.SUSPENDED), "It is suspended."),
        "approved": (Q(state__in=[GrantState.APPROVED, GrantState.SUSPENDED]), "It is not approved, or no longer."),
        "begun": (Q(starts_at__lte=at), "It has not begun yet."),
        "not_ended": (Q(ends_at__isnull=True) | Q(ends_at__gt=at), "Its end has passed."),
        "employed": (
            Q(employee__starts_on__lte=day)
            & (Q(employee__ends_on__isnull=True) | Q(employee__ends_on__gte=day))
            & (Q(employee__left_at__isnull=True) | Q(employee__left_at__gt=at)),
            "The person does not work here on this day.",
        ),
        "nda": (~(contractor | sensitive) | Q(under_nda), "No nondisclosure agreement of this person is in force."),
        "briefed": (~sensitive | Q(briefed), "The person has not been briefed on security and privacy."),
        "second_factor": (~sensitive | Q(second_factor), "The person has no second factor (authenticator app or passkey)."),
    }


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def in_force(self, *, at: datetime) -> "AccessGrantQuerySet":
        """Those that give access at that instant. Every permission of the back-office comes from here."""
        return self.filter(*(condition for condition, _ in conditions(at).values()))

    def active(self) -> "AccessGrantQuerySet":
        """Approved or suspended, whether or not every condition holds just now."""
        return self.filter(state__in=[GrantState.APPROVED, GrantState.SUSPENDED])

    def waiting(self) -> "AccessGrantQuerySet":
        """Asked for and not decided."""
        return self.filter(state=GrantState.REQUESTED)


ENDS_SESSIONS_ON_UPDATE = """
    UPDATE privacy_employee SET session_epoch = session_epoch + 1 WHERE id IN (
        SELECT o.employee_id FROM old_values o LEFT JOIN new_values n ON n.id = o.id
        WHERE o.state = 'approved' AND (
            n.id IS NULL
            OR n.state <> 'approved'
            OR n.employee_id <> o.employee_id
            OR n.entitlement_id <> o.entitlement_id
            OR n.starts_at > o.starts_at
            OR COALESCE(n.ends_at, 'infinity') < COALESCE(o.ends_at, 'infinity')
        ) AND NOT EXISTS (
            -- Closed because it goes on under a new approval, which takes its place in the same transaction.
            SELECT 1 FROM privacy_accessgrant r
            WHERE r.renews_id = o.id AND n.state = 'revoked' AND r.state = 'requested' AND r.approved_by_id IS NOT NULL
                AND r.employee_id = o.employee_id AND r.entitlement_id = o.entitlement_id
                AND COALESCE(r.ends_at, 'infinity') >= COALESCE(o.ends_at, 'infinity')
        )
    );
    RETURN NULL;
"""
ENDS_SESSIONS_ON_DELETE = """
    UPDATE privacy_employee SET session_epoch = session_epoch + 1
    WHERE id IN (SELECT employee_id FROM old_values WHERE state = 'approved');
    RETURN NULL;
"""


@tracked()
class AccessGrant(models.Model):
    """One entitlement for one employee: who asked, who approved, why, from when to when.

    Approval: `approved_by` is the entitlement's owner; `seconded_by` is the manager, needed too where access is sensitive.
    Bounds: [starts_at, ends_at). `sensitive` repeats the entitlement's (kept by a trigger), so that a constraint can speak of it.
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="grants")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="grants")
    sensitive = models.BooleanField(default=False, editable=False)
    state = models.CharField(max_length=20, choices=GrantState, default=GrantState.REQUESTED)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.REQUEST)

    requested_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="requested_grants")
    requested_at = models.DateTimeField()
    reason = models.TextField(help_text="why this person needs it")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    approved_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="approved_grants")
    approved_at = models.DateTimeField(null=True)
    seconded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="seconded_grants")
    seconded_at = models.DateTimeField(null=True)

    denied_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="denied_grants")
    denied_at = models.DateTimeField(null=True)
    denial_reason = models.TextField(blank=True)

    suspended_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="suspended_grants")
    suspended_at = models.DateTimeField(null=True)
    suspension_reason = models.TextField(blank=True)
    suspended_until = models.DateTimeField(null=True, help_text="if nobody resumes it by then, it is revoked; empty: no such end")

    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewed_by")
    restores = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="restored_by_grant")
    restored_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="restored_grants")

    looked_at_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="looked_at_grants")
    looked_at = models.DateTimeField(null=True, help_text="when a taking in an emergency was looked at afterwards")
    looked_at_note = models.TextField(blank=True)
    look_due_at = models.DateTimeField(null=True, help_text="by when it is to be looked at: one working day")

    kept_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="kept_grants")
    kept_reason = models.TextField(blank=True, help_text="why a new function keeps what it does not justify, for at most 30 days")

    revoked_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="revoked_grants")
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.TextField(blank=True)
    ended_by_event = models.ForeignKey(
        EmploymentEvent, on_delete=models.PROTECT, null=True, related_name="ended_grants", help_text="the HR event that ended it"
    )

    objects: ClassVar[models.Manager["AccessGrant"]] = AccessGrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["employee", "state"], name="grant_by_person"),
            models.Index(fields=["entitlement", "state"], name="grant_by_entitlement"),
            models.Index(fields=["state", "-requested_at"], name="grant_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "entitlement"],
                condition=Q(state__in=["approved", "suspended"]),
                name="one_active_grant_per_employee_and_entitlement",
                violation_error_message="This person already has that access.",
            ),
            models.UniqueConstraint(
                fields=["employee", "entitlement"],
                condition=Q(state="requested"),
                name="one_open_request_per_employee_and_entitlement",
                violation_error_message="This access is already asked for and waits for a decision.",
            ),
            models.CheckConstraint(
                name="nobody_approves_their_own_access",
                condition=(Q(approved_by__isnull=True) | ~Q(approved_by=F("employee")))
                & (Q(seconded_by__isnull=True) | ~Q(seconded_by=F("employee"))),
                violation_error_message="Nobody approves their own access.",
            ),
            models.CheckConstraint(
                name="nobody_approves_what_they_asked_for",
                condition=Q(requested_by__isnull=True)
                | (Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")))
                & (Q(seconded_by__isnull=True) | ~Q(seconded_by=F("requested_by"))),
                violation_error_message="Nobody approves what they themselves asked for.",
            ),
            models.CheckConstraint(
                name="active_grants_were_approved_by_somebody",
                condition=~Q(state__in=["approved", "suspended", "revoking"])
                | Q(origin__in=["bootstrap", "break_glass"])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                violation_error_message="A grant that is active was approved by somebody.",
            ),
            models.CheckConstraint(
                name="sensitive_grants_were_approved_by_two",
                condition=~Q(state__in=["approved", "suspended", "revoking"], sensitive=True)
                | Q(origin__in=["bootstrap", "break_glass"])
                | Q(origin="restored", restores__isnull=False, restored_by__isnull=False)
                | (Q(seconded_by__isnull=False, approved_by__isnull=False) & ~Q(seconded_by=F("approved_by"))),
                violation_error_message="Sensitive access is approved by its owner and by the person's manager.",
            ),
            models.CheckConstraint(
                name="sensitive_grants_have_an_end",
                condition=Q(sensitive=False) | Q(ends_at__isnull=False),
                violation_error_message="Sensitive access must have an end.",
            ),
            models.CheckConstraint(
                name="a_grant_ends_after_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                violation_error_message="Access cannot end before it starts.",
            ),
            models.CheckConstraint(
                name="break_glass_lasts_four_hours_at_most",
                condition=~Q(origin="break_glass")
                | Q(ends_at__isnull=False, ends_at__lte=F("starts_at") + timedelta(hours=BREAK_GLASS_HOURS)),
                violation_error_message="Access taken in an emergency ends after 4 hours at most.",
            ),
            models.CheckConstraint(
                name="nobody_looks_at_their_own_break_glass",
                condition=Q(looked_at_by__isnull=True) | ~Q(looked_at_by=F("employee")),
                violation_error_message="Somebody else looks at what was taken in an emergency.",
            ),
            models.CheckConstraint(
                name="nobody_restores_their_own_access",
                condition=Q(restored_by__isnull=True) | ~Q(restored_by=F("employee")),
                violation_error_message="Nobody restores their own access.",
            ),
            models.CheckConstraint(
                name="a_revoked_grant_says_when_and_why",
                condition=~Q(state__in=["revoking", "revoked"]) | (Q(revoked_at__isnull=False) & ~Q(revocation_reason="")),
                violation_error_message="A revocation has an instant and a reason.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="sensitive_as_its_entitlement",
                when=pgtrigger.Before,
                # When access is given or prolonged, and not when the state of thousands changes at once as they are revoked.
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("entitlement_id", "sensitive", "approved_at", "seconded_at", "ends_at", "origin"),
                func="SELECT sensitive INTO NEW.sensitive FROM privacy_entitlement WHERE id = NEW.entitlement_id; RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="a_grant_that_ends_ends_sessions",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
                func=ENDS_SESSIONS_ON_UPDATE,
            ),
            pgtrigger.Trigger(
                name="a_grant_that_is_deleted_ends_sessions",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_values"),
                func=ENDS_SESSIONS_ON_DELETE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.entitlement}"
