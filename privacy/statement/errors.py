"""Why a version of the statement cannot be posted."""


class TooShortNotice(Exception):
    """A significant change that would take effect less than 30 days after it is posted (statement K)."""

    def __str__(self) -> str:
        return "A significant change takes effect no sooner than 30 days after it is posted (statement K)."


class TakesEffectInThePast(Exception):
    """A version that would have been in force before anybody could read it."""

    def __str__(self) -> str:
        return "A version cannot take effect before it is posted."


class NothingChanged(Exception):
    """The text is the one that is in force already."""

    def __str__(self) -> str:
        return "This text is the one that is posted already."


class AnotherTakesEffectThen(Exception):
    """A version is posted already that takes effect at that very instant; which of the two would be in force?"""

    def __str__(self) -> str:
        return "Another version takes effect at that very minute. Choose a later one: it then replaces that version."
