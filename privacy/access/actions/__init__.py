"""Verbs of access: the only writes to its tables."""

from privacy.access.actions.signin import end_session, record_denied

__all__ = ["end_session", "record_denied"]
