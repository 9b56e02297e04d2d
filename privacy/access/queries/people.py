"""Reads about who may do something."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from privacy.access.models import AccessGrant
from privacy.access.policies.grants import with_the_right_to_sign_in
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
