"""The time that a request may take, by one timer for all of them.

`asyncio.timeout` sets a timer for each request, which costs a tenth of a small one, and hardly any of them ever goes off. All
requests may take the same time, so the oldest is the first to be late, and looking at it now and then is enough: a deadline
is met to within `TICK_S`.
"""

import asyncio
from types import TracebackType
from typing import Self

TICK_S = 0.05


class Deadlines:
    """The requests under way, oldest first."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._limits: dict[Limit, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def limit(self) -> "Limit":
        """What to run a request in: it raises `TimeoutError` there when the time is over."""
        return Limit(self)

    def add(self, limit: "Limit") -> None:
        """A request begins."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The first of its event loop; what an ended one has left is never late.
            self._limits.clear()
            self._loop = loop
            loop.call_later(TICK_S, self._look, loop)
        self._limits[limit] = loop.time() + self._timeout_s

    def find_end(self, limit: "Limit") -> float | None:
        """The loop's time at which a request that is under way will be late."""
        return self._limits.get(limit)

    def drop(self, limit: "Limit") -> None:
        """A request has ended."""
        self._limits.pop(limit, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            return
        now = loop.time()
        while self._limits:
            limit, ends_at = next(iter(self._limits.items()))
            if ends_at > now:
                break
            del self._limits[limit]
            limit.expire()
        if self._limits:
            loop.call_later(TICK_S, self._look, loop)
        else:
            # The next request sets the timer again.
            self._loop = None


class Limit:
    """One request's time, as a context of the task that serves it."""

    __slots__ = ("_cancelling", "_deadlines", "_is_expired", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._is_expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "a request is served by a task"
        self._task = task
        self._cancelling = task.cancelling()
        self._deadlines.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._deadlines.drop(self)
        # A task that others have cancelled too stays cancelled, as with `asyncio.timeout`.
        if self._is_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """The time is over."""
        self._is_expired = True
        self._task.cancel()
