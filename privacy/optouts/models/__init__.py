"""The tables of this room: choices, what third parties were told about them, letters."""

from privacy.optouts.models.choices import Channel, OptOut, OptOutSource, Purpose, SubjectKind
from privacy.optouts.models.deliveries import (
    SUPPRESSION_PURPOSE,
    DeliveryState,
    SuppressionDelivery,
    SuppressionItem,
)
from privacy.optouts.models.letters import SENDING_TAKES, Letter, LetterKind

__all__ = [
    "SENDING_TAKES",
    "SUPPRESSION_PURPOSE",
    "Channel",
    "DeliveryState",
    "Letter",
    "LetterKind",
    "OptOut",
    "OptOutSource",
    "Purpose",
    "SubjectKind",
    "SuppressionDelivery",
    "SuppressionItem",
]
