"""Reads about emergencies: who is named for which, what was taken, and why something cannot be taken now."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from privacy.access import errors, policies
from privacy.access.models import AccessGrant, BreakGlassEligibility, Entitlement, Origin
from privacy.access.policies import ADMINISTERS
from privacy.access.queries.people import holders_of
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import Employee

NAMED_IN_A_REFUSAL = 3


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


def emergencies(*, at: datetime) -> QuerySet[AccessGrant]:
    """What was taken in emergencies in the last year, or is still to be looked at: the latter first, the soonest due first."""
    lately = Q(requested_at__gt=at - timedelta(days=365)) | Q(looked_at__isnull=True)
    taken = AccessGrant.objects.filter(lately, origin=Origin.BREAK_GLASS)
    found: QuerySet[AccessGrant] = taken.select_related("employee", "entitlement__system", "looked_at_by")
    return found.order_by(F("looked_at").asc(nulls_first=True), "look_due_at", "-requested_at")


def why_not_taken(holder: Employee, entitlement: Entitlement, *, at: datetime) -> errors.Refused | None:
    """Why a person who is named for it may not take this now: HasItAlready, with what is there and what to do, or
    NotLookedAtYet; None where they may.
    """
    held = AccessGrant.objects.active().filter(employee=holder, entitlement=entitlement).first()
    if held is not None and (held.ends_at is None or held.ends_at > at):
        if failing := policies.why_not(held, at):
            if held.starts_at > at:
                return errors.HasItAlready.from_later_on(held.starts_at)
            return errors.HasItAlready.out_of_force(failing)
        return errors.HasItAlready()
    taken = AccessGrant.objects.filter(employee=holder, entitlement=entitlement, origin=Origin.BREAK_GLASS, looked_at=None)
    last = taken.order_by("-requested_at").first()
    if last is None:
        return None
    owner = entitlement.owner
    who = [owner] if owner is not None and owner.pk != holder.pk and policies.may_sign_in(owner, at=at) else []
    who = [*who, *(one for one in holders_of(ADMINISTERS, at=at) if one.pk != holder.pk)]
    others = [one.employee for one in named_for_emergencies(at=at).filter(entitlement=entitlement).exclude(employee=holder)]
    return errors.NotLookedAtYet(
        last.starts_at,
        who=[str(one) for one in who[:NAMED_IN_A_REFUSAL]],
        others=[str(one) for one in others[:NAMED_IN_A_REFUSAL]],
    )
