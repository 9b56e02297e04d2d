"""The work queue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, TruncWeek
from django.utils import timezone

from privacy.tickets.models import RightKind, Ticket, TicketQuerySet, TicketRight

DUE_SOON_DAYS = 5
SOON_DAYS = 7  # "due within a week", wherever it is said
WEEKS_AHEAD = 8
TABS = ("mine", "unassigned", "due", "overdue", "all")
PAGE = 50


def queue(tab: str, *, by: Any, now: datetime, kind: str = "", channel: str = "", state: str = "") -> TicketQuerySet:
    """The rows of one tab of the work queue, soonest due first."""
    rows: TicketQuerySet = Ticket.objects.all()
    if tab == "mine":
        rows = rows.open().filter(assignee=by)
    elif tab == "unassigned":
        rows = rows.open().filter(assignee__isnull=True)
    elif tab == "due":
        rows = rows.overdue(at=now + timedelta(days=DUE_SOON_DAYS)).filter(due_at__gte=now)
    elif tab == "overdue":
        rows = rows.overdue(at=now)
    elif tab != "all":
        raise ValueError(f"no such tab: {tab!r}")
    if kind:
        rows = rows.filter(pk__in=TicketRight.objects.filter(kind=kind).values("ticket_id"))
    if channel:
        rows = rows.filter(channel=channel)
    if state:
        rows = rows.filter(state=state)
    return rows


def asked_for() -> Combinable:
    """Of each request, the rights that it asks for, in words; with a question mark where nobody confirmed it yet."""
    words = Case(*(When(kind=kind, then=Value(label)) for kind, label in RightKind.choices), output_field=CharField())
    mark = Case(When(proposed=True, then=Value("?")), default=Value(""))
    rights = TicketRight.objects.filter(ticket=OuterRef("pk")).order_by().values("ticket")
    return Subquery(rights.values(said=StringAgg(Concat(words, mark), ", ", order_by="pk")))


def person_masked() -> Combinable:
    """Of each request, whom it is about: the member id and the masked requester, as far as they are known."""
    both = Concat("customer__member_id", Value(", "), "requester_masked")
    return Case(
        When(customer=None, then=F("requester_masked")),
        When(requester_masked="", then=F("customer__member_id")),
        default=both,
    )


def queue_counts(*, by: Any, now: datetime) -> dict[str, int]:
    """How many rows each tab of open work has."""
    return {tab: queue(tab, by=by, now=now).count() for tab in TABS if tab != "all"}


@dataclass(frozen=True)
class DueByWeek:
    """Open requests by the week in which their next clock ends. overdue: ended before; weeks: (Monday, how many), the present
    week first; later: after the last of them; within_a_week: in the seven days from now on, as Today counts them."""

    overdue: int
    weeks: list[tuple[date, int]]
    later: int
    within_a_week: int

    @property
    def finding(self) -> str:
        """What a plot of them says first."""
        due = f"{self.within_a_week or 'nothing'} due within a week"
        if self.overdue:
            return f"{self.overdue} request{'' if self.overdue == 1 else 's'} overdue, {due}"
        return f"Nothing is overdue, {due}"


def due_by_week(*, now: datetime) -> DueByWeek:
    """For WEEKS_AHEAD weeks, on the calendar of the house."""
    open_ones = Ticket.objects.open().filter(due_at__isnull=False).order_by()
    counts = open_ones.aggregate(
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=now + timedelta(days=SOON_DAYS))),
    )
    by_week = open_ones.filter(due_at__gte=now).values_list(TruncWeek("due_at")).annotate(Count("pk"))
    counted = {timezone.localdate(week): count for week, count in by_week}
    today = timezone.localdate(now)
    mondays = [today - timedelta(days=today.weekday()) + timedelta(weeks=ahead) for ahead in range(WEEKS_AHEAD)]
    weeks = [(monday, counted.pop(monday, 0)) for monday in mondays]
    return DueByWeek(counts["overdue"], weeks, sum(counted.values()), counts["soon"])
