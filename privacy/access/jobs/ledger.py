"""In the background: the ledger is verified every night. Here, because the ledger itself knows nobody who could be told."""

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.access import actions
from privacy.ledger.actions import verify_ledger
from privacy.ledger.queries import verified_tonight


@app.periodic(cron="5 * * * *")
@app.task(name="access.verify_ledger", queueing_lock="access.verify_ledger", lock="access.verify_ledger")
def verify_nightly(timestamp: int = 0) -> int:
    """Every night, from 2 o'clock on. Asked every hour, so that a night when we did not run, and a worker that was killed in the
    middle, are made up for. Returns how many notices were made.
    """
    if not verified_tonight(now=timezone.now()):
        verify_ledger(settings.LEDGER_ANCHOR, clock=timezone.now)
    return actions.warn_of_ledger(now=timezone.now())
