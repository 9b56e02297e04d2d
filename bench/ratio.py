"""What a bench hands back."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """One line of the table: how long ours took and how long the bare work took, in milliseconds, in the same run.

    goal: the largest ratio that will do. ceiling_ms: the longest that ours may take, where a limit is stated in time.
    """

    what: str
    ours_ms: float
    bare_ms: float
    goal: float
    ceiling_ms: float | None = None
    remark: str = ""

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.bare_ms if self.bare_ms else float("inf")

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal and (self.ceiling_ms is None or self.ours_ms <= self.ceiling_ms)


def milliseconds(work: Callable[[], object], *, times: int = 1) -> float:
    """Median of so many runs."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def interleaved(ours: Callable[[], object], bare: Callable[[], object], *, times: int) -> tuple[float, float]:
    """Medians of both, run in turns, so that a busy machine slows both alike. Each runs once unmeasured first."""
    ours()
    bare()
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for place, work in enumerate((ours, bare)):
            took[place].append(milliseconds(work))
    return statistics.median(took[0]), statistics.median(took[1])
