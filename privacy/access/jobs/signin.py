"""In the background: sessions that have ended are cleared away (statement E.1)."""

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.access.actions.signin import clear_sessions


@app.periodic(cron="*/10 * * * *")
@app.task(name="access.clear_ended_sessions", queueing_lock="access.clear_ended_sessions")
def clear_ended_sessions(timestamp: int = 0) -> None:
    """Every ten minutes. They are refused from their end on, whether or not this runs."""
    clear_sessions(now=timezone.now())
