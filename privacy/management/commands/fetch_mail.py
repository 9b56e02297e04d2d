"""`fetch_mail`: take in the messages of the mailbox that MAILBOX_URL names."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from customers.doors.commands import BadInput, HouseCommand
from privacy.mailroom.errors import NoMailbox
from privacy.mailroom.jobs import fetch
from privacy.management.commands.receive_mail import (
    as_result,
    found_something,
    how_far,
    lines_for_people,
    summarise,
    when_it_waited,
)


class Command(HouseCommand):
    help = "Take in the messages of the mailbox (MAILBOX_URL). Each is marked on the server only after it is kept here."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say what would become of each message by itself; none is kept here or marked on the server")

    def run(self, *, dry_run: bool, **options: Any) -> None:
        if not settings.MAILBOX_URL:
            raise BadInput("MAILBOX_URL is not set.")
        results: list[dict[str, Any]] = []
        waited: list[datetime] = []
        if not dry_run:
            self.tells_how_far(lambda: how_far(results))
        try:
            with self.progress() as progress:
                task = progress.add_task("messages", total=None)
                for received in fetch(settings.MAILBOX_URL, dry_run=dry_run):
                    results.append(as_result(received))
                    waited += when_it_waited(received)
                    progress.advance(task)
        except NoMailbox as error:
            if not results:
                raise BadInput(str(error)) from error
            summary = {**summarise(results), "dry_run": dry_run, "stopped": str(error)}
            self.finish(summary, [*lines_for_people(summary, waited), f"stopped: {error}"], found=True)
            return
        summary = {**summarise(results), "dry_run": dry_run}
        self.finish(summary, lines_for_people(summary, waited), found=found_something(summary))
