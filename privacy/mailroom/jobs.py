"""Work of this room: messages are taken in, one after the other, each in its own commit."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError
from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.mailroom import actions
from privacy.mailroom.gateways.files import Found
from privacy.mailroom.gateways.reader import ProcessReader, Reader
from privacy.mailroom.models import Message

logger = logging.getLogger(__name__)
LEFT_BEHIND_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Received:
    """One message that came in: where from, and what became of it (None: the database failed; it is kept and taken up later)."""

    found: Found
    sorted: actions.Sorted | None


def receive(messages: Iterable[Found], *, door: str, received_at: datetime | None = None) -> Iterator[Received]:
    """Keep and sort every message. One that fails does not stop the next. received_at: when they arrived, if not now."""
    with ProcessReader() as reader:
        for found in messages:
            yield Received(found, receive_one(found.raw, door=door, reader=reader, received_at=received_at))


def receive_one(raw: bytes, *, door: str, reader: Reader, received_at: datetime | None = None) -> actions.Sorted | None:
    """Keep one message, then sort it."""
    now = timezone.now()
    key = actions.keep_message(raw, door=door, received_at=min(received_at or now, now))
    try:
        return actions.sort_message(key, reader=reader, now=timezone.now(), raw=raw)
    except OperationalError:
        logger.exception("message %s is kept, and waits to be sorted", key)
        return None


@app.periodic(cron="* * * * *")
@app.task(name="privacy.mailroom.jobs.sort_waiting", queueing_lock="sort_waiting")
def sort_waiting(timestamp: int, **kwargs: Any) -> None:
    """Messages that were kept, but whose sorting was cut short, are sorted now."""
    before = timezone.now() - LEFT_BEHIND_AFTER
    waiting = list(Message.objects.waiting().filter(received_at__lt=before).order_by("pk").values_list("pk", flat=True)[:1000])
    if not waiting:
        return
    with ProcessReader() as reader:
        for key in waiting:
            actions.sort_message(key, reader=reader, now=timezone.now())
