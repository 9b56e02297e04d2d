"""`push_removals`: work off now all that is due in other systems, removals and what is given alike; say what is outstanding."""

from collections import Counter
from typing import Any

from django.utils import timezone

from customers.doors.commands import HouseCommand
from privacy.access.actions import open_hand_tasks, push_due, settle_everything, systems_with_work
from privacy.access.models import SystemChange, SystemKind


class Command(HouseCommand):
    help = "Push what is due in other systems, and prove it. Exit 1 when something failed or is still outstanding."

    def run(self, **options: Any) -> None:
        settled = settle_everything(now=timezone.now())
        tasks = open_hand_tasks(now=timezone.now())
        systems = systems_with_work(now=timezone.now())
        with self.progress() as bar:
            shown = bar.add_task(f"pushing to {len(systems)} systems", total=None)
            done = push_due(clock=timezone.now, systems=systems)
            bar.update(shown, completed=1)
        outstanding = SystemChange.objects.outstanding().select_related("system").order_by("due_at", "pk")
        by_system = Counter(change.system.code for change in outstanding)
        result = {
            "settled": settled,
            "tasks_opened": tasks,
            "proven": len(done.proven),
            "failed": len(set(done.failed)),
            "silent_systems": sorted(set(done.silent)),
            "outstanding": sum(by_system.values()),
            "outstanding_by_system": dict(sorted(by_system.items())),
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
                }
                for change in outstanding[:1000]
            ],
        }
        lines = [f"{len(done.proven)} proven, {len(set(done.failed))} failed, {sum(by_system.values())} outstanding."]
        lines += [f"{change}: {change.failure or change.get_state_display()}" for change in outstanding[:50]]
        self.finish(result, lines, found=bool(done.failed or done.silent or by_system))
