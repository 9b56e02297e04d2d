"""Refusals about agreements. `str()` of each is a sentence for people."""


class Refused(Exception):
    """Something about an agreement was refused."""


class AlreadyEnded(Refused):
    def __init__(self) -> None:
        super().__init__("This has ended already, or ends no later than that.")


class ReasonNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Say why it ends: the reason is written into the ledger.")


class EndsBeforeItStarts(Refused):
    def __init__(self) -> None:
        super().__init__("It cannot end before it starts.")


class NotWithOneself(Refused):
    def __init__(self) -> None:
        super().__init__("Nobody records an NDA with themselves: ask a colleague.")


class CodeTaken(Refused):
    def __init__(self, code: str) -> None:
        super().__init__(f"“{code}” is taken.")
