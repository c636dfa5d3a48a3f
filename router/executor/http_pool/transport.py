"""The transport: a pool for each subgraph's origin, one timer for all deadlines."""

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from router.executor.http_pool.deadlines import Deadlines
from router.executor.http_pool.origin import Origin, read_origin, write_request
from router.executor.http_pool.pool import Pool
from router.executor.options import ANSWER_BYTES_MAX, CONNECTION_IDLE_S, CONNECTIONS_MAX, Dns
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Bounds on the exchange with each subgraph, and how it is reached; `tls` None trusts the machine's authorities."""

    answer_bytes_max: int = ANSWER_BYTES_MAX
    connection_idle_s: float = CONNECTION_IDLE_S
    connections_max: int = CONNECTIONS_MAX
    tls: ssl.SSLContext | None = None
    dns: Dns = Dns.IPV4_FIRST


OTHER_URLS_MAX = 64
"""URLs that are not subgraphs' own, to which connections are kept; hooks name them."""


class HttpPoolTransport:
    """Posts to each subgraph's URL over connections that are kept open; TLS certificates are verified.

    It belongs to the event loop that sends the first request.
    """

    def __init__(self, urls: Mapping[str, str], options: PoolOptions | None = None) -> None:
        self._urls = dict(urls)
        self._options = options or PoolOptions()
        self._pools: dict[str, tuple[Origin, Pool]] = {}
        self._deadlines: Deadlines | None = None
        self._cleaner: asyncio.TimerHandle | None = None

    def send(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphAnswer]:
        """Post `request` and read the whole answer.

        Raises:
            SubgraphTimeoutError: the answer was not complete within `request.timeout_s`.
            AnswerTooLargeError: it is larger than `answer_bytes_max`.
            TransportError: there was none, or it was no HTTP.
        """
        place = request.url or request.subgraph
        origin, pool = self._pools.get(place) or self._make_pool(request)
        content = write_request(origin, request.headers, request.body, request.content_type)
        return pool.exchange(content, request.timeout_s, request.is_repeatable)

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        if self._cleaner is not None:
            self._cleaner.cancel()
            self._cleaner = None
        for _, pool in self._pools.values():
            pool.close()
        self._pools.clear()
        if self._deadlines is not None:
            self._deadlines.close()
            self._deadlines = None

    def _make_pool(self, request: SubgraphRequest) -> tuple[Origin, Pool]:
        url = request.url or self._urls.get(request.subgraph)
        if not url:
            msg = "the subgraph has no routing URL"
            raise TransportError(msg)
        if request.url is not None and len(self._pools) >= len(self._urls) + OTHER_URLS_MAX:
            raise TransportError(f"hooks have named more than {OTHER_URLS_MAX} other URLs")
        origin = read_origin(url, self._options.tls, self._options.dns)
        if self._deadlines is None:
            self._deadlines = Deadlines(asyncio.get_running_loop())
        options = self._options
        pool = Pool(
            origin,
            self._deadlines,
            connections_max=options.connections_max,
            idle_s=options.connection_idle_s,
            answer_bytes_max=options.answer_bytes_max,
        )
        self._pools[request.url or request.subgraph] = origin, pool
        if self._cleaner is None:
            self._clean()
        return origin, pool

    def _clean(self) -> None:
        loop = asyncio.get_running_loop()
        for place, (_, pool) in list(self._pools.items()):
            pool.close_idle(loop.time())
            if place not in self._urls and pool.is_unused:
                # A hook may never name it again.
                del self._pools[place]
        self._cleaner = loop.call_later(self._options.connection_idle_s / 2, self._clean)
