"""`create_security_administrator LOGIN EMAIL`: the first person, by a recorded grant and no superuser."""

import getpass
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.access.actions import create_security_administrator
from privacy.access.actions.bootstrap import PAPERS_WITHIN_DAYS, STATED
from privacy.access.models import SECOND_FACTORS, AccessGrant
from privacy.agreements.models import Nda
from privacy.ledger.actions import rehearsal
from privacy.workforce.actions import set_password
from privacy.workforce.errors import Refused
from privacy.workforce.models import Employee

ADMINISTERS = "access.administer"


class Command(HouseCommand):
    help = (
        "Make a security administrator. Running it states that the person is under an NDA and was briefed on security; where no "
        "paper is on record, that statement is recorded and runs out after 30 days. Make two: sensitive access needs two."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say what the person would hold, make nobody")
        parser.add_argument("login")
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the person's name; the login where it is left out")
        parser.add_argument("--ask-password", action="store_true", help="ask for a password here instead of printing a link")

    def run(self, *, login: str, email: str, name: str, ask_password: bool, dry_run: bool, **options: Any) -> None:
        login = login.strip()
        if not login or len(login) > 150 or any(character.isspace() or not character.isprintable() for character in login):
            raise BadInput(f"“{login}” cannot be a login: 1 to 150 characters, no spaces.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise BadInput(f"“{email}” is no e-mail address.") from error
        now = timezone.now()
        known = Employee.objects.called(login).first()
        if known is not None and not known.is_employed(at=now):
            raise BadInput(f"{known.login} does not work here now; let them come back first.")
        if known is not None and known.email.casefold() != email.casefold():
            raise BadInput(
                f"{known.login} is {known}, who works here with another e-mail address; give that one if they are meant."
            )
        password = self._password(Employee(login=login, email=email, name=name)) if ask_password and not dry_run else ""
        with rehearsal(dry_run):
            try:
                employee = create_security_administrator(login, email, name=name or login, stated_by=getpass.getuser(), now=now)
            except Refused as refusal:
                raise BadInput(str(refusal)) from refusal
            held = sorted(
                employee.grants.active().values_list("entitlement__code", flat=True)  # type: ignore[attr-defined]
            )
        result = {"login": employee.login, "email": employee.email, "grants": held, "dry_run": dry_run}
        if dry_run:
            would = f"{employee.login} would be a security administrator: {', '.join(held)}."
            self.finish({**result, "set_password_link": None}, [would])
            return
        self.tells_how_far(lambda: (f"{employee.login} is a security administrator: {', '.join(held)}", result))
        if password:
            set_password(employee, password, shortest=settings.PASSWORD_MIN_LENGTH, by=None)
        link = "" if employee.has_usable_password() else _link(employee)
        self.finish(
            {**result, "set_password_link": link or None},
            [
                f"{employee.login}{', who works here already,' if known else ''} is a security administrator: {', '.join(held)}.",
                f"Set a password here, once: {link}" if link else f"Sign in at {settings.PUBLIC_URL}/accounts/login/.",
                *self._left_to_do(employee, now=now),
            ],
        )

    @staticmethod
    def _left_to_do(employee: Employee, *, now: datetime) -> Iterator[str]:
        if not Authenticator.objects.filter(user=employee, type__in=SECOND_FACTORS).exists():
            yield "Then set up a second factor: nothing sensitive is in force without it."
        in_force = Nda.objects.in_force(on=timezone.localdate(now)).filter(employee=employee)
        if not in_force.exclude(document__startswith=STATED).exists():
            yield f"Record the signed NDA within {PAPERS_WITHIN_DAYS} days: until then it is in force on your word alone."
        others = AccessGrant.objects.active().filter(entitlement__code=ADMINISTERS).exclude(employee=employee)
        if not others.exists():
            yield "Make a second administrator: sensitive access is approved by two people."

    def _password(self, employee: Employee) -> str:
        if not sys.stdin.isatty():
            raise BadInput("--ask-password needs a terminal.")
        password = getpass.getpass("Password: ")
        try:
            validate_password(password, employee)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages)) from error
        if getpass.getpass("Again: ") != password:
            raise BadInput("the two passwords differ.")
        return password


def _link(employee: Employee) -> str:
    """A link that sets the password once: it dies with its use, and after PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(employee)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(employee), "key": key})
    return f"{settings.PUBLIC_URL}{path}"
