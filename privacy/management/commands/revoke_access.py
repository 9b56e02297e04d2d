"""`revoke_access LOGIN --reason TEXT [--entitlement CODE]`: all or one, at once."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from customers.cards import MESSAGE, holds_a_card_number
from customers.doors.commands import BadInput, HouseCommand
from privacy.access.actions import revoke_entitlement, revoke_everything
from privacy.access.models import AccessGrant, Entitlement
from privacy.workforce.models import Employee


class Command(HouseCommand):
    help = "End all access of a person, or one entitlement. Their sessions end with it. Nothing to end is no error."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("login")
        parser.add_argument("--reason", required=True, help="written into the ledger")
        parser.add_argument(
            "--entitlement",
            metavar="CODE",
            help="only this one: reveal.contact, or warehouse:admin where two systems have an admin",
        )
        self.add_dry_run(parser, "say what would go, change nothing")

    def run(self, *, login: str, reason: str, entitlement: str | None, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        employee = Employee.objects.called(login).first()
        if employee is None:
            raise BadInput(f"nobody has the login {login}.")
        if not reason.strip():
            raise BadInput("--reason: say why.")
        if holds_a_card_number(reason):
            raise BadInput(f"--reason: {MESSAGE}")
        active = AccessGrant.objects.active().filter(employee=employee).select_related("entitlement")
        meant = _meant(employee, entitlement) if entitlement else None
        if meant is not None:
            active = active.filter(entitlement=meant)
        if dry_run:
            going = [grant.entitlement.code for grant in active]
        elif meant is not None:
            ended = revoke_entitlement(employee.pk, meant.pk, by=None, reason=reason, now=now)
            going = [grant.entitlement.code for grant in ended]
        else:
            going = [grant.entitlement.code for grant in revoke_everything(employee.pk, by=None, reason=reason, now=now)]
        verb = "would go" if dry_run else "is gone"
        lines = [f"{code} {verb}" for code in going] or [f"{employee.login} had nothing to take away."]
        self.finish({"login": employee.login, "revoked": going, "dry_run": dry_run, "reason": reason}, lines)


def _meant(employee: Employee, said: str) -> Entitlement:
    """The entitlement of that code, or of SYSTEM:CODE, among those that this person ever had."""
    theirs = Entitlement.objects.filter(grants__employee=employee).distinct().select_related("system").order_by("system__code")
    meant = [one for one in theirs if said in (one.code, f"{one.system.code}:{one.code}")]
    if not meant:
        raise BadInput(f"{employee.login} never had the entitlement {said}.")
    if len(meant) > 1:
        choices = ", ".join(f"{one.system.code}:{one.code}" for one in meant)
        raise BadInput(f"--entitlement: {said} is in several systems; say which: {choices}.")
    return meant[0]
