"""Verbs about people who work here: the only writes to this room's tables."""

from privacy.workforce.actions.addresses import addresses_together
from privacy.workforce.actions.notices import NOTICE, drop_notices, send_notice, tell
from privacy.workforce.actions.people import (
    DETAILS,
    ENDS_SESSIONS,
    add_department,
    add_function,
    change_details,
    change_login,
    end_every_session,
    forget_sessions,
    hire,
    record_function_change,
    record_left,
    record_return,
    schedule_leaving,
    seen_in_roster,
    set_password,
    undo_function_change,
    undo_leaving,
)

__all__ = [
    "DETAILS",
    "ENDS_SESSIONS",
    "NOTICE",
    "add_department",
    "add_function",
    "addresses_together",
    "change_details",
    "change_login",
    "drop_notices",
    "end_every_session",
    "forget_sessions",
    "hire",
    "record_function_change",
    "record_left",
    "record_return",
    "schedule_leaving",
    "seen_in_roster",
    "send_notice",
    "set_password",
    "tell",
    "undo_function_change",
    "undo_leaving",
]
