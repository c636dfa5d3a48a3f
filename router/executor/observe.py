"""The layers that notice what goes to subgraphs: spans around each fetch and each HTTP request, and what they took."""

import time
from dataclasses import replace

from opentelemetry.trace import Span, SpanKind, get_current_span, use_span
from prometheus_client import Histogram

from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer, TransportError
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import Tracing, end_failed, is_recording, write_parent

FAILED = 400


class SubgraphSpan:
    """The span `subgraph`: a fetch with everything that is done for it, hooks and caches too."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on in a span.

        Raises:
            TransportError: no usable answer.
        """
        if not is_recording():
            return await send(call)
        fetch = call.fetch
        attributes = {
            "subgraph.name": fetch.subgraph,
            "subgraph.graphql.operation.type": fetch.operation_kind.value,
            "subgraph.graphql.document": fetch.operation,
        }
        if fetch.operation_name is not None:
            attributes["subgraph.graphql.operation.name"] = fetch.operation_name
        span = self._tracing.start("subgraph", attributes, SpanKind.INTERNAL)
        return await _send_in(span, call, send)


class HttpSpan:
    """The span `http_request`: the request to the subgraph, which is told of it and goes on with the trace."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on in a span.

        Raises:
            TransportError: no usable answer.
        """
        if not is_recording():
            # The subgraph is told that this trace is not recorded.
            return await send(self._tell(call, get_current_span()))
        attributes = {"http.request.method": "POST", "subgraph.name": call.request.subgraph}
        span = self._tracing.start("http_request", attributes, SpanKind.CLIENT)
        return await _send_in(span, self._tell(call, span), send)

    def _tell(self, call: FetchCall, span: Span) -> FetchCall:
        if not self._tracing.options.is_propagated:
            return call
        told = write_parent(span)
        headers = tuple(each for each in call.request.headers if each[0] not in told)
        return replace(call, request=call.request._replace(headers=(*headers, *told.items())))


async def _send_in(span: Span, call: FetchCall, send: Send) -> SubgraphAnswer:
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            answer = await send(call)
        except TransportError as error:
            end_failed(span, type(error).__name__)
            raise
        span.set_attribute("http.response.status_code", answer.status)
        if answer.status >= FAILED:
            end_failed(span, str(answer.status))
        return answer


class FetchMetrics:
    """What requests to subgraphs took, and how long the router had nothing to do but wait for them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._found: dict[tuple[str, str], tuple[Histogram, Histogram, Histogram]] = {}

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and measure.

        Raises:
            TransportError: no usable answer.
        """
        began_s = time.perf_counter()
        waiting = call.context.waiting
        waiting.begin(began_s)
        status, size = "", 0
        try:
            answer = await send(call)
            status, size = str(answer.status), len(answer.body)
            return answer
        finally:
            ended_s = time.perf_counter()
            waiting.end(ended_s)
            duration, request_size, response_size = self._find(call.request.subgraph, status)
            duration.observe(ended_s - began_s)
            request_size.observe(len(call.request.body))
            response_size.observe(size)

    def _find(self, subgraph: str, status: str) -> tuple[Histogram, Histogram, Histogram]:
        """The three metrics with their labels, which the library takes long to find."""
        found = self._found.get((subgraph, status))
        if found is None:
            metrics, labels = self._metrics, (subgraph, status)
            found = self._found[labels] = (
                metrics.client_duration.labels(*labels),
                metrics.client_request_size.labels(*labels),
                metrics.client_response_size.labels(*labels),
            )
        return found
