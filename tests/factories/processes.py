"""Other processes, real ones, on the test's own database."""

import os
from urllib.parse import quote

from django.conf import settings
from django.db import connection


def environment_here(**more: str) -> dict[str, str]:
    """The environment in which another process works on this test's database, with the same keys."""
    here = connection.settings_dict
    # Where the server listens on a socket, django-environ puts its directory with the options.
    host = here["HOST"] or here["OPTIONS"].get("host", "")
    port = f"&port={here['PORT']}" if here["PORT"] else ""
    login = f"{quote(here['USER'], safe='')}:{quote(here['PASSWORD'], safe='')}"
    url = f"postgresql://{login}@/{quote(here['NAME'], safe='')}?host={quote(host)}{port}"
    keys = {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEYS": ",".join(settings.FIELD_KEYS), "INDEX_KEY": settings.INDEX_KEY}
    return {**os.environ, **keys, "DATABASE_URL": url, **more}
