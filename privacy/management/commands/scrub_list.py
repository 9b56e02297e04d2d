"""`scrub_list IN.csv OUT.csv --purpose P --channel C`: a mailing list without those who opted out of it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.optouts.actions import UnusableList, scrub_list
from privacy.optouts.models import Channel, Purpose
from privacy.optouts.policies import one_click_token

# The statement's word for what the table calls special offers (PROMISES.md, C-offers).
ALSO_CALLED = {"marketing": Purpose.SPECIAL_OFFERS}


class Command(HouseCommand):
    help = "Write OUT.csv: IN.csv without the people who may not be written to for this purpose on this channel."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "count what would be written and left out, write no file")
        parser.add_argument("source", metavar="IN.csv", type=Path)
        parser.add_argument("target", metavar="OUT.csv", type=Path)
        parser.add_argument("--purpose", required=True, help=", ".join(Purpose.values))
        parser.add_argument("--channel", required=True, help=", ".join(Channel.values))
        parser.add_argument(
            "--column",
            help="the heading of the addresses or numbers that are used (default: email; for the channels phone and sms phone);"
            " a row is left out where any other column of them names somebody who opted out",
        )
        parser.add_argument(
            "--links",
            action="store_true",
            help="add a last column unsubscribe_url: each address's link for the header List-Unsubscribe (one click, RFC 8058)",
        )

    def run(
        self,
        *,
        source: Path,
        target: Path,
        purpose: str,
        channel: str,
        column: str | None,
        links: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        purpose = ALSO_CALLED.get(purpose, purpose.replace("-", "_"))
        channel = channel.replace("e-mail", "email")
        if purpose not in Purpose.values:
            raise BadInput(f"--purpose {purpose}: choose one of {', '.join(Purpose.values)}.")
        if channel not in Channel.values:
            raise BadInput(f"--channel {channel}: choose one of {', '.join(Channel.values)}.")
        if not source.is_file():
            raise BadInput(f"{source}: there is no such file.")
        if not target.parent.is_dir():
            raise BadInput(f"{target.parent}: there is no such directory.")
        if target.exists() and not target.is_file():
            # A device, a pipe or a directory: the finished list takes the place of what stands there, which would be gone.
            raise BadInput(f"{target}: this is no ordinary file; the list is written into one.")
        if target.exists() and target.samefile(source):
            raise BadInput(f"{target}: the list cannot be written over itself.")
        try:
            with self.progress() as progress:
                task = progress.add_task("bytes", total=source.stat().st_size)
                scrubbed = scrub_list(
                    source,
                    target,
                    channel=channel,
                    purpose=purpose,
                    now=timezone.now(),
                    column=column,
                    link=_link if links else None,
                    dry_run=dry_run,
                    on_progress=lambda done: progress.update(task, completed=done),
                )
        except UnusableList as error:
            raise BadInput(str(error)) from error
        except OSError as error:
            raise BadInput(f"{error.filename or target}: {error.strerror}.") from error
        result = {
            "dry_run": dry_run,
            "rows_in": scrubbed.rows_in,
            "rows_out": scrubbed.rows_out,
            "suppressed": scrubbed.suppressed,
            "invalid": scrubbed.invalid_count,
            "invalid_rows": [{"line": line, "why": why} for line, why in scrubbed.invalid],
        }
        verb = "would be written" if dry_run else "written"
        lines = [
            f"{scrubbed.rows_in} rows read, {scrubbed.rows_out} {verb}, {scrubbed.suppressed} left out because they opted out,"
            f" {scrubbed.invalid_count} left out because their address or number cannot be used",
            *(f"{source}:{line}: {why}" for line, why in scrubbed.invalid),
            *([f"... and {unlisted} more"] if (unlisted := scrubbed.invalid_count - len(scrubbed.invalid)) else []),
        ]
        self.finish(result, lines, found=scrubbed.invalid_count > 0)


def _link(address: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('optouts:one_click', args=[one_click_token(address)])}"
