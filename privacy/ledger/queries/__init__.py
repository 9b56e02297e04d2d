"""Reading the ledger as a whole: its tables, its entries' digests, and whether what was sealed is what is there."""

from privacy.ledger.queries.digests import FIRST, digest_of, pack_leaves, root_of, unpack_leaves
from privacy.ledger.queries.entries import Leaf, columns_of, leaves, ledger_tables, settled_tops
from privacy.ledger.queries.rights import event_writers, history_tables, owns_the_ledger, rights_are_behind
from privacy.ledger.queries.standing import (
    READ_AGAIN_WITHIN,
    SEALED_WITHIN,
    LedgerStanding,
    last_verification,
    night_began,
    seal_is_due,
    standing_of_the_ledger,
    unread_since,
    unsealed_since,
    verified_tonight,
)
from privacy.ledger.queries.verifying import Finding, Verified, check_agreement, verify

__all__ = [
    "FIRST",
    "READ_AGAIN_WITHIN",
    "SEALED_WITHIN",
    "Finding",
    "Leaf",
    "LedgerStanding",
    "Verified",
    "check_agreement",
    "columns_of",
    "digest_of",
    "event_writers",
    "history_tables",
    "last_verification",
    "leaves",
    "ledger_tables",
    "night_began",
    "owns_the_ledger",
    "pack_leaves",
    "rights_are_behind",
    "root_of",
    "seal_is_due",
    "settled_tops",
    "standing_of_the_ledger",
    "unpack_leaves",
    "unread_since",
    "unsealed_since",
    "verified_tonight",
    "verify",
]
