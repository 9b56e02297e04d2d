"""Yes or no, about access. No writes, no request, no clock: every question takes its instant."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from customers.composed import Composed
from customers.instants import end_of
from privacy.access.models import AccessGrant, GrantState
from privacy.access.models.grants import conditions
from privacy.agreements.models import Nda
from privacy.workforce.models import Employee, WorkerType

ADMINISTERS = "privacy.administer_access"
REQUEST_LAPSES_AFTER_DAYS = 14
KEPT_AT_MOST_DAYS = 30
REVEALS_PER_MINUTE = 60
REVEALS_PER_HOUR = 300
SEARCHES_PER_MINUTE = 30
SEARCHES_PER_HOUR = 300


def may_now(employee_pk: int, permission: str, *, at: datetime) -> bool:
    """Whether this person has that permission at that instant, asked afresh: for streams, jobs and the inside of verbs."""
    return permission in permissions_at(employee_pk, at=at)


def may_administer(by: Employee, *, at: datetime) -> bool:
    """Whether this person is a security administrator: names people for emergencies, runs reviews, connects systems."""
    return may_now(by.pk, ADMINISTERS, at=at)


def permissions_at(employee_pk: int, *, at: datetime) -> frozenset[str]:
    """Every permission of a person at that instant, asked afresh, in one query."""
    return frozenset(permission for (permissions,) in _PERMISSIONS.rows(at=at, person=employee_pk) for permission in permissions)


def _permissions_of(*, at: datetime, person: int) -> QuerySet[Any, Any]:
    return AccessGrant.objects.in_force(at=at).filter(employee_id=person).values_list("entitlement__permissions")


_PERMISSIONS = Composed(_permissions_of, takes=["instant", "day", "person"])


def session_of(employee_pk: int) -> int:
    """Which sessions of this person count now: another number means that those of before are over, for good."""
    return Employee.objects.values_list("session_epoch", flat=True).get(pk=employee_pk)


def grant_for(employee_pk: int, permission: str, *, at: datetime) -> AccessGrant | None:
    """A grant in force that gives this person that permission: the one that a recorded read names."""
    grants = AccessGrant.objects.in_force(at=at).filter(employee_id=employee_pk, entitlement__permissions__contains=[permission])
    return grants.order_by("approved_at", "pk").first()


def why_not(grant: AccessGrant, at: datetime) -> list[str]:
    """In words, each condition that keeps this grant from being in force at that instant; empty where it is in force."""
    return why_not_each([grant], at)[grant.pk]


def why_not_each(grants: Iterable[AccessGrant], at: datetime) -> dict[int, list[str]]:
    """`why_not` of many grants, by their keys, in one query."""
    asked = conditions(at)
    holds = {
        f"holds_{name}": Case(When(condition, then=Value(True)), default=Value(False)) for name, (condition, _) in asked.items()
    }
    rows = AccessGrant.objects.filter(pk__in=[grant.pk for grant in grants]).order_by().annotate(**holds)
    return {
        row["pk"]: [sentence for name, (_, sentence) in asked.items() if not row[f"holds_{name}"]]
        for row in rows.values("pk", *holds)
    }


def may_request_for(by: Employee, employee: Employee, *, at: datetime) -> bool:
    """Anybody asks for themselves, a manager for their people, a security administrator for everyone."""
    return by.pk in (employee.pk, employee.manager_id) or may_administer(by, at=at)


def latest_end(employee: Employee, *, at: datetime) -> datetime | None:
    """The instant at which a contractor's access ends at the latest: contract end or NDA end, whichever comes first.

    None: no such bound, or not a contractor. An NDA that is not in force bounds nothing here; `under_nda` asks for it.
    """
    if employee.worker_type != WorkerType.CONTRACTOR:
        return None
    last_days = [day for day in (employee.ends_on, _under_nda_until(employee, timezone.localdate(at))) if day is not None]
    return end_of(min(last_days)) if last_days else None


def _under_nda_until(employee: Employee, day: date) -> date | None:
    """The last day, from that day on, up to which one NDA of this person follows another without a day between.

    None: no NDA holds on that day, or the last of them has no end. Of several that hold at once, the longest counts.
    """
    papers = Nda.objects.filter(employee=employee).order_by().values_list("signed_on", "starts_on", "ends_on")
    until = day - timedelta(days=1)
    for begins, ends_on in sorted(((max(signed, starts), ends) for signed, starts, ends in papers), key=lambda paper: paper[0]):
        if begins > until + timedelta(days=1):
            break
        if ends_on is None:
            return None
        until = max(until, ends_on)
    return until if until >= day else None


def under_nda(employee: Employee, *, at: datetime) -> bool:
    """Whether an NDA with this person is in force on that day."""
    return Nda.objects.in_force(on=timezone.localdate(at)).filter(employee=employee).exists()


def with_the_right_to_sign_in(*, at: datetime) -> QuerySet[Employee]:
    """Everybody who may sign in at that instant: whoever is employed, a contractor only under an NDA in force (statement E.1)."""
    under_an_nda = Exists(Nda.objects.in_force(on=timezone.localdate(at)).filter(employee=OuterRef("pk")))
    return Employee.objects.employed(at=at).filter(~Q(worker_type=WorkerType.CONTRACTOR) | Q(under_an_nda))


def may_sign_in(person: Employee, *, at: datetime) -> bool:
    """Whether this person may be signed in at that instant, and so decide anything: `with_the_right_to_sign_in`, of one."""
    return person.is_employed(at=at) and (person.worker_type != WorkerType.CONTRACTOR or under_nda(person, at=at))


def request_lapses_at(grant: AccessGrant) -> datetime:
    """Until when a request can be decided."""
    return grant.requested_at + timedelta(days=REQUEST_LAPSES_AFTER_DAYS)


def request_has_lapsed(grant: AccessGrant, *, at: datetime) -> bool:
    """Whether a request waited longer than REQUEST_LAPSES_AFTER_DAYS."""
    return grant.state == GrantState.REQUESTED and at > request_lapses_at(grant)


def is_standing_in(by: Employee, *, at: datetime) -> bool:
    """Security administrators decide where nobody owns an entitlement, and second where there is no manager to do it."""
    return may_now(by.pk, "privacy.approve_grants", at=at)


def may_decide_as_owner(grant: AccessGrant, by: Employee, *, at: datetime, standing_in: bool | None = None) -> bool:
    """Whether this person decides on that request for the entitlement's owner. Never the one who asked or who benefits.

    standing_in: the answer of is_standing_in, from those who ask about many requests.
    """
    if by.pk in (grant.employee_id, grant.requested_by_id):
        return False
    if owner := deciding_owner(grant, at=at):
        return owner.pk == by.pk
    return is_standing_in(by, at=at) if standing_in is None else standing_in


def deciding_owner(grant: AccessGrant, *, at: datetime) -> Employee | None:
    """The owner, where there is one who may sign in, and neither asked for this nor benefits; else administrators stand in."""
    owner = grant.entitlement.owner
    if owner is None or owner.pk in (grant.employee_id, grant.requested_by_id):
        return None
    return owner if may_sign_in(owner, at=at) else None


def may_second(grant: AccessGrant, by: Employee, *, at: datetime, standing_in: bool | None = None) -> bool:
    """Whether this person seconds that request as the manager. An administrator does it where the manager is missing or asked."""
    if by.pk in (grant.employee_id, grant.requested_by_id, grant.approved_by_id):
        return False
    if manager := seconding_manager(grant, at=at):
        return manager.pk == by.pk
    return is_standing_in(by, at=at) if standing_in is None else standing_in


def seconding_manager(grant: AccessGrant, *, at: datetime) -> Employee | None:
    """The manager, where there is one who may sign in and is free to second this request; else administrators stand in."""
    manager = grant.employee.manager
    if manager is None or manager.pk in (grant.requested_by_id, grant.approved_by_id):
        return None
    return manager if may_sign_in(manager, at=at) else None


def may_decide(grant: AccessGrant, by: Employee, *, at: datetime, standing_in: bool | None = None) -> bool:
    """Whether a decision by this person would count now: as owner, or as the second person where access is sensitive."""
    if grant.state != GrantState.REQUESTED:
        return False
    if grant.approved_by_id is None and may_decide_as_owner(grant, by, at=at, standing_in=standing_in):
        return True
    return grant.entitlement.sensitive and grant.seconded_by_id is None and may_second(grant, by, at=at, standing_in=standing_in)


def waits_for_administrators(grant: AccessGrant, *, at: datetime) -> bool:
    """Whether a decision on this request is missing that nobody but an administrator, standing in, may make now."""
    unowned = grant.approved_by_id is None and deciding_owner(grant, at=at) is None
    unseconded = grant.entitlement.sensitive and grant.seconded_by_id is None and seconding_manager(grant, at=at) is None
    return grant.state == GrantState.REQUESTED and (unowned or unseconded)


def goes_on_as(grant: AccessGrant) -> AccessGrant | None:
    """The grant as which this access goes on now, renewed or restored however often; None where it does not go on as another."""
    last = grant
    while True:
        begun = AccessGrant.objects.filter(Q(renews=last) | Q(restores=last)).exclude(state__in=_NEVER_BEGUN)
        found = begun.select_related("employee__manager", "entitlement__owner", "entitlement__system").order_by("-pk").first()
        if found is None:
            break
        last = found
    return last if last.pk != grant.pk and last.state in (GrantState.APPROVED, GrantState.SUSPENDED) else None


_NEVER_BEGUN = (GrantState.REQUESTED, GrantState.DENIED, GrantState.LAPSED)


def may_revoke(grant: AccessGrant, by: Employee, *, at: datetime) -> bool:
    """The holder, their manager, the entitlement's owner, a security administrator."""
    return by.pk in (grant.employee_id, grant.employee.manager_id, grant.entitlement.owner_id) or may_now(
        by.pk, "privacy.revoke_grants", at=at
    )


def may_suspend(grant: AccessGrant, by: Employee, *, at: datetime) -> bool:
    """The entitlement's owner or a security administrator; the holder never resumes their own."""
    if by.pk == grant.employee_id:
        return False
    owns = by.pk == grant.entitlement.owner_id and may_sign_in(by, at=at)
    return owns or may_now(by.pk, "privacy.revoke_grants", at=at)


def may_keep(grant: AccessGrant, by: Employee, *, at: datetime) -> bool:
    """Whether this person may let a mover keep what the new function does not justify: the owner, by name."""
    owner = grant.entitlement.owner
    if owner is not None and owner.pk != grant.employee_id and may_sign_in(owner, at=at):
        return owner.pk == by.pk
    return by.pk != grant.employee_id and is_standing_in(by, at=at)


def is_kept(grant: AccessGrant, *, at: datetime) -> bool:
    """Whether its owner said, with a reason, that a mover keeps this grant for a while that is short enough from now."""
    short_enough = grant.ends_at is not None and at < grant.ends_at <= at + timedelta(days=KEPT_AT_MOST_DAYS)
    return grant.kept_by_id is not None and short_enough


def may_tell_events(by: Employee, *, at: datetime) -> bool:
    """Whether this person may say that somebody left, changed function or came back."""
    return any(may_now(by.pk, f"privacy.{name}", at=at) for name in ("manage_people", "administer_access", "import_roster"))
