"""Cancelling a review: what was denied before goes all the same, because one deny denies (ACCESS.md, "Reviews")."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef

from privacy.access import errors, policies
from privacy.access.actions.review_clock import close_of
from privacy.access.actions.reviews import lock_review
from privacy.access.models import Answer, Decision, ItemState, Review, ReviewState
from privacy.ledger.actions import act
from privacy.workforce.actions import drop_notices
from privacy.workforce.models import Employee


def cancel_review(review_id: int, *, by: Employee, reason: str, now: datetime) -> Review:
    """Stop a review that is prepared or running: nothing more happens by it, neither by answers nor by silence.

    Every deny that waits to take effect is carried out first, and what it has taken away already stays away. Raises
    MayNotPrepareReview, NotToBeCancelled, DeniedToYou, ReasonNeeded.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("cancel_review", by=by, reason=reason, review=review_id):
        review = lock_review(review_id)
        if not policies.may_administer(by, at=now):
            raise errors.MayNotPrepareReview
        if review.state not in (ReviewState.PREPARED, ReviewState.RUNNING):
            raise errors.NotToBeCancelled(review)
        _carry_out_denies(review, by=by, now=now)
        review.state, review.cancelled_reason = ReviewState.CANCELLED, reason
        review.save(update_fields=["state", "cancelled_reason"])
        # Behind the items, as whoever answers does. What the review took away, its holder is told all the same (`tell_holder`).
        drop_notices(keys_starting=f"review {review.pk} ", now=now)
        return review


def _carry_out_denies(review: Review, *, by: Employee, now: datetime) -> None:
    """Behind every open item: a decision under way is finished before, and counts, or refused after.

    Their holders first, all of them, as every verb locks: whose access is denied is known for sure only behind the items.
    """
    waiting = review.items.filter(state=ItemState.OPEN)
    holders = Employee.objects.filter(pk__in=waiting.order_by().values("employee"))
    list(holders.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    list(waiting.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    denies = Decision.objects.filter(item=OuterRef("pk"), answer=Answer.REVOKE).order_by()
    denied: dict[int, list[int]] = defaultdict(list)
    for pk, employee_id in waiting.filter(Exists(denies)).order_by("employee_id", "pk").values_list("pk", "employee_id"):
        denied[employee_id].append(pk)
    if by.pk in denied:
        raise errors.DeniedToYou
    for employee_id, items in denied.items():
        close_of(review.pk, employee_id, items, now=now, at_once=True)
