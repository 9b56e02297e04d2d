"""Reads about access: who has what, why, what waits for a decision, what would go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from customers.composed import Composed
from privacy.access import policies
from privacy.access.models import (
    AccessGrant,
    BreakGlassEligibility,
    DeniedAttempt,
    Entitlement,
    FunctionEntitlement,
    GrantState,
)
from privacy.access.queries.emergencies import named_for_emergencies
from privacy.access.queries.sessions import open_sessions
from privacy.agreements.models import Nda
from privacy.workforce.models import Employee, JobFunction
from privacy.workforce.queries import ended_late

PAGE = 50
MOST_TO_DECIDE = 200
STATES = ("in force", "not in force", "waiting", "suspended", "ended", "all")
# What `policies.may_decide` looks at, and nothing else: the navigation of every page counts by it.
_DECIDED_BY = (
    *("state", "employee", "requested_by", "approved_by", "seconded_by", "entitlement__sensitive"),
    *(f"entitlement__owner__{column}" for column in ("starts_on", "ends_on", "left_at", "worker_type")),
    *(f"employee__manager__{column}" for column in ("starts_on", "ends_on", "left_at", "worker_type")),
)
_WITH = ("employee", "employee__manager", "entitlement", "entitlement__system", "entitlement__owner")


@dataclass(frozen=True)
class Seen:
    """One grant and, where it is not in force, every reason why."""

    grant: AccessGrant
    failing: list[str]

    @property
    def word(self) -> str:
        """What is said about its standing."""
        state = self.grant.state
        if state == GrantState.APPROVED:
            return "not in force" if self.failing else "in force"
        return "waits for a decision" if state == GrantState.REQUESTED else self.grant.get_state_display()

    @property
    def tone(self) -> str:
        tones = {"in force": "ok", "not in force": "warn", "waits for a decision": "info", "suspended": "warn"}
        return tones.get(self.word, "muted")


def seen(grants: QuerySet[AccessGrant] | list[AccessGrant], *, now: datetime) -> list[Seen]:
    """Grants with what keeps each from being in force; two queries, however many there are."""
    listed = list(grants)
    active = [grant for grant in listed if grant.state in (GrantState.APPROVED, GrantState.SUSPENDED)]
    failing = policies.why_not_each(active, now) if active else {}
    return [Seen(grant, failing.get(grant.pk, [])) for grant in listed]


def grants_of(employee: Employee, *, now: datetime) -> list[Seen]:
    """Everything a person has, waits for, or had within the last year; what counts now first."""
    year_ago = now - timedelta(days=365)
    grants = (
        AccessGrant.objects.filter(employee=employee)
        .filter(
            Q(state__in=["requested", "approved", "suspended", "revoking"])
            | Q(requested_at__gt=year_ago)
            | Q(revoked_at__gt=year_ago)
        )
        .select_related(*_WITH, "approved_by", "seconded_by", "requested_by", "revoked_by")
    )
    order = {GrantState.REQUESTED: 0, GrantState.APPROVED: 1, GrantState.SUSPENDED: 2}
    return sorted(seen(grants, now=now), key=lambda one: (order.get(GrantState(one.grant.state), 3), one.grant.entitlement.code))


def find_grants(*, state: str, entitlement: str, find: str, now: datetime) -> QuerySet[AccessGrant]:
    """Grants of that standing (one of STATES), newest first; entitlement, find: "" for any."""
    grants = AccessGrant.objects.select_related(*_WITH)
    if state == "in force":
        grants = grants.in_force(at=now)
    elif state == "not in force":
        grants = grants.active().exclude(pk__in=AccessGrant.objects.in_force(at=now).order_by().values("pk"))
    elif state == "waiting":
        grants = grants.waiting()
    elif state == "suspended":
        grants = grants.filter(state=GrantState.SUSPENDED)
    elif state == "ended":
        grants = grants.filter(state__in=["revoking", "revoked", "denied", "lapsed"])
    if entitlement:
        grants = grants.filter(entitlement__code=entitlement)
    if find:
        grants = grants.filter(Q(employee__name__icontains=find) | Q(employee__login__icontains=find))
    return grants.order_by("-pk")


def page_of_grants(grants: QuerySet[AccessGrant], *, after: int | None, now: datetime) -> tuple[list[Seen], int | None]:
    """A page of what `find_grants` found, and the key that the next page begins after (None: there is no next)."""
    rows = list((grants.filter(pk__lt=after) if after else grants)[: PAGE + 1])
    page = rows[:PAGE]
    return seen(page, now=now), page[-1].pk if len(rows) > PAGE else None


def to_decide(employee: Employee, *, now: datetime) -> list[AccessGrant]:
    """Requests on which a decision of this person would count now, oldest first."""
    standing_in = policies.is_standing_in(employee, at=now)
    waiting = _open_to(employee.pk, at=now, standing_in=standing_in).select_related(*_WITH, "requested_by")
    return _that_count(waiting, employee, at=now, standing_in=standing_in)


def waiting_for(employee: Employee, *, now: datetime) -> int:
    """How many requests wait for this person's decision: the count beside “Access” in the navigation."""
    standing_in = employee.has_perm("privacy.approve_grants")  # known for the whole request; who decides is asked afresh
    if not _OPEN[standing_in].count(at=now, person=employee.pk):
        return 0
    waiting = _open_to(employee.pk, at=now, standing_in=standing_in)
    lean = waiting.select_related("entitlement__owner", "employee__manager").only(*_DECIDED_BY)
    return len(_that_count(lean, employee, at=now, standing_in=standing_in))


def _open_to(person: int, *, at: datetime, standing_in: bool) -> QuerySet[AccessGrant]:
    waiting = AccessGrant.objects.waiting().exclude(employee=person).exclude(requested_by=person)
    waiting = waiting.filter(requested_at__gt=at - timedelta(days=policies.REQUEST_LAPSES_AFTER_DAYS))
    if not standing_in:
        waiting = waiting.filter(Q(entitlement__owner=person) | Q(employee__manager=person))
    return waiting.order_by("requested_at", "pk")


def _open_composed(*, standing_in: bool) -> Composed:
    return Composed(lambda at, person: _open_to(person, at=at, standing_in=standing_in).values("pk"), takes=["instant", "person"])


_OPEN = {standing_in: _open_composed(standing_in=standing_in) for standing_in in (True, False)}


def _that_count(waiting: QuerySet[AccessGrant], employee: Employee, *, at: datetime, standing_in: bool) -> list[AccessGrant]:
    counting = (grant for grant in waiting if policies.may_decide(grant, employee, at=at, standing_in=standing_in))
    return list(islice(counting, MOST_TO_DECIDE))


def requestable() -> QuerySet[Entitlement]:
    """Everything that can be asked for."""
    return Entitlement.objects.select_related("system", "owner").order_by("system__name", "code")


def approvers_of(grant: AccessGrant, *, now: datetime) -> str:
    """In words, whose decision a request waits for."""
    if grant.state != GrantState.REQUESTED:
        return ""
    wanted = []
    administrators = "a security administrator"
    if grant.approved_by_id is None:
        owner = policies.deciding_owner(grant, at=now)
        wanted.append(f"{owner}, who owns it" if owner else administrators)
    if grant.entitlement.sensitive and grant.seconded_by_id is None:
        if manager := policies.seconding_manager(grant, at=now):
            wanted.append(f"{manager}, the manager")
        else:
            wanted.append("another security administrator" if administrators in wanted else administrators)
    return " and ".join(wanted)


@dataclass(frozen=True)
class WouldGo:
    """What a person would lose by leaving, or by moving to another function, at this instant."""

    grants: list[Seen]
    requests: list[AccessGrant]
    stays: list[Seen]
    sessions: int
    namings: list[BreakGlassEligibility]  # emergencies for which they are named: leaving and another function end these alike


def what_would_go(employee: Employee, *, now: datetime, to: JobFunction | None = None, leaving: bool = True) -> WouldGo:
    """leaving: everything; else what the function `to` does not justify, save what its owner kept."""
    mine = AccessGrant.objects.filter(employee=employee).select_related(*_WITH, "approved_by", "requested_by")
    active, waiting = mine.active(), mine.waiting()
    justified = FunctionEntitlement.objects.filter(job_function=to).values("entitlement")
    stays: list[Seen] = []
    if not leaving:
        kept = [grant.pk for grant in active.filter(kept_by__isnull=False) if policies.is_kept(grant, at=now)]
        staying = Q(entitlement__in=justified) | Q(pk__in=kept)
        stays = seen(active.filter(staying), now=now)
        active, waiting = active.exclude(staying), waiting.exclude(entitlement__in=justified)
    sessions = len(open_sessions(now=now, employee=employee))
    namings = list(named_for_emergencies(at=now, employee=employee))
    return WouldGo(seen(active.order_by("entitlement__code"), now=now), list(waiting), stays, sessions, namings)


def find_people(*, state: str, find: str, now: datetime) -> QuerySet[Employee]:
    """People by login: "here", "contractors", "left" or "all"; find: part of a name or login, "" for any."""
    here = Employee.objects.employed(at=now)
    people = here if state == "here" else Employee.objects.all()
    if state == "left":
        people = Employee.objects.exclude(pk__in=here.order_by().values("pk"))
    elif state == "contractors":
        people = here.filter(worker_type="contractor")
    if find:
        people = people.filter(Q(name__icontains=find) | Q(login__icontains=find))
    return people.order_by("login")


def page_of_people(people: QuerySet[Employee], *, after: str, now: datetime) -> tuple[list[Employee], str | None]:
    """A page of what `find_people` found, each with `active_grants`, `sensitive_grants`, `nda_in_force` and, where HR told only
    after the last day, `ended_late_at`; and where the next begins."""
    from django.utils import timezone

    day = timezone.localdate(now)
    if after:
        people = people.filter(login__gt=after)
    active = Q(grants__state="approved")
    counted: QuerySet[Any] = people.select_related("job_function", "department", "manager").annotate(
        active_grants=Count("grants", filter=active),
        sensitive_grants=Count("grants", filter=active & Q(grants__sensitive=True)),
        nda_in_force=Exists(Nda.objects.in_force(on=day).filter(employee=OuterRef("pk"))),
    )
    rows = list(counted[: PAGE + 1])
    page = rows[:PAGE]
    late = ended_late(page)
    for person in page:
        person.ended_late_at = late.get(person.pk)
    return page, page[-1].login if len(rows) > PAGE else None


def list_entitlements(*, now: datetime) -> QuerySet[Entitlement]:
    """The catalogue, each with `holders`: how many people have it approved."""
    return requestable().annotate(holders=Count("grants", filter=Q(grants__state="approved")))


def find_denied(*, kind: str, find: str) -> QuerySet[DeniedAttempt]:
    """Refused attempts, newest first; kind, find: "" for any."""
    attempts = DeniedAttempt.objects.select_related("employee")
    if kind:
        attempts = attempts.filter(kind=kind)
    if find:
        attempts = attempts.filter(Q(login__icontains=find) | Q(path__icontains=find) | Q(reason__icontains=find))
    return attempts.order_by("-pk")


def page_of_denied(attempts: QuerySet[DeniedAttempt], *, after: int | None) -> tuple[list[DeniedAttempt], int | None]:
    """A page of what `find_denied` found, and where the next begins."""
    rows = list((attempts.filter(pk__lt=after) if after else attempts)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def was_suspended(grant_id: int) -> bool:
    """Whether a grant that has ended was suspended when it did, by the ledger: the row keeps an older suspension, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state FROM privacy_accessgrantledgerevent WHERE pgh_obj_id = %s AND state = ANY(%s)"
            " ORDER BY pgh_id DESC LIMIT 1",
            [grant_id, [GrantState.APPROVED, GrantState.SUSPENDED]],
        )
        last = cursor.fetchone()
    return last is not None and last[0] == GrantState.SUSPENDED
