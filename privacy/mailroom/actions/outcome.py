"""What became of a message, written down and told."""

from dataclasses import dataclass, replace
from datetime import datetime

from privacy.mailroom.models import Message, MessageOutcome


@dataclass(frozen=True)
class Sorted:
    """What became of one message. ticket: its reference. address: whom it opted out, or else who sent it."""

    message: int
    message_id: str
    outcome: str
    ticket: str | None
    address: str | None
    reason: str = ""


WRITTEN = [
    "identity", "message_id", "from_address", "from_key", "from_masked", "subject", "text", "notes", "outcome", "reason",
    "sorted_at", "duplicate_of", "ticket", "opt_out",
]  # fmt: skip


def done(message: Message, outcome: MessageOutcome, reason: str, *, now: datetime, address: str | None = None) -> Sorted:
    """Write down what became of a message, and say it. The caller holds the act."""
    message.outcome, message.reason, message.sorted_at = outcome, reason[:200], now
    message.save(update_fields=WRITTEN)
    result = told(message)
    return result if address is None else replace(result, address=address)


def told(message: Message) -> Sorted:
    """What became of a message that is sorted, as its sorter said it."""
    return Sorted(
        message=message.pk,
        message_id=message.message_id or "",
        outcome=message.outcome,
        ticket=message.ticket.reference if message.ticket else None,
        address=message.from_address,
        reason=message.reason,
    )
