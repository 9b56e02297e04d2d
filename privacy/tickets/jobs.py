"""Background work of this room: due dates follow the rules."""

from typing import Any

from procrastinate.contrib.django import app

from privacy.tickets import actions


@app.periodic(cron="41 3 * * *")
@app.task(name="privacy.tickets.jobs.settle_clocks", queueing_lock="settle_clocks")
def settle_clocks(timestamp: int = 0, **kwargs: Any) -> None:
    """Every night, and so after an upgrade too."""
    actions.settle_clocks()
