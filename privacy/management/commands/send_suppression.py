"""`send_suppression THIRD_PARTY_CODE --output DIR [--full]`: tell one third party whom to stop writing to."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import OperationalError
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from customers.doors.commands import BadInput, HouseCommand
from privacy.agreements.models import ThirdParty
from privacy.optouts.actions import send_suppression
from privacy.optouts.errors import MayNotReceiveSuppression


class Command(HouseCommand):
    help = "Make one delivery of the suppression list: a data file and manifest.json."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", metavar="THIRD_PARTY_CODE")
        parser.add_argument("--output", required=True, type=Path, metavar="DIR")
        parser.add_argument("--full", action="store_true", help="everything that stands, not only the changes")

    def run(self, *, code: str, output: Path, full: bool, **options: Any) -> None:
        third_party = ThirdParty.objects.filter(code=code).first()
        if third_party is None:
            raise BadInput(f"{code}: there is no such third party.")
        try:
            manifest = send_suppression(third_party, directory=output, now=timezone.now(), full=full)
        except MayNotReceiveSuppression as error:
            raise BadInput(str(error)) from error
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise BadInput(f"{code}: another delivery to them is being made; try again when it is done.") from error
        except OSError as error:
            raise BadInput(f"{error.filename or output}: {error.strerror}.") from error
        lines = [
            f"Delivery {manifest['sequence']} to {code}: {manifest['additions']} added, {manifest['removals']} removed",
            f"{output / manifest['file']} (SHA-256 {manifest['sha256']})",
            str(output / "manifest.json"),
        ]
        self.finish(manifest, lines)
