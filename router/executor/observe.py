"""The layers that notice what goes to subgraphs: spans around each fetch and each HTTP request, and what they took."""

import time
from dataclasses import replace

from opentelemetry.trace import Span, SpanKind, use_span

from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer, TransportError
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import Tracing, end_failed, write_parent

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
        attributes = {"http.request.method": "POST", "subgraph.name": call.request.subgraph}
        span = self._tracing.start("http_request", attributes, SpanKind.CLIENT)
        if self._tracing.options.is_propagated:
            told = write_parent(span)
            headers = tuple(each for each in call.request.headers if each[0] not in told)
            call = replace(call, request=replace(call.request, headers=(*headers, *told.items())))
        return await _send_in(span, call, send)


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
            metrics, labels = self._metrics, (call.request.subgraph, status)
            metrics.client_duration.labels(*labels).observe(ended_s - began_s)
            metrics.client_request_size.labels(*labels).observe(len(call.request.body))
            metrics.client_response_size.labels(*labels).observe(size)
