"""What a message is: a report, a robot's, a person's wish (OPTOUTS.md, "Mailroom")."""

from privacy.mailroom.policies.addresses import may_be_written_to
from privacy.mailroom.policies.beside import beside_the_wish
from privacy.mailroom.policies.copies import earlier_identity_of, identity_of
from privacy.mailroom.policies.quotations import unforwarded
from privacy.mailroom.policies.reports import bounced, feedback
from privacy.mailroom.policies.reports.told import Report
from privacy.mailroom.policies.senders import is_automatic, may_be_a_robots, may_be_answered
from privacy.mailroom.policies.shown import not_shown, part_by_part, shown_text
from privacy.mailroom.policies.words import (
    UNSUBSCRIBE_WORDS,
    asks_to_unsubscribe,
    first_own_line,
    is_unsubscribe_word,
)

__all__ = [
    "UNSUBSCRIBE_WORDS",
    "Report",
    "asks_to_unsubscribe",
    "beside_the_wish",
    "bounced",
    "earlier_identity_of",
    "feedback",
    "first_own_line",
    "identity_of",
    "is_automatic",
    "is_unsubscribe_word",
    "may_be_a_robots",
    "may_be_answered",
    "may_be_written_to",
    "not_shown",
    "part_by_part",
    "shown_text",
    "unforwarded",
]
