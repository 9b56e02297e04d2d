"""Grants in force, and people who are signed in."""

from datetime import timedelta

import factory
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from django.conf import settings
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from privacy.access.actions import install_catalogue
from privacy.models import HERE, AccessGrant, Employee, Entitlement, GrantState
from tests.factories.workforce import EmployeeFactory


def entitlement(code: str) -> Entitlement:
    """An entitlement of the back-office's catalogue, by its code."""
    found = Entitlement.objects.filter(system__code=HERE, code=code).first()
    if found is None:
        install_catalogue()
        found = Entitlement.objects.get(system__code=HERE, code=code)
    return found


class GrantFactory(DjangoModelFactory):
    """An approved grant in force: asked for by its holder, approved by two other people."""

    class Meta:
        model = AccessGrant

    employee = factory.SubFactory(EmployeeFactory)
    entitlement = factory.LazyFunction(lambda: entitlement("requests.work"))
    state = GrantState.APPROVED
    requested_by = factory.SelfAttribute("employee")
    requested_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=2))
    reason = "works in customer service"
    starts_at = factory.LazyAttribute(lambda grant: grant.requested_at)
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=90))
    approved_by = factory.SubFactory(EmployeeFactory)
    approved_at = factory.LazyAttribute(lambda grant: grant.requested_at)
    seconded_by = factory.SubFactory(EmployeeFactory)
    seconded_at = factory.LazyAttribute(lambda grant: grant.requested_at)


def approvers() -> tuple[Employee, Employee]:
    """Two people who approve in tests, made once."""
    found = list(Employee.objects.filter(login__in=["approver-one", "approver-two"]).order_by("login"))
    if len(found) < 2:
        found = [EmployeeFactory(login=login, nda=None, briefing=None) for login in ("approver-one", "approver-two")]
    return found[0], found[1]


def grant(employee: Employee, *codes: str, **values) -> list[AccessGrant]:
    """Give somebody entitlements of the back-office, in force now: `grant(ana, "requests.work", "reveal.contact")`."""
    one, two = approvers()
    known = {found.code: found for found in Entitlement.objects.filter(system__code=HERE, code__in=codes)}
    given = {"employee": employee, "approved_by": one, "seconded_by": two, **values}
    return AccessGrant.objects.bulk_create(
        [GrantFactory.build(entitlement=known.get(code) or entitlement(code), **given) for code in codes]
    )


def sign_in(client: Client, employee: Employee, *, recently: bool = True) -> Client:
    """This client, signed in with both factors; `recently=False` where the last proof is older than step-up allows."""
    client.force_login(employee, backend="privacy.access.backends.GrantBackend")
    session = client.session
    age = 0 if recently else settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 60
    at = timezone.now().timestamp() - age
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": at, "username": employee.login},
        {"method": "mfa", "at": at, "type": "totp", "reauthenticated": True},
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(employee.pk)
    session.save()
    return client
