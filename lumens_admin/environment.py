"""Settings from the environment, refused in a sentence where they are nonsense."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from lumens_admin.database import NO_POSTGRESQL, SCHEMES, VAR_DIR
from lumens_admin.dotenv import read_dotenv

env = environ.Env()
read_dotenv()
NO = ("false", "no", "n", "off", "f", "0", "")
LAST_PORT = VAR_DIR / "run" / "last-port"  # where this house was served last


def number(name: str, *, default: int, lowest: int, highest: int) -> int:
    """A whole number within its bounds. Raises ImproperlyConfigured."""
    said = env(name, default="").strip()
    if not said:
        return default
    if not (said.isascii() and said.isdecimal() and lowest <= int(said) <= highest):
        raise ImproperlyConfigured(f"{name}={said}: choose a number from {lowest:,} to {highest:,}.")
    return int(said)


def flag(name: str, *, default: bool) -> bool:
    """Yes or no. Raises ImproperlyConfigured."""
    said = env(name, default="").strip().lower()
    if not said:
        return default
    if said not in (*env.BOOLEAN_TRUE_STRINGS, *NO):
        raise ImproperlyConfigured(f"{name}={said}: write true or false.")
    return said in env.BOOLEAN_TRUE_STRINGS


def one_of(name: str, *choices: str) -> str:
    """One of these words, the first where nothing is said. Raises ImproperlyConfigured."""
    said: str = env(name, default="").strip() or choices[0]
    if said not in choices:
        raise ImproperlyConfigured(f"{name}={said}: choose one of {', '.join(choices)}.")
    return said


def web_address(name: str) -> str:
    """An address that begins with https:// (or http://), or nothing. Raises ImproperlyConfigured."""
    said: str = env(name, default="").strip()
    if said and not said.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name}={said}: write the whole address, with https://.")
    return said


def database_address(name: str) -> str:
    """The address of a PostgreSQL, or nothing. Raises ImproperlyConfigured, without repeating a password."""
    said: str = env(name, default="").strip()
    scheme, _, rest = said.partition("://")
    if said and (scheme not in SCHEMES or not rest):
        raise ImproperlyConfigured(NO_POSTGRESQL.format(name))
    return said


def anchor_place(default: str) -> str:
    """Where LEDGER_ANCHOR says the newest seal is written. Raises ImproperlyConfigured."""
    said: str = env("LEDGER_ANCHOR", default="").strip() or default
    scheme, _, _ = said.rpartition("://")
    if scheme not in ("", "file", "syslog"):
        raise ImproperlyConfigured(f"LEDGER_ANCHOR={scheme}://…: give a path, syslog: or syslog://host:port.")
    return said


def email_settings(default: str) -> dict[str, Any]:
    """Django's settings for outgoing mail, from EMAIL_URL. Raises ImproperlyConfigured, without repeating a password."""
    try:
        settings: dict[str, Any] = env.email_url("EMAIL_URL", default=default)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured("EMAIL_URL cannot be read: smtp+tls://USER:PASSWORD@HOST:587") from error
    return settings


def last_port() -> str:
    """The port at which this house was served last: a command that prints an address has no PORT of its own."""
    try:
        said = LAST_PORT.read_text().strip()
    except OSError:
        said = ""
    return said if said.isdecimal() else "8000"
