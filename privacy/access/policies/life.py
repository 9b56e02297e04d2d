"""Yes or no, about emergencies and mistakes of HR."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from customers.instants import end_of, is_business_day
from privacy.access.models import AccessGrant, BreakGlassEligibility, GrantState, Origin
from privacy.access.policies.grants import may_administer, may_now, may_sign_in
from privacy.workforce.models import Employee, EmploymentEvent, HrEvent
from privacy.workforce.queries import last_day_before

RESTORED_WITHIN_DAYS = 7
NAMED_AT_MOST_DAYS = 365


def next_working_day(at: datetime) -> datetime:
    """The end of the working day after that instant's day: by then, emergency access is looked at (ACCESS.md, "Break-glass")."""
    day = timezone.localdate(at) + timedelta(days=1)
    while not is_business_day(day):  # without the company's own closures, which the room of requests keeps
        day += timedelta(days=1)
    return end_of(day)


def may_break_glass(eligibility: BreakGlassEligibility, by: Employee, *, at: datetime) -> bool:
    """Whether this person is named, at that instant, for what the eligibility allows, and may sign in."""
    standing = BreakGlassEligibility.objects.standing(at=at).filter(pk=eligibility.pk)  # type: ignore[attr-defined]
    return eligibility.employee_id == by.pk and may_sign_in(by, at=at) and standing.exists()


def counts_for_a_taking(by: Employee, *, proven_at: datetime, at: datetime) -> bool:
    """Whether a second factor proven then was proven for a taking now: not long ago, and for no earlier taking."""
    fresh = at - timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT) <= proven_at
    earlier = AccessGrant.objects.filter(employee=by, origin=Origin.BREAK_GLASS, requested_at__gte=proven_at)
    return fresh and not earlier.exists()


def is_over(grant: AccessGrant, *, at: datetime) -> bool:
    """Whether what was taken in an emergency gives nothing more, so that whoever looks at it sees all that was done with it."""
    ended = grant.state not in (GrantState.APPROVED, GrantState.SUSPENDED)
    return ended or (grant.ends_at is not None and grant.ends_at <= at)


def may_look_at(grant: AccessGrant, by: Employee, *, at: datetime) -> bool:
    """The entitlement's owner or a security administrator looks at what was taken in an emergency; never who took it."""
    if grant.origin != Origin.BREAK_GLASS or by.pk == grant.employee_id:
        return False
    return (by.pk == grant.entitlement.owner_id and may_sign_in(by, at=at)) or may_administer(by, at=at)


def may_restore(event: EmploymentEvent, by: Employee, *, at: datetime) -> bool:
    """Whether this person may undo what that event did: an approver, not about themselves, within RESTORED_WITHIN_DAYS."""
    return by.pk != event.employee_id and is_restorable(event, at=at) and may_now(by.pk, "privacy.approve_grants", at=at)


def is_restorable(event: EmploymentEvent, *, at: datetime) -> bool:
    """Whether that event is fresh, the last change of function, or a leaving that still stands; nobody returns past the last day
    that they had before it.

    Of two leavings told one after the other, each can be undone: the earlier one with the later (`undone_with`).
    """
    if event.kind not in (HrEvent.LEFT, HrEvent.CHANGED_FUNCTION):
        return False
    ended_at = max(one.clock_starts_at for one in [event, *undone_with(event)])
    if not event.effective_at <= at <= ended_at + timedelta(days=RESTORED_WITHIN_DAYS):
        return False
    later = event.employee.employment_events.filter(known_at__gte=event.known_at, pk__gt=event.pk)
    works_here = event.employee.is_employed(at=at)
    if event.kind == HrEvent.CHANGED_FUNCTION:
        came_after = [HrEvent.LEFT, HrEvent.RETURNED, HrEvent.STAYS, HrEvent.CHANGED_FUNCTION]
        return works_here and not later.filter(kind__in=came_after).exists()
    # A function that is told of somebody who has left ends nothing (`change_function`), and keeps nobody from coming back.
    # A last day that stands once a later leaving was undone is told anew (`workforce.undo_leaving`). One that was agreed when
    # they came back is not: it is no mistake of before.
    told_anew = _is_their_last_day(event) and bool(undone_with(event))
    stands = told_anew or not later.filter(kind=HrEvent.RETURNED).exists()
    taken_back = later.filter(kind=HrEvent.STAYS).exists()
    return stands and not taken_back and not works_here and would_have_left_on(event, at=at) is None


def _is_their_last_day(leaving: EmploymentEvent) -> bool:
    """Whether they are gone by the last day that this leaving told: also where a later leaving, undone by now, came between."""
    person = leaving.employee
    return person.left_at is None and person.ends_on is not None and end_of(person.ends_on) == leaving.effective_at


def undone_with(event: EmploymentEvent) -> list[EmploymentEvent]:
    """The leavings that HR told after this one, and nobody came back from: whoever undoes this one undoes them, too."""
    if event.kind != HrEvent.LEFT:
        return []
    told = event.employee.employment_events.filter(pk__gt=event.pk, kind__in=[HrEvent.LEFT, HrEvent.RETURNED]).order_by("pk")
    leavings: list[EmploymentEvent] = []
    for one in told:
        leavings = [] if one.kind == HrEvent.RETURNED else [*leavings, one]
    return leavings


def would_have_left_on(event: EmploymentEvent, *, at: datetime) -> date | None:
    """The last day that was agreed before this leaving was told, where it has passed: they would have left without it, too."""
    last_day = last_day_before(event) if event.kind == HrEvent.LEFT else None
    return last_day if last_day is not None and last_day < timezone.localdate(at) else None


def began(grant: AccessGrant) -> datetime:
    """When somebody decided that this access is given: a renewal goes back to what it renews."""
    while grant.renews is not None:
        grant = grant.renews
    return max(filter(None, [grant.approved_at, grant.seconded_at]), default=grant.requested_at)


def ended_by(event: EmploymentEvent) -> list[AccessGrant]:
    """The grants that the event ended, with the leavings that are undone with it, in the order of their keys."""
    events = [event, *undone_with(event)]
    ended = AccessGrant.objects.filter(ended_by_event__in=events, state__in=[GrantState.REVOKING, GrantState.REVOKED])
    return list(ended.select_related("employee", "entitlement__system", "entitlement__owner").order_by("pk"))
