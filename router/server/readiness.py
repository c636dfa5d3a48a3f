"""Whether a router that refuses too much wants work: Apollo Router's `health_check.readiness`."""

from dataclasses import dataclass

REFUSED = frozenset({503, 504})


@dataclass(frozen=True, slots=True)
class ReadinessOptions:
    """When `?ready` says no; times in seconds.

    Attributes:
        allowed: answers with 503 or 504 in one sampling interval that are still no reason.
        unready_s: how long it then says no.
    """

    allowed: int = 100
    sampling_s: float = 5.0
    unready_s: float = 10.0


class Readiness:
    """Counts refusals. Times are seconds on any one clock that does not go back."""

    def __init__(self, options: ReadinessOptions) -> None:
        self._options = options
        self._ends_s = 0.0
        self._refused = 0
        self._unready_until_s = 0.0

    def note(self, now_s: float) -> None:
        """A request has been answered with 503 or 504."""
        options = self._options
        if now_s < self._unready_until_s:
            return
        if now_s >= self._ends_s:
            self._ends_s, self._refused = now_s + options.sampling_s, 0
        self._refused += 1
        if self._refused > options.allowed:
            self._unready_until_s = now_s + options.unready_s
            self._ends_s = 0.0

    def is_ready(self, now_s: float) -> bool:
        """Whether work is wanted."""
        return now_s >= self._unready_until_s
