"""One try of all that is due for one account in another system, and what is written down of it (ACCESS.md)."""

import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField
from django.db.models.functions import Coalesce

from privacy.access.actions.ending import lock_holder
from privacy.access.actions.leases import Lease
from privacy.access.actions.outbox import grants_are_gone, lock_grants, settle
from privacy.access.gateways import ATTEMPT_SECONDS, Account, Answer, Gateway, Task
from privacy.access.models import (
    AccessGrant,
    ChangeState,
    Drift,
    DriftState,
    Proof,
    Step,
    System,
    SystemAccount,
    SystemChange,
    Wanted,
)
from privacy.ledger.actions import act

Clock = Callable[[], datetime]
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 900.0
LONGEST_PAUSE_AT_WORK_SECONDS = 30.0  # of a system that answers, and only asks for patience
HEALTH_NOTED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Told:
    """One answer about one change, with when it came and how long it took."""

    step: Step
    answer: Answer
    at: datetime
    took_ms: int


def fail_changes(
    keys: Collection[int], failure: str, *, attempts: int, now: datetime, asked_to_wait: float | None = None
) -> None:
    """These changes failed at this try, and are tried again after a pause; asked_to_wait: seconds that the system asked for."""
    pause = _pause(attempts) if asked_to_wait is None else _pause_asked_for(asked_to_wait, attempts)
    SystemChange.objects.filter(pk__in=keys).update(
        state=ChangeState.FAILED, failure=failure, attempts=attempts, next_try_at=now + pause
    )


def _pause(attempts: int) -> timedelta:
    """2 s, 4 s, 8 s … up to 15 minutes, a little scattered, so that not everything comes back at the same instant."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.85, 1.15))


def _pause_asked_for(seconds: float, attempts: int) -> timedelta:
    """What a system asks for is kept, up to our longest pause: nobody talks us out of a removal. One that says "at once"
    for ever is asked less and less often, and still every half a minute.
    """
    least = min(_pause(attempts).total_seconds(), LONGEST_PAUSE_AT_WORK_SECONDS)
    return timedelta(seconds=min(max(seconds, least), LONGEST_PAUSE_SECONDS) * random.uniform(1.0, 1.1))


class Attempt:
    """One try of all that is due for one account."""

    def __init__(self, system: System, lease: Lease, clock: Clock) -> None:
        self.system, self.lease, self.clock = system, lease, clock
        self.proven: list[int] = []
        self.failed: list[int] = []
        self.employee_id = next((change.employee_id for change in lease.changes if change.employee_id), None)
        self._counted: set[int] = set()

    def plan(self) -> list[tuple[Task, list[SystemChange]]]:
        """What to ask of the system, removals first, judged by the grants that are in force now.

        What is no longer wanted is settled anew instead. A role that another grant in force gives, too, is not taken away.
        """
        now = self.clock()
        in_force = dict(
            AccessGrant.objects.in_force(at=now)
            .filter(employee=self.employee_id, entitlement__system=self.system)
            .values_list("pk", "entitlement__external_name")
        )
        outdated = [
            change
            for change in self.lease.changes
            if change.grant_id and (change.wanted == Wanted.GIVEN) != (change.grant_id in in_force)
        ]
        if outdated:
            self._settle_anew(outdated, now)
            return []
        account = SystemAccount.objects.filter(system=self.system, name__iexact=self.lease.account_name).first()
        if account and self.employee_id and account.employee_id != self.employee_id:
            said = "The account of that name belongs to somebody else there. Say which account is this person's."
            self._record({change.pk: [Told(Step.PUSH, Answer(False, said, said), now, 0)] for change in self.lease.changes})
            return []
        removals = [change for change in self.lease.changes if change.wanted == Wanted.REMOVED]
        kept_names = set(in_force.values()) | ({""} if in_force else set())
        kept = [change for change in removals if change.external_name in kept_names]
        if kept:
            grants = ", ".join(map(str, sorted(in_force)))
            said = f"Nothing was taken away there: a grant of the same person that is in force ({grants}) gives it, too."
            self._record({change.pk: [Told(Step.READ_BACK, Answer(True, said), now, 0)] for change in kept}, final=True)
        going = [change for change in removals if change.external_name not in kept_names]
        whole = not in_force and (self.employee_id is not None or any(not change.external_name for change in going))
        target = Account(self.lease.changes[0].account_name, account.external_id if account else "")
        plan = []
        if going:
            plan.append((Task(target, _names(going), given=False, whole_account=whole), going))
        coming = [change for change in self.lease.changes if change.wanted == Wanted.GIVEN]
        if coming:
            plan.append((Task(target, _names(coming), given=True), coming))
        return plan

    def run(self, door: Gateway, plan: Sequence[tuple[Task, list[SystemChange]]]) -> None:
        """Tell, ask, try. Raises SystemSilent, LeaseLost."""
        door.begin(ATTEMPT_SECONDS)
        for task, changes in plan:
            told = self._ask(Step.PUSH, door.push, task, changes)
            self._record(told)
            pushed = [change for change in changes if told[change.pk][0].answer.holds]
            if not pushed:
                continue
            left = Task(_known(task.account, told), _names(pushed), task.given, task.whole_account)
            found = self._ask(Step.READ_BACK, door.read_back, left, pushed)
            for key, tried in self._ask(Step.PROBE, door.probe, left, pushed).items():
                found[key] += tried
            self._record(found, final=True)

    def fail_silent(self, failure: str, *, asked_to_wait: float | None = None) -> None:
        """What has no answer yet has failed, because the system said nothing, or to come back in so many seconds."""
        told = Told(Step.PUSH, Answer(False, failure, failure), self.clock(), 0)
        settled = {*self.proven, *self.failed}
        self._record({c.pk: [told] for c in self.lease.changes if c.pk not in settled}, asked_to_wait=asked_to_wait)

    def note_health(self) -> None:
        """The system answered."""
        now, system = self.clock(), self.system
        if system.answered_at is None or now - system.answered_at > HEALTH_NOTED_EVERY or system.failure:
            system.answered_at, system.failure = now, ""
            System.objects.filter(pk=system.pk).update(answered_at=now, failure="")

    def _ask(
        self, step: Step, question: Callable[[Task], dict[str, Answer]], task: Task, changes: Sequence[SystemChange]
    ) -> dict[int, list[Told]]:
        self.lease.check()
        begun = time.perf_counter()
        answers = question(task)
        took_ms = round((time.perf_counter() - begun) * 1000)
        at = self.clock()
        silence = Answer(False, "It said nothing about this.", "It said nothing about this.")
        return {c.pk: [Told(step, answers.get(c.external_name, silence), at, took_ms)] for c in changes}

    def _settle_anew(self, outdated: Sequence[SystemChange], now: datetime) -> None:
        self.lease.give_back()
        with act("settle_before_pushing", by=None, employee=self.employee_id):
            if self.employee_id is not None:
                lock_holder(self.employee_id)
            settle([change.grant_id for change in outdated if change.grant_id], now=now, reason="its standing changed")
            # What is left of them belongs to a grant that is over without ever having been there.
            left = SystemChange.objects.outstanding().filter(pk__in=[change.pk for change in outdated])
            left.update(state=ChangeState.WITHDRAWN)

    def _record(self, told: dict[int, list[Told]], *, final: bool = False, asked_to_wait: float | None = None) -> None:
        """Write down what was answered, as far as the changes are still ours. final: whether all of it holding proves them."""
        removed = [c.grant_id for c in self.lease.changes if c.pk in told and c.wanted == Wanted.REMOVED and c.grant_id]
        with act(
            "push_changes" if not final else "prove_changes", by=None, system=self.system.code, worker=str(self.lease.worker)
        ):
            if final and removed:
                lock_grants(removed)
            held = {change.pk: change for change in self.lease.held() if change.pk in told}
            new = held.keys() - self._counted
            self._counted |= new
            for key in new:
                held[key].attempts += 1
            Proof.objects.bulk_create([_proof(change, one) for key, change in held.items() for one in told[key]], batch_size=500)
            wrong = {key: next((t.answer.failure for t in told[key] if not t.answer.holds), None) for key in held}
            right = [key for key, failure in wrong.items() if failure is None]
            by_attempts: dict[int, list[int]] = defaultdict(list)
            for key in right:
                by_attempts[held[key].attempts].append(key)
            for attempts, keys in by_attempts.items():
                self._write_right(keys, told, attempts=attempts, final=final)
            by_failure: dict[tuple[str, int], list[int]] = defaultdict(list)
            for key, failure in wrong.items():
                if failure is not None:
                    by_failure[failure or "It is not so.", held[key].attempts].append(key)
            for (failure, attempts), keys in by_failure.items():
                fail_changes(keys, failure, attempts=attempts, now=self.clock(), asked_to_wait=asked_to_wait)
                self.failed += keys
            if final and right:
                grants_are_gone([grant for grant in removed if grant], now=self.clock())
                self._know_account([held[key] for key in right], told)

    def _write_right(self, keys: list[int], told: dict[int, list[Told]], *, attempts: int, final: bool) -> None:
        at = max(one.at for key in keys for one in told[key])
        changes = SystemChange.objects.filter(pk__in=keys)
        if not final:
            changes.update(state=ChangeState.PUSHED, pushed_at=at, failure="", attempts=attempts)
            return
        changes.update(
            state=ChangeState.PROVEN, pushed_at=Coalesce("pushed_at", at, output_field=DateTimeField()),
            proven_at=at, failure="", attempts=attempts, taken_until=None, taken_by=None,
        )  # fmt: skip
        Drift.objects.filter(change__in=keys, state=DriftState.MENDING).update(state=DriftState.GONE)
        self.proven += keys

    def _know_account(self, changes: Sequence[SystemChange], told: dict[int, list[Told]]) -> None:
        """Remember whose account it is, once something was given to it, with its identifier there."""
        given = [change for change in changes if change.wanted == Wanted.GIVEN]
        if not given or self.employee_id is None:
            return
        external_id = next((one.answer.external_id for c in given for one in told[c.pk] if one.answer.external_id), "")
        account, made = SystemAccount.objects.get_or_create(
            system=self.system,
            employee_id=self.employee_id,
            defaults={"name": given[0].account_name, "external_id": external_id},
        )
        if not made and external_id and account.external_id != external_id:
            account.external_id = external_id
            account.save(update_fields=["external_id"])


def _names(changes: Sequence[SystemChange]) -> tuple[str, ...]:
    return tuple(sorted({change.external_name for change in changes}))


def _known(account: Account, told: dict[int, list[Told]]) -> Account:
    """The account with the identifier that the system told when it was made."""
    ids = {one.answer.external_id for answers in told.values() for one in answers if one.answer.external_id}
    return Account(account.name, ids.pop()) if ids else account


def _proof(change: SystemChange, told: Told) -> Proof:
    return Proof(
        change=change,
        at=told.at,
        attempt=change.attempts,
        step=told.step,
        holds=told.answer.holds,
        answer=told.answer.text,
        answer_sha256=hashlib.sha256(told.answer.text.encode()).hexdigest(),
        took_ms=told.took_ms,
    )
