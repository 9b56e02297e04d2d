"""`manage.py rotate_field_keys`: after a new first key of FIELD_KEYS, move every encrypted value to it (statement E.3)."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from customers.actions import Rotated, count_retired, encrypted_columns, rotate_column
from customers.doors.commands import HouseCommand
from privacy.access.actions.signin import rotate_authenticators
from privacy.ledger.actions import SYSTEM, act


class Command(HouseCommand):
    help = (
        "Encrypt every encrypted value of the house under the first key of FIELD_KEYS. May be stopped and started again at any "
        "time, and runs while others write. The ledger keeps what rows held before under the key of that time: leave retired "
        "keys at the end of FIELD_KEYS for as long as that history is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="count what would be rotated, change nothing")

    def run(self, *, dry_run: bool, **options: Any) -> None:  # type: ignore[override]
        waiting = [(model, column, count_retired(model, column)) for model, column in encrypted_columns()]
        results: list[Rotated] = []
        with self.progress() as progress:
            bar = progress.add_task("encrypted values", total=sum(count for _model, _column, count in waiting))
            self.tells_how_far(lambda: _how_far(int(progress.tasks[bar].completed)))
            for model, column, count in waiting:
                if dry_run:
                    results.append(Rotated(f"{model._meta.label_lower}.{column.name}", rotated=count))
                    continue
                results.append(
                    rotate_column(
                        model,
                        column,
                        in_act=lambda: act("rotate_field_keys", by=SYSTEM, reason="a new key of FIELD_KEYS"),
                        advance=lambda done: progress.update(bar, advance=done),
                    )
                )
        results.append(rotate_authenticators(dry_run=dry_run))
        total = sum(result.rotated for result in results)
        unreadable = sum(result.unreadable_count for result in results)
        lines = [
            f"{result.column}: {result.rotated:,} {'to rotate' if dry_run else 'rotated'}"
            + (f", {result.overtaken:,} written anew by others meanwhile" if result.overtaken else "")
            + (f", {result.unreadable_count:,} UNREADABLE, rows {result.unreadable[:10]}" if result.unreadable_count else "")
            for result in results
        ]
        self.finish(
            {"rotated": total, "unreadable": unreadable, "dry_run": dry_run, "columns": [asdict(result) for result in results]},
            [
                *lines,
                f"{total:,} values {'would be' if dry_run else 'are now'} under the current key; {unreadable:,} unreadable.",
            ],
            found=unreadable > 0,
        )


def _how_far(values: int) -> tuple[str, dict[str, Any]]:
    return (f"{values:,} values are done" if values else ""), {"done": values}
