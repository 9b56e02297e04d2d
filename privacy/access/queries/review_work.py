"""What a reviewer sees: what waits for them, how far they are, what stands beside each item (SCREENS.md, "Review")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from customers.composed import Composed
from privacy.access import policies
from privacy.access.models import Answer, Decision, ItemState, Review, ReviewItem, ReviewState
from privacy.workforce.models import Employee

__all__ = [
    "Beside",
    "WorkRow",
    "decision_row",
    "is_asked_in_reviews",
    "last_reasons",
    "my_decisions",
    "my_reviews",
    "my_share",
    "review_items_waiting",
]
WORK_PAGE = 60
GOES_ON_AS = ("grant__renewed_by", "grant__restored_by_grant")  # what ReviewItem.goes_on_as reads


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
    def ended_as(self) -> str:
        """How it ended, where it did: what was renewed or restored meanwhile names the grant that it goes on as."""
        return self.item.came_to if self.item.goes_on_as else str(ItemState.MOOT.label)

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
    ).prefetch_related("item__decisions__reviewer", *(f"item__{one}" for one in GOES_ON_AS))


def review_items_waiting(employee: Employee, *, now: datetime) -> int:
    """How many items wait for this person's answer: the count beside “Reviews” in the navigation."""
    return _ASKED.count(at=now, person=employee.pk)


def _asked(*, at: datetime, person: int) -> QuerySet[Any, Any]:
    return Decision.objects.asked().filter(reviewer=person).values("pk")  # type: ignore[attr-defined,no-any-return]


_ASKED = Composed(_asked, takes=["person"])


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
