"""In the background: grants that have ended are written down as such. Authority is computed, so nothing waits for these."""

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.access import actions


@app.periodic(cron="*/5 * * * *")
@app.task(name="access.close_leavers", queueing_lock="access.close_leavers")
def close_leavers(timestamp: int = 0) -> int:
    """Write down the end of grants whose holder's last day, or own end, has passed."""
    return actions.close_leavers(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(name="access.lapse_requests", queueing_lock="access.lapse_requests")
def lapse_requests(timestamp: int = 0) -> int:
    """Close requests that nobody decided in time."""
    return actions.lapse_requests(now=timezone.now())
