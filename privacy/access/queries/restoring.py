"""What restoring after a mistake of HR would give back, and what not, because a reviewer denied it meanwhile."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from privacy.access import policies
from privacy.access.models import AccessGrant, Decision, FunctionEntitlement, GrantState, Origin
from privacy.access.queries.evidence_ledger import told_at
from privacy.access.queries.grants import was_suspended
from privacy.workforce.models import EmploymentEvent, HrEvent

__all__ = ["KEPT", "Returning", "before_it_was_kept", "returning"]


@dataclass(frozen=True)
class Returning:
    """given: what comes back. denied: what does not, each with the deny that stands against it. emergencies: nor do these.

    What was taken in an emergency stays as it ended, to be looked at; whoever needs it again takes it, or asks for it.
    told: the function that HR told of them since they left, which they have from then on; unjustified: what it does not justify,
    and so does not come back: the mover's rule, as if they had been here. Whoever undoes the mistake sees it beforehand.
    taken: what was given anew since and then taken away on purpose, each with how that ended. graver: what is sensitive by now
    and was not: its approval was given for what it was.
    """

    given: list[AccessGrant] = field(default_factory=list)
    denied: list[tuple[AccessGrant, Decision]] = field(default_factory=list)
    emergencies: list[AccessGrant] = field(default_factory=list)
    told: EmploymentEvent | None = None
    unjustified: list[AccessGrant] = field(default_factory=list)
    taken: list[tuple[AccessGrant, AccessGrant]] = field(default_factory=list)
    graver: list[AccessGrant] = field(default_factory=list)

    @property
    def left_out(self) -> list[tuple[str, list[str]]]:
        """What does not come back, as lines for people, behind the reason why."""
        denied = [
            f"{old.entitlement.name}: {deny.reviewer}, in “{deny.item.review.name}”{f': “{deny.reason}”' if deny.reason else ''}"
            for old, deny in self.denied
        ]
        taken = []
        for old, since in self.taken:
            who = f", by {since.revoked_by}" if since.revoked_by is not None else ""
            taken.append(f"{old.entitlement.name}{who}: “{since.revocation_reason}”")

        def names(grants: list[AccessGrant]) -> list[str]:
            return [one.entitlement.name for one in grants]

        found = [
            ("a reviewer denied it", denied),
            ("it was given anew since, and taken away", taken),
            ("it is sensitive by now and was approved as what is not; it is to be asked for anew", names(self.graver)),
            ("the function that HR told meanwhile does not justify it", names(self.unjustified)),
            ("it was taken in an emergency, which is over", names(self.emergencies)),
        ]
        return [(why, lines) for why, lines in found if lines]


KEPT = ("ends_at", "kept_by_id", "kept_reason")


def before_it_was_kept(grant: AccessGrant, event: EmploymentEvent) -> dict[str, Any] | None:
    """KEPT of this grant as it was before its owner kept it through this change of function, by the ledger.

    None where nobody kept it for this one, or its end was changed since. A keep is said before the move or with it, so it belongs
    to this one where it was written down after the change of before, and not after this one: that is for a move to come. Ask it
    only of what the other function did not justify: nobody had to keep anything else.
    """
    rows: Any = grant.ledger_events.order_by("-pgh_id")  # type: ignore[attr-defined]
    keeps = rows.filter(pgh_context__metadata__verb="keep_grant")
    if keeps.filter(pgh_created_at__gt=told_at(event)).exists():
        return None
    earlier = EmploymentEvent.objects.filter(employee=event.employee_id, kind=HrEvent.CHANGED_FUNCTION, pk__lt=event.pk)
    if (last := earlier.order_by("-pk").first()) is not None and (since := told_at(last)) is not None:
        keeps = keeps.filter(pgh_created_at__gt=since)
    if (newest := keeps.first()) is None or newest.ends_at != grant.ends_at:
        return None
    before: dict[str, Any] | None = rows.filter(pgh_id__lt=keeps.last().pgh_id).values(*KEPT).first()
    return before


def _told_since_they_left(leaving: EmploymentEvent) -> EmploymentEvent | None:
    """The last change of function that was told while they were gone: a change of before then was applied when it was told."""
    events = [one.pk for one in [leaving, *policies.undone_with(leaving)]]
    standing = EmploymentEvent.objects.standing().filter(pk__in=events)
    if (gone := min((one.clock_starts_at for one in standing), default=None)) is None:
        return None  # taken back before it came
    moves = leaving.employee.employment_events.filter(kind=HrEvent.CHANGED_FUNCTION, pk__gt=leaving.pk, known_at__gte=gone)
    return moves.order_by("-pk").first()


def _taken_since(old: AccessGrant) -> AccessGrant | None:
    """As what the same access was given anew since this ended, and taken away before its end; None where it was not.

    By whoever may, a reviewer or a review's silence alike: not by an HR event, not by the clock, and not to go on as another.
    """
    since = AccessGrant.objects.filter(
        employee=old.employee_id,
        entitlement=old.entitlement_id,
        pk__gt=old.pk,
        state__in=[GrantState.REVOKING, GrantState.REVOKED],
        ended_by_event=None,
        revoked_at__gte=old.revoked_at,
        renewed_by=None,
    ).exclude(origin=Origin.BREAK_GLASS)
    before_its_end = since.filter(Q(ends_at=None) | Q(ends_at__gt=F("revoked_at")))
    return before_its_end.select_related("revoked_by").order_by("-revoked_at", "-pk").first()


def returning(event: EmploymentEvent, *, at: datetime) -> Returning:
    """What this leaving or change of function ended, as far as it would not have ended by now, and nobody has it anew, or had
    it anew and lost it on purpose.
    """
    has = set(AccessGrant.objects.active().filter(employee=event.employee_id).values_list("entitlement_id", flat=True))
    found = Returning()
    for old in policies.ended_by(event):
        if old.entitlement_id in has or (old.ends_at is not None and old.ends_at <= at):
            continue
        if old.origin == Origin.BREAK_GLASS:
            found.emergencies.append(old)
            continue
        if old.suspended_until is not None and old.suspended_until <= at and was_suspended(old.pk):
            continue  # nobody would have resumed it in time
        if old.entitlement.sensitive and not old.sensitive:
            found.graver.append(old)
            continue
        deny = policies.denied_by(old)
        if deny is not None:
            found.denied.append((old, deny))
            continue
        if (taken := _taken_since(old)) is not None:
            found.taken.append((old, taken))
            continue
        has.add(old.entitlement_id)
        found.given.append(old)
    if event.kind == HrEvent.LEFT and (told := _told_since_they_left(event)) is not None:
        justified = FunctionEntitlement.objects.filter(job_function=event.employee.job_function_id)
        calls_for = set(justified.values_list("entitlement_id", flat=True))
        given = [old for old in found.given if old.entitlement_id in calls_for]
        unjustified = [old for old in found.given if old.entitlement_id not in calls_for]
        return replace(found, told=told, given=given, unjustified=unjustified)
    return found
