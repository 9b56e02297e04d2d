"""Yes and no, and by when: clocks, hours, what may follow what."""

from privacy.tickets.policies.acts import (
    BY_MAIL,
    NEEDS_VERIFICATION,
    as_written_down,
    is_paused,
    next_act,
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
from privacy.tickets.policies.kinds import proposed_kind

__all__ = [
    "ACKNOWLEDGE_WITHIN_BUSINESS_DAYS",
    "ANSWER_WITHIN_DAYS",
    "BY_MAIL",
    "COMPANY_ZONE",
    "NEEDS_VERIFICATION",
    "STATED_HOURS",
    "Due",
    "Fact",
    "as_written_down",
    "due_dates",
    "first_deadline",
    "is_business_day",
    "is_open",
    "is_paused",
    "may_be_extended",
    "next_act",
    "nth_business_day",
    "proposed_kind",
    "was_extended",
    "was_verified",
]
