"""Verbs on a review as a whole: prepare, launch, sign off (ACCESS.md, "Reviews"; statement E.5; PCI DSS 7.2.4)."""

from collections import Counter
from datetime import datetime
from typing import Any

from privacy.access import errors, policies
from privacy.access.actions.review_notices import tell_administrators, tell_reviewers_of_launch
from privacy.access.models import Decision, Review, ReviewItem, ReviewState, System
from privacy.access.queries.review_around import Standing
from privacy.access.queries.review_plan import in_scope, plan_review
from privacy.ledger.actions import act
from privacy.workforce.actions import drop_notices
from privacy.workforce.models import Department, Employee

AT_ONCE = 2000  # rows written in one statement


def lock_review(review_id: int) -> Review:
    """The review, locked, as it is now. Raises Review.DoesNotExist."""
    around = Review.objects.select_related("fallback", "system", "department", "prepared_by", "launched_by")
    return around.select_for_update(of=("self",), no_key=True).get(pk=review_id)


def prepare_review(
    name: str,
    scope: str,
    *,
    due_at: datetime,
    fallback: Employee,
    by: Employee,
    now: datetime,
    system: System | None = None,
    department: Department | None = None,
) -> Review:
    """Prepare a review; nothing is asked of anybody until a second person launches it.

    Raises MayNotPrepareReview, DueTooSoon, FallbackNotEmployed, NothingToReview.
    """
    with act("prepare_review", by=by):
        if not policies.may_administer(by, at=now):
            raise errors.MayNotPrepareReview
        if due_at < now + policies.SHORTEST_REVIEW:
            raise errors.DueTooSoon
        if not policies.may_sign_in(fallback, at=now):
            raise errors.FallbackNotEmployed
        review = Review(
            name=" ".join(name.split())[:200],
            scope=scope,
            system=system,
            department=department,
            fallback=fallback,
            due_at=due_at,
            prepared_by=by,
            prepared_at=now,
        )
        if not in_scope(review, at=now).exists():
            raise errors.NothingToReview
        review.save(force_insert=True)
        tell_administrators(
            review,
            "prepared",
            subject=f"Prepared, waits for a second person: {review.name}",
            body=f"{by} prepared the access review “{review.name}”. Look at what it would ask of whom, and launch it.",
            without=by,
            now=now,
        )
        return review


def launch_review(review_id: int, *, by: Employee, now: datetime) -> Review:
    """Freeze the scope as it is now, ask the reviewers, tell each of them once. One transaction.

    Raises MayNotPrepareReview, NotPrepared, SecondPersonLaunches, DueTooSoon, FallbackNotEmployed, NothingToReview.
    """
    with act("launch_review", by=by, review=review_id):
        review = lock_review(review_id)
        if not policies.may_administer(by, at=now):
            raise errors.MayNotPrepareReview
        if review.state != ReviewState.PREPARED:
            raise errors.NotPrepared(review)
        if by.pk == review.prepared_by_id:
            raise errors.SecondPersonLaunches
        if review.due_at < now + policies.SHORTEST_REVIEW:
            raise errors.DueTooSoon
        if not policies.may_sign_in(review.fallback, at=now):
            raise errors.FallbackNotEmployed
        plan = plan_review(review, at=now)
        if not plan.items:
            raise errors.NothingToReview
        standing = Standing(review, at=now)
        items: list[ReviewItem] = []
        for planned in plan.items:
            seen, risk = standing.of_grant(planned.grant)
            grant = planned.grant
            items.append(
                ReviewItem(
                    review=review,
                    grant=grant,
                    employee_id=grant.employee_id,
                    entitlement_id=grant.entitlement_id,
                    sensitive=grant.sensitive,
                    seen=seen,
                    risk=risk,
                )
            )
        ReviewItem.objects.bulk_create(items, batch_size=AT_ONCE)
        decisions = [
            asked_about(item, planned.grant, person, role, now=now)
            for item, planned in zip(items, plan.items, strict=True)
            for person, role in planned.asked
        ]
        Decision.objects.bulk_create(decisions, batch_size=AT_ONCE)
        review.state, review.launched_by, review.launched_at = ReviewState.RUNNING, by, now
        review.save(update_fields=["state", "launched_by", "launched_at"])
        drop_notices(keys_starting=f"review {review.pk} prepared", now=now)
        tell_reviewers_of_launch(review, Counter(decision.reviewer for decision in decisions), now=now)
        return review


def asked_about(
    item: ReviewItem, grant: Any, person: Employee, role: str, *, now: datetime, handed_from: Decision | None = None
) -> Decision:
    """A decision that this person is asked for; not saved. The trigger has the last word on whose access it is."""
    return Decision(
        item=item,
        reviewer=person,
        role=role,
        employee_id=item.employee_id,
        approved_by_id=grant.approved_by_id,
        seconded_by_id=grant.seconded_by_id,
        asked_at=now,
        told_at=now,
        handed_from=handed_from,
    )


def sign_off_review(review_id: int, *, by: Employee, note: str, now: datetime) -> Review:
    """Say by name that a complete review was looked at. Raises ReasonNeeded, MayNotPrepareReview, NotToBeSignedOff,
    AnotherPersonSignsOff.
    """
    note = note.strip()
    if not note:
        raise errors.ReasonNeeded
    with act("sign_off_review", by=by, reason=note, review=review_id):
        review = lock_review(review_id)
        if not policies.may_administer(by, at=now):
            raise errors.MayNotPrepareReview
        if review.state != ReviewState.COMPLETE or review.signed_off_at is not None:
            raise errors.NotToBeSignedOff(review)
        if by.pk == review.prepared_by_id:
            raise errors.AnotherPersonSignsOff
        review.signed_off_by, review.signed_off_at, review.sign_off_note = by, now, note
        review.save(update_fields=["signed_off_by", "signed_off_at", "sign_off_note"])
        drop_notices(keys_starting=f"review {review.pk} ", now=now)
        return review
