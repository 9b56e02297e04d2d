"""The verbs of this room."""

from privacy.tickets.actions.answering import acknowledge, comment, extend, receive_message, reply, set_preferred_channel
from privacy.tickets.actions.closing import close_ticket, end_right, suppress
from privacy.tickets.actions.opening import open_ticket
from privacy.tickets.actions.working import (
    advance,
    change_kinds,
    claim,
    close_on,
    hand_over,
    match_person,
    open_after_all,
    pause,
    read_conversation,
    release,
    resume,
    settle_clocks,
)

__all__ = [
    "acknowledge",
    "advance",
    "change_kinds",
    "claim",
    "close_on",
    "close_ticket",
    "comment",
    "end_right",
    "extend",
    "hand_over",
    "match_person",
    "open_after_all",
    "open_ticket",
    "pause",
    "read_conversation",
    "receive_message",
    "release",
    "reply",
    "resume",
    "set_preferred_channel",
    "settle_clocks",
    "suppress",
]
