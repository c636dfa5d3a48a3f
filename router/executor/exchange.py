"""What one operation says to subgraphs and hears from them."""

import asyncio
from collections.abc import Awaitable

from msgspec.structs import replace

from router.executor.batching import BatchMember, Place
from router.executor.headers import HeaderSource
from router.executor.layers import FetchCall, Send
from router.executor.options import ExecutorOptions
from router.executor.transport import (
    Headers,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTransport,
    TransportError,
)
from router.hooks.context import Context
from router.query_plan.nodes import Fetch, OperationKind


class Exchange:
    """Sends the fetches of one operation.

    What was heard by `send_once` is heard again from `send`, without asking a second time: so a plan can
    be run again, mutations too.

    Two entity fetches of a query that come to the same request are one: entities often turn up at several
    places, and the plan cannot know that they are the same. Between the fields of a mutation it may not be.

    Attributes:
        member: the request's part in a batch whose fetches go together; None if they go by themselves.
    """

    __slots__ = (
        "_asked",
        "_context",
        "_headers",
        "_heard",
        "_is_query",
        "_layers",
        "_options",
        "_source",
        "_transport",
        "member",
    )

    def __init__(
        self,
        transport: SubgraphTransport,
        options: ExecutorOptions,
        source: HeaderSource,
        kind: OperationKind,
        *,
        layers: Send | None = None,
        context: Context | None = None,
    ) -> None:
        """`layers` are what a fetch passes on its way to `transport`, with the request's `context`; None for nothing."""
        self._transport = transport
        self._layers = layers
        self._context = context
        self.member: BatchMember | None = None
        self._options = options
        self._source = source
        self._is_query = kind is OperationKind.QUERY
        self._headers: dict[str, Headers] = {}
        self._heard: dict[int, SubgraphAnswer | TransportError] = {}
        self._asked: dict[tuple[str, bytes], asyncio.Future[SubgraphAnswer | TransportError]] = {}

    async def send(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The answer to a fetch, or why there is none."""
        heard = self._heard.pop(id(fetch), None)
        if heard is None:
            heard = await self.send_once(fetch, body)
            del self._heard[id(fetch)]
        return heard

    async def send_once(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The same, and it is remembered for this very `fetch`, which stands in its plan once."""
        if not self._is_query or not fetch.entities:
            return await self.send_alone(fetch, body)
        key = fetch.subgraph, body
        asked = self._asked.get(key)
        if asked is not None:
            answer = self._heard[id(fetch)] = await asyncio.shield(asked)
            return answer
        asked = self._asked[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self.send_alone(fetch, body)
        except BaseException:
            # Whoever waits for it ends with the operation.
            asked.cancel()
            raise
        asked.set_result(answer)
        return answer

    async def send_alone(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The same for a fetch that is like no other of its plan."""
        answer: SubgraphAnswer | TransportError
        try:
            answer = await self._send(fetch, body)
        except TransportError as error:
            # Its traceback would hold this frame, and this frame holds it.
            answer = error.with_traceback(None)
        self._heard[id(fetch)] = answer
        return answer

    def _send(self, fetch: Fetch, body: bytes) -> Awaitable[SubgraphAnswer]:
        subgraph = fetch.subgraph
        headers = self._headers.get(subgraph)
        if headers is None:
            headers = self._headers[subgraph] = self._build_headers(subgraph)
        timeout_s = self._options.traffic.of_subgraph(subgraph).timeout_s
        is_repeatable = fetch.operation_kind is OperationKind.QUERY
        request = SubgraphRequest(subgraph, body, headers, timeout_s, is_repeatable)
        place = self.member.find_place(fetch) if self.member is not None else None
        if place is not None:
            return self._take(place, fetch, request)
        return self._transport.send(request) if self._layers is None else self._pass_layers(fetch, request)

    async def _take(self, place: Place, fetch: Fetch, request: SubgraphRequest) -> SubgraphAnswer:
        try:
            return await self._pass_layers(fetch, replace(request, place=place))
        finally:
            # Something on the way may have answered.
            place.give_up()

    def _pass_layers(self, fetch: Fetch, request: SubgraphRequest) -> Awaitable[SubgraphAnswer]:
        if self._layers is None:
            return self._transport.send(request)
        if self._context is None:
            self._context = Context()
        return self._layers(FetchCall(fetch, request, self._context))

    def _build_headers(self, subgraph: str) -> Headers:
        rules = self._options.headers
        if not rules.all and not rules.subgraphs:
            return ()
        if subgraph in rules.subgraphs:
            return rules.build_headers(subgraph, self._source)
        # What no rules of its own change is the same for all.
        shared = self._headers.get("")
        if shared is None:
            shared = self._headers[""] = rules.build_headers(subgraph, self._source)
        return shared
