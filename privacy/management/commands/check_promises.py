"""How do the promises stand? For people, and for cron: exit 1 when one is broken."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.promises.actions import measure_promises
from privacy.promises.queries import JOB_WAITS_MS, Stand, by_id, standings


class Command(HouseCommand):
    help = "Measure every promise of the privacy statement (or those named); exit 1 when any is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "measure, and keep no figure for the trend")
        parser.add_argument("ids", nargs="*", metavar="ID", help="for example E2-revoked")

    def run(self, **options: Any) -> None:
        ids = options["ids"]
        unknown = [promise_id for promise_id in ids if by_id(promise_id) is None]
        if unknown:
            raise BadInput(f"There is no promise called {', '.join(unknown)}.")
        if options["dry_run"]:
            stands = standings(now=timezone.now(), only=ids or None, wait_ms=JOB_WAITS_MS)
        else:
            stands = measure_promises(now=timezone.now(), by=None, only=ids or None)
        self.finish(
            [self.as_dict(stand) for stand in stands],
            [self.as_line(stand) for stand in stands],
            found=any(stand.is_broken for stand in stands),
        )

    @staticmethod
    def as_dict(stand: Stand) -> dict[str, Any]:
        promise = stand.promise
        return {
            "id": promise.id,
            "section": promise.section,
            "quote": promise.quote,
            "standing": stand.standing.label,
            "figure": stand.figure.value,
            "bound": promise.bound,
            "evidence_url": stand.evidence or f"/admin/promises/{promise.id}/",
            "measures": promise.measures,
            "unit": promise.unit,
            "detail": stand.figure.detail,
            "broken": [{"label": row.label, "url": row.url} for row in stand.figure.broken],
            "at_risk": [{"label": row.label, "url": row.url} for row in stand.figure.at_risk],
            "measured_at": stand.measured_at,
        }

    @staticmethod
    def as_line(stand: Stand) -> str:
        figure = "" if stand.figure.value is None else f"{stand.figure.value:g} {stand.promise.unit}".strip()
        line = f"{stand.standing.label:13} {stand.promise.id:20} {figure:>10}  {stand.promise.measures}"
        return "\n".join([line, *(f"{'':36}- {row.label}" for row in stand.figure.broken[:10])])
