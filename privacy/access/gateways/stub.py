"""A system in memory, for tests of what surrounds the doors. What a real system can be made to do is tested against real ones."""

import threading
from collections import Counter
from collections.abc import Callable

from privacy.access.gateways.protocol import Answer, Listed, SystemSilent, Task


class StubGateway:
    """Accounts as {name: set of roles}. `before` runs before each push: it may wait or raise. `lies`: says done, does nothing."""

    def __init__(self, address: str = "", secret: str = "") -> None:
        self.accounts: dict[str, set[str]] = {}
        self.pushed: Counter[tuple[str, str, bool]] = Counter()
        self.before: Callable[[Task], None] = lambda task: None
        self.lies = False
        self.silent = ""
        self._lock = threading.Lock()

    def __call__(self, address: str, secret: str) -> "StubGateway":
        """One and the same system, whoever opens a door to it."""
        return self

    def begin(self, seconds: float) -> None:
        if self.silent:
            raise SystemSilent(self.silent)

    def push(self, task: Task) -> dict[str, Answer]:
        self.before(task)
        with self._lock:
            for name in task.names:
                self.pushed[task.account.name, name, task.given] += 1
            if not self.lies:
                self._apply(task)
        return dict.fromkeys(task.names, Answer(holds=True, text="done"))

    def _apply(self, task: Task) -> None:
        held = self.accounts.setdefault(task.account.name, set())
        if task.given:
            held |= set(task.names)
        elif task.whole_account:
            del self.accounts[task.account.name]
        else:
            held -= set(task.names)

    def read_back(self, task: Task) -> dict[str, Answer]:
        held = self.accounts.get(task.account.name, set())
        return {
            name: Answer(holds=(name in held) == task.given, text=f"{sorted(held)}", failure="It is not so.")
            for name in task.names
        }

    probe = read_back

    def list_accounts(self) -> list[Listed]:
        return [Listed(name, active=True, names=frozenset(held - {""})) for name, held in self.accounts.items()]

    def close(self) -> None:
        pass
