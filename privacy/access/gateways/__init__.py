"""Doors to other systems: one protocol, the real ones (PostgreSQL, SCIM 2.0), people's hands, and a stub for tests."""

from collections.abc import Callable

from privacy.access.gateways.by_hand import ByHand
from privacy.access.gateways.postgresql import PostgresqlGateway
from privacy.access.gateways.protocol import (
    ATTEMPT_SECONDS,
    LISTING_SECONDS,
    Account,
    Answer,
    AskedToWait,
    Gateway,
    Listed,
    NoDoor,
    SystemSilent,
    Task,
    Unreachable,
)
from privacy.access.gateways.stub import StubGateway
from privacy.access.models import System, SystemKind


def _scim(address: str, token: str) -> Gateway:
    """Its library takes 2.5 s to import: only who opens the door waits for it, not every page and command of the house."""
    from privacy.access.gateways.scim import ScimGateway

    return ScimGateway(address, token)


DOORS: dict[str, Callable[[str, str], Gateway]] = {
    SystemKind.POSTGRESQL: PostgresqlGateway,
    SystemKind.SCIM: _scim,
    SystemKind.BY_HAND: ByHand,
}


def open_gateway(system: System) -> Gateway:
    """The door to this system; nothing is asked of it yet. Raises NoDoor."""
    if system.kind not in DOORS:
        raise NoDoor("This house needs no door to itself.")
    return DOORS[system.kind](system.address, system.secret or "")


__all__ = [
    "ATTEMPT_SECONDS",
    "LISTING_SECONDS",
    "Account",
    "Answer",
    "AskedToWait",
    "ByHand",
    "Gateway",
    "Listed",
    "NoDoor",
    "PostgresqlGateway",
    "StubGateway",
    "SystemSilent",
    "Task",
    "Unreachable",
    "open_gateway",
]
