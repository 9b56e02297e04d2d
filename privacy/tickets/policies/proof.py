"""How surely a requester must be known, by what they ask for (11 CCR 7060 to 7063). Opt-outs and limits are never verified."""

from collections.abc import Iterable
from dataclasses import dataclass

from privacy.tickets.models import RightKind


@dataclass(frozen=True, order=True)
class Proof:
    """What is enough from somebody without an account: so many facts that match what is on file, a signed declaration."""

    facts: int
    declaration: bool = False

    def __str__(self) -> str:
        counted = {2: "two", 3: "three"}[self.facts]
        return f"{counted} facts that match what is on file" + (", and a signed declaration" if self.declaration else "")


PROOF = {
    RightKind.ACCESS_CATEGORIES: Proof(2),
    RightKind.ACCESS_SPECIFIC: Proof(3, declaration=True),
    RightKind.CORRECTION: Proof(2),
    RightKind.DELETION: Proof(2),  # three where what is deleted is sensitive
}
NEEDS_VERIFICATION = frozenset(PROOF)


def proof_needed(kinds: Iterable[str]) -> Proof | None:
    """The strongest that any of these kinds needs; None where none is verified."""
    return max((PROOF[RightKind(kind)] for kind in kinds if kind in PROOF), default=None)


def needs_more_proof(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether who was known surely enough for what they asked before is not for what they ask after."""
    was, now = proof_needed(before), proof_needed(after)
    return now is not None and (was is None or was < now)
