"""Refusals about the security programme. `str()` of each is a sentence for people."""


class Refused(Exception):
    """Something about the programme was refused."""


class NotYourself(Refused):
    def __init__(self) -> None:
        super().__init__("Nobody briefs themselves: ask a colleague who was briefed.")


class NotInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("This day is in the future: record it when it has happened.")


class Withdrawn(Refused):
    def __init__(self) -> None:
        super().__init__("There is a newer version of this policy, or it was withdrawn.")


class ThreatIsClosed(Refused):
    def __init__(self) -> None:
        super().__init__("This threat is closed: record it anew if it is one again.")
