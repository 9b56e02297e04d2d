"""The tables of this room: requests, their rights, their dated events, the company's closed days."""

from privacy.tickets.models.choices import (
    MAY_FOLLOW,
    NEEDS_EXPLANATION,
    DenialReason,
    EventKind,
    Outcome,
    Regime,
    RightKind,
    TicketChannel,
    TicketState,
)
from privacy.tickets.models.tables import Closure, Ticket, TicketEvent, TicketQuerySet, TicketRight

__all__ = [
    "MAY_FOLLOW",
    "NEEDS_EXPLANATION",
    "Closure",
    "DenialReason",
    "EventKind",
    "Outcome",
    "Regime",
    "RightKind",
    "Ticket",
    "TicketChannel",
    "TicketEvent",
    "TicketQuerySet",
    "TicketRight",
    "TicketState",
]
