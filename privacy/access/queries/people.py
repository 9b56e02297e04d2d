"""Reads about who may do something, and about emergencies."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from privacy.access.models import AccessGrant, BreakGlassEligibility, Origin
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import Employee


def holders_of(permission: str, *, at: datetime) -> list[Employee]:
    """Everybody to whom a grant in force gives that permission at that instant, by name."""
    grants = AccessGrant.objects.in_force(at=at).filter(entitlement__permissions__contains=[permission])
    return list(Employee.objects.filter(pk__in=grants.order_by().values("employee")).order_by("name", "pk"))


def named_for_emergencies(*, at: datetime, employee: Employee | None = None) -> QuerySet[BreakGlassEligibility]:
    """Who may break which glass at that instant; of one person, or of all."""
    standing: QuerySet[BreakGlassEligibility] = BreakGlassEligibility.objects.standing(at=at)  # type: ignore[attr-defined]
    if employee is not None:
        standing = standing.filter(employee=employee)
    return standing.select_related("employee", "entitlement__system", "entitlement__owner", "named_by").order_by(
        "employee__name", "entitlement__code"
    )


def reads_under(grant: AccessGrant) -> list[RecordedRead]:
    """Every recorded look that this grant allowed, newest first; at most 500."""
    return list(RecordedRead.objects.filter(grant_id=grant.pk)[:500])


def emergencies(*, at: datetime, days: int = 365) -> QuerySet[AccessGrant]:
    """What was taken in emergencies in the last `days`: those nobody looked at first, the soonest due first."""
    taken = AccessGrant.objects.filter(origin=Origin.BREAK_GLASS, requested_at__gt=at - timedelta(days=days))
    found: QuerySet[AccessGrant] = taken.select_related("employee", "entitlement__system", "looked_at_by")
    return found.order_by(F("looked_at").asc(nulls_first=True), "look_due_at", "-requested_at")
