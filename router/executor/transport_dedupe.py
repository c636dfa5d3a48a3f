"""Identical queries under way at the same time are sent to their subgraph once: Apollo's `deduplicate_query`.

Two requests are identical if nothing that the subgraph sees tells them apart: body and headers, and with them the
caller's credentials if these are passed on. Mutations are never shared, nor is an answer that sets a cookie.
"""

import asyncio
from functools import partial
from typing import TypeAlias

from router.executor.transport import Headers, SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.http_headers import SET_COOKIE

_Key: TypeAlias = tuple[str, str | None, bytes, Headers]


class DeduplicatingTransport:
    """Sends by another transport; who asks for what is under way gets the same answer."""

    def __init__(self, transport: SubgraphTransport) -> None:
        self.transport = transport
        self._under_way: dict[_Key, asyncio.Task[SubgraphAnswer]] = {}

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer, which others may be given too: it is not to be changed.

        Raises:
            TransportError: no usable answer.
        """
        if not request.is_repeatable:
            try:
                return await self.transport.send(request)
            finally:
                # Who has seen a mutation's answer sees what it did: queries that began before are joined no more.
                self._under_way.clear()
        key = (request.subgraph, request.url, request.body, request.headers)
        exchange = self._under_way.get(key)
        is_joined = exchange is not None
        if exchange is None:
            exchange = asyncio.get_running_loop().create_task(self.transport.send(request))
            self._under_way[key] = exchange
            exchange.add_done_callback(partial(self._forget, key))
        # Who leaves must not take the answer from those who still wait for it.
        answer = await asyncio.shield(exchange)
        return await self.transport.send(request) if is_joined and SET_COOKIE in answer.headers else answer

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()

    def _forget(self, key: _Key, exchange: "asyncio.Task[SubgraphAnswer]") -> None:
        if self._under_way.get(key) is exchange:
            del self._under_way[key]
        if not exchange.cancelled():
            # Nobody may be left who would ask what has gone wrong.
            exchange.exception()
