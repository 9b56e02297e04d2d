"""Refusals towards identity providers, and about them."""

from privacy.access.errors.grants import Refused


class UserNameTaken(Refused):
    sentence = "This userName is taken, in this or another case."


class SomebodyElse(UserNameTaken):
    sentence = (
        "This userName belonged to somebody who left, and what is told differs from what is known of them. A login is one "
        "person's for ever: choose another userName, or let the security administrator bring that person back."
    )


class GroupTold(Refused):
    sentence = "A group of this displayName and externalId was told already: change that one."


class ToldOtherwise(Refused):
    """What is told cannot be a fact about a person: a value is missing, too long, or not of its kind."""


class ManagedInACircle(ToldOtherwise):
    sentence = "This would have people manage one another in a circle."


class NoSuchMember(ToldOtherwise):
    def __init__(self, value: str) -> None:
        super().__init__(f"No user has the id {value[:80]}.")


class LeftSince(Refused):
    sentence = (
        "This person left after the request reached us, and leaving wins. If they are back, say so again: it will count as "
        "told after they left."
    )


class Outdated(Refused):
    sentence = "It changed since the version that was named."


class NoSuchUser(Refused):
    sentence = "There is no such resource, or it was deleted."


class ClientNameTaken(Refused):
    sentence = "A client of that name is at work already; revoke it first, or choose another name."


class AlreadyRevokedClient(Refused):
    sentence = "This client's token is revoked already."


class MayNotConnect(Refused):
    sentence = "Only security administrators connect identity providers."
