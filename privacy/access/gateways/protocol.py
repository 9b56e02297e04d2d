"""What a door to another system must answer: one protocol for every kind of system (ACCESS.md, "Doors to other systems").

Three questions, asked one after the other and answered independently: do it; look whether it is so; try to get in. Each answers
per entitlement with what the system said, word for word, secrets left out: that text is the proof.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

CONNECT_SECONDS = 5.0
STEP_SECONDS = 5.0
ATTEMPT_SECONDS = 25.0  # all steps of one account together; a worker's lease is longer
LISTING_SECONDS = 300.0
ANSWER_BYTES = 64 * 1024


class SystemSilent(Exception):
    """The system did not answer, or only that it cannot now. Try again later. str() is a sentence without secrets."""


class Unreachable(SystemSilent):
    """Nobody comes in there at all, whatever the account: not reached, or our password is not taken."""


class AskedToWait(Unreachable):
    """It is there, and asks everybody to come back later. seconds: when, as it said (RFC 9110, 10.2.3)."""

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class NoDoor(Unreachable):
    """This system cannot be reached from here at all: it is worked by hand, or its address makes no sense."""


@dataclass(frozen=True)
class Account:
    """An account in a system: its name there, and its identifier there where it has one (SCIM)."""

    name: str
    external_id: str = ""


@dataclass(frozen=True)
class Answer:
    """What a system said at one step about one entitlement.

    holds: whether the step found what is wanted. text: what was asked and answered, word for word. failure: what is wrong, as a
    sentence, where it does not hold. external_id: the account's identifier there, once it is known.
    """

    holds: bool
    text: str
    failure: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class Listed:
    """An account as the system lists it. names: the roles or groups it is in, by their names there."""

    name: str
    active: bool
    names: frozenset[str] = frozenset()
    external_id: str = ""


@dataclass(frozen=True)
class Task:
    """What is wanted of one account: `names` given, or taken away; with `whole_account`, nothing of the account shall remain.

    names: roles or groups there; an empty name is the right to sign in. A task that takes away without `whole_account` leaves
    signing in alone, because other grants need it.
    """

    account: Account
    names: tuple[str, ...]
    given: bool
    whole_account: bool = False


class Gateway(Protocol):
    """A door to one system, open for a while. Every method may raise SystemSilent; each answers within seconds.

    The answers are by name of the entitlement there. "Already gone" and "already there" hold: everything may be done twice.
    """

    def begin(self, seconds: float) -> None:
        """The steps from here on, up to the next `begin`, take no longer than this together."""

    def push(self, task: Task) -> dict[str, Answer]:
        """Give or take away."""

    def read_back(self, task: Task) -> dict[str, Answer]:
        """Look, over a connection of its own, whether it is so."""

    def probe(self, task: Task) -> dict[str, Answer]:
        """Try to get in: what was taken away must be refused, what was given must be there."""

    def list_accounts(self) -> list[Listed]:
        """Every account there that a person could use, with its roles or groups."""

    def close(self) -> None:
        """Leave no connection open. Never raises."""


@dataclass
class Budget:
    """Seconds that are left for the steps of one account."""

    ends_at: float = field(default_factory=lambda: time.monotonic() + ATTEMPT_SECONDS)

    def left(self, at_most: float = STEP_SECONDS) -> float:
        """Seconds for the next step. Raises SystemSilent when there are none."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise SystemSilent("It did not answer in time.")
        return min(left, at_most)


class Transcript:
    """What was asked and answered, line by line; known secrets never get into it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lines: list[str] = []
        self._secrets = {secret for secret in secrets if secret}

    def hide(self, secret: str) -> None:
        """From now on this is a secret."""
        self._secrets.add(secret)

    def asked(self, what: str) -> None:
        self._lines.append(f"> {self.clean(what)}")

    def answered(self, what: str) -> None:
        self._lines.append(f"< {self.clean(what)}")

    def noted(self, what: str) -> None:
        self._lines.append(f"# {self.clean(what)}")

    def clean(self, text: str) -> str:
        """The text without the secrets, on one line, without control characters."""
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return "".join(character if character.isprintable() else " " for character in text).strip()

    @property
    def text(self) -> str:
        """All of it, at most 64 KB."""
        whole = "\n".join(self._lines)
        if len(whole.encode()) <= ANSWER_BYTES:
            return whole
        return whole.encode()[: ANSWER_BYTES - 40].decode(errors="ignore") + "\n# cut off here: longer than 64 KB"

    def all_of(self, names: Collection[str], *, failure: str = "", external_id: str = "") -> dict[str, Answer]:
        """The same answer for each of these."""
        answer = Answer(holds=not failure, text=self.text, failure=failure, external_id=external_id)
        return dict.fromkeys(names, answer)
