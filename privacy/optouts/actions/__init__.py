"""The verbs of this room: choices, letters, lists for third parties."""

from privacy.optouts.actions.choices import ask_to_withdraw, confirm_withdrawal, opt_out
from privacy.optouts.actions.deliveries import record_receipt, send_suppression
from privacy.optouts.actions.letters import SEND_LETTER, send_again, send_letter, write_letter
from privacy.optouts.actions.list_rows import UnusableList
from privacy.optouts.actions.scrub import Scrubbed, scrub_list

__all__ = [
    "SEND_LETTER",
    "Scrubbed",
    "UnusableList",
    "ask_to_withdraw",
    "confirm_withdrawal",
    "opt_out",
    "record_receipt",
    "scrub_list",
    "send_again",
    "send_letter",
    "send_suppression",
    "write_letter",
]
