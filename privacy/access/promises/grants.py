"""Promises about who has access (statement D, E.1, E.2, E.5).

The conditions of a grant are asked here by queries of their own, not by the queryset that enforces them: its faults show.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from customers.classification import SENSITIVE
from privacy.access.models import SECOND_FACTORS, AccessGrant
from privacy.access.queries.people import who_can_sign_in
from privacy.agreements.models import DataSharingAgreement, Nda, ThirdParty
from privacy.agreements.queries import SOON_DAYS
from privacy.ledger.promises import Figure, Promise, Row
from privacy.programme.models import Briefing
from privacy.workforce.models import Employee, WorkerType

MOST_ROWS = 50


def _rows(grants: object) -> list[Row]:
    listed = grants.select_related("employee", "entitlement")[:MOST_ROWS]  # type: ignore[attr-defined]
    return [Row(f"{grant.employee}: {grant.entitlement.name}", reverse("access:grant", args=[grant.pk])) for grant in listed]


def _lacking(now: datetime, who: Q, missing: Q, *, what: str) -> Figure:
    """Grants of `who` where `missing` holds: in force (broken), or kept out of force by it (at risk)."""
    approved = AccessGrant.objects.filter(who, state="approved").filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    approved = approved.filter(employee__in=Employee.objects.employed(at=now))
    if not approved.exists():
        return Figure(None, detail="Nobody has access that needs it.")
    in_force = AccessGrant.objects.in_force(at=now).filter(who)
    broken = in_force.filter(missing)
    waiting = approved.filter(missing).exclude(pk__in=broken.order_by().values("pk"))
    detail = f"{in_force.count()} grants in force; {waiting.count()} kept out of force because {what}."
    return Figure(broken.count(), broken=_rows(broken), at_risk=_rows(waiting), detail=detail)


def access_without_nda(now: datetime) -> Figure:
    """Access that needs an NDA and is in force without one; at risk where the NDA ends within 30 days or is missing."""
    day = timezone.localdate(now)
    needs = Q(entitlement__sensitive=True) | Q(employee__worker_type=WorkerType.CONTRACTOR)
    mine = Nda.objects.filter(employee=OuterRef("employee"), signed_on__lte=day, starts_on__lte=day)
    holds = Exists(mine.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)))
    figure = _lacking(now, needs, ~Q(holds), what="no NDA is in force")
    parties = _parties_without_nda(day)
    if figure.value is None:
        return Figure(len(parties), broken=parties, detail=figure.detail) if parties else figure
    runs_out = Nda.objects.running_out(within_days=SOON_DAYS, at=now).order_by().values("employee")
    ending = Employee.objects.filter(
        pk__in=AccessGrant.objects.in_force(at=now).filter(needs, employee__in=runs_out).order_by().values("employee")
    )
    rows = [
        Row(
            f"The NDA of {e} ends within {SOON_DAYS} days",
            reverse("access:person", args=[e.pk]),
            act="Next: record the NDA that follows it, under NDAs.",
            instead=reverse("agreements:ndas") + "?state=ends+soon",
        )
        for e in ending[:MOST_ROWS]
    ]
    broken = [*figure.broken, *parties]
    return Figure(figure.value + len(parties), broken=broken, at_risk=[*rows, *figure.at_risk], detail=figure.detail)


def _parties_without_nda(day: date) -> list[Row]:
    """Third parties that may receive sensitive categories under an agreement in force, and are under no NDA."""
    agreements = DataSharingAgreement.objects.in_force(on=day).filter(categories__overlap=[one.value for one in SENSITIVE])
    under_nda = Nda.objects.in_force(on=day).filter(third_party=OuterRef("pk"))
    parties = ThirdParty.objects.filter(pk__in=agreements.order_by().values("third_party")).exclude(Exists(under_nda))
    return [
        Row(f"{one} may receive sensitive data without an NDA", reverse("agreements:party", args=[one.code])) for one in parties
    ]


def access_without_second_factor(now: datetime) -> Figure:
    """Sensitive access in force whose holder has no second factor."""
    from allauth.mfa.models import Authenticator

    holds = Exists(Authenticator.objects.filter(user=OuterRef("employee"), type__in=SECOND_FACTORS))
    return _lacking(now, Q(entitlement__sensitive=True), ~Q(holds), what="there is no second factor")


def access_without_briefing(now: datetime) -> Figure:
    """Sensitive access in force whose holder was never briefed."""
    holds = Exists(Briefing.objects.filter(employee=OuterRef("employee"), given_on__lte=timezone.localdate(now)))
    return _lacking(now, Q(entitlement__sensitive=True), ~Q(holds), what="the person was not briefed")


def access_of_nobody_in_particular(now: datetime) -> Figure:
    """Ways around "one grant, one person": groups, stored permissions, superusers."""
    if not Employee.objects.exists():
        return Figure(None, detail="Nobody works here yet.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM auth_group), (SELECT count(*) FROM privacy_accessgrant WHERE employee_id IS NULL),"
            " (SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()"
            "   AND table_name = 'privacy_employee' AND column_name IN ('is_superuser', 'is_staff'))"
        )
        groups, nobodys, columns = cursor.fetchone()
    where = reverse("admin:privacy_accessgrant_changelist")
    broken = [
        Row(f"{count} {what}", where) for count, what in ((groups, "groups"), (nobodys, "grants without a person")) if count
    ]
    if columns:
        broken.append(Row("the account's table can hold a superuser", where))
    detail = f"{AccessGrant.objects.in_force(at=now).count()} grants in force, each of one person. Nothing can store a superuser."
    return Figure(groups + nobodys + columns, broken=broken, detail=detail)


def logins_of_outsiders(now: datetime) -> Figure:
    """People whom the sign-in lets in, and who are neither employees nor contractors under an NDA.

    A contractor who waits for an NDA cannot sign in, and is no outsider with a login: how many there are is said beside.
    """
    people, day = who_can_sign_in(at=now), timezone.localdate(now)
    papers = Nda.objects.filter(employee=OuterRef("pk"), signed_on__lte=day, starts_on__lte=day)
    under_nda = Exists(papers.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)))
    contractors = Employee.objects.employed(at=now).filter(worker_type=WorkerType.CONTRACTOR)
    waiting = contractors.exclude(under_nda).exclude(pk__in=people.order_by().values("pk")).count()
    kept_out = ""
    if waiting:
        kept_out = f" {waiting} contractor{' is' if waiting == 1 else 's are'} kept out until an NDA is in force."
    if not (inside := people.count()):
        return Figure(None, detail=f"Nobody can sign in yet.{kept_out}")
    outside = people.exclude(worker_type=WorkerType.EMPLOYEE).exclude(Q(worker_type=WorkerType.CONTRACTOR) & Q(under_nda))
    rows = [Row(f"{e} can sign in without an NDA in force", reverse("access:person", args=[e.pk])) for e in outside[:MOST_ROWS]]
    return Figure(outside.count(), broken=rows, detail=f"{inside} {'person' if inside == 1 else 'people'} can sign in.{kept_out}")


def reveals_without_a_grant(now: datetime) -> Figure:
    """Reveals whose grant was not that person's, not for that category, or not in force at that instant.

    Asked is what these tables keep of the past: approval, dates, leaving, NDA, briefing. Of suspensions, second factors and
    earlier employments they keep the present only; the ledger has the rest.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM privacy_recordedread WHERE kind = 'reveal'")
        (total,) = cursor.fetchone()
        if not total:
            return Figure(None, detail="Nothing has been revealed yet.")
        cursor.execute(
            "SELECT r.id, r.subject, r.by_id FROM privacy_recordedread r LEFT JOIN privacy_accessgrant g ON g.id = r.grant_id"
            " LEFT JOIN privacy_entitlement e ON e.id = g.entitlement_id LEFT JOIN privacy_employee p ON p.id = r.by_id"
            " CROSS JOIN LATERAL (SELECT (r.at AT TIME ZONE %s)::date AS today) d WHERE r.kind = 'reveal' AND NOT coalesce("
            "  g.employee_id = r.by_id AND ('customers.reveal_' || r.category) = ANY(e.permissions) AND g.starts_at <= r.at"
            "  AND (g.ends_at IS NULL OR g.ends_at > r.at OR g.kept_by_id IS NOT NULL)"
            "  AND (g.revoked_at IS NULL OR g.revoked_at >= r.at) AND g.approved_at <= r.at AND g.denied_at IS NULL"
            "  AND (p.left_at IS NULL OR p.left_at >= r.at)"
            "  AND (p.worker_type <> 'contractor' AND NOT e.sensitive OR EXISTS (SELECT FROM privacy_nda n"
            "    WHERE n.employee_id = r.by_id AND n.starts_on <= d.today AND (n.ends_on IS NULL OR n.ends_on >= d.today)))"
            "  AND (NOT e.sensitive OR EXISTS (SELECT FROM privacy_briefing b"
            "    WHERE b.employee_id = r.by_id AND b.given_on <= d.today)), false) ORDER BY r.at DESC",
            [settings.TIME_ZONE],
        )
        found = cursor.fetchall()
    broken = [Row(f"Reveal {pk} of {subject}", reverse("access:person", args=[by])) for pk, subject, by in found[:MOST_ROWS]]
    return Figure(len(found), broken=broken, detail=f"{total} reveals in all, each with a reason.")


GRANT_PROMISES = [
    Promise(
        id="D-nda",
        section="D",
        quote="Nondisclosure Agreements are in place with contractors and third parties having access to sensitive data.",
        title="Sensitive data are seen only under an NDA",
        measures="grants in force that need an NDA and have none",
        measure=access_without_nda,
        evidence="/admin/sharing/ndas/?state=ends+soon",
    ),
    Promise(
        id="E1-individuals",
        section="E.1",
        quote="Access to the data is assigned to specific individuals in order to maintain strict control over access.",
        title="Access is given to persons, one by one",
        measures="groups, superusers and grants to anything but one person",
        measure=access_of_nobody_in_particular,
        evidence="/admin/access/grants/",
    ),
    Promise(
        id="E1-outside",
        section="E.1",
        quote="access to data is not granted to parties outside Lumens.com",
        title="Nobody outside has a login",
        measures="logins of others than employees and contractors under an NDA",
        measure=logins_of_outsiders,
        evidence="/admin/access/people/?state=contractors",
    ),
    Promise(
        id="E1-login",
        section="E.1",
        quote="We also verify the identity of the persons accessing the data by using a login name and password.",
        title="Sensitive access needs a second factor",
        measures="sensitive grants in force whose holder has no second factor",
        measure=access_without_second_factor,
        evidence="/admin/access/grants/?state=not+in+force",
    ),
    Promise(
        id="E2-authorised",
        section="E.2",
        quote="Only authorized personnel have access to restricted data.",
        title="Data are revealed only under a grant",
        measures="reveals without a grant in force",
        measure=reveals_without_a_grant,
        evidence="/admin/access/grants/",
    ),
    Promise(
        id="E5-briefed",
        section="E.5",
        quote="new hires are briefed on security and privacy issues",
        title="Who has sensitive access was briefed",
        measures="sensitive grants in force whose holder was not briefed",
        measure=access_without_briefing,
        evidence="/admin/programme/briefings/",
    ),
]
