"""What a promise is. Declared here, in the lowest room, so that every room can declare the promises that it keeps.

A promise is data: which sentence of the statement, what is measured, its bound, how to measure it, where the evidence is. The
page, the command `check_promises` and the evidence pack read the same declaration (PROMISES.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Row:
    """One thing that breaks a promise, or soon will: what to call it, and the address of the screen that mends it.

    act: what to do about it, in words. instead: a screen for those who may not open the first.
    """

    label: str
    url: str = ""
    act: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Figure:
    """What was measured. value None: there is nothing to measure yet. broken and at_risk name the rows, worst first."""

    value: float | None
    broken: Sequence[Row] = ()
    at_risk: Sequence[Row] = ()
    detail: str = ""


@dataclass(frozen=True)
class Promise:
    """One sentence of the statement and the control that keeps it.

    id: "E2-revoked". section: "E.2". quote: word for word from the statement. measures: what the figure counts, with its unit.
    title: what is so while the promise is kept, for people: "Nobody keeps access who has left".
    bound: the largest figure that keeps the promise. measure: takes the instant, returns a Figure; None until something keeps it.
    evidence: the address of the page with the rows behind the figure. evidence_soon: of those that are due soon, where that is
    another page.
    """

    id: str
    section: str
    quote: str
    measures: str
    bound: float = 0
    measure: Callable[[datetime], Figure] | None = None
    evidence: str = ""
    evidence_soon: str = ""
    unit: str = ""
    title: str = ""

    @property
    def called(self) -> str:
        """What its pages are headed with."""
        return self.title or self.measures[:1].upper() + self.measures[1:]
