"""`manage.py import_customers FILE.csv`: real customers (INTERFACES.md)."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError, transaction
from django.utils import timezone

from customers.actions import CannotRead, import_customers
from customers.doors.commands import BadInput, HouseCommand, database_went_away
from privacy.ledger.actions import SYSTEM, act, stamp_connection


class Command(HouseCommand):
    help = (
        "Import customers from a CSV file (UTF-8) with the columns member_id, name, email, phone, line1, line2, city, region, "
        "postal_code, country, source, collected_at. Member ids that are here already are left as they are. Bad rows are refused "
        "by line number, the others are taken; an interrupted import leaves nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        self.add_dry_run(parser)

    def run(self, *, file: Path, dry_run: bool, **options: Any) -> None:  # type: ignore[override]
        try:
            opened = file.open("rb")
        except OSError as error:
            raise BadInput(f"{file}: {error.strerror}.") from error
        with opened, self.progress() as progress:
            bar = progress.add_task(file.name, total=file.stat().st_size)
            try:
                with act("import_customers", by=SYSTEM, reason=f"import of {file.name}"):
                    result = import_customers(
                        opened,
                        now=timezone.now(),
                        stamp=stamp_connection,
                        advance=lambda done: progress.update(bar, advance=done),
                    )
                    if dry_run:
                        transaction.set_rollback(True)
            except CannotRead as error:
                raise BadInput(f"{file}:{error}") from error
            except DatabaseError as error:
                if database_went_away(error):
                    raise
                # PostgreSQL quotes the offending values: say only which kind of refusal it was.
                raise BadInput(f"{file}: the database refused the import ({type(error).__name__}).") from error
        if not self.as_json:
            for refusal in result.refused:
                field = f" {refusal.field}:" if refusal.field else ""
                self.complain(f"{file}:{refusal.line}:{field} {refusal.error}")
            if result.refused_count > len(result.refused):
                self.complain(f"... and {result.refused_count - len(result.refused)} more.")
        self.finish(
            {**asdict(result), "refused_listed": len(result.refused), "dry_run": dry_run},
            [
                f"{'Would create' if dry_run else 'Created'} {result.created:,} customers of {result.rows:,} rows; "
                f"{result.known:,} were here already, {result.refused_count:,} refused."
            ],
            found=result.refused_count > 0,
        )
