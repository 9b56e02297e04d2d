"""`fetch_mail`: take in the messages of the mailbox that MAILBOX_URL names."""

from typing import Any

from django.conf import settings

from customers.doors.commands import BadInput, HouseCommand
from privacy.mailroom.errors import NoMailbox
from privacy.mailroom.jobs import fetch
from privacy.management.commands.receive_mail import as_result, found_something, lines_for_people, summarise


class Command(HouseCommand):
    help = "Take in the messages of the mailbox (MAILBOX_URL). Each is marked on the server only after it is kept here."

    def run(self, **options: Any) -> None:
        if not settings.MAILBOX_URL:
            raise BadInput("MAILBOX_URL is not set.")
        results = []
        try:
            with self.progress() as progress:
                task = progress.add_task("messages", total=None)
                for received in fetch(settings.MAILBOX_URL):
                    results.append(as_result(received))
                    progress.advance(task)
        except NoMailbox as error:
            if not results:
                raise BadInput(str(error)) from error
            self.stderr.write(str(error))
            summary = {**summarise(results), "stopped": str(error)}
            self.finish(summary, [*lines_for_people(summary), f"stopped: {error}"], found=True)
            return
        summary = summarise(results)
        self.finish(summary, lines_for_people(summary), found=found_something(summary))
