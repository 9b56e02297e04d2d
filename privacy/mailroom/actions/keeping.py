"""A message arrives: it is kept as it came, before anything else is done with it."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from privacy.ledger.actions import act, check_still_allowed
from privacy.mailroom.gateways.files import BEGINNING, LARGEST_KEPT
from privacy.mailroom.models import Message, MessageOutcome, digest_of


def keep_message(raw: bytes, *, door: str, received_at: datetime, size: int | None = None) -> int:
    """Keep a message in a commit of its own; from then on it is not lost. Returns its key. size: its bytes, where raw is cut.

    Bytes that were kept and not sorted yet (somebody pulled the plug) are taken up again instead of being kept twice.
    """
    size = max(len(raw), size or 0)
    if len(raw) > LARGEST_KEPT:
        raw = raw[:BEGINNING]
    digest = digest_of(raw, size)
    with act("keep_message", by=None, reason=door):
        same = Message.objects.filter(raw_sha256=digest).order_by("outcome", "pk").annotate(whole=Q(raw__isnull=False))
        found = list(same.values_list("pk", "outcome", "whole")[:50])
        if found and not found[0][1]:
            return int(found[0][0])
        first = min((pk for pk, _, whole in found if whole), default=None)
        message = Message.objects.create(
            raw=None if first else raw,
            duplicate_of_id=first,
            raw_size=size,
            raw_sha256=digest,
            door=door,
            received_at=received_at,
        )
        return message.pk


def settle_quarantined(message_id: int, *, by: Any, reason: str, now: datetime) -> Message:
    """Somebody looked at a message that could not be read, and dealt with it. Raises NoLongerAllowed."""
    with act("settle_quarantined", by=by, reason=reason, message=message_id):
        message = Message.objects.select_for_update(of=("self",)).get(pk=message_id, outcome=MessageOutcome.QUARANTINED)
        check_still_allowed(by, "privacy.work_tickets")
        if message.settled_at is None:
            message.settled_at = now
            message.save(update_fields=["settled_at"])
        return message
