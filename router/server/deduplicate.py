"""Identical queries of clients under way at the same time are answered once: Hive Router's `dedupe`.

Off by default. Requests are identical if their bodies or query strings are, and the headers that may change the answer:
all of them unless told otherwise, always those that say who asks and those that subgraphs are sent. Only documents known
to hold nothing but queries are shared, so the first requests with a new document each have an answer of their own. So has
each request where the answer sets a cookie: two anonymous clients must not get one session.

Who has seen a mutation's answer sees what it did: a query never joins one that began before a mutation ended here.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeAlias

from graphql import OperationType

from router.kit.http_headers import SET_COOKIE
from router.pipeline.generation import Generation
from router.pipeline.request import Request, Response
from router.pipeline.stages import answer
from router.policy.options import JwtOptions
from router.server.messages import Headers, HttpRequest
from router.server.options import DedupeOptions

DECISIVE_HEADERS = frozenset({"authorization", "cookie", "apollo-expose-query-plan"})
"""Who asks, and for what beside the answer."""

# Of the connection, not of the request.
_INDIFFERENT = frozenset({"accept", "accept-encoding", "connection", "content-length", "keep-alive"})

_NAMES_CACHED = 256

_Key: TypeAlias = tuple[str, str, bytes, Headers]


class Deduplication:
    """The answers under way of one generation, by what was asked."""

    def __init__(
        self, options: DedupeOptions, jwt: JwtOptions | None, is_forwarded: Callable[[str], bool]
    ) -> None:
        """`jwt` says in which headers tokens stand, `is_forwarded` which ones subgraphs may be sent."""
        tokens = jwt.header_names if jwt is not None else frozenset()
        chosen = DECISIVE_HEADERS | tokens | (options.headers or frozenset())
        are_all = options.headers is None

        def is_telling(name: str) -> bool:
            return name in chosen or (name not in _INDIFFERENT if are_all else is_forwarded(name))

        self._is_telling = lru_cache(_NAMES_CACHED)(is_telling)
        self._under_way: dict[_Key, asyncio.Task[Response]] = {}

    async def answer(
        self, head: HttpRequest, body: bytes, request: Request, generation: Generation
    ) -> Response:
        """The response to `request`, or the one that is about to be given to another who asked the same."""
        if not is_sharable(request, generation):
            try:
                return await answer(request, generation)
            finally:
                # By now it is known whether it was new, or one that may have changed what queries read.
                if not is_sharable(request, generation):
                    self._under_way.clear()
        key = (head.method, head.query_string, body, self._select(head.headers))
        exchange = self._under_way.get(key)
        is_joined = exchange is not None
        if exchange is None:
            exchange = asyncio.get_running_loop().create_task(answer(request, generation))
            self._under_way[key] = exchange
            exchange.add_done_callback(partial(self._forget, key))
        # Who leaves must not take the answer from those who still wait for it.
        response = await asyncio.shield(exchange)
        is_own = any(name == SET_COOKIE for name, _ in response.headers)
        return await answer(request, generation) if is_joined and is_own else response

    def _select(self, headers: Headers) -> Headers:
        return tuple([each for each in headers if self._is_telling(each[0])])

    def _forget(self, key: _Key, exchange: "asyncio.Task[Response]") -> None:
        if self._under_way.get(key) is exchange:
            del self._under_way[key]
        if not exchange.cancelled():
            exchange.exception()


def is_sharable(request: Request | list[Request], generation: Generation) -> bool:
    """Whether the answer to `request` may be given to others: its document is known, only reads, and comes at once."""
    if isinstance(request, list):
        return False
    document = generation.caches.documents.find(request.query or "")
    return (
        document is not None
        and not document.has_defer
        and all(operation.operation is OperationType.QUERY for operation in document.operations)
    )
