"""`reconcile_access [SYSTEM]`: compare what is really there with what people should have, and list the differences."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.access.actions import reconcile, rehearse_reconciliation
from privacy.access.models import HERE, System, SystemKind


class Command(HouseCommand):
    help = "List orphan, excess, missing and stale access of one system, or of all that are compared every night. Exit 1 if any."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "read the systems and list the differences; write nothing down, have nothing mended")
        parser.add_argument("system", nargs="?", metavar="SYSTEM", help="its code; all that are compared every night by default")

    def run(self, *, system: str | None, dry_run: bool, **options: Any) -> None:
        systems = System.objects.exclude(kind__in=[SystemKind.HERE, SystemKind.BY_HAND]).order_by("code")
        if system is None:
            chosen = list(systems.filter(reconciled=True))
        else:
            chosen = list(systems.filter(code=system))
            if not chosen:
                known = System.objects.filter(code=system).exclude(code=HERE).exists()
                raise BadInput(
                    f"{system} is worked by hand: nothing can be listed there." if known else f"there is no system {system}."
                )
        told: list[dict[str, Any]] = []
        begun = False
        lines = ["Nothing is changed: this is a dry run."] if dry_run else []
        if not dry_run:
            self.tells_how_far(lambda: (f"{len(told)} of {len(chosen)} systems compared" if begun else "", {"systems": told}))
        with self.progress() as bar:
            for one in bar.track(chosen, description="comparing"):
                begun = True
                if dry_run:
                    compared = rehearse_reconciliation(one.pk, clock=timezone.now)
                else:
                    compared = reconcile(one.pk, by=None, clock=timezone.now)
                found = compared.reconciliation
                told.append(
                    {
                        "system": one.code,
                        "accounts": found.accounts_seen,
                        "memberships": found.memberships_seen,
                        "failure": found.failure,
                        "differences": [
                            {
                                "kind": drift.kind,
                                "state": drift.state,
                                "account": drift.account_name,
                                "entitlement": drift.external_name,
                                "sensitive": drift.sensitive,
                                "note": drift.note,
                            }
                            for drift in compared.drifts
                        ],
                    }
                )
                lines.append(
                    f"{one.code}: {found.failure or f'{found.accounts_seen} accounts, {len(compared.drifts)} differences'}"
                )
                lines += [
                    f"  {drift.get_kind_display()}: {drift.account_name} {drift.external_name} ({drift.get_state_display()})"
                    for drift in compared.drifts
                ]
        count = sum(len(one["differences"]) for one in told)
        failed = [one["system"] for one in told if one["failure"]]
        result = {"systems": told, "differences": count, "failed": failed, "dry_run": dry_run}
        self.finish(result, lines, found=bool(count or failed))
