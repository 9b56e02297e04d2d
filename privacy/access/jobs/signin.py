"""In the background: links to set a new password are sent, and sessions that have ended are cleared away (statement E.1)."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from privacy.access.actions.signin import LINKS, clear_sessions, send_link


@app.task(name=LINKS, retry=RetryStrategy(max_attempts=4, exponential_wait=4))
def send_links(employee_id: int | None) -> None:
    """Send this person a link; nobody, where an address that is nobody's was typed. Tried again for a few minutes."""
    if employee_id is not None:
        send_link(employee_id, now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="access.clear_ended_sessions", queueing_lock="access.clear_ended_sessions")
def clear_ended_sessions(timestamp: int = 0) -> None:
    """Every ten minutes. They are refused from their end on, whether or not this runs."""
    clear_sessions(now=timezone.now())
