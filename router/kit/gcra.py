"""The generic cell rate algorithm: a rate limit in one number for each who is limited.

The number is the theoretical arrival time: when the allowance will be whole again. A request moves it one share of the
interval into the future, and is refused where that is more than the whole interval away. So bursts up to the capacity
pass, and in the long run the capacity for each interval. Times are seconds on any clock that does not go back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `capacity` requests in `interval_s` seconds, also at once."""

    capacity: int
    interval_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says of one request.

    Attributes:
        arrival_s: the new theoretical arrival time, to be remembered if it `is_allowed`.
        remaining: how many more would pass now.
        reset_s: seconds until the allowance is whole again.
        retry_s: seconds after which one more passes; 0 where it does now.
    """

    is_allowed: bool
    arrival_s: float
    remaining: int
    reset_s: float
    retry_s: float


def decide(rate: Rate, arrival_s: float | None, now_s: float) -> Verdict:
    """Whether one more request passes at `now_s`, given the arrival time remembered; None for somebody new."""
    share_s = rate.interval_s / rate.capacity
    before_s = max(now_s, now_s if arrival_s is None else arrival_s)
    after_s = before_s + share_s
    # Numbers that are not exact must not cost anybody the last of a burst.
    slack_s = rate.interval_s - (after_s - now_s) + share_s * 1e-6
    if slack_s < 0:
        return Verdict(False, before_s, 0, before_s - now_s, max(0.0, -slack_s))
    return Verdict(True, after_s, int(slack_s / share_s), after_s - now_s, 0.0)
