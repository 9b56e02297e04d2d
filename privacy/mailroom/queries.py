"""How much mail there is, for the page: exact where somebody has to act, bounded where it only grows."""

from collections.abc import Mapping
from dataclasses import dataclass

from customers.queries import about_how_many
from privacy.mailroom.models import Message, MessageOutcome
from privacy.optouts.queries import COUNTED_EXACTLY


@dataclass(frozen=True)
class Totals:
    """waiting, quarantined: what somebody has to look at, exactly. all, by_outcome: in words; an outcome that nothing has is
    left out.
    """

    waiting: int
    quarantined: int
    all: str
    by_outcome: Mapping[str, str]


def totals() -> Totals:
    """Exact up to COUNTED_EXACTLY, as the register of opt-outs: counting millions would hold up the page."""
    rows = Message.objects.order_by()
    every = rows[: COUNTED_EXACTLY + 1].count()
    found = {outcome: rows.filter(outcome=outcome)[: COUNTED_EXACTLY + 1].count() for outcome in MessageOutcome}
    return Totals(
        rows.waiting().count(),
        rows.quarantined().count(),
        f"{every:,}" if every <= COUNTED_EXACTLY else f"about {max(every, about_how_many(Message)):,}",
        {
            outcome: f"{count:,}" if count <= COUNTED_EXACTLY else f"more than {COUNTED_EXACTLY:,}"
            for outcome, count in found.items()
            if count
        },
    )
