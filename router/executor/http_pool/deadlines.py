"""Deadlines of many waits by one timer.

A timer for each fetch costs as much as a third of the fetch, and hardly any of them ever goes off. Here one timer looks
at all waits some times a second, and only while there are any, so a deadline is met to within `TICK_S`.
"""

import asyncio
from typing import Any

from router.executor.transport import SubgraphTimeoutError

TICK_S = 0.05


class Deadlines:
    """The waits of one event loop, each with the time at which it is given up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waits: dict[asyncio.Future[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, wait: "asyncio.Future[Any]", deadline: float) -> None:
        """Give `wait` a `SubgraphTimeoutError` if it is not done at `deadline`, in the loop's time."""
        self._waits[wait] = deadline
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_S, self._look)

    def drop(self, wait: "asyncio.Future[Any]") -> None:
        """Forget a wait."""
        self._waits.pop(wait, None)

    def close(self) -> None:
        """Stop the timer; waits under way are for others to end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now = self._loop.time()
        for wait in [wait for wait, deadline in self._waits.items() if deadline <= now]:
            del self._waits[wait]
            if not wait.done():
                wait.set_exception(SubgraphTimeoutError("no answer within the time allowed"))
        self._timer = self._loop.call_later(TICK_S, self._look) if self._waits else None
