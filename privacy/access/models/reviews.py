"""Access reviews: campaigns that ask of each grant whether it is still needed (statement E.5; PCI DSS 7.2.4)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from customers.history import tracked
from privacy.access.models.entitlements import Entitlement, System
from privacy.access.models.grants import AccessGrant
from privacy.workforce.models import Department, Employee


class ReviewScope(models.TextChoices):
    SENSITIVE = "sensitive", "sensitive access (every quarter)"
    REST = "rest", "the rest (every half year)"
    ALL = "all", "all access"


class ReviewState(models.TextChoices):
    """Running: being decided. Removing: all decided, or past due. Complete: what goes is proven gone."""

    PREPARED = "prepared", "prepared, not launched"
    RUNNING = "running", "running"
    REMOVING = "removing", "decided, removals under way"
    COMPLETE = "complete", "complete: removed and proven"
    CANCELLED = "cancelled", "cancelled"


@tracked()
class Review(models.Model):
    """One campaign. A second person launches it; then its scope is frozen as items."""

    name = models.CharField(max_length=200)
    scope = models.CharField(max_length=10, choices=ReviewScope)
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="access_reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.PREPARED)
    fallback = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="fallback_reviews", help_text="decides where nobody else may"
    )
    due_at = models.DateTimeField()
    prepared_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="prepared_reviews")
    prepared_at = models.DateTimeField()
    launched_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="launched_reviews")
    launched_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="when the last item was decided, or silence was answered")
    completed_at = models.DateTimeField(null=True, help_text="when the last removal was proven")
    signed_off_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="signed_off_reviews")
    signed_off_at = models.DateTimeField(null=True)
    sign_off_note = models.TextField(blank=True)
    cancelled_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-prepared_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_second_person_launches_a_review",
                condition=Q(launched_at__isnull=True)
                | (Q(launched_by__isnull=False) & (Q(prepared_by__isnull=True) | ~Q(launched_by=F("prepared_by")))),
                violation_error_message="A second person launches a review.",
            ),
            models.CheckConstraint(
                name="only_a_complete_review_is_signed_off",
                condition=Q(signed_off_at__isnull=True) | Q(state="complete", signed_off_by__isnull=False),
                violation_error_message="A review is signed off when everything that goes is proven gone.",
            ),
            models.CheckConstraint(
                name="another_person_than_who_prepared_it_signs_a_review_off",
                condition=Q(signed_off_by__isnull=True) | Q(prepared_by__isnull=True) | ~Q(signed_off_by=F("prepared_by")),
                violation_error_message="Another person than the one who prepared a review signs it off.",
            ),
            models.CheckConstraint(
                name="a_cancelled_review_says_why",
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""),
                violation_error_message="Say why the review is cancelled.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ItemState(models.TextChoices):
    OPEN = "open", "open"
    KEPT = "kept", "kept"
    REVOKED = "revoked", "revoked"
    SUSPENDED = "suspended", "suspended: nobody decided"
    MOOT = "moot", "ended meanwhile"


@tracked()
class ReviewItem(models.Model):
    """One grant as it was when the review was launched.

    seen: the snapshot shown beside it, as JSON: why it exists, who approved it, function, last used, what colleagues have, what
    changed since the last review. risk: 0 to 100, the riskiest first.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="items")
    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="review_items")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="review_items")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="review_items")
    sensitive = models.BooleanField()
    seen = models.JSONField(default=dict)
    risk = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.OPEN)
    decided_at = models.DateTimeField(null=True)
    by_silence = models.BooleanField(default=False)
    proven_at = models.DateTimeField(null=True, help_text="when its removal was proven, where it goes")

    class Meta:
        ordering = ["-risk", "pk"]
        indexes = [models.Index(fields=["review", "state"], name="review_item_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "grant"],
                name="a_grant_is_in_a_review_once",
                violation_error_message="This grant is in the review already.",
            ),
            models.CheckConstraint(
                name="silence_never_keeps",
                condition=~Q(state="kept", by_silence=True),
                violation_error_message="Silence never keeps access.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.entitlement}"

    @property
    def goes_on_as(self) -> AccessGrant | None:
        """The grant as which this access goes on, renewed or restored meanwhile; None where it does not, or was kept."""
        if self.state == ItemState.KEPT:
            return None
        return next(iter([*self.grant.renewed_by.all(), *self.grant.restored_by_grant.all()]), None)

    @property
    def came_to(self) -> str:
        """What became of it, in words: access that was renewed or restored meanwhile is not gone, whatever was written before."""
        successor = self.goes_on_as
        if successor is None:
            return self.get_state_display()
        return f"{'renewed' if successor.renews_id == self.grant_id else 'restored'} meanwhile as grant {successor.pk}"


class Answer(models.TextChoices):
    KEEP = "keep", "keep"
    REVOKE = "revoke", "revoke"
    NOT_MINE = "not_mine", "not mine"
    CANNOT_JUDGE = "cannot_judge", "cannot judge"


class Role(models.TextChoices):
    OWNER = "owner", "owner of the entitlement"
    MANAGER = "manager", "manager"
    FALLBACK = "fallback", "named fallback"
    HANDED = "handed", "handed on to"


# The copies of whose access it is, and who approved it, are true: else the constraints that speak of them could be walked round.
NAMES_ITS_HOLDER_AND_APPROVERS = """
    IF EXISTS (
        SELECT 1 FROM new_values d {old}
        JOIN privacy_reviewitem i ON i.id = d.item_id JOIN privacy_accessgrant g ON g.id = i.grant_id
        WHERE {changed} AND (d.employee_id, d.approved_by_id, d.seconded_by_id)
            IS DISTINCT FROM (g.employee_id, g.approved_by_id, g.seconded_by_id)
    ) THEN
        RAISE EXCEPTION 'A decision names the holder and the approvers of its grant.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


class DecisionQuerySet(models.QuerySet["Decision"]):
    def asked(self) -> "DecisionQuerySet":
        """Not answered yet, in a running review."""
        return self.filter(answer="", item__state="open", item__review__state="running")


@tracked()
class Decision(models.Model):
    """One reviewer is asked about one item; the answer, once there is one. A sensitive item asks two; one deny denies.

    employee, approved_by, seconded_by repeat the item's grant (a trigger sees to it), so that the database can refuse a review
    of one's own access, or of what one approved. told_at: the last reminder. Undoing clears the answer (the ledger keeps it).
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="review_decisions")
    role = models.CharField(max_length=10, choices=Role)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    seconded_by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=12, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    handed_to = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="+")
    handed_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="handed_on")
    told_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Decision"]] = DecisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["item", "pk"]
        indexes = [models.Index(fields=["reviewer", "answer"], name="decision_by_reviewer")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reviewer"],
                name="a_reviewer_is_asked_once_about_an_item",
                violation_error_message="This reviewer is asked about it already.",
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_access",
                condition=~Q(reviewer=F("employee")),
                violation_error_message="Nobody reviews their own access.",
            ),
            models.CheckConstraint(
                name="nobody_reviews_what_they_approved",
                condition=(Q(approved_by__isnull=True) | ~Q(reviewer=F("approved_by")))
                & (Q(seconded_by__isnull=True) | ~Q(reviewer=F("seconded_by"))),
                violation_error_message="Nobody reviews what they themselves approved.",
            ),
            models.CheckConstraint(
                name="an_answer_that_needs_a_reason_has_one",
                condition=~Q(answer__in=["not_mine", "cannot_judge"]) | ~Q(reason=""),
                violation_error_message="Say why.",
            ),
        ]
        # Once a statement, not once a row: a launch inserts tens of thousands.
        triggers = [
            pgtrigger.Trigger(
                name="a_decision_names_its_holder_and_approvers",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_values"),
                func=NAMES_ITS_HOLDER_AND_APPROVERS.format(changed="TRUE", old=""),
            ),
            pgtrigger.Trigger(
                name="a_decision_goes_on_naming_them",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
                func=NAMES_ITS_HOLDER_AND_APPROVERS.format(
                    old="JOIN old_values o ON o.id = d.id",
                    changed="(d.item_id, d.employee_id, d.approved_by_id, d.seconded_by_id)"
                    " IS DISTINCT FROM (o.item_id, o.employee_id, o.approved_by_id, o.seconded_by_id)",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_answer_display() or 'not answered'}"
