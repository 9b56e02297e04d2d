"""The promise that the security administrator keeps tightening (statement E.5): access is reviewed in its cadence."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from privacy.access.models import AccessGrant, Origin, Review, ReviewState
from privacy.access.queries.reviews import review_calendar
from privacy.ledger.promises import Figure, Promise, Row

SIGNED_SOON_DAYS, SIGNED_WITHIN_DAYS = 14, 30  # after a review is complete
CLOSED_WITHIN = timedelta(hours=1)  # after its due time; then the worker that answers for silence does not run


def reviews_overdue(now: datetime) -> Figure:
    """Kinds of access without a complete review within their period, reviews past due that nothing closed or that nobody signed
    off, emergencies that nobody looked at in time."""
    calendar = [standing for standing in review_calendar(now=now) if standing.due_at is not None]
    emergencies = AccessGrant.objects.filter(origin=Origin.BREAK_GLASS, looked_at__isnull=True).select_related("employee")
    left = Review.objects.filter(state=ReviewState.RUNNING, due_at__lt=now - CLOSED_WITHIN)
    unsigned = Review.objects.filter(
        state=ReviewState.COMPLETE, signed_off_at=None, completed_at__lt=now - timedelta(days=SIGNED_SOON_DAYS)
    )
    if not calendar and not any(waiting.exists() for waiting in (emergencies, left, unsigned)):
        return Figure(None, detail="Nobody has any access yet, so there is nothing to review.")
    broken, at_risk, said = [], [], []
    for standing in calendar:
        where = reverse("access:review", args=[standing.running.pk]) if standing.running else reverse("access:reviews")
        day = f"{timezone.localtime(standing.due_at):%B %-d, %Y}"
        if standing.is_overdue:
            broken.append(Row(f"No review of {standing.what} is complete since it was due on {day}", where))
        elif standing.is_soon:
            under_way = "is under way" if standing.running else "is not prepared"
            at_risk.append(Row(f"The review of {standing.what} must be complete by {day}; it {under_way}", where))
        last = f"last complete {timezone.localtime(standing.last.completed_at):%B %-d, %Y}" if standing.last else "none yet"
        said.append(f"{standing.what}, {standing.cadence}: {last}")
    broken += [Row(f"“{one}” is past due, and nothing closed it", reverse("access:review", args=[one.pk])) for one in left]
    for one in unsigned:
        late = one.completed_at is not None and one.completed_at < now - timedelta(days=SIGNED_WITHIN_DAYS)
        row = Row(f"“{one}” is complete, and nobody signed it off", reverse("access:review", args=[one.pk]))
        (broken if late else at_risk).append(row)
    for grant in emergencies.order_by("look_due_at"):
        late = grant.look_due_at is not None and grant.look_due_at < now
        what = "Nobody looked at what" if late else "To be looked at: what"
        row = Row(f"{what} {grant.employee} took in an emergency", reverse("access:look", args=[grant.pk]))
        (broken if late else at_risk).append(row)
    detail = f"{said[0][:1].upper()}{'; '.join(said)[1:]}." if said else ""
    return Figure(len(broken), broken=broken, at_risk=at_risk, detail=detail)


REVIEW_PROMISES = [
    Promise(
        id="E5-administrator",
        section="E.5",
        quote="More stringent countermeasures are being implemented by Lumens.com's security administrator on a continuous "
        "basis.",
        title="Access is reviewed, and every emergency looked at",
        measures="access reviews overdue or not signed off in 30 days, and access taken in emergencies that nobody looked at "
        "within a working day",
        measure=reviews_overdue,
        evidence="/admin/access/reviews/",
    ),
]
