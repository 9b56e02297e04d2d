"""What this room refuses, as sentences for people."""


class TicketRefused(Exception):
    """Base of everything that this room refuses."""


class AlreadyClaimed(TicketRefused):
    def __init__(self, who: str) -> None:
        super().__init__(f"{who} is working on this request.")


class NotYours(TicketRefused):
    def __init__(self) -> None:
        super().__init__("Claim this request first: only the person who works on it can do that.")


class TicketClosed(TicketRefused):
    def __init__(self) -> None:
        super().__init__("This request is closed.")


class MayNotFollow(TicketRefused):
    def __init__(self, now: str, wanted: str) -> None:
        super().__init__(f"A request that is {now} cannot become {wanted} next.")


class NotVerified(TicketRefused):
    def __init__(self) -> None:
        super().__init__("The requester is not verified: this right cannot be granted, only denied or withdrawn.")


class NotAnswered(TicketRefused):
    """What is granted reaches the requester: their data, or that it is deleted or corrected, and what is kept.

    Source: 11 CCR 7022-7024.
    """

    def __init__(self) -> None:
        super().__init__("Nobody answered the requester yet: reply first, or write down what was said, then it is fulfilled.")


class NotSuppressed(TicketRefused):
    def __init__(self) -> None:
        super().__init__("Nobody was opted out yet: opt the requester out, then the request is fulfilled.")


class NobodyToRemove(TicketRefused):
    """Friends are kept by their e-mail address, and nobody is found without it."""

    def __init__(self) -> None:
        super().__init__("The request names no e-mail address of the friend: write it down first, then they can be removed.")


class ReasonMissing(TicketRefused):
    def __init__(self, what: str = "A denial, whole or in part, needs its reason.") -> None:
        super().__init__(what)


class OnlyAWholeRequestRepeats(TicketRefused):
    """One right has no request that it repeats: its other rights would end unanswered with it, or it without a word."""

    def __init__(self) -> None:
        super().__init__(
            "Only a whole request repeats another: choose everything that is open, and name the request that is answered."
        )


class NotPaused(TicketRefused):
    def __init__(self) -> None:
        super().__init__("Nobody waits for the requester: there is nothing to resume.")


class CannotExtend(TicketRefused):
    def __init__(self, why: str) -> None:
        super().__init__(f"This request cannot be extended: {why}.")


class CannotReply(TicketRefused):
    def __init__(self, why: str) -> None:
        super().__init__(f"No reply can be sent: {why}.")


class MayNotWorkTickets(TicketRefused):
    def __init__(self, who: str) -> None:
        super().__init__(f"{who} has no grant in force to work on requests.")


class NothingAsked(TicketRefused):
    def __init__(self) -> None:
        super().__init__("Say what the person asks for: at least one right.")
