"""What one operation says to subgraphs and hears from them."""

from router.executor.options import ExecutorOptions
from router.executor.transport import (
    Headers,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTransport,
    TransportError,
)
from router.query_plan.nodes import Fetch, OperationKind


class Exchange:
    """Sends the fetches of one operation.

    What was heard by `send_once` is heard again from `send`, without asking a second time: so a plan can
    be run again, mutations too.
    """

    __slots__ = ("_client_headers", "_headers", "_heard", "_options", "_transport")

    def __init__(
        self, transport: SubgraphTransport, options: ExecutorOptions, client_headers: Headers
    ) -> None:
        self._transport = transport
        self._options = options
        self._client_headers = client_headers
        self._headers: dict[str, Headers] = {}
        self._heard: dict[int, SubgraphAnswer | TransportError] = {}

    async def send(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The answer to a fetch, or why there is none."""
        heard = self._heard.get(id(fetch))
        return heard if heard is not None else await self._send(fetch, body)

    async def send_once(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        """The same, and it is remembered for this very `fetch`, which stands in its plan once."""
        answer = self._heard[id(fetch)] = await self._send(fetch, body)
        return answer

    async def _send(self, fetch: Fetch, body: bytes) -> SubgraphAnswer | TransportError:
        subgraph = fetch.subgraph
        headers = self._headers.get(subgraph)
        if headers is None:
            headers = self._options.headers.build_headers(subgraph, self._client_headers)
            self._headers[subgraph] = headers
        timeout_s = self._options.traffic.of_subgraph(subgraph).timeout_s
        is_repeatable = fetch.operation_kind is OperationKind.QUERY
        try:
            return await self._transport.send(
                SubgraphRequest(subgraph, body, headers, timeout_s, is_repeatable)
            )
        except TransportError as error:
            return error
