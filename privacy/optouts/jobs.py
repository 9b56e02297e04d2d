"""Background work of this room: letters leave."""

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.optouts import actions
from privacy.optouts.models import Letter

MOST_LETTERS_A_RUN = 500


@app.task(name=actions.SEND_LETTER)
def send_letter(letter_id: int) -> None:
    """Send one letter."""
    actions.send_letter(letter_id, now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="privacy.optouts.jobs.send_waiting_letters", queueing_lock="send_waiting_letters")
def send_waiting_letters(timestamp: int, **kwargs: Any) -> None:
    """Letters that a mail server refused earlier, or whose job was lost, are tried now."""
    now = timezone.now()
    for letter_id in list(Letter.objects.due(at=now).values_list("pk", flat=True)[:MOST_LETTERS_A_RUN]):
        actions.send_letter(letter_id, now=now)
