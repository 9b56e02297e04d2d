"""`send_suppression THIRD_PARTY_CODE --output DIR [--full] [--by LOGIN]`: tell one third party whom to stop writing to."""

from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import CommandParser
from django.db import OperationalError
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from customers.doors.commands import BadInput, HouseCommand
from privacy.agreements.models import ThirdParty
from privacy.ledger.actions import rehearsal
from privacy.ledger.errors import NoLongerAllowed
from privacy.optouts.actions import send_suppression
from privacy.optouts.errors import HoldsAnothersList, MayNotReceiveSuppression
from privacy.workforce.models import Employee


class Command(HouseCommand):
    help = "Make one delivery of the suppression list: a data file and its manifest; manifest.json is that of the newest."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "count what would be delivered; no delivery is recorded and no file written")
        parser.add_argument("code", metavar="THIRD_PARTY_CODE")
        parser.add_argument("--output", required=True, metavar="DIR")
        parser.add_argument("--full", action="store_true", help="everything that stands, not only the changes")
        parser.add_argument("--by", metavar="LOGIN", help="who makes it, for the ledger; they must be allowed to")

    def run(self, *, code: str, output: str | Path, full: bool, by: str | None, dry_run: bool, **options: Any) -> None:
        if not str(output).strip():  # a variable that was never set: no list lies about in whatever directory this was started
            raise BadInput("--output names no directory.")
        output = Path(output)
        third_party = ThirdParty.objects.filter(code=code).first()
        if third_party is None:
            raise BadInput(f"{code}: there is no such third party.")
        person = Employee.objects.called(by).first() if by else None
        if by and person is None:
            raise BadInput(f"--by: nobody has the login {by}.")
        try:
            with rehearsal(dry_run), TemporaryDirectory() if dry_run else nullcontext(output) as directory:
                manifest = send_suppression(third_party, directory=Path(directory), now=timezone.now(), full=full, by=person)
        except (MayNotReceiveSuppression, HoldsAnothersList) as error:
            raise BadInput(str(error)) from error
        except NoLongerAllowed as error:
            raise BadInput(f"--by: {by} may not make suppression lists.") from error
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise BadInput(f"{code}: another delivery to them is being made; try again when it is done.") from error
        except OSError as error:
            raise BadInput(f"{error.filename or output}: {error.strerror}.") from error
        counts = f"{manifest['additions']} added, {manifest['removals']} removed since the last one"
        if full:
            counts = f"all {manifest['rows']} that stand; {counts}"
        if dry_run:
            self.finish({**manifest, "dry_run": True}, [f"Delivery {manifest['sequence']} to {code} would be: {counts}"])
            return
        lines = [
            f"Delivery {manifest['sequence']} to {code}: {counts}",
            f"{output / manifest['file']} (SHA-256 {manifest['sha256']})",
            str((output / manifest["file"]).with_suffix(".manifest.json")),
            f"{output / 'manifest.json'} (the same: the newest there)",
        ]
        self.finish(manifest, lines)
