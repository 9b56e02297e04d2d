"""Yes or no, about access reviews; what an item's answers come to; how risky an item is, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from privacy.access.models import (
    AccessGrant,
    Answer,
    Decision,
    GrantState,
    ItemState,
    Origin,
    Review,
    ReviewScope,
    ReviewState,
)
from privacy.access.policies.grants import may_administer, may_now, may_sign_in, may_suspend
from privacy.agreements.queries import SOON_DAYS
from privacy.workforce.models import Employee

PERIOD_DAYS = {ReviewScope.SENSITIVE: 92, ReviewScope.REST: 183}  # a quarter and half a year (ACCESS.md, "Reviews")
PERIOD_SOON_DAYS = 14
UNDO_MINUTES = 10
SUSPENDED_DAYS = 7
REMINDED_DAYS = (7, 3, 1)
SHORTEST_REVIEW = timedelta(days=1)


def may_hand_on_of(review: Review, by: Employee, *, at: datetime) -> bool:
    """Whether this person may hand on what another reviewer was asked: an administrator, or the review's fallback."""
    return by.pk == review.fallback_id or may_administer(by, at=at)


def may_see_review(review: Review, by: Employee, *, at: datetime) -> bool:
    """Administrators, those who read the ledger, the fallback. Reviewers see their own items."""
    return may_hand_on_of(review, by, at=at) or any(
        may_now(by.pk, f"privacy.{p}", at=at) for p in ("approve_grants", "view_ledger")
    )


def why_not_reviewer(grant: AccessGrant, person: Employee, *, at: datetime) -> str:
    """Why this person may not be asked about that grant, as a sentence's end; empty where they may."""
    if person.pk == grant.employee_id:
        return "nobody reviews their own access"
    if person.pk in (grant.approved_by_id, grant.seconded_by_id):
        return "nobody reviews what they themselves approved"
    return "" if may_sign_in(person, at=at) else "they do not work here now, or have no NDA in force"


def denied_by(grant: AccessGrant) -> Decision | None:
    """The reviewer's deny that stands against a grant which has ended; None where there is none. One deny denies.

    A review that is over counts as well; so does a cancelled one, whose denies were carried out. What an earlier version left
    open when it was cancelled does not: that access went on.
    """
    denies = Decision.objects.filter(item__grant=grant, answer=Answer.REVOKE).select_related("reviewer", "item__review")
    return denies.exclude(item__review__state=ReviewState.CANCELLED, item__state=ItemState.OPEN).order_by("answered_at").first()


_NEVER = datetime.max.replace(tzinfo=UTC)


def deny_among(decisions: Iterable[Decision]) -> Decision | None:
    """The first of these answers that denies; None where nobody does."""
    denies = [one for one in decisions if one.answer == Answer.REVOKE and one.answered_at is not None]
    return min(denies, key=lambda one: (one.answered_at or _NEVER, one.pk), default=None)


def denied_since_asked(request: AccessGrant) -> Decision | None:
    """A reviewer's deny of the same access, given after this was asked for, or that still waits to take effect.

    However the access then ended: one deny denies, and an approval of before it gives nothing again. Whatever is asked for
    after it has taken effect is a fresh wish.
    """
    denies = Decision.objects.filter(
        item__employee=request.employee_id, item__entitlement=request.entitlement_id, answer=Answer.REVOKE
    ).exclude(item__review__state=ReviewState.CANCELLED, item__state=ItemState.OPEN)
    waiting = Q(item__state=ItemState.OPEN, item__review__state=ReviewState.RUNNING)
    stands = denies.filter(waiting | Q(answered_at__gte=request.requested_at))
    return stands.select_related("reviewer", "item__review").order_by("-answered_at", "-pk").first()


def is_suspended_by_silence(grant: AccessGrant) -> bool:
    """Whether it is suspended because nobody decided on it in a review: nobody suspends it then, or a review kept it so."""
    if grant.state != GrantState.SUSPENDED:
        return False
    return grant.suspended_by_id is None or grant.review_items.filter(state=ItemState.SUSPENDED).exists()


def may_resume(grant: AccessGrant, by: Employee, *, at: datetime) -> bool:
    """Who may suspend it; but what silence suspended, only somebody who might have been asked: silence is never a keep."""
    if not may_suspend(grant, by, at=at):
        return False
    return not is_suspended_by_silence(grant) or not why_not_reviewer(grant, by, at=at)


def asked_of(*, sensitive: bool) -> int:
    """How many reviewers an item asks."""
    return 2 if sensitive else 1


@dataclass(frozen=True)
class Outcome:
    """What an item comes to. by: the reviewer whose deny decides; None for a keep, for silence and for what ended meanwhile."""

    state: ItemState
    at: datetime
    by: Employee | None = None
    reason: str = ""
    by_silence: bool = False


def outcome_of(
    grant: AccessGrant,
    sensitive: bool,
    decisions: Iterable[Decision],
    *,
    due_at: datetime,
    at: datetime,
    at_once: bool = False,
) -> Outcome | None:
    """What this item's answers come to at that instant; None while it is open, or an answer can still be undone.

    One deny denies; at_once: without waiting until it cannot be undone any more. A keep needs every reviewer who is asked. At the
    due time answers count as they stand, and silence answers for the rest: sensitive access goes, other access is suspended.
    """
    if grant.state not in ("approved", "suspended"):
        return Outcome(ItemState.MOOT, at)
    decisions = list(decisions)
    is_due = at >= due_at
    settled = at - timedelta(minutes=UNDO_MINUTES)
    if (first := deny_among(decisions)) is not None:
        ripe = is_due or at_once or (first.answered_at or at) <= settled
        return Outcome(ItemState.REVOKED, first.answered_at or at, first.reviewer, first.reason) if ripe else None
    keeps = [one for one in decisions if one.answer == Answer.KEEP and one.answered_at is not None]
    handed = [one for one in decisions if one.answer in (Answer.NOT_MINE, Answer.CANNOT_JUDGE) and one.handed_to_id is not None]
    if keeps and len(keeps) + len(handed) == len(decisions):
        last = max(one.answered_at or at for one in keeps)
        return Outcome(ItemState.KEPT, last) if is_due or last <= settled else None
    if not is_due:
        return None
    return Outcome(ItemState.REVOKED if sensitive else ItemState.SUSPENDED, at, by_silence=True)


def undoable_until(decision: Decision) -> datetime | None:
    """Until when an answer can be undone, while its item is open; None where there is none. A deny takes effect after a while."""
    if not decision.answer or decision.answered_at is None:
        return None
    due_at = decision.item.review.due_at
    return min(decision.answered_at + timedelta(minutes=UNDO_MINUTES), due_at) if decision.answer == Answer.REVOKE else due_at


def may_sign_off(review: Review, by: Employee, *, at: datetime) -> bool:
    """A complete review, by another person than the one who prepared it."""
    complete = review.state == ReviewState.COMPLETE and review.signed_off_at is None
    return complete and by.pk != review.prepared_by_id and may_administer(by, at=at)


# What makes an item risky: points, and how it is said. An item has 100 at most, however much it collects; the riskiest is asked
# first.
_RISKS: tuple[tuple[str, int], ...] = (
    ("sensitive", 25),
    ("unused", 20),
    ("unjustified", 15),
    ("unapproved", 15),
    ("changed", 15),
    ("rare", 10),
    ("contractor", 10),
    ("nda", 10),
    ("old", 5),
    ("wide", 5),
)
UNUSED_AFTER_DAYS = 90
OLD_AFTER_DAYS = 365
RARE_BELOW = 0.25
WIDE_FROM = 3


def risk_of(seen: Mapping[str, Any], *, sensitive: bool, at: datetime) -> tuple[int, list[str]]:
    """How risky an item is, 0 to 100, and the reasons in words, weightiest first. seen: its snapshot (queries.review_plan)."""
    said: dict[str, str] = {}
    if sensitive:
        said["sensitive"] = "sensitive data"
    used = seen["used"]
    if used["visible"] and (used["at"] is None or datetime.fromisoformat(used["at"]) < at - timedelta(days=UNUSED_AFTER_DAYS)):
        never = used["at"] is None
        said["unused"] = "never used" if never else f"not used for {(at - datetime.fromisoformat(used['at'])).days} days"
    if not seen["justified"]:
        said["unjustified"] = "the job function does not call for it"
    if seen["why"]["origin"] in (Origin.BOOTSTRAP, Origin.BREAK_GLASS):
        said["unapproved"] = "nobody approved it"
    if seen["changed"]:
        said["changed"] = seen["changed"][0]
    colleagues = seen["colleagues"]
    if colleagues["of"] >= 3 and colleagues["have"] / colleagues["of"] < RARE_BELOW:
        said["rare"] = "few colleagues have it"
    if seen["person"]["worker_type"] == "contractor":
        said["contractor"] = "contractor"
    if seen["nda"]["needed"]:
        ends_on = seen["nda"]["ends_on"]
        if not seen["nda"]["has"]:
            said["nda"] = "no NDA in force"
        elif ends_on and (datetime.fromisoformat(ends_on).date() - timezone.localdate(at)).days <= SOON_DAYS:
            said["nda"] = "the NDA ends soon"
    since = seen["why"]["asked_at"]
    if seen["last_review"] is None and datetime.fromisoformat(since) < at - timedelta(days=OLD_AFTER_DAYS):
        said["old"] = "more than a year old and never reviewed"
    if len(seen["entitlement"]["categories"]) >= WIDE_FROM:
        said["wide"] = f"{len(seen['entitlement']['categories'])} categories of data"
    points = sum(weight for name, weight in _RISKS if name in said)
    return min(points, 100), [said[name] for name, _ in sorted(_RISKS, key=lambda pair: -pair[1]) if name in said]
