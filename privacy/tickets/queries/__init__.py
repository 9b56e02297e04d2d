"""Reads that span tables: who a requester may be, the queue, the clocks, the conversation."""

from privacy.tickets.queries.clocks import WIDTH, Drawing, clock_drawing, clocks, closures, facts_of, next_due
from privacy.tickets.queries.conversation import READ_CONVERSATION, Entry, conversation, may_read_conversation, subject_of
from privacy.tickets.queries.people import (
    CERTAIN,
    CHOSEN,
    Match,
    Requester,
    certain_match,
    channel_to_stop,
    find_person,
    requester_of,
    subjects_of,
)
from privacy.tickets.queries.worklist import (
    DUE_SOON_DAYS,
    PAGE,
    SOON_DAYS,
    TABS,
    asked_for,
    due_by_week,
    person_masked,
    queue,
    queue_counts,
)

__all__ = [
    "CERTAIN",
    "CHOSEN",
    "DUE_SOON_DAYS",
    "PAGE",
    "READ_CONVERSATION",
    "SOON_DAYS",
    "TABS",
    "WIDTH",
    "Drawing",
    "Entry",
    "Match",
    "Requester",
    "asked_for",
    "certain_match",
    "channel_to_stop",
    "clock_drawing",
    "clocks",
    "closures",
    "conversation",
    "due_by_week",
    "facts_of",
    "find_person",
    "may_read_conversation",
    "next_due",
    "person_masked",
    "queue",
    "queue_counts",
    "requester_of",
    "subject_of",
    "subjects_of",
]
