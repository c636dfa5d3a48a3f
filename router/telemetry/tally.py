"""Counting without asking the library for each value: it takes twenty times as long as a list does.

Values are put down one after the other, and added up or sorted into buckets all at once when somebody asks for metrics, and
within a second otherwise: so the processes that share a folder see each other's, and no more is remembered than a second
brings.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence

from prometheus_client import Counter, Gauge, Histogram

HAND_OVER_S = 1.0


class Tally:
    """The values that one histogram or counter (with its labels) has been given since they were last handed over.

    Attributes:
        observe: puts down a value, 0 or more.
    """

    __slots__ = ("_bounds", "_metric", "_values", "observe")

    def __init__(self, metric: Histogram | Counter, bounds: Sequence[float] = ()) -> None:
        """`bounds` are a histogram's buckets, without the last, which has no bound."""
        self._metric = metric
        self._bounds = bounds
        self._values: list[float] = []
        self.observe: Callable[[float], None] = self._values.append

    def hand_over(self) -> None:
        """Add what has been put down to the metric."""
        values, metric = self._values, self._metric
        if not values:
            return
        if isinstance(metric, Histogram):
            self._sort_into(metric)
        else:
            metric.inc(sum(values))
        # The list stays the same, as `observe` is bound to it.
        values.clear()

    def _sort_into(self, histogram: Histogram) -> None:
        values = self._values
        values.sort()
        below = 0
        # The library has no way to add many at once, but this is what its `observe` does for one.
        for bucket, bound in zip(histogram._buckets, (*self._bounds, float("inf")), strict=True):  # noqa: SLF001
            upto = bisect_right(values, bound)
            if upto > below:
                bucket.inc(upto - below)
            below = upto
        histogram._sum.inc(sum(values))  # noqa: SLF001


class Level:
    """What a gauge (with its labels) shows when it is handed over next.

    Attributes:
        value: now.
    """

    __slots__ = ("_gauge", "value")

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self.value = 0

    def hand_over(self) -> None:
        """Show it."""
        self._gauge.set(self.value)


class Tallies:
    """All tallies and levels of a process."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[Histogram | Counter, tuple[str, ...]], Tally] = {}
        self._levels: dict[tuple[Gauge, tuple[str, ...]], Level] = {}
        # The loop whose timer is set; one that has ended never hands over.
        self._waiting: asyncio.AbstractEventLoop | None = None

    def find(
        self, metric: Histogram | Counter, labels: tuple[str, ...], bounds: Sequence[float] = ()
    ) -> Tally:
        """The one tally of a histogram, whose `bounds` are given, or of a counter, with some labels."""
        tally = self._tallies.get((metric, labels))
        if tally is None:
            labelled = metric.labels(*labels) if labels else metric
            tally = self._tallies[metric, labels] = Tally(labelled, bounds)
        return tally

    def find_level(self, gauge: Gauge, labels: tuple[str, ...]) -> Level:
        """The one level of a gauge with some labels."""
        level = self._levels.get((gauge, labels))
        if level is None:
            level = self._levels[gauge, labels] = Level(gauge.labels(*labels))
        return level

    def forget(self, metric: Histogram | Counter) -> None:
        """Count no more into a metric that is gone."""
        for key in [key for key in self._tallies if key[0] is metric]:
            del self._tallies[key]

    def hand_over_soon(self) -> None:
        """Something has been counted."""
        if self._waiting is None or self._waiting.is_closed():
            self._waiting = asyncio.get_running_loop()
            self._waiting.call_later(HAND_OVER_S, self._end_waiting)

    def hand_over(self) -> None:
        """Bring every metric up to date. Only the thread that counts may do so."""
        for tally in self._tallies.values():
            tally.hand_over()
        for level in self._levels.values():
            level.hand_over()

    def _end_waiting(self) -> None:
        self._waiting = None
        self.hand_over()
