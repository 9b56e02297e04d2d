"""The authenticator code of an invented colleague, so that the demonstration can be tried without a phone."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management.base import CommandParser

from customers.doors.commands import BadInput, HouseCommand
from privacy.desk.jobs.cast import LOGINS
from privacy.desk.jobs.people import secret_of
from privacy.management.commands.load_demo import DEFAULT_SEED

STEP_SECONDS = 30


class Command(HouseCommand):
    help = "Print the present authenticator code of a colleague of the demonstration company; nobody else's is known here."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("login")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the seed that load_demo was given")

    def run(self, **options: Any) -> None:
        login = options["login"]
        if login not in LOGINS:
            raise BadInput(f"{login} is not a login of the demonstration: {', '.join(LOGINS)}.")
        now = time.time()
        code = format_hotp_value(hotp_value(secret_of(login, options["seed"]), int(now // STEP_SECONDS)))
        seconds = STEP_SECONDS - int(now % STEP_SECONDS)
        self.finish({"login": login, "code": code, "seconds": seconds}, [f"{code}   (good for {seconds} s, once)"])
