"""`create_scim_client NAME`: let an identity provider speak to /scim/v2/; its bearer token is printed once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.access import errors
from privacy.access.actions import catch_up, connect_client
from privacy.ledger.actions import rehearsal


class Command(HouseCommand):
    help = "Connect an identity provider (Okta, Entra). Prints its bearer token once: it is kept only as a digest."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_dry_run(parser, "say whether it could be connected; no token is made")
        parser.add_argument("name", help="what people call it: Okta, Entra")

    def run(self, *, name: str, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        url = f"{settings.PUBLIC_URL.rstrip('/')}/scim/v2"
        try:
            with rehearsal(dry_run):
                client, token = connect_client(name, by=None, now=now)
        except errors.Refused as refusal:
            raise BadInput(str(refusal)) from refusal
        if dry_run:
            result = {"name": client.name, "url": url, "token": None, "dry_run": True}
            self.finish(result, [f"{client.name} would be connected. Address: {url}"])
            return
        result = {"name": client.name, "url": url, "token": token, "dry_run": False}
        self.tells_how_far(lambda: (f"{client.name} is connected, and its token, shown this once, is {token}", result))
        catch_up(now=now)
        self.finish(
            result,
            [f"{client.name} is connected. Address: {url}", f"Token, shown this once: {token}"],
        )
