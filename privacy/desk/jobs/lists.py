"""The demonstration company's suppression lists: every Tuesday, to whoever sends for it; what they answered."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from privacy.agreements.models import SharingPurpose
from privacy.desk.jobs.paper import THIRD_PARTIES, third_party
from privacy.desk.jobs.people import People
from privacy.optouts.actions import record_receipt, send_suppression
from privacy.optouts.models import DeliveryState, SuppressionDelivery
from privacy.workforce.models import Employee

TUESDAY = 1
# When they said what: by the end of the week each list is applied, well before the next one.
ANSWERS = ((timedelta(days=1, hours=2), DeliveryState.ACKNOWLEDGED), (timedelta(days=3, hours=5), DeliveryState.APPLIED))


def weekly_lists(people: People, *, now: datetime) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """What is done about them and when: each is to be played when its time has come among the year's mail."""
    marketing = people.employees["julian.hart"]
    codes = [code for code, _, _, purposes, _, _ in THIRD_PARTIES if SharingPurpose.SUPPRESSION in purposes]
    sent_at = timezone.localtime(people.begin).replace(hour=10, minute=0, second=0, microsecond=0)
    sent_at += timedelta(days=(TUESDAY - sent_at.weekday()) % 7)
    number = 0
    while sent_at < now:
        number += 1
        for code in codes:
            yield sent_at, partial(_send, code, by=marketing, now=sent_at)
            for later, state in ANSWERS:
                if sent_at + later < now:
                    yield sent_at + later, partial(_answered, code, number, state, by=marketing, now=sent_at + later)
        sent_at += timedelta(days=7)


def _send(code: str, *, by: Employee, now: datetime) -> None:
    with TemporaryDirectory() as directory:  # the file itself went to them, and is not kept
        send_suppression(third_party(code), directory=Path(directory), now=now, by=by)


def _answered(code: str, number: int, state: DeliveryState, *, by: Employee, now: datetime) -> None:
    delivery = SuppressionDelivery.objects.get(third_party__code=code, sequence=number)
    record_receipt(delivery.pk, state=state, by=by, now=now, reason="by mail")
