"""Verbs of a reviewer: keep, revoke, not mine, cannot judge, undo."""

from collections.abc import Sequence
from datetime import datetime

from customers.cards import holds_a_card_number
from privacy.access import errors, policies
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.review_notices import stop_reminding, tell_of_hand_on
from privacy.access.actions.reviews import asked_about
from privacy.access.models import Answer, Decision, ItemState, ReviewItem, ReviewState, Role
from privacy.access.queries.review_plan import Reviewers
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def lock_items(decisions: Sequence[int]) -> dict[int, ReviewItem]:
    """The items of these decisions, locked in the order of their keys, as they are now; by key.

    An item is behind its own lock, whoever answers: two reviewers at once are one after the other. Holders are not locked here:
    whoever leaves hands on from behind the lock on themselves, and two who review each other would wait for each other for ever.
    """
    keys = Decision.objects.filter(pk__in=decisions).order_by().values_list("item_id", flat=True)
    locked = ReviewItem.objects.select_for_update(no_key=True).filter(pk__in=set(keys)).order_by("pk")
    # Read once the locks are held: a review that was cancelled while this one waited is seen as cancelled.
    items = ReviewItem.objects.filter(pk__in=list(locked.values_list("pk", flat=True)))
    return {item.pk: item for item in items.select_related("review__fallback", "grant__employee", "grant__entitlement")}


def _lock_to_answer(decisions: Sequence[int]) -> dict[int, ReviewItem]:
    """`lock_items`, behind the locks of their holders: a deny and an approval at the same moment are one after the other.

    For whoever answers, and holds no other lock yet.
    """
    about = ReviewItem.objects.filter(decisions__in=decisions).order_by("employee_id")
    for holder in about.values_list("employee_id", flat=True).distinct():
        lock_holder(holder)
    return lock_items(decisions)


def _mine(decisions: Sequence[int], items: dict[int, ReviewItem], by: Employee) -> list[Decision]:
    """These decisions with their locked items. Raises NotAsked where one is somebody else's, or none."""
    found = list(Decision.objects.select_related("reviewer", "handed_to").filter(pk__in=decisions).order_by("item_id", "pk"))
    if len(found) != len(set(decisions)) or any(one.reviewer_id != by.pk for one in found):
        raise errors.NotAsked
    for one in found:
        one.item = items[one.item_id]
    return found


def _check_takes_answers(item: ReviewItem, *, now: datetime) -> None:
    if item.state == ItemState.MOOT:
        raise errors.EndedMeanwhile
    if item.state != ItemState.OPEN:
        raise errors.ItemClosed(item)
    if item.review.state != ReviewState.RUNNING:
        raise errors.ReviewNotRunning(item.review)
    if item.review.due_at <= now:
        raise errors.PastDue
    ended = item.grant.ends_at is not None and item.grant.ends_at <= now
    if item.grant.state not in ("approved", "suspended") or ended or not item.grant.employee.is_employed(at=now):
        raise errors.EndedMeanwhile


def answer_review(
    decision_id: int, answer: Answer | str, *, by: Employee, now: datetime, reason: str = "", to: Employee | None = None
) -> Decision:
    """Answer what one is asked about one item. to: whom it is handed on to, with NOT_MINE. The same answer twice is one; the same
    with another `to` is another.

    Raises NotAsked, ReviewNotRunning, PastDue, ItemClosed, EndedMeanwhile, AnsweredAlready, KeepNeedsAReason, SayWhyNotYou,
    CannotBeAsked (oneself, too: as the holder or an approver by now), NobodyElse, ReasonHoldsACardNumber.
    """
    answer, reason = Answer(answer), reason.strip()
    if holds_a_card_number(reason):
        raise errors.ReasonHoldsACardNumber
    with act(f"review_{answer.value}", by=by, reason=reason, decision=decision_id):
        items = _lock_to_answer([decision_id])
        (decision,) = _mine([decision_id], items, by)
        return _answer(decision, answer, by=by, now=now, reason=reason, to=to)


def _answer(decision: Decision, answer: Answer, *, by: Employee, now: datetime, reason: str, to: Employee | None) -> Decision:
    item = decision.item
    named_again = to is None or to.pk == decision.handed_to_id
    if decision.answer == answer and named_again and item.state == ItemState.OPEN:
        return decision
    _check_takes_answers(item, now=now)
    if decision.answer:
        raise errors.AnsweredAlready(decision)
    if why := policies.why_not_reviewer(item.grant, by, at=now):  # it may have become so after they were asked
        raise errors.CannotBeAsked(by, why)
    if answer == Answer.KEEP and item.sensitive and not reason:
        raise errors.KeepNeedsAReason
    if answer in (Answer.NOT_MINE, Answer.CANNOT_JUDGE):
        if not reason:
            raise errors.SayWhyNotYou
        to, role = _next_for(decision, answer, to, now=now)
        hand_on(decision, answer, to, role, reason=reason, now=now)
        tell_of_hand_on(item.review, to, 1, f"{by} says: {reason}", now=now)
    else:
        decision.answer, decision.reason, decision.answered_at = answer, reason, now
        decision.save(update_fields=["answer", "reason", "answered_at"])
    stop_reminding(item.review, by.pk, now=now)
    return decision


def _next_for(decision: Decision, answer: Answer, to: Employee | None, *, now: datetime) -> tuple[Employee, Role]:
    item = decision.item
    asked = set(item.decisions.values_list("reviewer_id", flat=True))
    if answer == Answer.NOT_MINE:
        if to is None:
            raise errors.NobodyElse
        why = "they are asked already" if to.pk in asked else policies.why_not_reviewer(item.grant, to, at=now)
        if why:
            raise errors.CannotBeAsked(to, why)
        return to, Role.HANDED
    fallback = item.review.fallback
    if fallback.pk not in asked and not policies.why_not_reviewer(item.grant, fallback, at=now):
        return fallback, Role.FALLBACK
    following = Reviewers(fallback, at=now).of(item.grant, wanted=1, without=asked)
    if not following:
        raise errors.NobodyElse
    return following[0][0], Role.FALLBACK


def hand_on(decision: Decision, answer: Answer, to: Employee, role: Role, *, reason: str, now: datetime) -> None:
    """Answer this decision by asking another person, whose decision names it. Behind its item's lock."""
    decision.answer, decision.reason, decision.answered_at, decision.handed_to = answer, reason, now, to
    decision.save(update_fields=["answer", "reason", "answered_at", "handed_to"])
    asked_about(decision.item, decision.item.grant, to, role, now=now, handed_from=decision).save(force_insert=True)


def hand_on_as_approver(item: ReviewItem, decision: Decision, *, now: datetime) -> None:
    """Somebody who was asked is the approver of record by now: what they answered does not count, and the next is asked.

    Where nobody else may decide, it stays unanswered: silence answers for it. Behind the item's lock.
    """
    asked = item.decisions.values_list("reviewer_id", flat=True)
    following = Reviewers(item.review.fallback, at=now).of(item.grant, wanted=1, without=asked)
    decision.answer, decision.reason, decision.answered_at = "", "", None
    if following:
        (to, role) = following[0]
        why = f"{decision.reviewer} may not review it any more"
        decision.item = item
        hand_on(decision, Answer.NOT_MINE, to, role, reason=why, now=now)
        tell_of_hand_on(item.review, to, 1, f"{why}.", now=now)
    else:
        decision.save(update_fields=["answer", "reason", "answered_at"])


def answer_many(decisions: Sequence[int], answer: Answer | str, *, by: Employee, now: datetime, reason: str = "") -> int:
    """Keep or revoke several at once; returns how many. All or none. Sensitive access is never kept in bulk.

    Raises NoBulkKeep, and what `answer_review` raises.
    """
    answer, reason = Answer(answer), reason.strip()
    if holds_a_card_number(reason):
        raise errors.ReasonHoldsACardNumber
    if answer not in (Answer.KEEP, Answer.REVOKE):
        raise errors.SayWhyNotYou
    with act(f"review_{answer.value}_many", by=by, reason=reason):
        items = _lock_to_answer(decisions)
        mine = _mine(decisions, items, by)
        if answer == Answer.KEEP and any(one.item.sensitive for one in mine):
            raise errors.NoBulkKeep
        for one in mine:
            _answer(one, answer, by=by, now=now, reason=reason, to=None)
        return len(mine)


def undo_answer(decision_id: int, *, by: Employee, now: datetime) -> Decision:
    """Take one's answer back while it has not taken effect: a deny for 10 minutes, a keep until its item closes.

    Raises NotAsked, NothingAnswered, TooLateToUndo, HandedOnAndAnswered, ReviewNotRunning.
    """
    with act("undo_review_answer", by=by, decision=decision_id):
        items = _lock_to_answer([decision_id])
        (decision,) = _mine([decision_id], items, by)
        item = decision.item
        if not decision.answer:
            raise errors.NothingAnswered
        if item.review.state == ReviewState.CANCELLED:
            raise errors.ReviewNotRunning(item.review)
        until = policies.undoable_until(decision)
        if item.state != ItemState.OPEN or item.review.state != ReviewState.RUNNING or until is None or until <= now:
            raise errors.TooLateToUndo
        if decision.handed_to_id is not None:
            following = item.decisions.filter(handed_from=decision)
            if following.exclude(answer="").exists():
                raise errors.HandedOnAndAnswered
            following.delete()
            stop_reminding(item.review, decision.handed_to_id, now=now)
        decision.answer, decision.reason, decision.answered_at, decision.handed_to = "", "", None, None
        decision.save(update_fields=["answer", "reason", "answered_at", "handed_to"])
        return decision
