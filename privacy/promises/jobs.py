"""In the background: measure every promise, so that each has a trend."""

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.ledger.actions import SYSTEM
from privacy.promises.actions import measure_promises


@app.periodic(cron="*/15 * * * *")
@app.task(name="promises.measure", queueing_lock="promises.measure", pass_context=False)
def measure_all(timestamp: int = 0) -> None:
    """Every quarter of an hour."""
    measure_promises(now=timezone.now(), by=SYSTEM)
