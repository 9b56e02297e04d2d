"""Refusals about emergencies, mistakes and hand-overs."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from privacy.access.errors.grants import Refused


class NotNamed(Refused):
    sentence = "You are not named for this emergency access, or no longer."


class TooLong(Refused):
    sentence = "Emergency access lasts 4 hours at most."


class ProveAgain(Refused):
    sentence = "Each taking asks for your second factor again: prove it now, then break the glass."


class HasItAlready(Refused):
    sentence = "This access is there already; there is no glass to break."

    @classmethod
    def from_later_on(cls, starts_at: datetime) -> "HasItAlready":
        """It is approved, and has not begun."""
        return cls(
            f"This access is approved already, from {timezone.localtime(starts_at):%B %-d, %Y, %H:%M} on. If it is needed "
            "sooner, ask for it anew with an earlier beginning: it is yours as soon as that is approved."
        )

    @classmethod
    def out_of_force(cls, failing: Sequence[str]) -> "HasItAlready":
        """It is approved, and conditions fail."""
        return cls(f"This access is there already, but not in force. {' '.join(failing)} Emergency access is no way around that.")


class NotLookedAtYet(Refused):
    """who: those who may look at it; others: those who may take it meanwhile; by name."""

    def __init__(self, taken_at: datetime, *, who: Sequence[str], others: Sequence[str]) -> None:
        instead = f" Meanwhile {' or '.join(others)} may take it." if others else ""
        super().__init__(
            f"Nobody has looked yet at what you did with it from {timezone.localtime(taken_at):%B %-d, %Y, %H:%M} on. Ask "
            f"{' or '.join(who) or 'a security administrator'} to look at it; then you may take it again.{instead}"
        )


class StillRuns(Refused):
    def __init__(self, ends_at: datetime) -> None:
        super().__init__(
            f"It still runs, until {timezone.localtime(ends_at):%B %-d, %Y, %H:%M}: what is done with it until then would be "
            "looked at by nobody. Look at it afterwards, or revoke it first."
        )


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


class WouldHaveLeft(CannotBeRestored):
    """last_day: when they were to leave before HR's mistake."""

    def __init__(self, last_day: date) -> None:
        self.last_day = last_day
        super().__init__(
            f"By now they would have left anyway: their last day was to be {last_day:%B %-d, %Y}. If they work on, say that they "
            "are back, with the new last day; access is asked for as usual. If that day was a mistake of HR, too, restore that "
            "leaving."
        )


class MayNotRestore(Refused):
    sentence = "Somebody who approves access restores it, and never their own."
