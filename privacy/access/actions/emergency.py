"""Break-glass: people named beforehand take access in an emergency; their owners are told at once, and it is looked at after."""

from datetime import datetime, timedelta

from privacy.access import errors, policies
from privacy.access.actions.ending import end_grants, lock_grant, lock_holder
from privacy.access.actions.outbox import settle
from privacy.access.actions.systems import check_administers
from privacy.access.models import AccessGrant, BreakGlassEligibility, Entitlement, GrantState, Origin
from privacy.access.models.grants import BREAK_GLASS_HOURS
from privacy.access.policies import ADMINISTERS
from privacy.access.queries.emergencies import why_not_taken
from privacy.access.queries.people import holders_of
from privacy.ledger.actions import act
from privacy.workforce.actions import tell
from privacy.workforce.models import Employee


def name_for_emergencies(
    employee: Employee, entitlement: Entitlement, *, by: Employee, reason: str, ends_at: datetime, now: datetime
) -> BreakGlassEligibility:
    """Name somebody who may take this entitlement in an emergency, until then (at most a year).

    Raises ReasonNeeded, MayNotName, NotYourOwnEmergency, NotEmployed, NamedAlready, EndsInThePast, NamedTooLong.
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("name_for_emergencies", by=by, reason=reason, employee=employee.pk):
        check_administers(by, now=now, about=employee.pk, refusal=errors.MayNotName)
        holder = lock_holder(employee.pk)
        if by.pk == holder.pk:
            raise errors.NotYourOwnEmergency
        if not holder.is_employed(at=now):
            raise errors.NotEmployed
        if ends_at <= now:
            raise errors.EndsInThePast
        if ends_at > now + timedelta(days=policies.NAMED_AT_MOST_DAYS + 1):
            raise errors.NamedTooLong
        standing = BreakGlassEligibility.objects.filter(employee=holder, entitlement=entitlement, ended_at=None)
        if standing.standing(at=now).exists():  # type: ignore[attr-defined]
            raise errors.NamedAlready
        standing.update(ended_at=now, ended_by=by, ended_reason="named anew")
        return BreakGlassEligibility.objects.create(
            employee=holder, entitlement=entitlement, starts_at=now, ends_at=ends_at, named_by=by, reason=reason
        )


def end_naming(eligibility_id: int, *, by: Employee, now: datetime) -> BreakGlassEligibility:
    """This person is not named for it any more. What was taken already goes on until its end. Raises MayNotName, NotNamed."""
    with act("end_naming", by=by, eligibility=eligibility_id):
        check_administers(by, now=now, refusal=errors.MayNotName)
        eligibility = BreakGlassEligibility.objects.select_for_update(no_key=True).get(pk=eligibility_id)
        if eligibility.ended_at is not None:
            raise errors.NotNamed
        eligibility.ended_at, eligibility.ended_by, eligibility.ended_reason = now, by, "not named any more"
        eligibility.save(update_fields=["ended_at", "ended_by", "ended_reason"])
        return eligibility


def break_glass(eligibility_id: int, *, by: Employee, reason: str, hours: int, now: datetime, proven_at: datetime) -> AccessGrant:
    """Take access in an emergency, for 1 to 4 hours. Raises ReasonNeeded, NotNamed, TooLong, ProveAgain, HasItAlready,
    NotLookedAtYet.

    The other conditions of the grant hold as ever (NDA, briefing, second factor). The owner and every security administrator are
    told at once. proven_at: when the second factor was proven for this taking, which the door asks for. What the person took last
    of this entitlement was looked at before (ACCESS.md, "Break-glass").
    """
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("break_glass", by=by, reason=reason, eligibility=eligibility_id):
        holder = lock_holder(by.pk)
        found = BreakGlassEligibility.objects.select_related("entitlement__system", "entitlement__owner")
        eligibility = found.select_for_update(of=("self",), no_key=True).get(pk=eligibility_id)
        if not policies.may_break_glass(eligibility, holder, at=now):
            raise errors.NotNamed
        if not 1 <= hours <= BREAK_GLASS_HOURS:
            raise errors.TooLong
        if not policies.counts_for_a_taking(holder, proven_at=proven_at, at=now):
            raise errors.ProveAgain
        entitlement = eligibility.entitlement
        if refusal := why_not_taken(holder, entitlement, at=now):
            raise refusal
        _make_way(holder, entitlement, now=now)
        grant = AccessGrant.objects.create(
            employee=holder,
            entitlement=entitlement,
            sensitive=entitlement.sensitive,
            state=GrantState.APPROVED,
            origin=Origin.BREAK_GLASS,
            requested_by=holder,
            requested_at=now,
            reason=reason,
            starts_at=now,
            ends_at=now + timedelta(hours=hours),
            look_due_at=policies.next_working_day(now),
        )
        settle([grant.pk], now=now, by=by, reason=reason)
        told = {person.pk: person for person in holders_of(ADMINISTERS, at=now)}
        if entitlement.owner is not None:
            told[entitlement.owner.pk] = entitlement.owner
        for person in told.values():
            if person.pk != holder.pk:
                tell(
                    person,
                    key=f"break-glass {grant.pk}",
                    subject=f"{holder} broke the glass: {entitlement.name}",
                    body=f"{holder} took “{entitlement.name}” in {entitlement.system} for {hours} hours, because: {reason}\n\n"
                    "Look at what was done with it by the end of the next working day.",
                    link=f"/admin/access/grants/{grant.pk}/",
                    now=now,
                )
        return grant


def _make_way(holder: Employee, entitlement: Entitlement, *, now: datetime) -> None:
    """Close what has ended and no job closed yet."""
    ended = AccessGrant.objects.active().filter(employee=holder, entitlement=entitlement, ends_at__lte=now)
    end_grants(list(ended.values_list("pk", flat=True)), by=None, reason="its end has passed", now=now)


def look_at_emergency(grant_id: int, *, by: Employee, note: str, now: datetime) -> AccessGrant:
    """Write down that somebody looked at what was taken in an emergency, and what they found. Raises ReasonNeeded,
    NotAnEmergency, NotYourOwnEmergency, StillRuns.

    It is looked at once it is over, so that nothing is done with it afterwards; one that ended by itself is closed with this.
    """
    note = note.strip()
    if not note:
        raise errors.ReasonNeeded
    with act("look_at_emergency", by=by, reason=note, grant=grant_id):
        grant = lock_grant(grant_id)
        if grant.origin != Origin.BREAK_GLASS or grant.looked_at is not None:
            raise errors.NotAnEmergency
        if not policies.may_look_at(grant, by, at=now):
            raise errors.NotYourOwnEmergency
        if not policies.is_over(grant, at=now):
            raise errors.StillRuns(grant.ends_at or now)
        if grant.state in (GrantState.APPROVED, GrantState.SUSPENDED):
            end_grants([grant_id], by=None, reason="its end has passed", now=now)
            grant.refresh_from_db(fields=["state", "revoked_at", "revocation_reason"])
        grant.looked_at_by, grant.looked_at, grant.looked_at_note = by, now, note
        grant.save(update_fields=["looked_at_by", "looked_at", "looked_at_note"])
        return grant
