"""`receive_mail PATH… | -`: take in messages from files, mbox, Maildir, directories, or standard input."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.mailroom.gateways.files import Found, files_of, messages_in, messages_of_stream, printable
from privacy.mailroom.jobs import Received, receive
from privacy.mailroom.models import Door, MessageOutcome
from privacy.mailroom.promises import HONOURED_WITHIN_SECONDS

SOON = timedelta(seconds=HONOURED_WITHIN_SECONDS)


class Command(HouseCommand):
    help = "Take in messages: each is kept, sorted, and acted on. Exit 1 when one could not be read (see Mailroom, Quarantine)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say what would become of each message by itself; none is kept")
        parser.add_argument("paths", nargs="+", metavar="PATH", help="file, mbox, Maildir or directory; - for standard input")

    def run(self, *, paths: list[str], dry_run: bool, **options: Any) -> None:
        for path in paths:
            if path == "-":
                if sys.stdin is None:
                    raise BadInput("-: standard input is closed; hand the messages over by: receive_mail - < FILE")
                continue
            if not Path(path).exists():
                raise BadInput(f"{path}: there is no such file or directory.")
            if not Path(path).is_file() and not Path(path).is_dir():
                # To open a pipe is to wait for whoever writes, perhaps for ever.
                raise BadInput(f"{path}: this is no file and no directory; hand its messages over by: receive_mail - < {path}")
        unreadable: list[str] = []
        results: list[dict[str, Any]] = []
        waited: list[datetime] = []
        if not dry_run:
            self.tells_how_far(lambda: how_far(results))
        with self.progress() as progress:
            task = progress.add_task("messages", total=None)
            for door, messages in self._sources(paths, unreadable):
                for received in receive(messages, door=door, dry_run=dry_run):
                    results.append(as_result(received))
                    waited += when_it_waited(received)
                    progress.advance(task)
        summary = {**summarise(results), "dry_run": dry_run}
        if unreadable:
            summary["unreadable"] = [printable(path) for path in unreadable]
        lines = [
            *lines_for_people(summary, waited),
            *(f"{path}: cannot be opened" for path in summary.get("unreadable", [])),
        ]
        self.finish(summary, lines, found=found_something(summary) or bool(unreadable))

    def _sources(self, paths: list[str], unreadable: list[str]) -> Iterator[tuple[str, Iterable[Found]]]:
        for path in paths:
            if path == "-":
                yield Door.STDIN, messages_of_stream(sys.stdin.buffer)
                continue
            yield Door.FILE, self._messages_below(Path(path), unreadable)

    def _messages_below(self, path: Path, unreadable: list[str]) -> Iterator[Found]:
        for file in files_of(path, unreadable):
            try:
                yield from messages_in(file)
            except OSError:  # no permission, or a mail program moved it meanwhile
                unreadable.append(str(file))


def as_result(received: Received) -> dict[str, Any]:
    """One element of `messages` (INTERFACES.md)."""
    done = received.sorted
    return {
        "path": printable(received.found.path),
        "number": received.found.number,
        "message_id": done.message_id if done else None,
        "outcome": done.outcome if done else None,
        "ticket": done.ticket if done else None,
        "address": done.address if done else None,
        "reason": done.reason if done else "the database or the machine failed; the message is kept and will be sorted",
    }


def summarise(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON object of INTERFACES.md."""
    counted = Counter(result["outcome"] for result in results)
    return {
        "received": len(results),
        "outcomes": {outcome.value: counted[outcome.value] for outcome in MessageOutcome},
        "messages": results,
    }


def when_it_waited(received: Received) -> list[datetime]:
    """When an opt-out arrived that was read later than the promise of it bears (I-optout)."""
    opted_out = received.sorted is not None and received.sorted.outcome == MessageOutcome.OPTED_OUT
    return [received.arrived] if opted_out and received.arrived < timezone.now() - SOON else []


def how_far(results: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """For HouseCommand.tells_how_far."""
    return (f"{len(results)} messages received" if results else ""), summarise(results)


def found_something(summary: dict[str, Any]) -> bool:
    """Whether something could not be read, or was left waiting."""
    return summary["outcomes"]["quarantined"] > 0 or any(result["outcome"] is None for result in summary["messages"])


def lines_for_people(summary: dict[str, Any], waited: list[datetime]) -> list[str]:
    """waited: when the opt-outs arrived that were read late; whoever feeds an old mailbox finds a promise broken by them."""
    counts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in summary["outcomes"].items() if count)
    lines = [f"{summary['received']} messages received" + (f": {counts}" if counts else "")]
    if waited:
        lines.append(
            f"{len(waited)} opt-out{'s' if len(waited) > 1 else ''} had waited to be read, the oldest since "
            f"{timezone.localtime(min(waited)):%b %-d, %Y, %H:%M}: the promise that they take effect within a minute counts from "
            "their arrival."
        )
    held = [
        f"{r['path']}:{r['number']}: quarantined: {r['reason']}" for r in summary["messages"] if r["outcome"] == "quarantined"
    ]
    return [*lines, *held]
