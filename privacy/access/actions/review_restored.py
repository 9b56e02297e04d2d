"""What restored access means for reviews: while one runs, its item waits for its reviewer again; else it says what came of it."""

from datetime import datetime

from django.db.models import Q

from privacy.access import policies
from privacy.access.actions.review_answers import hand_on_as_approver
from privacy.access.actions.review_notices import tell_of_restored
from privacy.access.models import AccessGrant, Decision, GrantState, ItemState, Review, ReviewItem, ReviewState


def lock_reviews_of(employee_id: int) -> None:
    """Lock the reviews that are not over and ask about this person's access: before their holder, as cancelling one does."""
    about = ReviewItem.objects.filter(employee=employee_id).order_by().values("review")
    under_way = Review.objects.filter(pk__in=about, state__in=[ReviewState.RUNNING, ReviewState.REMOVING])
    list(under_way.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def lock_items_of(employee_id: int) -> None:
    """Lock the items about this person's access, and those that they were asked about, which may come back to them.

    All at once, in the order of their keys: behind their holder, and before any grant.
    """
    asked = Decision.objects.filter(reviewer=employee_id, item__state=ItemState.OPEN).order_by().values("item")
    items = ReviewItem.objects.filter(Q(employee=employee_id) | Q(pk__in=asked))
    list(items.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def restore_items(old: AccessGrant, new: AccessGrant, *, now: datetime) -> None:
    """This access, which had ended, was given again as `new`: no review calls it gone. Call it behind the locks above.

    While a review runs, its item is about the new grant and waits for its reviewer again, with the answers that there are; what
    silence had suspended goes on being suspended by it. Where the review is over, the item says "restored meanwhile".
    """
    for item in old.review_items.exclude(state=ItemState.KEPT).select_related("review__fallback").order_by("pk"):
        review, before = item.review, item.state
        silenced = before == ItemState.SUSPENDED or (before == ItemState.REVOKED and item.by_silence)
        if silenced and new.state == GrantState.SUSPENDED and review.state in (ReviewState.RUNNING, ReviewState.REMOVING):
            item.grant, item.state, item.proven_at = new, ItemState.SUSPENDED, None
            item.save(update_fields=["grant", "state", "proven_at"])
        elif review.state == ReviewState.RUNNING:
            item.grant, item.state, item.decided_at, item.by_silence, item.proven_at = new, ItemState.OPEN, None, False, None
            item.save(update_fields=["grant", "state", "decided_at", "by_silence", "proven_at"])
            _ask_again(item, new, now=now)
        elif before != ItemState.OPEN:
            item.state, item.by_silence, item.proven_at = ItemState.MOOT, False, None
            item.save(update_fields=["state", "by_silence", "proven_at"])


def _ask_again(item: ReviewItem, new: AccessGrant, *, now: datetime) -> None:
    """Its decisions are about the new grant from now on; whoever is its approver by now is not asked any more."""
    decisions = Decision.objects.filter(item=item).select_related("reviewer").order_by("pk")
    barred = [one for one in decisions if policies.why_not_reviewer(new, one.reviewer, at=now) and one.handed_to_id is None]
    others = decisions.exclude(reviewer__in=[pk for pk in (new.approved_by_id, new.seconded_by_id) if pk])
    others.update(approved_by=new.approved_by, seconded_by=new.seconded_by)
    for one in barred:
        hand_on_as_approver(item, one, now=now)
    for one in decisions.filter(answer=""):
        tell_of_restored(item, one.reviewer, now=now)
