"""`verify_ledger --anchor FILE`: is the ledger what was sealed? Exit 0: yes; 1: no, and the first bad entry is named first."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from customers.doors.commands import BadInput, HouseCommand
from privacy.ledger.errors import BadAnchor
from privacy.ledger.gateways import FileAnchor, anchor_at, read_anchor
from privacy.ledger.models import SealedPart
from privacy.ledger.queries import standing_of_the_ledger, verify

LINES_AT_MOST = 100


class Command(HouseCommand):
    help = "Find edits, deleted ends, a rewritten chain and a restored old copy, and rows that were changed past the ledger."
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--anchor", metavar="FILE", type=Path, help="what seal_ledger wrote outside; LEDGER_ANCHOR by default"
        )
        parser.add_argument("--sealed-only", action="store_true", help="leave out whether each row is what its last entry says")

    def run(self, *, anchor: Path | None, sealed_only: bool, **options: Any) -> None:
        try:
            kept = FileAnchor(anchor) if anchor else anchor_at(settings.LEDGER_ANCHOR)
            if not kept.answers:
                raise BadInput(f"LEDGER_ANCHOR, {kept.name}, does not answer: name a copy of what it kept by --anchor FILE.")
            path, anchored = kept.name, read_anchor(kept.path) if isinstance(kept, FileAnchor) else kept.seals()
        except BadAnchor as error:
            raise BadInput(str(error)) from error
        if not anchored:
            raise BadInput(f"{path}: names no seal.")
        standing = standing_of_the_ledger(most=0)
        with self.progress() as bar:
            parts = bar.add_task("seals", total=SealedPart.objects.count())
            done = verify(
                anchored,
                rows_too=not sealed_only,
                told_entries=lambda _entries: bar.advance(parts),
                told_table=lambda table: bar.update(parts, description=f"rows of {table}"),
            )
        findings = done.findings
        result = {
            "good": not findings,
            "anchor": path,
            "anchored": max(one.number for one in anchored),
            "seals": done.seals,
            "entries": done.entries,
            "not_sealed_yet": standing.waiting,
            "findings": [asdict(one) for one in findings],
        }
        lines = [f"{finding.says}." for finding in findings[:LINES_AT_MOST]]
        if len(findings) > LINES_AT_MOST:
            lines.append(f"and {len(findings) - LINES_AT_MOST} more (--json has all).")
        what = f"{done.entries:,} entries under {done.seals} seal{'s' if done.seals != 1 else ''}, the newest known to {path}"
        lines.append(f"NOT as it was sealed: {len(findings)} found; {what}." if findings else f"Good: {what}.")
        if standing.waiting:
            lines.append(f"{standing.waiting:,} entries are not sealed yet.")
        self.finish(result, lines, found=bool(findings))
