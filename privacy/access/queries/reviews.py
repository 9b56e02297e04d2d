"""Reads about access reviews: what waits for whom, how far a review is, what stands beside each item, the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

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
from privacy.workforce.models import Employee

__all__ = [
    "Beside",
    "Plan",
    "ReviewProgress",
    "ScopeStanding",
    "WorkRow",
    "decision_row",
    "how_far",
    "is_asked_in_reviews",
    "item_in_full",
    "items_of_review",
    "last_reasons",
    "list_reviews",
    "my_decisions",
    "my_reviews",
    "my_share",
    "plan_review",
    "review_calendar",
    "review_in_full",
    "review_items_waiting",
    "reviewers_of",
    "reviews_waiting_for",
]
ITEMS_PAGE = 60
WORK_PAGE = 60


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Beside:
    """What is shown beside an item: its snapshot, with instants as instants."""

    seen: Mapping[str, Any]

    @property
    def asked_at(self) -> datetime | None:
        return _instant(self.seen["why"]["asked_at"])

    @property
    def approved(self) -> list[tuple[str, datetime | None]]:
        return [(one["by"], _instant(one["at"])) for one in self.seen["approved"]]

    @property
    def used_at(self) -> datetime | None:
        return _instant(self.seen["used"]["at"])

    @property
    def signed_in_at(self) -> datetime | None:
        return _instant(self.seen["used"]["signed_in_at"])

    @property
    def ends_at(self) -> datetime | None:
        return _instant(self.seen["ends_at"])

    @property
    def nda_ends_on(self) -> date | None:
        text = self.seen["nda"]["ends_on"]
        return date.fromisoformat(text) if text else None

    @property
    def reviewed_at(self) -> datetime | None:
        last = self.seen["last_review"]
        return _instant(last["at"]) if last else None

    @property
    def share(self) -> int:
        """Of the colleagues in that function, how many per cent have it."""
        colleagues = self.seen["colleagues"]
        return round(100 * colleagues["have"] / colleagues["of"]) if colleagues["of"] else 0


def risk_word(risk: int) -> tuple[str, str]:
    """(word, tone) of a risk from 0 to 100."""
    if risk >= 60:
        return "high", "bad"
    return ("medium", "warn") if risk >= 30 else ("low", "muted")


@dataclass(frozen=True)
class WorkRow:
    """One decision as its reviewer sees it at an instant."""

    decision: Decision
    now: datetime

    @property
    def item(self) -> ReviewItem:
        return self.decision.item

    @property
    def beside(self) -> Beside:
        return Beside(self.item.seen)

    @property
    def risk(self) -> tuple[str, str]:
        return risk_word(self.item.risk)

    @property
    def others(self) -> list[Employee]:
        """Who else is asked. What they answered is not shown: each reviewer judges for themselves."""
        open_to = [one for one in self.item.decisions.all() if one.pk != self.decision.pk and one.handed_to_id is None]
        return [one.reviewer for one in open_to]

    @property
    def came_from(self) -> Decision | None:
        """Whose decision it was before, where it was handed on."""
        return self.decision.handed_from

    @property
    def moved_since(self) -> str:
        """The person's function now, where it is not what it was at the launch."""
        now_is = str(self.item.employee.job_function or "")
        return now_is if now_is != self.item.seen["person"]["function"] else ""

    @property
    def ended(self) -> bool:
        """The access ended meanwhile by other means."""
        return self.item.state == ItemState.MOOT or (
            self.item.state == ItemState.OPEN and self.item.grant.state not in ("approved", "suspended")
        )

    @property
    def is_open(self) -> bool:
        """Whether an answer counts now."""
        review = self.item.review
        running = review.state == ReviewState.RUNNING and review.due_at > self.now
        return running and self.item.state == ItemState.OPEN and not self.decision.answer and not self.ended

    @property
    def undo_until(self) -> datetime | None:
        """Until when the answer can be undone; None where it cannot."""
        until = policies.undoable_until(self.decision)
        running = self.item.state == ItemState.OPEN and self.item.review.state == ReviewState.RUNNING
        return until if running and until is not None and until > self.now else None

    @property
    def takes_effect_at(self) -> datetime | None:
        """When a deny takes effect, where it has not yet."""
        return self.undo_until if self.decision.answer == Answer.REVOKE else None


def _of_reviewer(employee: Employee) -> QuerySet[Decision]:
    return Decision.objects.filter(reviewer=employee, item__review__state=ReviewState.RUNNING)


def _with_around(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    return decisions.select_related(
        "item__review",
        "item__grant",
        "item__employee__job_function",
        "item__entitlement__system",
        "handed_to",
        "handed_from__reviewer",
        "reviewer",
    ).prefetch_related("item__decisions__reviewer")


def review_items_waiting(employee: Employee) -> int:
    """How many items wait for this person's answer: the count beside “Reviews” in the navigation."""
    return Decision.objects.asked().filter(reviewer=employee).order_by().count()  # type: ignore[attr-defined]


def is_asked_in_reviews(employee: Employee) -> bool:
    """Whether this person is, or was, asked about anything in a review that still runs."""
    return _of_reviewer(employee).exists()


def my_reviews(employee: Employee) -> list[tuple[Review, int, int]]:
    """(running review, items still waiting for this person, all they are asked), the soonest due first."""
    counted = (
        _of_reviewer(employee)
        .order_by()
        .values("item__review")
        .annotate(all=Count("pk"), left=Count("pk", filter=Q(answer="", item__state=ItemState.OPEN)))
    )
    numbers = {row["item__review"]: row for row in counted}
    reviews = Review.objects.filter(pk__in=numbers).select_related("fallback").order_by("due_at", "pk")
    return [(review, numbers[review.pk]["left"], numbers[review.pk]["all"]) for review in reviews]


def my_share(employee: Employee) -> dict[str, int]:
    """How far this person is, over all running reviews: all, left, done, sensitive left, rest left."""
    waiting = Q(answer="", item__state=ItemState.OPEN)
    return _of_reviewer(employee).aggregate(
        all=Count("pk"),
        left=Count("pk", filter=waiting),
        done=Count("pk", filter=~waiting),
        sensitive=Count("pk", filter=waiting & Q(item__sensitive=True)),
        rest=Count("pk", filter=waiting & Q(item__sensitive=False)),
    )


def my_decisions(employee: Employee, *, show: str, find: str, now: datetime) -> list[WorkRow]:
    """What this person is asked, the riskiest first; at most WORK_PAGE. show: open, sensitive, rest or done."""
    decisions = _of_reviewer(employee)
    waiting = Q(answer="", item__state=ItemState.OPEN)
    if show == "done":
        decisions = decisions.exclude(waiting).order_by(F("answered_at").desc(nulls_last=True), "pk")
    else:
        decisions = decisions.filter(waiting).order_by("-item__risk", "item__employee__name", "item_id")
    if show in ("sensitive", "rest"):
        decisions = decisions.filter(item__sensitive=show == "sensitive")
    if find:
        named = Q(item__employee__name__icontains=find) | Q(item__entitlement__name__icontains=find)
        decisions = decisions.filter(named | Q(item__entitlement__code__icontains=find))
    return [WorkRow(one, now) for one in _with_around(decisions)[:WORK_PAGE]]


def decision_row(pk: int, employee: Employee, *, now: datetime) -> WorkRow | None:
    """One decision that this person is asked, or None."""
    found = _with_around(Decision.objects.filter(reviewer=employee)).filter(pk=pk).first()
    return WorkRow(found, now) if found else None


def last_reasons(employee: Employee) -> list[str]:
    """What this person wrote as reasons lately, newest first: offered while they type."""
    written = _of_reviewer(employee).exclude(reason="").order_by().values("reason").annotate(at=Max("answered_at"))
    return [row["reason"] for row in written.order_by("-at")[:8]]


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
    items = review.items.select_related("employee", "entitlement__system", "grant").prefetch_related("decisions__reviewer")
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
    if risk.isdigit() and pk.isdigit() and len(risk) < 4 and len(pk) < 18:
        items = items.filter(Q(risk__lt=int(risk)) | Q(risk=int(risk), pk__gt=int(pk)))
    rows = list(items.order_by("-risk", "pk")[: ITEMS_PAGE + 1])
    page = rows[:ITEMS_PAGE]
    return page, f"{page[-1].risk}-{page[-1].pk}" if len(rows) > ITEMS_PAGE else None


def item_in_full(pk: int) -> ReviewItem | None:
    """One item with its decisions and the removal of its grant, or None."""
    around = ("review", "grant__entitlement__system", "grant__revoked_by", "employee__job_function", "entitlement__system")
    found = ReviewItem.objects.select_related(*around).filter(pk=pk)
    return found.prefetch_related("decisions__reviewer", "decisions__handed_to", "grant__changes__proofs").first()


def reviews_waiting_for(employee: Employee) -> QuerySet[Review]:
    """Those that an administrator who did not prepare them has to launch, or to sign off."""
    waiting = Q(state=ReviewState.PREPARED) | Q(state=ReviewState.COMPLETE, signed_off_at=None)
    return Review.objects.filter(waiting).exclude(prepared_by=employee).order_by("prepared_at")


@dataclass(frozen=True)
class ScopeStanding:
    """How one kind of access stands in the calendar. due_at: when its next review must be complete; None: nothing to review."""

    scope: ReviewScope
    period_days: int
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

    The first is due one period after the oldest access of that kind was approved.
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
        standing.append(ScopeStanding(scope, days, last, running, due_at, now))
    return standing
