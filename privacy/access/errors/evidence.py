"""Refusals about evidence."""

from privacy.access.errors.grants import Refused


class MayNotHaveEvidence(Refused):
    sentence = "Evidence is for security administrators, and for auditors who read the promises and the ledger."


class NoSuchEvidence(Refused):
    sentence = "There is nothing here to make evidence of: no such leaver, mover or review."


class NotYetEvidence(Refused):
    sentence = "This takes effect later. Evidence of it can be made when it has."


class ReviewIsOpen(Refused):
    sentence = "This review is not finished. Evidence of it can be made when everything that goes is proven gone."


class PackTooLarge(Refused):
    sentence = "This evidence is larger than 256 MB."


class BadPack(Refused):
    """`sentence` says why this is no pack."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is not an evidence pack: {why}.")
