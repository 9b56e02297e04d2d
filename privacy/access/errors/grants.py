"""Refusals of the access room, as types. `str()` of each is a sentence for the person who was refused."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from customers.queries import TooMany


class Refused(Exception):
    """Something about access was refused. `sentence` says why and what to do."""

    sentence = "This was refused."

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence)


class ReasonNeeded(Refused):
    sentence = "Say why: the reason is written into the ledger."


class ReasonHoldsACardNumber(ReasonNeeded):
    sentence = "The reason holds what looks like a card number. Card numbers are never kept: say it without."


class ReasonTooLong(ReasonNeeded):
    sentence = "The reason is longer than 1,000 characters, and nothing is cut off it unseen: say it in fewer."


class NotEmployed(Refused):
    sentence = "This person does not work here now, so nothing can be given to them."


class MayNotRequest(Refused):
    sentence = "You may ask for access for yourself and for the people you manage."


class AlreadyRequested(Refused):
    sentence = "This access is already asked for and waits for a decision."


class AlreadyDecided(Refused):
    def __init__(self, grant: Any) -> None:
        super().__init__(f"This request was decided already: it is {grant.get_state_display()}.")


class DeniedInReview(Refused):
    """deny: the answer that stands against a request; waits: it has not taken effect yet, and may still be undone."""

    def __init__(self, deny: Any, *, waits: bool) -> None:
        self.deny = deny
        why = f" (“{deny.reason}”)" if deny.reason else ""
        again = "This request was made before: ask for it anew."
        if waits:
            again = "It can be asked for again when that has taken effect."
        super().__init__(f"{deny.reviewer} denied this access in “{deny.item.review.name}”{why}. {again}")


class IsSuspended(Refused):
    """grant: what the person has of it, which somebody suspended."""

    def __init__(self, grant: Any) -> None:
        self.grant = grant
        super().__init__(
            f"{grant.suspended_by} suspended this access on {timezone.localtime(grant.suspended_at):%B %-d, %Y, %H:%M} "
            f"(“{grant.suspension_reason}”). Its owner or a security administrator resumes it first; then it can be renewed."
        )


class AlreadyApprovedByYou(Refused):
    sentence = "You have approved this already. Sensitive access needs a second person: the manager."


class NotYourself(Refused):
    sentence = "Nobody approves access that they asked for, or that is for themselves."


class NotTheApprover(Refused):
    def __init__(self, approvers: str = "") -> None:
        super().__init__(f"You are not who approves this.{f' It waits for {approvers}.' if approvers else ''}")


class NeedsAnEnd(Refused):
    sentence = "Sensitive access must have an end."


class EndsInThePast(Refused):
    sentence = "The end must be in the future, and after the beginning."


class EndsTooLate(Refused):
    def __init__(self, latest: datetime) -> None:
        self.latest = latest
        day = timezone.localtime(latest)
        super().__init__(
            f"A contractor's access ends with the contract or the NDA, whichever comes first: before {day:%B %-d, %Y, %H:%M}."
        )


class NoNda(Refused):
    sentence = "A contractor gets access only under a nondisclosure agreement that is in force. Record it first."


class RequestLapsed(Refused):
    sentence = "This request was not decided within 14 days. It has to be made again."


class AlreadyRevoked(Refused):
    def __init__(self, grant: Any) -> None:
        when = f" since {timezone.localtime(grant.revoked_at):%B %-d, %Y, %H:%M}" if grant.revoked_at else ""
        super().__init__(f"This access is gone already: {grant.get_state_display()}{when}.")


class RenewedMeanwhile(Refused):
    """successor: the last of the grants as which this access goes on."""

    def __init__(self, successor: Any) -> None:
        self.successor = successor
        how = "restored" if successor.restores_id else "renewed"
        super().__init__(f"This access was {how} meanwhile and goes on as grant {successor.pk}. That one is in force, not this.")


class MayNotRevoke(Refused):
    sentence = "You may give up your own access, or end that of people you manage or of what you own."


class MayNotSuspend(Refused):
    sentence = "Only the entitlement's owner or a security administrator suspends or resumes access."


class NotSuspended(Refused):
    sentence = "This access is not suspended."


class SuspensionRanOut(Refused):
    sentence = "Nobody resumed it in time: it ends. Ask for it anew."


class MayNotKeep(Refused):
    sentence = "Only the owner of what is kept may keep it, with a reason and an end within 30 days, never for themselves."


class MayNotTell(Refused):
    sentence = "Only those who manage people or administer access say who left, changed function or came back."


class NotOnesOwnLeaving(Refused):
    sentence = "Somebody else says that you stay, or leave later than was said."


class MassChange(Refused):
    """losing: people who stay, and lose access by another function or worker type."""

    def __init__(self, leavers: int, losing: int, here: int, bound: int) -> None:
        also = f" and take access away from {losing} who stay" if losing else ""
        super().__init__(
            f"This roster would end {leavers} of {here} people{also}; more than {bound} at once is let through only by a "
            "named person: --allow-mass-change --by LOGIN."
        )


class RosterUnderWay(Refused):
    sentence = "Another roster is being imported at this moment. Nothing was changed; import this one afterwards."


class MayNotImport(Refused):
    def __init__(self, by: Any) -> None:
        super().__init__(f"{by} holds no grant in force to let a roster through.")


class UnknownRecord(Refused):
    sentence = "There is no such record, or it holds nothing of that category."


class MayNotReveal(Refused):
    sentence = "No grant of yours that is in force lets you reveal this."


class TooManyReveals(Refused):
    sentence = "Too many reveals in a short time. Wait, and tell the security administrator if your work needs more."


class CannotBeShown(Refused):
    sentence = (
        "What is stored here cannot be decrypted: it was altered, or its key is missing from FIELD_KEYS. Tell whoever operates"
        " this house."
    )


class TooManySearches(Refused, TooMany):
    sentence = "Too many searches in a short time. Wait, and tell the security administrator if your work needs more."


class MayNotExport(Refused):
    sentence = "No grant of yours that is in force lets you export this."
