"""The layers that notice what goes to subgraphs: spans around each fetch and each HTTP request, and what they took."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

from opentelemetry.trace import Span, SpanKind, get_current_span, use_span

from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer, TransportError
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import Tracing, end_failed, is_recording, write_parent

FAILED = 400

Note: TypeAlias = Callable[[float], None]
"""Puts down one value for a metric."""


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
        return call._replace(request=call.request._replace(headers=(*headers, *told.items())))


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
        # By subgraph and status; None for no answer.
        self._found: dict[tuple[str, int | None], tuple[Note, Note, Note]] = {}

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and measure.

        Raises:
            TransportError: no usable answer.
        """
        waiting = call.context.waiting
        began_s = perf_counter()
        waiting.begin(began_s)
        status, size = None, 0
        try:
            answer = await send(call)
            status, size = answer.status, len(answer.body)
            return answer
        finally:
            ended_s = perf_counter()
            waiting.end(ended_s)
            _, request, _ = call
            notes = self._found.get((request.subgraph, status)) or self._find(request.subgraph, status)
            note_duration, note_request_size, note_response_size = notes
            note_duration(ended_s - began_s)
            note_request_size(len(request.body))
            note_response_size(size)

    def _find(self, subgraph: str, status: int | None) -> tuple[Note, Note, Note]:
        metrics, labels = self._metrics, (subgraph, "" if status is None else str(status))
        found = self._found[subgraph, status] = (
            metrics.tally(metrics.client_duration, *labels).observe,
            metrics.tally(metrics.client_request_size, *labels).observe,
            metrics.tally(metrics.client_response_size, *labels).observe,
        )
        return found
