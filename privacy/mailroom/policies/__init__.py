"""What a message is: a report, a robot's, a person's wish (OPTOUTS.md, "Mailroom")."""

from privacy.mailroom.policies.beside import beside_the_wish
from privacy.mailroom.policies.reports import Report, bounced, feedback
from privacy.mailroom.policies.senders import is_automatic, may_be_a_robots, may_be_answered
from privacy.mailroom.policies.words import UNSUBSCRIBE_WORDS, asks_to_unsubscribe, first_own_line, is_unsubscribe_word, own_text

__all__ = [
    "UNSUBSCRIBE_WORDS",
    "Report",
    "asks_to_unsubscribe",
    "beside_the_wish",
    "bounced",
    "feedback",
    "first_own_line",
    "is_automatic",
    "is_unsubscribe_word",
    "may_be_a_robots",
    "may_be_answered",
    "own_text",
]
