"""`seal_ledger`: put what was written since the last seal under the next, and write that outside (LEDGER_ANCHOR)."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.ledger.actions import seal_ledger
from privacy.ledger.errors import AnchorDisagrees, BadAnchor
from privacy.ledger.gateways import Anchor, anchor_at
from privacy.ledger.queries import check_agreement, standing_of_the_ledger


class Command(HouseCommand):
    help = "Seal the ledger. Exit 1 when the anchor disagrees or could not be written, or a long transaction holds entries back."
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say what would be sealed and whether the anchor agrees, seal and write nothing")
        parser.add_argument("--anchor", metavar="PLACE", help="a file, syslog: or syslog://host:port; LEDGER_ANCHOR by default")
        parser.add_argument(
            "--wait", metavar="SECONDS", type=float, default=10, help="how long to wait for transactions that are still writing"
        )

    def run(self, *, anchor: str | None, wait: float, dry_run: bool, **options: Any) -> None:
        try:
            place = anchor_at(anchor or settings.LEDGER_ANCHOR)
            if dry_run:
                self._say_what_would_be(place)
                return
            with self.progress() as bar:
                shown = bar.add_task("sealing", total=None)
                self.tells_how_far(lambda: _how_far(int(bar.tasks[shown].completed)))
                done = seal_ledger(
                    clock=timezone.now, anchor=place, wait_seconds=wait, told=lambda entries: bar.advance(shown, entries)
                )
        except BadAnchor as error:
            raise BadInput(str(error)) from error
        except AnchorDisagrees as error:
            self.finish({"seals": [], "error": str(error)}, [f"Nothing was sealed: {error}"], found=True)
            return
        result = {
            "seals": done.seals,
            "entries": done.entries,
            "busy": done.busy,
            "anchor": place.name,
            "anchored": done.anchored,
            "unwritten": done.unwritten,
            "dry_run": False,
        }
        lines = [
            f"{done.entries:,} entries under seal {done.seals[-1]}." if done.seals else "Nothing was written since the last seal."
        ]
        lines.append(f"NOT written outside: {done.unwritten}" if done.unwritten else f"The newest seal is known to {place.name}.")
        lines += [f"{table}: somebody is still writing there; the next run seals it." for table in done.busy]
        self.finish(result, lines, found=bool(done.busy or done.unwritten))

    def _say_what_would_be(self, place: Anchor) -> None:
        """Raises BadAnchor, AnchorDisagrees."""
        known = place.known()
        check_agreement(known)
        standing = standing_of_the_ledger(most=1)
        anchored = known.number if known else 0
        outside = f"{place.name} knows seal {anchored}" if known else f"{place.name} knows none"
        self.finish(
            {
                "dry_run": True,
                "entries": standing.waiting,
                "seals_here": standing.seals,
                "anchor": place.name,
                "anchored": anchored,
            },
            [f"{standing.waiting:,} entries wait to be sealed; the newest seal here is {standing.seals}, {outside}."],
        )


def _how_far(entries: int) -> tuple[str, dict[str, Any]]:
    return (f"{entries:,} entries are sealed, and the next run writes it outside" if entries else ""), {"entries": entries}
