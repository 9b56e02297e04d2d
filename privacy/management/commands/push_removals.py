"""`push_removals`: work off now all that is due in other systems, removals and what is given alike; say what is outstanding."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import HouseCommand
from privacy.access.actions import Pushed, open_hand_tasks, push_due, rehearse_push, settle_everything, systems_with_work
from privacy.access.models import SystemChange, SystemKind

CHANGES_AT_MOST = 1_000
LINES_AT_MOST = 50


class Command(HouseCommand):
    help = "Push what is due in other systems, and prove it. Exit 1 when something failed or is still outstanding."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "list what would be pushed now and what waits; no system is asked, nothing is written")

    def run(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            self._rehearse()
            return
        settled, tasks, done = 0, 0, Pushed()

        def counts() -> dict[str, Any]:
            return {"settled": settled, "tasks_opened": tasks, "proven": len(done.proven), "failed": len(set(done.failed))}

        def how_far() -> tuple[str, dict[str, Any]]:
            said = f"{settled} changes and {tasks} tasks written down, {len(done.proven)} proven, {len(set(done.failed))} failed"
            return (said if any(counts().values()) else ""), counts()

        self.tells_how_far(how_far)
        settled = settle_everything(now=timezone.now())
        tasks = open_hand_tasks(now=timezone.now())
        systems = systems_with_work(now=timezone.now())
        with self.progress() as bar:
            shown = bar.add_task(f"pushing to {len(systems)} systems", total=None)
            push_due(clock=timezone.now, systems=systems, done=done)
            bar.update(shown, completed=1)
        outstanding = list(SystemChange.objects.outstanding().select_related("system").order_by("due_at", "pk"))
        result = {"dry_run": False, **counts(), "silent_systems": sorted(set(done.silent)), **_as_data(outstanding)}
        lines = [f"{len(done.proven)} proven, {len(set(done.failed))} failed, {len(outstanding)} outstanding."]
        lines += [f"{change}: {change.failure or change.get_state_display()}" for change in outstanding[:LINES_AT_MOST]]
        self.finish(result, lines, found=bool(done.failed or done.silent or outstanding))

    def _rehearse(self) -> None:
        would = rehearse_push(now=timezone.now())
        due = [change for change in would.outstanding if change.pk in would.due]
        waiting = [change for change in would.outstanding if change.pk not in would.due]
        accounts = sorted({(change.system.code, change.account_name.lower()) for change in due})
        result = {
            "dry_run": True,
            "settled": would.settled,
            "tasks_opened": would.tasks,
            "would_push": len(due),
            "accounts": [{"system": system, "account": account} for system, account in accounts],
            **_as_data(would.outstanding, due=would.due),
        }
        lines = [
            "Nothing is changed: this is a dry run.",
            f"{would.settled} changes and {would.tasks} tasks by hand would be written down first.",
            f"{len(due)} changes of {len(accounts)} accounts would be pushed, {len(waiting)} would wait.",
            *(f"  pushed     {change}" for change in due[:LINES_AT_MOST]),
            *(f"  waits      {change}: {_why(change)}" for change in waiting[:LINES_AT_MOST]),
        ]
        self.finish(result, lines, found=bool(would.outstanding))


def _why(change: SystemChange) -> str:
    if change.system.kind == SystemKind.BY_HAND:
        return "it is made by hand"
    if change.taken_until is not None:
        return "a worker has it in its hands"
    return f"tried again at {change.next_try_at:%Y-%m-%d %H:%M} UTC"


def _as_data(outstanding: Sequence[SystemChange], *, due: Collection[int] | None = None) -> dict[str, Any]:
    """due: the keys of those that a run would take in hand, where this is a rehearsal."""
    return {
        "outstanding": len(outstanding),
        "outstanding_by_system": dict(sorted(Counter(change.system.code for change in outstanding).items())),
        "changes": [
            {
                "id": change.pk,
                "system": change.system.code,
                "account": change.account_name,
                "entitlement": change.external_name,
                "wanted": change.wanted,
                "state": change.state,
                "attempts": change.attempts,
                "due_at": change.due_at,
                "failure": change.failure,
                "by_hand": change.system.kind == SystemKind.BY_HAND,
                **({} if due is None else {"would_push": change.pk in due}),
            }
            for change in outstanding[:CHANGES_AT_MOST]
        ],
    }
