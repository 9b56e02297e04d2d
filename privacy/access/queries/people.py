"""Reads about who may do something, and about emergencies."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from privacy.access.models import AccessGrant, BreakGlassEligibility, Origin
from privacy.access.policies.grants import with_the_right_to_sign_in
from privacy.ledger.models import RecordedRead
from privacy.workforce.models import Employee


def holders_of(permission: str, *, at: datetime) -> list[Employee]:
    """Everybody to whom a grant in force gives that permission at that instant, by name."""
    grants = AccessGrant.objects.in_force(at=at).filter(entitlement__permissions__contains=[permission])
    return list(Employee.objects.filter(pk__in=grants.order_by().values("employee")).order_by("name", "pk"))


def who_can_sign_in(*, at: datetime) -> QuerySet[Employee]:
    """Everybody who may sign in and has a way: a password, a passkey, or the company's sign-in, which goes by addresses."""
    with_password = ~Q(password="") & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    with_passkey = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.WEBAUTHN))
    tied = Exists(SocialAccount.objects.filter(user=OuterRef("pk")))
    ways = with_password | Q(with_passkey) | Q(tied)
    if settings.OIDC_ISSUER:
        ways |= ~Q(email="")
    return with_the_right_to_sign_in(at=at).filter(ways)


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
