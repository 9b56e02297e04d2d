"""Verbs of a reviewer: keep, revoke, not mine, cannot judge, undo; and handing on what somebody else was asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from customers.cards import holds_a_card_number
from privacy.access import errors, policies
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.review_notices import stop_reminding, tell_of_hand_on
from privacy.access.actions.reviews import asked_about
from privacy.access.models import Answer, Decision, ItemState, Review, ReviewItem, ReviewState, Role
from privacy.access.queries.review_plan import Reviewers
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def _lock_items(decisions: Sequence[int]) -> dict[int, ReviewItem]:
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
    """`_lock_items`, behind the locks of their holders: a deny and an approval at the same moment are one after the other.

    For whoever answers, and holds no other lock yet.
    """
    about = ReviewItem.objects.filter(decisions__in=decisions).order_by("employee_id")
    for holder in about.values_list("employee_id", flat=True).distinct():
        lock_holder(holder)
    return _lock_items(decisions)


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
        _hand_on(decision, answer, to, role, reason=reason, now=now)
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


def _hand_on(decision: Decision, answer: Answer, to: Employee, role: Role, *, reason: str, now: datetime) -> None:
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
        _hand_on(decision, Answer.NOT_MINE, to, role, reason=why, now=now)
        tell_of_hand_on(item.review, to, 1, f"{why}.", now=now)
    else:
        decision.save(update_fields=["answer", "reason", "answered_at"])


def take_back_decisions_of(employee_id: int, *, since: datetime, now: datetime) -> tuple[int, int]:
    """Somebody works here after all: what their leaving handed on in reviews is theirs to decide again, where nobody has by now.

    since: by the ledger's own clock. Returns how many came back, and how many stay because somebody answered them.
    """
    with act("take_back_decisions_of", by=None, employee=employee_id):
        employee = Employee.objects.get(pk=employee_id)
        mine = Decision.objects.filter(
            reviewer=employee_id,
            answer=Answer.NOT_MINE,
            item__state=ItemState.OPEN,
            item__review__state=ReviewState.RUNNING,
            item__review__due_at__gt=now,
        )
        events: Any = Decision.ledger_events.rel.related_model  # type: ignore[attr-defined]
        by_leaving = events.objects.filter(
            pgh_obj_id__in=list(mine.values_list("pk", flat=True)),
            pgh_created_at__gte=since,
            pgh_context__metadata__verb="hand_on_decisions_of",
        )
        keys = list(by_leaving.values_list("pgh_obj_id", flat=True).distinct())
        items = _lock_items(keys)
        back = stay = 0
        for decision in mine.filter(pk__in=keys).select_related("handed_to").order_by("item_id", "pk"):
            item, to = items[decision.item_id], decision.handed_to
            following = item.decisions.filter(handed_from=decision)
            if policies.why_not_reviewer(item.grant, employee, at=now) or following.exclude(answer="").exists():
                stay += 1
                continue
            following.delete()
            decision.answer, decision.reason, decision.answered_at, decision.handed_to = "", "", None, None
            decision.save(update_fields=["answer", "reason", "answered_at", "handed_to"])
            if to is not None:
                stop_reminding(item.review, to.pk, now=now)
            back += 1
        return back, stay


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


def hand_on_everything(review_id: int, reviewer_id: int, *, to: Employee, by: Employee, reason: str, now: datetime) -> int:
    """Hand on what another reviewer has not answered: somebody is away, or the fallback takes over. Returns how many went.

    Items about which `to` may not be asked stay where they are, and so do those about which `by` may not: nobody chooses who
    reviews their own access, or what they approved. Raises MayNotHandOn, ReasonNeeded, ReviewNotRunning, PastDue, CannotBeAsked,
    NotYoursToHandOn.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("hand_on_everything", by=by, reason=reason, review=review_id, reviewer=reviewer_id):
        review = Review.objects.select_related("fallback").get(pk=review_id)
        if not policies.may_hand_on_of(review, by, at=now):
            raise errors.MayNotHandOn
        if review.state != ReviewState.RUNNING:
            raise errors.ReviewNotRunning(review)
        if review.due_at <= now:
            raise errors.PastDue
        if to.pk == reviewer_id or not policies.may_sign_in(to, at=now):
            raise errors.CannotBeAsked(to, "it must be somebody else who works here")
        asked = Decision.objects.asked().filter(item__review=review, reviewer=reviewer_id)  # type: ignore[attr-defined]
        handed, not_theirs = 0, 0
        for decision in _open_ones(asked):
            if policies.why_not_reviewer(decision.item.grant, by, at=now):
                not_theirs += 1
                continue
            taken = decision.item.decisions.filter(reviewer=to).exists()
            if taken or policies.why_not_reviewer(decision.item.grant, to, at=now):
                continue
            _hand_on(decision, Answer.NOT_MINE, to, Role.HANDED, reason=f"{by}: {reason}", now=now)
            handed += 1
        if not handed and not_theirs:
            raise errors.NotYoursToHandOn
        if not handed:
            raise errors.CannotBeAsked(to, "it is their own access, they approved it, or they are asked about it already")
        tell_of_hand_on(review, to, handed, reason, now=now)
        stop_reminding(review, reviewer_id, now=now)
        return handed


def _open_ones(asked: QuerySet[Decision]) -> Iterable[Decision]:
    """Those of these decisions that are still open, behind the locks of their items."""
    items = _lock_items(list(asked.values_list("pk", flat=True)))
    for decision in asked.select_related("reviewer").order_by("item_id", "pk"):
        if decision.item_id in items:
            decision.item = items[decision.item_id]
            yield decision


def lock_asked_of(employees: Sequence[int]) -> None:
    """Lock all items that these people (keys) are asked about, before each of them hands on theirs.

    Otherwise the second's would be locked behind the first's, against the order in which whoever answers several locks them.
    """
    asked = Decision.objects.asked().filter(reviewer__in=employees)  # type: ignore[attr-defined]
    _lock_items(list(asked.values_list("pk", flat=True)))


def hand_on_decisions_of(employee_id: int, *, now: datetime) -> int:
    """What somebody who does not work here any more was asked in reviews goes to the next who may decide; returns how many went.

    What nobody else may decide stays unanswered: silence answers for it. Idempotent. Source: ACCESS.md, "Leaver".
    """
    asked = Decision.objects.asked().filter(reviewer=employee_id)  # type: ignore[attr-defined]
    if not asked.exists():
        return 0
    with act("hand_on_decisions_of", by=None, employee=employee_id):
        leaver = Employee.objects.get(pk=employee_id)
        handed: Counter[tuple[Review, Employee]] = Counter()
        reviewers: dict[int, Reviewers] = {}
        for decision in _open_ones(asked):
            review = decision.item.review
            if review.pk not in reviewers:
                reviewers[review.pk] = Reviewers(review.fallback, at=now)
            already = decision.item.decisions.values_list("reviewer_id", flat=True)
            following = reviewers[review.pk].of(decision.item.grant, wanted=1, without=already)
            if following:
                to, role = following[0]
                _hand_on(decision, Answer.NOT_MINE, to, role, reason=f"{leaver} does not work here any more", now=now)
                handed[review, to] += 1
        for (review, to), count in handed.items():
            tell_of_hand_on(review, to, count, f"{leaver} does not work here any more.", now=now)
        return sum(handed.values())
