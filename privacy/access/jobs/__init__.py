"""In the background: what access does by the clock. One file per subject."""

from privacy.access.jobs.changes import push_system, reconcile_every_system, reconcile_system, sweep_changes
from privacy.access.jobs.grants import close_leavers, lapse_requests, tell_of_waiting, warn_of_late_removals, warn_of_ndas
from privacy.access.jobs.ledger import verify_nightly
from privacy.access.jobs.reviews import advance_reviews
from privacy.access.jobs.signin import clear_ended_sessions

__all__ = [
    "advance_reviews",
    "clear_ended_sessions",
    "close_leavers",
    "lapse_requests",
    "push_system",
    "reconcile_every_system",
    "reconcile_system",
    "sweep_changes",
    "tell_of_waiting",
    "verify_nightly",
    "warn_of_late_removals",
    "warn_of_ndas",
]
