"""In the background: seal what was written, every hour."""

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.ledger.actions import seal_ledger
from privacy.ledger.errors import BadAnchor
from privacy.ledger.gateways import anchor_at
from privacy.ledger.queries import seal_is_due


@app.periodic(cron="1-59/10 * * * *")  # what a worker that stood still left undone is made up for within ten minutes
@app.task(name="ledger.seal", queueing_lock="ledger.seal", pass_context=False)
def seal_hourly(timestamp: int = 0) -> None:
    """Raises what goes wrong at the anchor, so that it is seen: one that knows more than the database is no small thing."""
    if not seal_is_due(now=timezone.now()):
        return
    sealed = seal_ledger(clock=timezone.now, anchor=anchor_at(settings.LEDGER_ANCHOR))
    if sealed.unwritten:
        raise BadAnchor(sealed.unwritten)
