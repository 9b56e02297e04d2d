"""In the background: what must change in other systems is pushed, proven and compared."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from privacy.access import actions, queries
from privacy.access.actions.outbox import PUSH_SYSTEM
from privacy.access.actions.pushing import SYSTEMS_AT_ONCE
from privacy.access.models import SystemChange
from privacy.workforce.models import Employee

SOON_SECONDS = 60  # what comes due later than this is found by the sweep
# Threads of their own: a system that hangs holds neither another system nor any other job of the house.
_pushers = ThreadPoolExecutor(max_workers=SYSTEMS_AT_ONCE, thread_name_prefix="push")


@app.task(name=PUSH_SYSTEM, priority=10)
async def push_system(system_id: int) -> None:
    """Work off what is due in one system, and come back when something failed is to be tried again."""
    await asyncio.get_running_loop().run_in_executor(_pushers, _push_and_come_back, system_id)


def _push_and_come_back(system_id: int) -> None:
    close_old_connections()
    try:
        actions.push_system(system_id, clock=timezone.now)
        outstanding = SystemChange.objects.outstanding().filter(system=system_id)
        next_try = outstanding.order_by("next_try_at").values_list("next_try_at", flat=True).first()
        if next_try is None or (next_try - timezone.now()).total_seconds() > SOON_SECONDS:
            return
        task = app.configure_task(PUSH_SYSTEM, schedule_at=next_try, queueing_lock=f"{PUSH_SYSTEM}.{system_id}.again")
        with transaction.atomic():
            task.defer(system_id=system_id)
    except AlreadyEnqueued:
        pass
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="access.sweep_changes", queueing_lock="access.sweep_changes", priority=10)
def sweep_changes(timestamp: int = 0) -> dict[str, Any]:
    """Every minute: what the clock alone has changed, tasks for those who work by hand, and whatever a killed worker left."""
    now = timezone.now()
    settled = actions.settle_everything(now=now)
    tasks = actions.open_hand_tasks(now=now)
    systems = actions.systems_with_work(now=now)
    for system_id in systems:
        try:
            with transaction.atomic():
                app.configure_task(PUSH_SYSTEM, queueing_lock=f"{PUSH_SYSTEM}.{system_id}.swept").defer(system_id=system_id)
        except AlreadyEnqueued:
            pass
    return {"settled": settled, "tasks": tasks, "systems": len(systems)}


@app.task(name="access.reconcile_system")
async def reconcile_system(system_id: int, by_id: int | None = None) -> None:
    """Compare one system with what people should have there."""
    await asyncio.get_running_loop().run_in_executor(_pushers, _reconcile, system_id, by_id)


def _reconcile(system_id: int, by_id: int | None) -> None:
    close_old_connections()
    try:
        by = Employee.objects.filter(pk=by_id).first() if by_id is not None else None
        actions.reconcile(system_id, by=by, clock=timezone.now)
    finally:
        close_old_connections()


@app.periodic(cron="17 * * * *")
@app.task(name="access.reconcile_every_system", queueing_lock="access.reconcile_every_system")
def reconcile_every_system(timestamp: int = 0) -> int:
    """Every night: a job for each system that is to be compared. Asked every hour, so that a night when we did not run, a system
    that did not answer and a worker that was killed are made up for.
    """
    keys = queries.not_compared_tonight(now=timezone.now())
    for system_id in keys:
        try:
            with transaction.atomic():
                lock = f"access.reconcile_system.{system_id}"
                app.configure_task("access.reconcile_system", queueing_lock=lock).defer(system_id=system_id)
        except AlreadyEnqueued:
            pass
    return len(keys)
