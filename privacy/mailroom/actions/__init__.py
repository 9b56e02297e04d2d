"""The verbs of this room: keep a message, sort it, settle what could not be read."""

from privacy.mailroom.actions.keeping import keep_message, settle_quarantined
from privacy.mailroom.actions.outcome import Sorted
from privacy.mailroom.actions.sorting import sort_message

__all__ = ["Sorted", "keep_message", "settle_quarantined", "sort_message"]
