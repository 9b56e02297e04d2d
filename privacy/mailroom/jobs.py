"""Work of this room: messages are taken in, one after the other, each in its own commit."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from procrastinate.contrib.django import app

from privacy.ledger.actions import rehearsal
from privacy.mailroom import actions
from privacy.mailroom.errors import NoMailbox
from privacy.mailroom.gateways.files import Found
from privacy.mailroom.gateways.mailbox import ImapMailbox
from privacy.mailroom.gateways.reader import ProcessReader, Reader
from privacy.mailroom.models import Door, Message

logger = logging.getLogger(__name__)
LEFT_BEHIND_AFTER = timedelta(minutes=2)
OLDEST_ARRIVAL = timedelta(days=5 * 365)  # what says that it came earlier is taken for wrong


@dataclass(frozen=True)
class Received:
    """One message that came in: where from, and what became of it (None: the machine failed; it is kept and taken up later).

    arrived: when, which is when the clock of what it wishes starts.
    """

    found: Found
    sorted: actions.Sorted | None
    arrived: datetime


def receive(messages: Iterable[Found], *, door: str, dry_run: bool = False) -> Iterator[Received]:
    """Keep and sort every message. One that fails does not stop the next.

    dry_run: each is undone again before the next, so that none of them is known as the duplicate of another.
    """
    with ProcessReader() as reader:
        for found in messages:
            with rehearsal(dry_run):
                arrived = arrival(found.arrived, now=timezone.now())
                done = receive_one(found.raw, size=found.size, door=door, reader=reader, received_at=arrived)
            yield Received(found, done, arrived)


def arrival(signs: Iterable[datetime], *, now: datetime) -> datetime:
    """When a message arrived, by the first sign that can be true; without any, now. Nothing arrives later than now."""
    return next((min(at, now) for at in signs if at >= now - OLDEST_ARRIVAL), now)


def receive_one(
    raw: bytes, *, door: str, reader: Reader, received_at: datetime | None = None, size: int = 0
) -> actions.Sorted | None:
    """Keep one message, then sort it. size: how many bytes it had, where raw is its beginning only."""
    now = timezone.now()
    key = actions.keep_message(raw, door=door, received_at=min(received_at or now, now), size=size)
    try:
        return actions.sort_message(key, reader=reader, now=timezone.now(), raw=raw, size=size)
    except (OperationalError, OSError):
        logger.exception("message %s is kept, and waits to be sorted", key)
        return None


def fetch(url: str, *, dry_run: bool = False) -> Iterator[Received]:
    """Take in what waits in a mailbox. Marked on the server only after the commit that keeps it. Raises NoMailbox.

    dry_run: each is undone again before the next, and none is marked.
    """
    with ImapMailbox(url) as mailbox, ProcessReader() as reader:
        for mail in mailbox.waiting():
            with rehearsal(dry_run):
                done = receive_one(mail.raw, size=mail.size, door=Door.IMAP, reader=reader, received_at=mail.received_at)
            if not dry_run:
                mailbox.taken(mail)
            yield Received(Found(f"uid {mail.uid}", 1, b"", mail.size), done, mail.received_at or timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="privacy.mailroom.jobs.fetch_mailbox", queueing_lock="fetch_mailbox")
def fetch_mailbox(timestamp: int, **kwargs: Any) -> None:
    """Every minute: take in the mailbox, where there is one. A server that is away is asked again the next minute."""
    if not settings.MAILBOX_URL:
        return
    try:
        for _ in fetch(settings.MAILBOX_URL):
            pass
    except NoMailbox as error:
        logger.warning("%s", error)


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
            try:
                actions.sort_message(key, reader=reader, now=timezone.now())
            except (OperationalError, OSError):  # one that cannot be written down holds up none of the others
                logger.exception("message %s still waits to be sorted", key)
