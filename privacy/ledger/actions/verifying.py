"""The verb that reads the whole ledger again and writes down what it found (ASVS 16.4.2)."""

from collections.abc import Callable
from datetime import datetime

from privacy.ledger.actions.acts import act
from privacy.ledger.errors import BadAnchor
from privacy.ledger.gateways import Anchored, anchor_at
from privacy.ledger.models import Seal, Verification
from privacy.ledger.queries import verify

FINDINGS_KEPT = 100


def verify_ledger(place: str, *, clock: Callable[[], datetime]) -> Verification:
    """Read every entry again: against the seals, the seals against the anchor, the rows against their last entries.

    place: as LEDGER_ANCHOR names it. An anchor that cannot be read, or holds nothing any more, is a finding; all the rest is read
    all the same. Source: HOUSE.md, "The ledger".
    """
    began_at = clock()
    anchored, problem = _outside(place)
    done = verify(anchored)
    findings = [*problem, *(finding.says for finding in done.findings)]
    with act("verify_ledger", by=None):
        return Verification.objects.create(
            began_at=began_at,
            ended_at=clock(),
            anchor=place[:300],
            anchored=max((one.number for one in anchored), default=None),
            seals=done.seals,
            entries=done.entries,
            found=len(findings),
            findings=findings[:FINDINGS_KEPT],
        )


def _outside(place: str) -> tuple[list[Anchored], list[str]]:
    """The seals that are kept outside, and what is wrong with them as a whole."""
    sealed = Seal.objects.exists()
    try:
        anchor = anchor_at(place)
        anchored = anchor.seals()
    except BadAnchor as error:
        return [], [str(error).removesuffix(".")]
    gone = sealed and anchor.answers and not anchored
    return anchored, [f"{anchor.name} holds no seal: it was moved or removed"] if gone else []
