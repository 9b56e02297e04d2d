"""The outbox is worked off: tell the system, ask it again independently, try to get in; proven only if all of it holds.

Source: ACCESS.md, "Doors to other systems". Each change is tried for ever, with growing pauses; every answer is kept.
Nothing here holds a lock, or a transaction, while another system is being asked.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from privacy.access.actions.attempts import Attempt, Clock, fail_changes
from privacy.access.actions.by_hand import open_hand_tasks, prove_by_hand
from privacy.access.actions.leases import LeaseLost, take_account
from privacy.access.actions.outbox import settle_everything
from privacy.access.gateways import AskedToWait, Gateway, SystemSilent, Unreachable, open_gateway
from privacy.access.models import HERE, System, SystemChange, SystemKind
from privacy.ledger.actions import act, rehearsal

__all__ = [
    "Pushed",
    "Rehearsed",
    "open_hand_tasks",
    "prove_by_hand",
    "push_due",
    "push_system",
    "rehearse_push",
    "systems_with_work",
]

log = logging.getLogger(__name__)
SYSTEMS_AT_ONCE = 16
LOOK_UP_SECONDS = 0.2  # how long a Ctrl-C that did not wake us is not noticed


@dataclass
class Pushed:
    """What one run did: changes (keys) proven and failed, and systems that did not answer."""

    proven: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rehearsed:
    """What a run at this instant would find. settled, tasks: how many changes and tasks by hand it would write down first.

    outstanding: every change that would then be outstanding; due: the keys of those that it would take in hand.
    """

    settled: int
    tasks: int
    outstanding: list[SystemChange]
    due: frozenset[int]


# --- which systems, one after another or side by side --------------------------------------------------------

_hands: dict[int, threading.Lock] = defaultdict(threading.Lock)
_knocked: set[int] = set()


def systems_with_work(*, now: datetime) -> list[int]:
    """Systems (keys) that something is due in, and that have a door."""
    due = SystemChange.objects.due(at=now).exclude(system__kind__in=[SystemKind.BY_HAND, SystemKind.HERE])
    return sorted(set(due.order_by().values_list("system", flat=True).distinct()))


def rehearse_push(*, now: datetime) -> Rehearsed:
    """What the next run would take in hand. No system is asked, and no row stays."""
    with rehearsal(True):
        settled, tasks = settle_everything(now=now), open_hand_tasks(now=now)
        outstanding = list(SystemChange.objects.outstanding().select_related("system").order_by("due_at", "pk"))
        due = SystemChange.objects.due(at=now).filter(system__in=systems_with_work(now=now))
        return Rehearsed(settled, tasks, outstanding, frozenset(due.values_list("pk", flat=True)))


def push_due(*, clock: Clock, systems: Sequence[int] | None = None, done: Pushed | None = None) -> Pushed:
    """Work off what is due in these systems (all of them by default), side by side: one that hangs holds up nobody else.

    done: filled as the run goes, for who wants to know how far it came when it is interrupted.
    """
    chosen = systems_with_work(now=clock()) if systems is None else list(systems)
    done = Pushed() if done is None else done
    if len(chosen) < 2:
        for system_id in chosen:
            push_system(system_id, clock=clock, done=done)
        return done

    stop = threading.Event()

    def in_its_own_thread(system_id: int) -> None:
        try:
            push_system(system_id, clock=clock, stop=stop, done=done)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=min(SYSTEMS_AT_ONCE, len(chosen)), thread_name_prefix="push") as pool:
        try:
            running = [pool.submit(in_its_own_thread, system_id) for system_id in chosen]
            # A signal that comes just before the wait, or to another thread, is seen only after it: never wait for long.
            while wait(running, timeout=LOOK_UP_SECONDS).not_done:
                pass
            for one in running:
                one.result()
        except BaseException:
            stop.set()  # Ctrl-C: the accounts in hand are finished, and no other is begun
            raise
    return done


def push_system(system_id: int, *, clock: Clock, stop: threading.Event | None = None, done: Pushed | None = None) -> Pushed:
    """Work off what is due in one system, account by account; stop: set when no further account shall be begun.

    One run per system and process: a second one only knocks, and the first looks again before it ends. Other processes may work
    on the same system; the leases keep them from each other's accounts.
    """
    done = Pushed() if done is None else done
    _knocked.add(system_id)
    while system_id in _knocked:
        if not _hands[system_id].acquire(blocking=False):
            return done
        try:
            _knocked.discard(system_id)
            _work_off(system_id, clock, stop, done)
        finally:
            _hands[system_id].release()
    return done


def _work_off(system_id: int, clock: Clock, stop: threading.Event | None, done: Pushed) -> None:
    system = System.objects.get(pk=system_id)
    if system.kind == SystemKind.BY_HAND or system.code == HERE:
        return
    door: Gateway | None = None
    tried: set[str] = set()
    silences = 0
    try:
        while (stop is None or not stop.is_set()) and (lease := take_account(system_id, now=clock(), skip=tried)) is not None:
            if not lease.changes:  # a verb holds them just now, and wakes us when it is done
                tried.add(lease.account_name)
                continue
            attempt = Attempt(system, lease, clock)
            try:
                plan = attempt.plan()
                if plan:
                    door = door or open_gateway(system)
                    attempt.run(door, plan)
                    attempt.note_health()
                    silences = 0
            except SystemSilent as silent:
                wait = silent.seconds if isinstance(silent, AskedToWait) else None
                attempt.fail_silent(str(silent), asked_to_wait=wait)
                tried.add(lease.account_name)
                silences += 1
                # One account on which it hangs says little; a second one in a row says that nobody is answered.
                everybody = silences > 1 or isinstance(silent, Unreachable)
                _note_silence(system_id, str(silent), now=clock(), everybody=everybody, asked_to_wait=wait)
                if everybody:
                    done.silent.append(system.code)
                    break
                if door is not None:
                    door.close()
                door = None
            except LeaseLost:
                tried.add(lease.account_name)
            except Exception as error:  # one change that we cannot handle must not hold up the others
                log.exception("pushing to %s failed in an unforeseen way", system.code)
                attempt.fail_silent(f"This house stumbled over it: {type(error).__name__}.")
                tried.add(lease.account_name)
            finally:
                done.proven += attempt.proven
                done.failed += attempt.failed
                lease.give_back()
    finally:
        if door is not None:
            door.close()


def _note_silence(system_id: int, failure: str, *, now: datetime, everybody: bool, asked_to_wait: float | None = None) -> None:
    """It does not answer. everybody: what else is due in it has failed, too, without each of them waiting for the silence.

    asked_to_wait: seconds that it asked for.
    """
    System.objects.filter(pk=system_id).update(failed_at=now, failure=failure[:2000])
    if not everybody:
        return
    with act("postpone_changes", by=None, system=system_id):
        due = SystemChange.objects.due(at=now).filter(system=system_id)
        by_attempts: dict[int, list[int]] = defaultdict(list)
        for pk, attempts in due.select_for_update(skip_locked=True, no_key=True).values_list("pk", "attempts"):
            by_attempts[attempts].append(pk)
        for attempts, keys in by_attempts.items():
            # Where it only asks for patience, who was not tried comes first next time: one account never holds up the others.
            tried = attempts + 1 if asked_to_wait is None else attempts
            fail_changes(keys, failure, attempts=tried, now=now, asked_to_wait=asked_to_wait)
