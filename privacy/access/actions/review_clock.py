"""What a review does by the clock: answers take effect, silence answers, removals are followed until they are proven."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from privacy.access import policies
from privacy.access.actions.ending import close_requests_for, end_grants, lock_holder
from privacy.access.actions.grants import suspend_grant
from privacy.access.actions.review_answers import lock_items
from privacy.access.actions.review_handing_on import hand_on_decisions_of
from privacy.access.actions.review_notices import escalate, remind, tell_administrators, tell_holder
from privacy.access.actions.reviews import lock_review
from privacy.access.models import (
    HERE,
    AccessGrant,
    Answer,
    ChangeState,
    Decision,
    GrantState,
    ItemState,
    Review,
    ReviewItem,
    ReviewState,
    SystemChange,
)
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def advance_reviews(*, now: datetime) -> dict[str, int]:
    """Everything that is due in running reviews; returns how many items closed, were proven, and reminders went. Idempotent."""
    done = {"closed": 0, "proven": 0, "reminded": 0}
    for review in Review.objects.filter(state=ReviewState.RUNNING).select_related("fallback"):
        _hand_on_of_the_gone(review, now=now)
        done["closed"] += close_items(review, now=now)
        done["reminded"] += remind_reviewers(review, now=now)
    # What was denied before a review was cancelled goes all the same, and is followed.
    taken = Q(state=ReviewState.CANCELLED, items__state=ItemState.REVOKED, items__proven_at=None)
    for review in Review.objects.filter(Q(state__in=[ReviewState.RUNNING, ReviewState.REMOVING]) | taken).distinct():
        done["proven"] += follow_removals(review.pk, now=now)
    return done


def _hand_on_of_the_gone(review: Review, *, now: datetime) -> None:
    """Whoever cannot answer any more, without an act (a last day or a contractor's NDA passed): their items go to the next."""
    asked = Decision.objects.asked().filter(item__review=review)  # type: ignore[attr-defined]
    gone = asked.exclude(reviewer__in=policies.with_the_right_to_sign_in(at=now).order_by())
    for employee_id in set(gone.values_list("reviewer_id", flat=True)):
        hand_on_decisions_of(employee_id, now=now)


def ripe_items(review: Review, *, now: datetime) -> QuerySet[ReviewItem]:
    """Open items that an outcome may exist for: denied or kept for long enough, ended meanwhile; all of them once it is due."""
    items = review.items.filter(state=ItemState.OPEN)
    if now >= review.due_at:
        return items
    settled = now - timedelta(minutes=policies.UNDO_MINUTES)
    answers = Decision.objects.filter(item=OuterRef("pk")).order_by()
    denied = Exists(answers.filter(answer=Answer.REVOKE, answered_at__lte=settled))
    open_or_fresh = answers.filter(Q(answer="") | Q(answer=Answer.KEEP, answered_at__gt=settled))
    kept = Exists(answers.filter(answer=Answer.KEEP)) & ~Exists(open_or_fresh)
    ended = ~Q(grant__state__in=[GrantState.APPROVED, GrantState.SUSPENDED])
    return items.filter(Q(denied) | Q(kept) | ended)


def close_items(review: Review, *, now: datetime) -> int:
    """Close what is decided, what ended meanwhile, and at the due time everything; returns how many. One transaction a person."""
    by_person: dict[int, list[int]] = defaultdict(list)
    for pk, employee_id in ripe_items(review, now=now).order_by("employee_id", "pk").values_list("pk", "employee_id"):
        by_person[employee_id].append(pk)
    return sum(close_of(review.pk, employee_id, items, now=now) for employee_id, items in by_person.items())


def close_of(review_id: int, employee_id: int, keys: list[int], *, now: datetime, at_once: bool = False) -> int:
    """Close these items (keys) of one person, as far as they have an outcome; returns how many. at_once: without time to undo."""
    with act("apply_review", by=None, review=review_id, employee=employee_id):
        holder = lock_holder(employee_id)
        items = list(
            ReviewItem.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=keys, state=ItemState.OPEN)
            .order_by("pk")
            .select_related("grant", "entitlement")
            .prefetch_related("decisions__reviewer")
        )
        review = Review.objects.get(pk=review_id)  # behind the items' locks: a cancelled review closes nothing
        if review.state != ReviewState.RUNNING:
            return 0
        denied: dict[tuple[Employee | None, str], list[int]] = defaultdict(list)
        closed, lost, suspended = [], [], []
        until = now + timedelta(days=policies.SUSPENDED_DAYS)
        for item in items:
            outcome = policies.outcome_of(
                item.grant, item.sensitive, item.decisions.all(), due_at=review.due_at, at=now, at_once=at_once
            )
            if outcome is None:
                continue
            item.state, item.decided_at, item.by_silence = outcome.state, outcome.at, outcome.by_silence
            closed.append(item)
            _close_requests_before(policies.deny_among(item.decisions.all()), item, review, now=now)
            if outcome.state == ItemState.REVOKED:
                why = "nobody decided in time" if outcome.by_silence else outcome.reason or "not needed any more"
                denied[outcome.by, f"access review “{review.name}”: {why}"].append(item.grant_id)
                lost.append(item.entitlement.name)
            elif outcome.state == ItemState.SUSPENDED:
                _suspend(item.grant, review, until=until, now=now)
                suspended.append(item.entitlement.name)
        ReviewItem.objects.bulk_update(closed, ["state", "decided_at", "by_silence"], batch_size=500)
        for (by, reason), grants in denied.items():
            end_grants(grants, by=by, reason=reason, now=now)
        if lost or suspended:
            tell_holder(review, holder, lost, suspended, until, now=now)
        return len(closed)


def _close_requests_before(deny: Decision | None, item: ReviewItem, review: Review, *, now: datetime) -> None:
    """A request that was made before a deny is closed with what it denies, however that ended: one deny denies.

    Silence denies nothing: who decides on a request says something, and decides for themselves.
    """
    if deny is not None:
        why = f"{deny.reviewer} denied the access in the review “{review.name}”{f': {deny.reason}' if deny.reason else ''}"
        # No request of before the last of several denies goes on.
        last = max(one.answered_at for one in item.decisions.all() if one.answer == Answer.REVOKE and one.answered_at)
        close_requests_for(item.employee_id, item.entitlement_id, why=why, now=now, made_until=last)


def _suspend(grant: AccessGrant, review: Review, *, until: datetime, now: datetime) -> None:
    if grant.state == GrantState.SUSPENDED:  # already, by somebody: it does not stay so for ever
        grant.suspended_until = min(until, grant.suspended_until or until)
        grant.save(update_fields=["suspended_until"])
        return
    suspend_grant(grant.pk, by=None, reason=f"access review “{review.name}”: nobody decided in time", now=now, until=until)


def follow_removals(review_id: int, *, now: datetime) -> int:
    """Write down what goes on and what is proven gone, and bring the review on: all decided, then all proven.

    Returns how many were proven now. Of a review that was cancelled, what it took away before is followed.
    """
    with act("follow_review", by=None, review=review_id):
        review = lock_review(review_id)
        if review.state not in (ReviewState.RUNNING, ReviewState.REMOVING, ReviewState.CANCELLED):
            return 0
        following = review.items.select_for_update(of=("self",), no_key=True).select_related("grant")
        proven_at = Max(
            "grant__changes__proven_at", filter=Q(grant__changes__state=ChangeState.PROVEN, grant__changes__wanted="removed")
        )
        proven = 0
        said_otherwise = Q(state__in=[ItemState.SUSPENDED, ItemState.REVOKED]) | Q(state=ItemState.MOOT, proven_at__isnull=False)
        for item in following.filter(said_otherwise, _goes_on()).order_by("pk"):
            item.state, item.by_silence, item.proven_at = ItemState.MOOT, False, None
            item.save(update_fields=["state", "by_silence", "proven_at"])
        for item in following.filter(state=ItemState.SUSPENDED).exclude(grant__state=GrantState.SUSPENDED).order_by("pk"):
            # Somebody resumed it, with a reason: a person's keep. Or nobody did: gone.
            resumed = item.grant.state == GrantState.APPROVED
            item.state = ItemState.KEPT if resumed else ItemState.REVOKED
            item.by_silence = not resumed
            item.save(update_fields=["state", "by_silence"])
        # Elsewhere, nothing but a proof says that it is gone: not the instant at which it was revoked here.
        removals = SystemChange.objects.filter(grant=OuterRef("grant"), wanted="removed")
        owed = removals.exclude(state__in=[ChangeState.PROVEN, ChangeState.WITHDRAWN])
        shown = Q(grant__entitlement__system__code=HERE) | (Exists(removals.filter(state=ChangeState.PROVEN)) & ~Exists(owed))
        unproven = _to_be_proven(review).filter(shown, grant__state=GrantState.REVOKED)
        when = dict(unproven.annotate(last=proven_at).order_by().values_list("pk", "last"))
        for item in following.filter(pk__in=when).order_by("pk"):
            item.proven_at = max(filter(None, [when[item.pk], item.grant.revoked_at, item.decided_at]))
            item.save(update_fields=["proven_at"])
            proven += 1
        _bring_on(review, now=now)
        return proven


def _to_be_proven(review: Review) -> QuerySet[ReviewItem]:
    """Items whose access goes, and is not proven gone."""
    return review.items.filter(~_goes_on(), state__in=[ItemState.REVOKED, ItemState.MOOT], proven_at=None)


def _goes_on() -> Exists:
    """Of items: their access was renewed or restored meanwhile, and goes on under its new grant (ReviewItem.goes_on_as)."""
    return Exists(AccessGrant.objects.filter(Q(renews=OuterRef("grant")) | Q(restores=OuterRef("grant"))).order_by())


def _bring_on(review: Review, *, now: datetime) -> None:
    counted = dict(review.items.order_by().values_list("state").annotate(Count("pk")))
    if review.state == ReviewState.RUNNING and not counted.get(ItemState.OPEN):
        review.state, review.closed_at = ReviewState.REMOVING, now
        review.save(update_fields=["state", "closed_at"])
    if review.state != ReviewState.REMOVING or counted.get(ItemState.SUSPENDED):
        return
    if _to_be_proven(review).exists():
        return
    review.state, review.completed_at = ReviewState.COMPLETE, now
    review.save(update_fields=["state", "completed_at"])
    tell_administrators(
        review,
        "complete",
        subject=f"Complete, waits for a signature: {review.name}",
        body="Everything that goes is proven gone. Look at it and sign it off; another person than the one who prepared it does.",
        without=review.prepared_by,
        now=now,
    )


def remind_reviewers(review: Review, *, now: datetime) -> int:
    """Remind those for whom items wait, 7, 3 and 1 days before due; on the last, tell fallback and manager. Returns how many."""
    left = review.due_at - now
    passed = [days for days in policies.REMINDED_DAYS if left <= timedelta(days=days)]
    if not passed or left <= timedelta() or review.launched_at is None:
        return 0
    days = min(passed)
    if review.launched_at > review.due_at - timedelta(days=days):
        return 0  # it was launched later than that: the launch itself said so
    asked = Decision.objects.asked().filter(item__review=review)  # type: ignore[attr-defined]
    threshold = review.due_at - timedelta(days=days)
    untold = asked.filter(Q(told_at__lt=threshold) | Q(told_at=None)).order_by()
    waiting = dict(untold.values_list("reviewer").annotate(n=Count("pk")))
    if not waiting:
        return 0
    reminded = 0
    for reviewer in Employee.objects.filter(pk__in=waiting).select_related("manager").order_by("pk"):
        with act("remind_reviewer", by=None, review=review.pk, reviewer=reviewer.pk):
            mine = asked.filter(reviewer=reviewer)
            lock_items(list(mine.values_list("pk", flat=True)))  # before what they are told, as whoever answers several does
            if not (count := mine.count()):
                continue  # answered meanwhile
            reminded += remind(review, reviewer, count, days, now=now)
            mine.update(told_at=now)
            if days == min(policies.REMINDED_DAYS):
                escalate(review, reviewer, count, now=now)
    return reminded
