"""Refusals about emergencies, mistakes and hand-overs."""

from privacy.access.errors.grants import Refused


class NotNamed(Refused):
    sentence = "You are not named for this emergency access, or no longer."


class TooLong(Refused):
    sentence = "Emergency access lasts 4 hours at most."


class HasItAlready(Refused):
    sentence = "This access is there already; there is no glass to break."


class NotYourOwnEmergency(Refused):
    sentence = "Somebody else names people for emergencies, and looks at what they took."


class NotAnEmergency(Refused):
    sentence = "This was not taken in an emergency, or it was looked at already."


class NamedTooLong(Refused):
    sentence = "Nobody is named for emergencies for more than a year: choose an earlier last day."


class NamedAlready(Refused):
    sentence = "This person is named for it already."


class MayNotName(Refused):
    sentence = "Security administrators name people for emergencies."


class CannotBeRestored(Refused):
    sentence = "Only what HR ended by mistake within the last 7 days can be restored."


class MayNotRestore(Refused):
    sentence = "Somebody who approves access restores it, and never their own."
