"""Refusals of access reviews, as types."""

from typing import Any

from privacy.access.errors.grants import Refused


class MayNotPrepareReview(Refused):
    sentence = "Security administrators prepare, launch, cancel and sign off reviews."


class DueTooSoon(Refused):
    sentence = "Give the reviewers at least one whole day: the due date must be later."


class FallbackNotEmployed(Refused):
    sentence = "The fallback reviewer must be somebody who works here now."


class NothingToReview(Refused):
    sentence = "Nobody has any access of that scope, so there is nothing to review."


class SecondPersonLaunches(Refused):
    sentence = "A second person launches a review: somebody else looks at its preview and presses the button."


class NotPrepared(Refused):
    def __init__(self, review: Any) -> None:
        super().__init__(f"This review cannot be launched: it is {review.get_state_display()}.")


class NotToBeCancelled(Refused):
    def __init__(self, review: Any) -> None:
        super().__init__(f"This review cannot be cancelled: it is {review.get_state_display()}.")


class NotToBeSignedOff(Refused):
    def __init__(self, review: Any) -> None:
        super().__init__(
            "It is signed off already."
            if review.signed_off_at
            else f"A review is signed off when everything that goes is proven gone; this one is: {review.get_state_display()}."
        )


class AnotherPersonSignsOff(Refused):
    sentence = "Another person than the one who prepared a review signs it off."


class NotAsked(Refused):
    sentence = "You are not asked about this."


class ReviewNotRunning(Refused):
    def __init__(self, review: Any) -> None:
        super().__init__(f"This review takes no decisions any more: it is {review.get_state_display()}.")


class PastDue(Refused):
    sentence = "The time to decide is over. What nobody decided is not kept."


class EndedMeanwhile(Refused):
    sentence = "This access has ended meanwhile, so there is nothing left to decide."


class ItemClosed(Refused):
    def __init__(self, item: Any) -> None:
        super().__init__(f"This is decided and closed: {item.get_state_display()}.")


class AnsweredAlready(Refused):
    def __init__(self, decision: Any) -> None:
        super().__init__(f"You answered “{decision.get_answer_display()}” already. Undo that first.")


class KeepNeedsAReason(Refused):
    sentence = "Sensitive access is kept only with a reason: say what it is still needed for."


class SayWhyNotYou(Refused):
    sentence = "Say why, so that the next reviewer knows."


class NoBulkKeep(Refused):
    sentence = "Sensitive access is never kept in bulk: look at each item, and say why it stays."


class CannotBeAsked(Refused):
    def __init__(self, person: Any, why: str) -> None:
        super().__init__(f"{person} cannot be asked about this: {why}.")


class NobodyElse(Refused):
    sentence = "Nobody else is left who may judge this. Hand it on to somebody by name, or revoke it."


class TooLateToUndo(Refused):
    sentence = "This has taken effect and cannot be undone. If it was a mistake, access is asked for again as usual."


class HandedOnAndAnswered(Refused):
    sentence = "Whom you handed this on to has answered already."


class NothingAnswered(Refused):
    sentence = "There is no answer of yours to undo."


class MayNotHandOn(Refused):
    sentence = "A security administrator, or the review's fallback, hands on what another reviewer was asked."


class NotYoursToHandOn(Refused):
    sentence = "What waits there is about your own access, or about what you approved: somebody else hands it on."


class DeniedToYou(Refused):
    sentence = "A reviewer has just denied you access in this review: somebody else may cancel it."


class SilenceIsNotYours(Refused):
    sentence = "Nobody decided on this access in a review. Somebody else resumes it: not its holder, and not who approved it."
