"""Where passkeys work: a browser ties each to a name, and only over TLS or on this very machine (W3C WebAuthn, "RP ID")."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context

register = template.Library()


@dataclass(frozen=True)
class PasskeyPlace:
    """possible: whether a browser offers passkeys at the address it is at; elsewhere: where else this house answers, with
    a name, "" where it has none; page: the same page there.
    """

    possible: bool
    elsewhere: str
    page: str


@register.simple_tag(takes_context=True)
def passkey_place(context: Context) -> PasskeyPlace:
    """`{% passkey_place as place %}`: for pages that would begin with a passkey."""
    return place_of(context["request"])


def place_of(request: HttpRequest) -> PasskeyPlace:
    here = urlsplit(f"//{request.get_host()}")
    name = here.hostname or ""
    number = _number(name)
    by_tls = request.is_secure() or settings.SERVED_OVER_TLS
    if number is None and (by_tls or name == "localhost" or name.endswith(".localhost")):
        return PasskeyPlace(True, "", "")
    elsewhere = ""
    public = urlsplit(settings.PUBLIC_URL)
    if number is not None and number.is_loopback and {"localhost", "*"} & set(settings.ALLOWED_HOSTS):
        elsewhere = f"{request.scheme}://localhost{f':{here.port}' if here.port else ''}"
    elif public.scheme == "https" and public.hostname and _number(public.hostname) is None:
        elsewhere = f"https://{public.netloc}"
    page = f"{elsewhere}{request.get_full_path()}" if elsewhere else ""
    return PasskeyPlace(False, elsewhere, page)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
