"""Reads about access reviews: how far a review is, its items and reviewers, the calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from customers.doors.paging import number
from privacy.access import policies
from privacy.access.models import (
    AccessGrant,
    Answer,
    Decision,
    ItemState,
    Review,
    ReviewItem,
    ReviewScope,
    ReviewState,
)
from privacy.access.queries.review_plan import Plan, plan_review, scope_filter
from privacy.access.queries.review_work import GOES_ON_AS
from privacy.workforce.models import Employee

__all__ = [
    "Plan",
    "ReviewProgress",
    "ScopeStanding",
    "how_far",
    "item_in_full",
    "items_of_review",
    "list_reviews",
    "plan_review",
    "review_calendar",
    "review_in_full",
    "reviewers_of",
    "reviews_waiting_for",
]
ITEMS_PAGE = 60


def list_reviews() -> QuerySet[Review]:
    """Every review, newest first, with how many items it has and in which states."""
    items = {f"n_{state}": Count("items", filter=Q(items__state=state)) for state in ItemState.values}
    proven = Count("items", filter=Q(items__state=ItemState.REVOKED, items__proven_at__isnull=False))
    return Review.objects.select_related("prepared_by", "launched_by", "fallback", "system", "department").annotate(
        n_all=Count("items"), n_decided=Count("items", filter=~Q(items__state=ItemState.OPEN)), n_proven=proven, **items
    )


def review_in_full(pk: int) -> Review | None:
    """One review with the people around it, or None."""
    around = ("fallback", "prepared_by", "launched_by", "signed_off_by", "system", "department")
    return Review.objects.select_related(*around).filter(pk=pk).first()


@dataclass(frozen=True)
class ReviewProgress:
    """How far a review is: numbers of items."""

    all: int
    open: int
    kept: int
    revoked: int
    suspended: int
    moot: int
    by_silence: int
    proven: int
    pending: int  # denied and not applied yet: it can still be undone

    @property
    def decided(self) -> int:
        return self.all - self.open

    @property
    def per_cent(self) -> int:
        return 100 * self.decided // self.all if self.all else 0

    @property
    def unproven(self) -> int:
        """Revoked here, and not yet proven gone in its system."""
        return self.revoked - self.proven


def how_far(review: Review) -> ReviewProgress:
    """How far this review is, in one query."""
    state = {name: Count("pk", filter=Q(state=name)) for name in ItemState.values}
    denied = Exists(Decision.objects.filter(item=OuterRef("pk"), answer=Answer.REVOKE).order_by())
    counted = review.items.order_by().aggregate(
        all=Count("pk"),
        by_silence=Count("pk", filter=Q(by_silence=True)),
        proven=Count("pk", filter=Q(state=ItemState.REVOKED, proven_at__isnull=False)),
        pending=Count("pk", filter=Q(denied, state=ItemState.OPEN)),
        **state,
    )
    return ReviewProgress(**counted)


def reviewers_of(review: Review) -> list[dict[str, Any]]:
    """Each reviewer with how many items were asked, answered, handed on and wait; who has most waiting first."""
    waiting = Q(answer="", item__state=ItemState.OPEN)
    counted = (
        Decision.objects.filter(item__review=review)
        .order_by()
        .values("reviewer")
        .annotate(
            asked=Count("pk"),
            waiting=Count("pk", filter=waiting),
            kept=Count("pk", filter=Q(answer=Answer.KEEP)),
            revoked=Count("pk", filter=Q(answer=Answer.REVOKE)),
            handed=Count("pk", filter=Q(handed_to__isnull=False)),
            unanswered=Count("pk", filter=Q(answer="") & ~Q(item__state=ItemState.OPEN)),
            answered_at=Max("answered_at"),
            told_at=Max("told_at"),
        )
    )
    people = Employee.objects.in_bulk([row["reviewer"] for row in counted])
    rows = [{**row, "reviewer": people[row["reviewer"]], "done": row["asked"] - row["waiting"]} for row in counted]
    return sorted(rows, key=lambda row: (-row["waiting"], str(row["reviewer"])))


ITEM_STATES = ("all", "open", "kept", "revoked", "suspended", "moot", "silence")


def items_of_review(
    review: Review, *, state: str = "all", reviewer: int | None = None, find: str = "", after: str = ""
) -> tuple[list[ReviewItem], str | None]:
    """A page of a review's items, the riskiest first, and where the next begins."""
    items = review.items.select_related("employee", "entitlement__system", "grant").prefetch_related(
        "decisions__reviewer", *GOES_ON_AS
    )
    if state == "silence":
        items = items.filter(by_silence=True)
    elif state in ItemState.values:
        items = items.filter(state=state)
    if reviewer:
        items = items.filter(Exists(Decision.objects.filter(item=OuterRef("pk"), reviewer=reviewer).order_by()))
    if find:
        items = items.filter(
            Q(employee__name__icontains=find) | Q(employee__login__icontains=find) | Q(entitlement__code__icontains=find)
        )
    risk, _, pk = after.partition("-")
    points, last = number(risk), number(pk)
    if points is not None and last is not None and points < 1000:
        items = items.filter(Q(risk__lt=points) | Q(risk=points, pk__gt=last))
    rows = list(items.order_by("-risk", "pk")[: ITEMS_PAGE + 1])
    page = rows[:ITEMS_PAGE]
    return page, f"{page[-1].risk}-{page[-1].pk}" if len(rows) > ITEMS_PAGE else None


def item_in_full(pk: int) -> ReviewItem | None:
    """One item with its decisions and the removal of its grant, or None."""
    around = ("review", "grant__entitlement__system", "grant__revoked_by", "employee__job_function", "entitlement__system")
    found = ReviewItem.objects.select_related(*around).filter(pk=pk)
    return found.prefetch_related("decisions__reviewer", "decisions__handed_to", "grant__changes__proofs", *GOES_ON_AS).first()


def reviews_waiting_for(employee: Employee) -> QuerySet[Review]:
    """Those that an administrator who did not prepare them has to launch, or to sign off."""
    waiting = Q(state=ReviewState.PREPARED) | Q(state=ReviewState.COMPLETE, signed_off_at=None)
    return Review.objects.filter(waiting).exclude(prepared_by=employee).order_by("prepared_at")


@dataclass(frozen=True)
class ScopeStanding:
    """How one kind of access stands in the calendar. due_at: when its next review must be complete; None: nothing to review."""

    scope: ReviewScope
    last: Review | None
    running: Review | None
    due_at: datetime | None
    now: datetime

    @property
    def is_overdue(self) -> bool:
        return self.due_at is not None and self.due_at < self.now

    @property
    def is_soon(self) -> bool:
        soon = self.now + timedelta(days=policies.PERIOD_SOON_DAYS)
        return self.due_at is not None and not self.is_overdue and self.due_at < soon

    @property
    def what(self) -> str:
        return "sensitive access" if self.scope == ReviewScope.SENSITIVE else "the rest"

    @property
    def cadence(self) -> str:
        return "every quarter" if self.scope == ReviewScope.SENSITIVE else "every half year"


def review_calendar(*, now: datetime) -> list[ScopeStanding]:
    """Sensitive access is reviewed every quarter, the rest every half year: a review of the whole company, complete in time.

    The first is due one period after the oldest access of that kind was asked for.
    """
    whole = Review.objects.filter(system=None, department=None)
    standing = []
    for scope, days in policies.PERIOD_DAYS.items():
        of_scope = whole.filter(scope__in=[scope, ReviewScope.ALL])
        last = of_scope.filter(state=ReviewState.COMPLETE, completed_at__lte=now).order_by("-completed_at").first()
        under_way = [ReviewState.PREPARED, ReviewState.RUNNING, ReviewState.REMOVING]
        running = of_scope.filter(state__in=under_way).order_by("-prepared_at").first()
        oldest = AccessGrant.objects.active().filter(scope_filter(scope)).aggregate(at=Min("requested_at"))["at"]
        begin = last.completed_at if last is not None else oldest
        due_at = begin + timedelta(days=days) if begin is not None and oldest is not None else None
        standing.append(ScopeStanding(scope, last, running, due_at, now))
    return standing
