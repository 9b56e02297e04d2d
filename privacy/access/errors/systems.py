"""Refusals about other systems: connecting them, what they give, whose account is whose, tasks done by hand."""

from privacy.access.errors.grants import Refused


class MayNotAdminister(Refused):
    sentence = "Only a security administrator connects systems and says what they give."


class BadAddress(Refused):
    """`sentence` says what is wrong with the address."""


class SecretStays(Refused):
    sentence = (
        "That is another server. Give its secret too: the one that is there was given for the address above, and stays there."
    )


class CodeTaken(Refused):
    sentence = "There is a system, or an entitlement of this system, with that code already."


class NotThisHouse(Refused):
    sentence = "The back-office itself is not connected or changed here: its entitlements come with the program."


class StillHeld(Refused):
    sentence = (
        "People have it, wait for it, or lose it just now: what it is there, and whether it is sensitive, stays. "
        "Make a new entitlement and let people move to it."
    )


class AccountTaken(Refused):
    sentence = "That account belongs to somebody already, or this person has another one there."


class AccountInUse(Refused):
    sentence = "Access of this person is, or may still be, under that account there. It can be unlinked when it is proven gone."


class UnknownAccount(Refused):
    sentence = "There is no such account."


class NothingToTry(Refused):
    sentence = "There is nothing to try again: it is proven, or something later is wanted instead."


class NotByHand(Refused):
    sentence = "This change is not made by hand: the system is asked by itself."


class NotYourTask(Refused):
    sentence = "The system's owner, the person it was given to, or a security administrator does this task; never for themselves."


class TaskIsDone(Refused):
    sentence = "This task is done already and waits for a second person, or is verified."


class TaskIsNotDone(Refused):
    sentence = "Nobody has done this task yet, or it was sent back."


class NotASecondPerson(Refused):
    sentence = "A second person verifies: not who did it, and not whose access it is."


class EvidenceNeeded(Refused):
    sentence = "Attach the evidence: a screenshot, a report, the mail that confirms it."


class EvidenceTooLarge(Refused):
    sentence = "The file is larger than 10 MB."


class UnknownEvidence(Refused):
    sentence = "Evidence is a PDF, a PNG or JPEG picture, a text file, or a mail (.eml). This file is none of them."


class HarmfulEvidence(Refused):
    sentence = "A virus scanner would stop this file. It is not kept; have the computer that it came from looked at."


class EvidenceChanged(Refused):
    sentence = "The evidence is another file by now than the one that you looked at. Look at it again."


class DriftIsOver(Refused):
    sentence = "This difference is decided already, or it is gone."


class NotYourOwnDrift(Refused):
    sentence = "Somebody else decides whether your own access stays as it is."
