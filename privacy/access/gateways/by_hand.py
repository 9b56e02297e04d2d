"""A system that people work by hand: there is nothing to connect to. Its changes are tasks (models.HandTask)."""

from privacy.access.gateways.protocol import Answer, Listed, NoDoor, Task

WAITS = "This system is worked by hand: its changes wait for its owner, with evidence and a second person."


class ByHand:
    """Answers every question by saying that people do it."""

    def __init__(self, address: str = "", secret: str = "") -> None:
        pass

    def begin(self, seconds: float) -> None:
        pass

    def push(self, task: Task) -> dict[str, Answer]:
        raise NoDoor(WAITS)

    def read_back(self, task: Task) -> dict[str, Answer]:
        raise NoDoor(WAITS)

    def probe(self, task: Task) -> dict[str, Answer]:
        raise NoDoor(WAITS)

    def list_accounts(self) -> list[Listed]:
        raise NoDoor("This system is worked by hand: nobody can list its accounts from here.")

    def close(self) -> None:
        pass
