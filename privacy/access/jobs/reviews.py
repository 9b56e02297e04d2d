"""In the background: what access reviews do by the clock."""

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.access import actions


@app.periodic(cron="* * * * *")
@app.task(name="access.advance_reviews", queueing_lock="access.advance_reviews")
def advance_reviews(timestamp: int = 0) -> dict[str, int]:
    """Every minute: answers take effect, silence answers at the due time, removals are followed, reviewers are reminded."""
    return actions.advance_reviews(now=timezone.now())
