"""Background work of this room: notices leave."""

from typing import Any

from django.db.models import Case, When
from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.workforce import actions
from privacy.workforce.models import Notice

MOST_NOTICES_A_RUN = 500


@app.task(name=actions.NOTICE)
def send_notice(notice_id: int) -> None:
    """Send one notice."""
    actions.send_notice(notice_id, now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="workforce.send_waiting_notices", queueing_lock="workforce.send_waiting_notices")
def send_waiting_notices(timestamp: int = 0, **kwargs: Any) -> None:
    """Notices whose mail server refused, or whose job was lost: those that nobody tried yet first, then who waits longest."""
    now = timezone.now()
    tried = Case(When(failure="", then=0), default=1)
    waiting = Notice.objects.filter(sent_at=None, dropped_at=None, send_at__lte=now).order_by(tried, "send_at")
    for notice_id in list(waiting.values_list("pk", flat=True)[:MOST_NOTICES_A_RUN]):
        actions.send_notice(notice_id, now=now)
