"""Where a request really came from (ASVS 4.1.3, 15.3.4)."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")


def client_address(request: HttpRequest) -> str:
    """The client's network address. A forwarded header is believed only where BEHIND_PROXY says that our own proxy writes it.

    Some proxies write the port, too, or a word where they do not know: what is no address then is that of the proxy itself.
    """
    if settings.BEHIND_PROXY:
        forwarded = _address_in(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip())
        if forwarded:
            return forwarded
    return request.META.get("REMOTE_ADDR", "")


def _address_in(text: str) -> str:
    """The address in 192.0.2.1, 192.0.2.1:443, 2001:db8::1 or [2001:db8::1]:443; empty where there is none."""
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    # An interface's name behind the address means something on that machine only, and no column of addresses takes it.
    return "" if getattr(address, "scope_id", None) else str(address)
