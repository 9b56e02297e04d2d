"""`create_scim_client NAME`: let an identity provider speak to /scim/v2/; its bearer token is printed once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from customers.doors.commands import BadInput, HouseCommand
from privacy.access import errors
from privacy.access.actions import catch_up, connect_client


class Command(HouseCommand):
    help = "Connect an identity provider (Okta, Entra). Prints its bearer token once: it is kept only as a digest."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="what people call it: Okta, Entra")

    def run(self, *, name: str, **options: Any) -> None:
        now = timezone.now()
        try:
            client, token = connect_client(name, by=None, now=now)
        except errors.Refused as refusal:
            raise BadInput(str(refusal)) from refusal
        catch_up(now=now)
        url = f"{settings.PUBLIC_URL.rstrip('/')}/scim/v2"
        self.finish(
            {"name": client.name, "url": url, "token": token},
            [f"{client.name} is connected. Address: {url}", f"Token, shown this once: {token}"],
        )
