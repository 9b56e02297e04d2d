"""What this room refuses, as sentences for people."""


class OptOutRefused(Exception):
    """Base of everything that this room refuses."""


class NoSubject(OptOutRefused):
    """Nobody can be found by what was given."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nobody can be opted out by that: {why}")


class OnAnotherChannel(OptOutRefused):
    """Recorded, it would stop nothing: lists of that channel are compared by another kind of address."""

    def __init__(self, who: str, channel: str) -> None:
        super().__init__(f"{who} stops nothing on this channel ({channel}), and no customer is known behind it.")


class BadToken(OptOutRefused):
    """The link was not made by us, was altered, or is for something else. Says nothing about whom it is for."""

    def __init__(self) -> None:
        super().__init__("This link is not valid.")


class NotAsked(OptOutRefused):
    def __init__(self) -> None:
        super().__init__("Nobody asked to withdraw this opt-out; ask first, then confirm.")


class EvidenceMissing(OptOutRefused):
    def __init__(self) -> None:
        super().__init__("Say how the person confirmed it: what they said, when, and to whom.")


class MayNotFollow(OptOutRefused):
    """A receipt goes forward only: sent, delivered, acknowledged, applied."""

    def __init__(self, now: str, wanted: str) -> None:
        super().__init__(f"A list that is {now} cannot become {wanted} again.")


class StillBeingSent(OptOutRefused):
    """Sent again now, the letter would reach the person twice."""

    def __init__(self) -> None:
        super().__init__("This letter is being sent at this moment; look again in ten minutes.")


class AlreadyWithdrawn(OptOutRefused):
    def __init__(self) -> None:
        super().__init__("This opt-out was withdrawn already.")


class MayNotReceiveSuppression(OptOutRefused):
    """No agreement in force lets this third party have opt-out data (statement G)."""

    def __init__(self, code: str, why: str = "there is no agreement in force that allows it") -> None:
        super().__init__(f"{code} may not receive the suppression list: {why}.")


class HoldsAnothersList(OptOutRefused):
    """A list for another third party would take the place of the one that is there."""

    def __init__(self, manifest: str) -> None:
        super().__init__(f"{manifest} is there already and is not of this third party: name a directory of their own.")
