"""Who is told beforehand that something will stop, and at once that something waits for them."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from privacy.access import policies
from privacy.access.models import AccessGrant, GrantState, SystemChange
from privacy.access.policies import ADMINISTERS
from privacy.access.queries.people import holders_of
from privacy.agreements.models import Nda
from privacy.agreements.queries import NDA_WAITS_DAYS, SOON_DAYS
from privacy.ledger.actions import act
from privacy.ledger.queries import last_verification
from privacy.workforce.actions import drop_notices, tell
from privacy.workforce.models import Employee, Notice

NDA_WARNED_DAYS = (3, NDA_WAITS_DAYS, SOON_DAYS)
LATE_REMOVAL = "late removal "  # and the change: the key of the notice
LATE_TOLD_AT_ONCE = 200
FINDINGS_MAILED = 10  # of one verification; the page has the others


def warn_of_ndas(*, now: datetime) -> int:
    """Warn 30, 14 and 3 days before an NDA ends, once each: the holder, the manager, the security administrators; for a third
    party, who manages sharing. One that another NDA outlasts is not warned of. A day that nobody worked on is made up for: the
    nearest of the three is told, however late. Returns how many notices were made.

    Source: ACCESS.md, "NDA lapses"; statement D.
    """
    today = timezone.localdate(now)
    ending = Nda.objects.running_out(within_days=max(NDA_WARNED_DAYS), at=now)
    administrators = holders_of(ADMINISTERS, at=now)
    sharers = holders_of("privacy.manage_sharing", at=now)
    made = 0
    for nda in ending.select_related("employee__manager", "third_party"):
        left = (nda.ends_on - today).days
        threshold = min(days for days in NDA_WARNED_DAYS if left <= days)
        people: Iterable[Employee] = sharers
        stops, link = "Data may not be shared under it from then on", "/admin/sharing/ndas/?state=ends+soon"
        if nda.employee is not None:
            people = [nda.employee, *([nda.employee.manager] if nda.employee.manager else []), *administrators]
            holds = AccessGrant.objects.active().filter(employee=nda.employee).count()
            stops = f"Access that needs it stops then by itself ({holds} grants of this person)"
        with act("warn_of_nda", by=None, nda=nda.pk):
            for person in {person.pk: person for person in people}.values():
                notice = tell(
                    person,
                    key=f"nda {nda.pk} ends {nda.ends_on}: {threshold} days",
                    subject=f"{_days_left(left)}: nondisclosure agreement with {nda.employee or nda.third_party}",
                    body=f"The nondisclosure agreement with {nda.employee or nda.third_party} ends on {nda.ends_on:%B %-d, %Y}. "
                    f"{stops}. "
                    "Sign a new one before, or let it end.",
                    link=link,
                    now=now,
                )
                made += notice is not None
    return made


def _days_left(days: int) -> str:
    """ "3 days left". An NDA holds on its last day."""
    return "Today is the last day" if days == 0 else f"{days} day{'' if days == 1 else 's'} left"


LOOKS = {
    "reveals": ("asked to see customers' data", policies.REVEALS_PER_MINUTE, policies.REVEALS_PER_HOUR),
    "searches": ("searched for customers", policies.SEARCHES_PER_MINUTE, policies.SEARCHES_PER_HOUR),
}


def warn_of_many(what: str, person: Employee, *, now: datetime) -> int:
    """Tell the security administrators, and whoever leads this person, that they were refused further `what`; once an hour.

    what: "reveals" or "searches". Returns how many notices were made. The person is not told: they know. Source: ASVS 2.4.1.
    """
    told = {one.pk: one for one in [*holders_of(ADMINISTERS, at=now), *filter(None, [person.manager])]}
    told.pop(person.pk, None)
    made = 0
    did, a_minute, an_hour = LOOKS[what]
    with act(f"warn_of_many_{what}", by=None, person=person.pk):
        for one in told.values():
            notice = tell(
                one,
                key=f"too many {what} of {person.pk} in {now:%Y-%m-%d %H}",
                subject=f"{person} was refused further {what}",
                body=f"{person} {did} more often than {a_minute} times a minute or {an_hour} times an hour, and is shown no more"
                " for now. Ask why, or revoke the access.",
                link=reverse("access:person", args=[person.pk]),
                now=now,
            )
            made += notice is not None
    return made


def tell_approvers(grant: AccessGrant, *, now: datetime) -> list[Notice]:
    """Tell those whose decision a request waits for, once each: the owner, the manager, else the administrators.

    Returns what each of them is told by, sent already or not.
    """
    if grant.state != GrantState.REQUESTED:
        return []
    standing_in = holders_of("privacy.approve_grants", at=now) if policies.waits_for_administrators(grant, at=now) else []
    candidates = {
        person.pk: person for person in (*standing_in, grant.entitlement.owner, grant.employee.manager) if person is not None
    }
    told = [person for person in candidates.values() if policies.may_decide(grant, person, at=now)]
    key = f"request {grant.pk} {'second' if grant.approved_by_id else 'first'}"
    for person in told:
        tell(
            person,
            key=key,
            subject=f"{grant.employee} asks for access: {grant.entitlement.name}",
            body=f"{grant.requested_by or grant.employee} asks for “{grant.entitlement.name}” for {grant.employee}, because: "
            f"{grant.reason}\n\n"
            f"It lapses on {timezone.localtime(policies.request_lapses_at(grant)):%B %-d, %Y at %H:%M %Z} if nobody decides.",
            link=f"/admin/access/grants/{grant.pk}/",
            now=now,
            again=True,
        )
    return list(Notice.objects.filter(employee__in=told, key=key))


def tell_of_waiting(*, now: datetime) -> int:
    """Tell those whose decision a request waits for now, and did not before: the owner's NDA lapsed, a manager came.

    Once each, as `tell_approvers`. Returns how many requests wait.
    """
    waiting = list(AccessGrant.objects.waiting().select_related("employee__manager", "entitlement__owner", "requested_by"))
    with act("tell_of_waiting", by=None):
        for grant in waiting:
            tell_approvers(grant, now=now)
    return len(waiting)


def stop_telling_approvers(grant_id: int, *, now: datetime, besides: Iterable[Notice] = ()) -> None:
    """It is decided: who was not told yet is not told any more. besides: notices of those for whom it waits all the same."""
    drop_notices(keys_starting=f"request {grant_id} ", now=now, besides=besides)


def warn_of_late_removals(*, now: datetime) -> int:
    """Tell those who revoke, once each, of removals over their bound and not proven; returns how many notices.

    The oldest LATE_TOLD_AT_ONCE of which nobody was told yet; the others come with the next run.
    """
    made = 0
    told = Notice.objects.filter(key=Concat(Value(LATE_REMOVAL), Cast(OuterRef("pk"), CharField())))
    late = SystemChange.objects.removals().outstanding().filter(due_at__lt=now).exclude(Exists(told))
    told_to = holders_of("privacy.revoke_grants", at=now)
    with act("warn_of_late_removals", by=None):
        for change in late.select_related("system", "employee").order_by("due_at")[:LATE_TOLD_AT_ONCE]:
            for person in told_to:
                notice = tell(
                    person,
                    key=f"{LATE_REMOVAL}{change.pk}",
                    subject=f"Not gone in time: {change.employee or change.account_name} in {change.system}",
                    body=f"“{change}” was due at {timezone.localtime(change.due_at):%B %-d, %Y %H:%M %Z} and is not proven. "
                    f"Last failure: {change.failure or 'none; it waits to be done'}.",
                    link=f"/admin/access/changes/{change.pk}/",
                    now=now,
                )
                made += notice is not None
    return made


def warn_of_ledger(*, now: datetime) -> int:
    """Tell the security administrators, once each, of what the last verification of the ledger found; returns how many notices.

    Source: HOUSE.md, "The ledger"; ASVS 16.4.2.
    """
    verification = last_verification()
    if verification is None or not verification.found:
        return 0
    made = 0
    administrators = holders_of(ADMINISTERS, at=now)
    with act("warn_of_ledger", by=None, verification=verification.pk):
        for says in verification.findings[:FINDINGS_MAILED]:
            for person in administrators:
                notice = tell(
                    person,
                    key=f"ledger {sha256(says.encode()).hexdigest()}",
                    subject="The ledger is not what was sealed",
                    body=f"{says[:1].upper()}{says[1:]}. {verification.found} such findings in the reading of "
                    f"{timezone.localtime(verification.began_at):%B %-d, %Y %H:%M %Z}. Somebody changed the database past this "
                    "house, or an older copy of it was restored. `manage.py verify_ledger` reads it again.",
                    link=reverse("ledger:seals"),
                    now=now,
                )
                made += notice is not None
    return made
