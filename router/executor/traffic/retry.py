"""Asking again: queries alone, after a random wait that grows, and only as often as a budget allows.

A subgraph that is down must not get several times its load from those who ask again. So each request pays a part of a
retry into the budget, and a retry takes a whole one out: with `retry_percent` 0.2, a fifth more load at most, beside
`min_per_sec` for subgraphs that are seldom asked. Apollo Router 1's names.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from router.executor.fetch_tally import note_resend
from router.executor.traffic.errors import NotSentError
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    SubgraphTransport,
    TransportError,
)

RETRIED_STATUSES = frozenset({502, 503, 504})
"""What a proxy says of a subgraph that it cannot reach; other statuses are the subgraph's own word."""


@dataclass(frozen=True, slots=True)
class RetryOptions:
    """How often and when; times in seconds.

    Attributes:
        max_attempts: requests for one, the first included.
        ttl_s: how long what is paid into the budget may be taken out.
        retry_percent: retries for each request, from 0 to 1.
    """

    max_attempts: int = 3
    min_per_sec: int = 10
    ttl_s: float = 10.0
    retry_percent: float = 0.2
    backoff_s: float = 0.05
    backoff_max_s: float = 1.0
    is_enabled: bool = True


class Budget:
    """What may be retried of the requests to one subgraph."""

    def __init__(self, options: RetryOptions) -> None:
        self._options = options
        self._refilled_at_s: float | None = None
        self._floor = float(options.min_per_sec)
        self._paid = 0.0

    def pay(self, now_s: float) -> None:
        """A request is sent for the first time."""
        self._refill(now_s)
        self._paid += self._options.retry_percent

    def take(self, now_s: float) -> bool:
        """Whether one retry may be made; it is then taken out."""
        self._refill(now_s)
        if self._paid >= 1:
            self._paid -= 1
        elif self._floor >= 1:
            self._floor -= 1
        else:
            return False
        return True

    def _refill(self, now_s: float) -> None:
        options = self._options
        if self._refilled_at_s is not None:
            passed_s = now_s - self._refilled_at_s
            self._floor = min(options.min_per_sec, self._floor + passed_s * options.min_per_sec)
            self._paid *= max(0.0, 1 - passed_s / options.ttl_s)
        self._refilled_at_s = now_s


class RetryingTransport:
    """Sends by another transport, again where nothing usable came back; all within the one time allowed."""

    def __init__(
        self, transport: SubgraphTransport, options: RetryOptions, draw: Callable[[], float] = random.random
    ) -> None:
        """`draw` gives numbers from 0 to 1: how much of the wait is waited."""
        self.transport = transport
        self._options = options
        self._draw = draw
        self._budgets: dict[str, Budget] = {}

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer, the last of all attempts.

        Raises:
            TransportError: no usable answer.
        """
        if not request.is_repeatable:
            return await self.transport.send(request)
        loop = asyncio.get_running_loop()
        budget = self._budgets.get(request.subgraph)
        if budget is None:
            budget = self._budgets[request.subgraph] = Budget(self._options)
        began_s = loop.time()
        budget.pay(began_s)
        attempt = 1
        while True:
            left_s = request.timeout_s - (loop.time() - began_s)
            sent = request if attempt == 1 else replace(request, timeout_s=left_s)
            wait_s = self._draw() * min(
                self._options.backoff_max_s, self._options.backoff_s * 2 ** (attempt - 1)
            )
            is_last = attempt >= self._options.max_attempts or wait_s >= left_s
            try:
                answer = await self.transport.send(sent)
                if answer.status not in RETRIED_STATUSES or is_last or not budget.take(loop.time()):
                    return answer
            except (NotSentError, SubgraphTimeoutError, AnswerTooLargeError):
                raise
            except TransportError:
                if is_last or not budget.take(loop.time()):
                    raise
            attempt += 1
            note_resend()
            await asyncio.sleep(wait_s)

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()
