"""How a PostgreSQL server may be reached: in the clear on this machine only (ASVS 12.3.1)."""

from collections.abc import Mapping
from typing import Any

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_IN_THE_CLEAR = ("disable", "allow", "prefer")  # the last two speak in the clear with whoever says that it has no TLS
_HERE = ("", "localhost", "127.0.0.1", "::1")


def is_on_this_machine(parameters: Mapping[str, Any]) -> bool:
    """Whether every server that libpq may try is on this machine: several may be named, separated by commas."""
    hosts = str(parameters.get("hostaddr") or parameters.get("host") or "").split(",")
    return all(host in _HERE or host.startswith(("/", "@")) for host in hosts)


def tls_fault(parameters: Mapping[str, Any]) -> str:
    """What is wrong with the `sslmode` of these parameters of libpq, as a sentence; empty where nothing is."""
    mode = parameters.get("sslmode")
    if mode and mode not in _MODES:
        return f"sslmode is one of {', '.join(_MODES)}."
    if mode in _IN_THE_CLEAR and not is_on_this_machine(parameters):
        return (
            f"With sslmode={mode} a password could travel in the clear. To another machine it is require, or better verify-full."
        )
    return ""


def with_tls(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters, such that whatever travels to another machine is encrypted."""
    if is_on_this_machine(parameters):
        return dict(parameters)
    safe = {"sslmode": "require", **parameters}
    if safe["sslmode"] != "verify-full":
        safe.setdefault("require_auth", "!password")  # whoever might be another is never told the password itself
    return safe
