"""How many requests one subgraph gets: in an interval (Apollo's `global_rate_limit`), and at a time."""

import asyncio
from collections import defaultdict

from router.executor.traffic.errors import ConcurrencyLimitedError, RateLimitedError
from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.gcra import Rate, decide


class RateLimitingTransport:
    """Sends by another transport as many requests to each subgraph as its rate allows; others fail at once."""

    def __init__(self, transport: SubgraphTransport, rate: Rate) -> None:
        self.transport = transport
        self._rate = rate
        self._arrivals: dict[str, float] = {}

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            RateLimitedError: not sent.
            TransportError: no usable answer.
        """
        now_s = asyncio.get_running_loop().time()
        verdict = decide(self._rate, self._arrivals.get(request.subgraph), now_s)
        if not verdict.is_allowed:
            raise RateLimitedError
        self._arrivals[request.subgraph] = verdict.arrival_s
        return await self.transport.send(request)

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()


class ConcurrencyLimitingTransport:
    """Sends by another transport at most `limit` requests to each subgraph at a time; others fail at once."""

    def __init__(self, transport: SubgraphTransport, limit: int) -> None:
        self.transport = transport
        self._limit = limit
        self._under_way: defaultdict[str, int] = defaultdict(int)

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            ConcurrencyLimitedError: not sent.
            TransportError: no usable answer.
        """
        subgraph = request.subgraph
        if self._under_way[subgraph] >= self._limit:
            raise ConcurrencyLimitedError
        self._under_way[subgraph] += 1
        try:
            return await self.transport.send(request)
        finally:
            self._under_way[subgraph] -= 1

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()
