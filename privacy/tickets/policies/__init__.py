"""Yes and no, and by when: clocks, hours, what may follow what."""

from privacy.tickets.policies.acts import (
    BY_MAIL,
    as_written_down,
    is_paused,
    next_act,
    was_answered,
    was_extended,
    was_verified,
)
from privacy.tickets.policies.clocks import (
    ACKNOWLEDGE_WITHIN_BUSINESS_DAYS,
    ANSWER_WITHIN_DAYS,
    COMPANY_ZONE,
    STATED_HOURS,
    Due,
    Fact,
    due_dates,
    first_deadline,
    is_business_day,
    is_open,
    may_be_extended,
    nth_business_day,
)
from privacy.tickets.policies.kinds import named_kinds, proposed_kind
from privacy.tickets.policies.proof import NEEDS_VERIFICATION, Proof, needs_more_proof, proof_needed

__all__ = [
    "ACKNOWLEDGE_WITHIN_BUSINESS_DAYS",
    "ANSWER_WITHIN_DAYS",
    "BY_MAIL",
    "COMPANY_ZONE",
    "NEEDS_VERIFICATION",
    "STATED_HOURS",
    "Due",
    "Fact",
    "Proof",
    "as_written_down",
    "due_dates",
    "first_deadline",
    "is_business_day",
    "is_open",
    "is_paused",
    "may_be_extended",
    "named_kinds",
    "needs_more_proof",
    "next_act",
    "nth_business_day",
    "proof_needed",
    "proposed_kind",
    "was_answered",
    "was_extended",
    "was_verified",
]
