"""In the background: grants that have ended are written down as such. Authority is computed, so nothing waits for these."""

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.access import actions


@app.periodic(cron="* * * * *")
@app.task(name="access.close_leavers", queueing_lock="access.close_leavers")
def close_leavers(timestamp: int = 0) -> int:
    """Every minute, so that removals elsewhere begin in time: grants whose holder's last day, or own end, has passed."""
    return actions.close_leavers(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(name="access.lapse_requests", queueing_lock="access.lapse_requests")
def lapse_requests(timestamp: int = 0) -> int:
    """Close requests that nobody decided in time."""
    return actions.lapse_requests(now=timezone.now())


@app.periodic(cron="11 * * * *")
@app.task(name="access.tell_of_waiting", queueing_lock="access.tell_of_waiting")
def tell_of_waiting(timestamp: int = 0) -> int:
    """Tell whoever a request waits for now, where that is somebody else than when it was made."""
    return actions.tell_of_waiting(now=timezone.now())


@app.periodic(cron="23 * * * *")
@app.task(name="access.warn_of_ndas", queueing_lock="access.warn_of_ndas")
def warn_of_ndas(timestamp: int = 0) -> int:
    """Warn 30, 14 and 3 days before an NDA ends. Every hour, so that a time when we did not run is made up for."""
    return actions.warn_of_ndas(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="access.warn_of_late_removals", queueing_lock="access.warn_of_late_removals")
def warn_of_late_removals(timestamp: int = 0) -> int:
    """Tell the security administrators of what is not gone in time."""
    return actions.warn_of_late_removals(now=timezone.now())
