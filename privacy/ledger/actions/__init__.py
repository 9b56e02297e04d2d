"""The verbs of this room, and how every verb of the house runs."""

from privacy.ledger.actions.acts import (
    SYSTEM,
    act,
    check_still_allowed,
    failing_together,
    holds_now,
    record_read,
    rehearsal,
    stamp_connection,
    unless_taken,
)
from privacy.ledger.actions.sealing import Sealed, seal_ledger
from privacy.ledger.actions.verifying import verify_ledger

__all__ = [
    "SYSTEM",
    "Sealed",
    "act",
    "check_still_allowed",
    "failing_together",
    "holds_now",
    "record_read",
    "rehearsal",
    "seal_ledger",
    "stamp_connection",
    "unless_taken",
    "verify_ledger",
]
