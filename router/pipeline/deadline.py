"""The time that a request may take, by one timer for all of them.

`asyncio.timeout` sets a timer for each request, which costs a tenth of a small one, and hardly any of them ever goes off. All
requests may take the same time, so the oldest is the first to be late, and looking at it now and then is enough: a deadline
is met to within `TICK_S`.
"""

import asyncio
from types import TracebackType
from typing import Any, Self

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

    def add(self, limit: "Limit") -> "asyncio.Task[Any]":
        """A request begins; gives its task."""
        loop = self._loop
        # Asking which loop runs is a system call, and mostly it is the one that ran before.
        task = asyncio.current_task(loop) if loop is not None else None
        if loop is None or task is None:
            # The first of its event loop; what an ended one has left is never late.
            self._limits.clear()
            self._loop = loop = asyncio.get_running_loop()
            loop.call_later(TICK_S, self._look, loop)
            task = asyncio.current_task(loop)
            assert task is not None, "a request is served by a task"
        self._limits[limit] = loop.time() + self._timeout_s
        return task

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
        self._task = task = self._deadlines.add(self)
        self._cancelling = task.cancelling()
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
