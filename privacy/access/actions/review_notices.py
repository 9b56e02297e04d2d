"""Who is told what about a review: one digest per reviewer and occasion, never one mail per item."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from privacy.access.models import Decision, Review, ReviewItem
from privacy.access.policies import ADMINISTERS, may_sign_in
from privacy.access.queries.people import holders_of
from privacy.workforce.actions import drop_notices, tell
from privacy.workforce.models import Employee

MY_ITEMS = "/admin/access/reviews/mine/"


def key_of(review: Review, reviewer_id: int, occasion: str) -> str:
    """The notice's key: what begins like it, up to the reviewer, is dropped when this reviewer is done."""
    return f"review {review.pk} of {reviewer_id} {occasion}"


def said_day(at: datetime) -> str:
    """A due time as a mail says it: day and hour, in the company's time zone."""
    return f"{timezone.localtime(at):%A, %B %-d, %H:%M}"


def how_many(count: int) -> str:
    """ "1 item", "5 items"."""
    return f"{count} item{'' if count == 1 else 's'}"


WHAT_SILENCE_DOES = (
    "What nobody decides by then is not kept: sensitive access is revoked, other access is suspended for 7 days and then revoked."
)


def tell_reviewers_of_launch(review: Review, asked: Mapping[Employee, int], *, now: datetime) -> None:
    """Tell each reviewer once how many items wait for them, until when."""
    for reviewer, count in asked.items():
        tell(
            reviewer,
            key=key_of(review, reviewer.pk, "launched"),
            subject=f"{how_many(count)} to review by {timezone.localtime(review.due_at):%B %-d}: {review.name}",
            body=f"Please say of each whether it is still needed: {how_many(count)}, the riskiest first, one key each.\n\n"
            f"Due: {said_day(review.due_at)}. {WHAT_SILENCE_DOES}",
            link=MY_ITEMS,
            now=now,
        )


def tell_of_hand_on(review: Review, reviewer: Employee, count: int, why: str, *, now: datetime) -> None:
    """Tell somebody that items of another reviewer are theirs now; at most once a day."""
    tell(
        reviewer,
        key=key_of(review, reviewer.pk, f"handed on {timezone.localdate(now)}"),
        subject=f"Handed on to you: {review.name}",
        body=f"{how_many(count).capitalize()} of this access review {'was' if count == 1 else 'were'} handed on to you: {why}\n\n"
        f"Due: {said_day(review.due_at)}. {WHAT_SILENCE_DOES}",
        link=MY_ITEMS,
        now=now,
    )


def tell_of_restored(item: ReviewItem, reviewer: Employee, *, now: datetime) -> None:
    """Tell a reviewer that access which had ended was restored, and waits for their answer again; once an item."""
    tell(
        reviewer,
        key=key_of(item.review, reviewer.pk, f"restored {item.grant_id}"),
        subject=f"Restored, waits for you again: {item.review.name}",
        body=f"{item} had ended by a mistake of HR and was given again. Please say whether it is still needed.\n\n"
        f"Due: {said_day(item.review.due_at)}. {WHAT_SILENCE_DOES}",
        link=MY_ITEMS,
        now=now,
    )


def remind(review: Review, reviewer: Employee, count: int, days: int, *, now: datetime) -> bool:
    """Remind a reviewer, once per threshold (days before due). Returns whether a notice was made."""
    notice = tell(
        reviewer,
        key=key_of(review, reviewer.pk, f"{days} days"),
        subject=f"{how_many(count)} still to review, {days} day{'' if days == 1 else 's'} left: {review.name}",
        body=f"{how_many(count).capitalize()} still wait{'s' if count == 1 else ''} for your answer.\n\n"
        f"Due: {said_day(review.due_at)}. {WHAT_SILENCE_DOES}",
        link=MY_ITEMS,
        now=now,
    )
    return notice is not None


def escalate(review: Review, reviewer: Employee, count: int, *, now: datetime) -> None:
    """One day before due: the reviewer's manager is informed, and the fallback may take the items over."""
    link = f"/admin/access/reviews/{review.pk}/"
    body = f"{reviewer} has {how_many(count)} left to review by {said_day(review.due_at)}. {WHAT_SILENCE_DOES}\n\n"
    key = key_of(review, reviewer.pk, "escalated")
    if review.fallback_id != reviewer.pk:
        tell(
            review.fallback,
            key=key,
            subject=f"You may take over: {how_many(count)} of {reviewer}",
            body=body + "As the review's fallback you may take them over: “Hand on” beside the reviewer's name.",
            link=link,
            now=now,
        )
    manager = reviewer.manager
    if manager is not None and manager.pk != review.fallback_id and may_sign_in(manager, at=now):
        tell(
            manager,
            key=key,
            subject=f"Not reviewed yet: {how_many(count)} of {reviewer}",
            body=body + "Please remind them.",
            link=MY_ITEMS,
            now=now,
        )


def stop_reminding(review: Review, reviewer_id: int, *, now: datetime) -> None:
    """Nothing waits for this reviewer any more: what was not sent yet is not."""
    if not Decision.objects.asked().filter(reviewer=reviewer_id, item__review=review).exists():  # type: ignore[attr-defined]
        drop_notices(keys_starting=f"review {review.pk} of {reviewer_id} ", now=now)


def tell_administrators(
    review: Review, occasion: str, *, subject: str, body: str, now: datetime, without: Employee | None = None
) -> None:
    """Tell the security administrators, once each."""
    for person in holders_of(ADMINISTERS, at=now):
        if without is None or person.pk != without.pk:
            tell(
                person,
                key=f"review {review.pk} {occasion}",
                subject=subject,
                body=body,
                link=f"/admin/access/reviews/{review.pk}/",
                now=now,
            )


def tell_holder(
    review: Review, employee: Employee, revoked: list[str], suspended: list[str], until: datetime | None, *, now: datetime
) -> None:
    """Tell somebody what a review took from them, and what can be done about it: also where the review is cancelled by then."""
    lines = [f"Revoked: {name}." for name in revoked]
    if suspended and until is not None:
        lines += [f"Suspended: {name}." for name in suspended]
        lines.append(
            "Nobody decided on what is suspended. Its owner or a security administrator, unless they approved it, can resume it "
            f"until {said_day(until)}; then it is revoked."
        )
    tell(
        employee,
        key=f"taken by review {review.pk} from {employee.pk} {now:%Y-%m-%d %H:%M}",
        subject=f"An access review changed what you may do: {review.name}",
        body="\n".join(lines) + "\n\nWhat your work needs can be asked for again.",
        link="/admin/access/",
        now=now,
    )
