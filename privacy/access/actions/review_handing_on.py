"""Who is asked about an item changes hands: somebody is away, has left, or works here after all (ACCESS.md, "Reviews")."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from privacy.access import errors, policies
from privacy.access.actions.review_answers import hand_on, lock_items
from privacy.access.actions.review_notices import stop_reminding, tell_of_hand_on
from privacy.access.models import Answer, Decision, ItemState, Review, ReviewState, Role
from privacy.access.queries.review_plan import Reviewers
from privacy.ledger.actions import act
from privacy.workforce.models import Employee


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
            hand_on(decision, Answer.NOT_MINE, to, Role.HANDED, reason=f"{by}: {reason}", now=now)
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
    items = lock_items(list(asked.values_list("pk", flat=True)))
    for decision in asked.select_related("reviewer").order_by("item_id", "pk"):
        if decision.item_id in items:
            decision.item = items[decision.item_id]
            yield decision


def lock_asked_of(employees: Sequence[int]) -> None:
    """Lock all items that these people (keys) are asked about, before each of them hands on theirs.

    Otherwise the second's would be locked behind the first's, against the order in which whoever answers several locks them.
    """
    asked = Decision.objects.asked().filter(reviewer__in=employees)  # type: ignore[attr-defined]
    lock_items(list(asked.values_list("pk", flat=True)))


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
                hand_on(decision, Answer.NOT_MINE, to, role, reason=f"{leaver} does not work here any more", now=now)
                handed[review, to] += 1
        for (review, to), count in sorted(handed.items(), key=lambda one: (one[0][0].pk, one[0][1].pk)):  # as others who leave
            tell_of_hand_on(review, to, count, f"{leaver} does not work here any more.", now=now)
        return sum(handed.values())


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
        items = lock_items(keys)
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
