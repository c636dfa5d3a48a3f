"""Counting values into histograms without asking the library for each: it takes twenty times as long as a list does.

Values are put down one after the other, sorted into buckets all at once when somebody asks for metrics, and within a second
otherwise: so the processes that share a folder see each other's, and no more is remembered than a second brings.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence

from prometheus_client import Histogram

HAND_OVER_S = 1.0


class Tally:
    """The values that one histogram (with its labels) has been given since they were last handed over.

    Attributes:
        observe: puts down a value, 0 or more.
    """

    __slots__ = ("_bounds", "_histogram", "_values", "observe")

    def __init__(self, histogram: Histogram, bounds: Sequence[float]) -> None:
        """`bounds` are the histogram's buckets, without the last, which has no bound."""
        self._histogram = histogram
        self._bounds = bounds
        self._values: list[float] = []
        self.observe: Callable[[float], None] = self._values.append

    def hand_over(self) -> None:
        """Add what has been put down to the histogram."""
        values = self._values
        if not values:
            return
        values.sort()
        below = 0
        # The library has no way to add many at once, but this is what its `observe` does for one.
        for bucket, bound in zip(self._histogram._buckets, (*self._bounds, float("inf")), strict=True):  # noqa: SLF001
            upto = bisect_right(values, bound)
            if upto > below:
                bucket.inc(upto - below)
            below = upto
        self._histogram._sum.inc(sum(values))  # noqa: SLF001
        # The list stays the same, as `observe` is bound to it.
        values.clear()


class Tallies:
    """All tallies of a process."""

    def __init__(self) -> None:
        self._all: dict[tuple[Histogram, tuple[str, ...]], Tally] = {}
        # The loop whose timer is set; one that has ended never hands over.
        self._waiting: asyncio.AbstractEventLoop | None = None

    def find(self, histogram: Histogram, bounds: Sequence[float], labels: tuple[str, ...]) -> Tally:
        """The one tally of a histogram with some labels."""
        tally = self._all.get((histogram, labels))
        if tally is None:
            labelled = histogram.labels(*labels) if labels else histogram
            tally = self._all[histogram, labels] = Tally(labelled, bounds)
        return tally

    def hand_over_soon(self) -> None:
        """Something has been counted."""
        if self._waiting is None or self._waiting.is_closed():
            self._waiting = asyncio.get_running_loop()
            self._waiting.call_later(HAND_OVER_S, self._end_waiting)

    def hand_over(self) -> None:
        """Bring every histogram up to date. Only the thread that counts may do so."""
        for tally in self._all.values():
            tally.hand_over()

    def _end_waiting(self) -> None:
        self._waiting = None
        self.hand_over()
