"""Fill an empty database with the demonstration company."""

import time
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import apnumber
from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.desk.jobs.cast import LOGINS
from privacy.desk.jobs.demonstration import DemonstrationLogin, NotEmpty, check_empty, load_demonstration
from privacy.promises.actions import measure_promises

DEFAULT_CUSTOMERS = 3_000
DEFAULT_SEED = 2018


class Command(HouseCommand):
    help = "Make a believable company in an empty database: people, customers, a year of requests, opt-outs and access."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say whether the database is empty and what would be made")
        parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, help=f"how many customers ({DEFAULT_CUSTOMERS})")
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help=f"the same seed makes the same company ({DEFAULT_SEED})"
        )

    def run(self, **options: Any) -> None:
        if options["customers"] < 0:
            raise BadInput("--customers must not be negative.")
        if options["dry_run"]:
            try:
                check_empty()
            except NotEmpty as refusal:
                raise BadInput(str(refusal)) from refusal
            would = {**{name: options[name] for name in ("customers", "seed")}, "logins": sorted(LOGINS), "dry_run": True}
            self.finish(would, [f"A company of {len(LOGINS)} logins and {options['customers']:,} customers would be made."])
            return
        begun = time.monotonic()
        with self.progress() as progress:
            task = progress.add_task("loading", total=max(1, options["customers"]))
            try:
                logins = load_demonstration(
                    customers=options["customers"],
                    seed=options["seed"],
                    now=timezone.now(),
                    tell=lambda step: progress.update(task, description=step),
                    advance=lambda done: progress.advance(task, done),
                )
            except NotEmpty as refusal:
                raise BadInput(str(refusal)) from refusal
        self.tells_how_far(lambda: ("the demonstration company stands; its promises are not measured yet", {}))
        self._keep(logins)
        measure_promises(now=timezone.now(), by=None)
        seconds = round(time.monotonic() - begun, 1)
        self.finish(
            {
                "customers": options["customers"],
                "seed": options["seed"],
                "seconds": seconds,
                "logins": [login.login for login in logins],
                "dry_run": False,
            },
            [f"The demonstration company stands ({seconds} s).", *self.lines(logins)],
        )

    @classmethod
    def _keep(cls, logins: list[DemonstrationLogin]) -> None:
        """For `make run`, which prints them at every start."""
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        (settings.VAR_DIR / "demo-logins.txt").write_text("\n".join(cls.lines(logins)) + "\n", encoding="utf-8")

    @staticmethod
    def lines(logins: list[DemonstrationLogin]) -> list[str]:
        width = max(len(login.login) for login in logins)
        return [
            f"Password of these {apnumber(len(logins))}: {logins[0].password}   "
            "Second factor: .venv/bin/python manage.py demo_code LOGIN",
            *(f"  {login.login:{width}}  {login.role}" for login in logins),
        ]
