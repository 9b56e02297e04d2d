"""Whose hands a change is in: a worker takes all that is due for one account, for a while (ACCESS.md, "Doors to other systems").

Taken and committed before anything is said to the other system, so that no two workers are about one account at once, and what a
killed worker had is taken up again when its time is over. A worker that lost its lease records nothing.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Lower

from privacy.access.models import System, SystemChange

LEASE_SECONDS = 60
SAFETY_SECONDS = 20  # of a lease, in which nothing is begun any more


class LeaseLost(Exception):
    """The time is over; somebody else may be at it."""


@dataclass(frozen=True)
class Lease:
    """All changes of one account that one worker has in its hands."""

    worker: UUID
    account_name: str
    changes: list[SystemChange]
    begun: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raises LeaseLost when too little is left to begin another step."""
        if time.monotonic() - self.begun > LEASE_SECONDS - SAFETY_SECONDS:
            raise LeaseLost

    def held(self) -> list[SystemChange]:
        """Those still wanted and still ours, locked. Call it inside a transaction."""
        ours = SystemChange.objects.outstanding().filter(pk__in=[change.pk for change in self.changes], taken_by=self.worker)
        return list(ours.select_for_update(no_key=True).order_by("pk"))

    def give_back(self) -> None:
        """The next worker may have the account."""
        ours = SystemChange.objects.filter(pk__in=[change.pk for change in self.changes], taken_by=self.worker)
        ours.update(taken_until=None, taken_by=None)


def take_account(system_id: int, *, now: datetime, skip: Collection[str] = ()) -> Lease | None:
    """Take the account that was tried least and is due longest, with all of it; None when nothing is due that nobody has.

    skip: accounts (lower case) to leave out. Claims of one system wait for each other, so that an account is never in two hands.
    """
    with transaction.atomic():
        System.objects.select_for_update(no_key=True).only("pk").get(pk=system_id)
        of_system: Any = SystemChange.objects.annotate(account=Lower("account_name")).filter(system=system_id)
        in_hands = SystemChange.objects.filter(system=system_id, taken_until__gt=now).values(held=Lower("account_name"))
        due = of_system.due(at=now).exclude(account__in=in_hands).exclude(account__in=list(skip))
        account = due.order_by("attempts", "due_at", "pk").values_list("account", flat=True).first()
        if account is None:
            return None
        of_account = of_system.due(at=now).filter(account=account).select_related("grant", "entitlement", "employee")
        changes = list(of_account.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk"))
        lease = Lease(worker=uuid4(), account_name=account, changes=changes)
        taken = SystemChange.objects.filter(pk__in=[change.pk for change in changes])
        taken.update(taken_until=now + timedelta(seconds=LEASE_SECONDS), taken_by=lease.worker)
        return lease
