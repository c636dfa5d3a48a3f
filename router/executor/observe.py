"""The layers that notice what goes to subgraphs: spans around each fetch and each HTTP request, and what they took."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from msgspec.structs import replace
from opentelemetry.trace import Span, SpanKind, use_span

from router.executor.fetch_tally import FetchTally, begin_tally
from router.executor.layers import FetchCall, Send
from router.executor.transport import Headers, SubgraphAnswer, TransportError
from router.hooks.instrumentation import Attribute, MoreLabels, StageNotes, choose_labels, rename
from router.hooks.known import Known, Lookup, SubgraphFacts
from router.hooks.messages import read_object
from router.telemetry.metrics import CLIENT_MEASURED, Metrics
from router.telemetry.tracing import Tracing, end_failed

FAILED = 400

NO_LABELS: Mapping[str, tuple[Attribute, ...]] = MappingProxyType({})
NO_MORE: MoreLabels = ((),) * len(CLIENT_MEASURED)

Note: TypeAlias = Callable[[float], None]
"""Puts down one value for a metric."""


class SubgraphSpan:
    """The span `subgraph`: a fetch with everything that is done for it, hooks and caches too."""

    def __init__(self, tracing: Tracing, names: Mapping[str, str | None]) -> None:
        """`names` are those of attributes that are to have another one, or none."""
        self._tracing = tracing
        self._names = names

    def __call__(self, send: Send) -> Send:
        """What sends on in a span."""
        return lambda call: self._record(call, send) if call.context.parent is None else send(call)

    async def _record(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        fetch = call.fetch
        attributes: dict[str, str | int] = {
            "subgraph.name": fetch.subgraph,
            "subgraph.graphql.operation.type": fetch.operation_kind.value,
            "subgraph.graphql.document": fetch.operation,
        }
        if fetch.operation_name is not None:
            attributes["subgraph.graphql.operation.name"] = fetch.operation_name
        if self._names:
            attributes = rename(attributes, self._names)
        span = self._tracing.start("subgraph", attributes, SpanKind.INTERNAL)
        return await _send_in(span, call, send)


class HttpSpan:
    """The span `http_request`: the request to the subgraph, which is told of it and goes on with the trace."""

    def __init__(self, tracing: Tracing, names: Mapping[str, str | None]) -> None:
        """`names` are those of attributes that are to have another one, or none."""
        self._tracing = tracing
        self._names = names

    def __call__(self, send: Send) -> Send:
        """What sends on in a span."""

        def run(call: FetchCall) -> Awaitable[SubgraphAnswer]:
            context, request = call.context, call.request
            if context.parent is None:
                return self._record(call, send)
            told = context.told
            if told is None or told[0] is not request.headers:
                # All subgraphs are told the same, and mostly beside the same.
                told = context.told = request.headers, _add(request.headers, context.parent)
            return send(replace(call, request=replace(request, headers=told[1])))

        return run

    def _record(self, call: FetchCall, send: Send) -> Awaitable[SubgraphAnswer]:
        attributes: dict[str, str | int] = {
            "http.request.method": "POST",
            "subgraph.name": call.request.subgraph,
        }
        if self._names:
            attributes = rename(attributes, self._names)
        span = self._tracing.start("http_request", attributes, SpanKind.CLIENT)
        headers = _add(call.request.headers, self._tracing.write_parent(span, call.context.headers))
        return _send_in(span, replace(call, request=replace(call.request, headers=headers)), send)


def _add(headers: Headers, parent: Mapping[str, str]) -> Headers:
    return (*[each for each in headers if each[0] not in parent], *parent.items())


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


class FetchNotes:
    """What the user wants to be told of each fetch, or of each HTTP request to a subgraph, inside its span."""

    def __init__(
        self, notes: StageNotes, lookups: StageNotes | None = None, *, is_of_http: bool = False
    ) -> None:
        """`lookups` tells of what the response cache had; None where nothing is to be told."""
        self._notes = notes
        self._lookups = lookups
        self._describe = describe_request if is_of_http else describe_fetch
        # What is counted below belongs to the fetch.
        self._begin_tally: Callable[[], FetchTally] = FetchTally if is_of_http else begin_tally

    def __call__(self, send: Send) -> Send:
        """What sends on, and tells of it."""
        return lambda call: self._tell(call, send)

    async def _tell(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        notes, began_s = self._notes, perf_counter()
        notes.note_request(self._describe(call))
        tally, error, answer = self._begin_tally(), None, None
        try:
            answer = await send(call)
        except TransportError as failure:
            error = type(failure).__name__
            raise
        else:
            return answer
        finally:
            if answer is not None or error is not None:
                known = self._describe(call, answer, error, tally)
                notes.note_answer(known)
                is_failed = answer is None or answer.status >= FAILED
                notes.note_end(known, perf_counter() - began_s, is_failed=is_failed)
                if self._lookups is not None:
                    counts = {Lookup(*key): number for key, number in tally.lookups.items()}
                    self._lookups.note_parts(
                        (dataclasses.replace(known, lookup=lookup), number)
                        for lookup, number in counts.items()
                    )


def describe_fetch(
    call: FetchCall,
    answer: SubgraphAnswer | None = None,
    error: str | None = None,
    tally: FetchTally | None = None,
) -> Known:
    """What is known of a fetch, with its answer if there is one."""
    fetch, context = call.fetch, call.context
    tally = tally or FetchTally()
    facts = SubgraphFacts(
        fetch.subgraph,
        fetch.operation_name,
        fetch.operation_kind.value,
        fetch.operation,
        dict(call.request.headers),
        lambda: read_object(call.request.body).get("variables") or {},
        lookups=tally.lookups,
        resends=tally.resends,
    )
    if answer is not None:
        facts = dataclasses.replace(
            facts,
            response_headers=answer.headers,
            status=answer.status,
            has_errors=lambda: bool(read_object(answer.body).get("errors")),
            read_answer=cache(lambda: read_object(answer.body)),
        )
    return Known(
        context.entries,
        request_headers=dict(context.headers),
        context_id=context.id,
        document=context.document,
        variables=context.variables,
        error=error,
        subgraph=facts,
    )


def describe_request(
    call: FetchCall,
    answer: SubgraphAnswer | None = None,
    error: str | None = None,
    tally: FetchTally | None = None,
) -> Known:
    """The same of its HTTP request: what goes out and comes back stands in place of what is the client's."""
    return dataclasses.replace(
        describe_fetch(call, answer, error, tally),
        request_headers=dict(call.request.headers),
        response_headers=answer.headers if answer is not None else None,
        status=answer.status if answer is not None else None,
        method="POST",
    )


class FetchMetrics:
    """What requests to subgraphs took, and how long the router had nothing to do but wait for them."""

    def __init__(self, metrics: Metrics, labels: Mapping[str, tuple[Attribute, ...]] = NO_LABELS) -> None:
        """`labels` are further ones of the metrics of `CLIENT_MEASURED`."""
        self._metrics = metrics
        self._labels = labels
        # By subgraph, status (None for no answer), and those labels.
        self._found: dict[tuple[str, int | None, MoreLabels], list[Note]] = {}

    def __call__(self, send: Send) -> Send:
        """What sends on, and measures."""
        find, found = self._find, self._found.get

        async def run(call: FetchCall) -> SubgraphAnswer:
            request, waiting, began_s = call.request, call.context.waiting, perf_counter()
            if not waiting.count:
                waiting.since_s = began_s
            waiting.count += 1
            answer: SubgraphAnswer | None = None
            try:
                answer = await send(call)
                return answer
            finally:
                ended_s = perf_counter()
                waiting.count -= 1
                if not waiting.count:
                    waiting.total_s += ended_s - waiting.since_s
                status, size = (None, 0) if answer is None else (answer.status, len(answer.body))
                more = self._choose_labels(call, answer) if self._labels else NO_MORE
                notes = found((request.subgraph, status, more)) or find(request.subgraph, status, more)
                note_duration, note_request_size, note_response_size = notes
                note_duration(ended_s - began_s)
                note_request_size(len(request.body))
                note_response_size(size)

        return run

    def _choose_labels(self, call: FetchCall, answer: SubgraphAnswer | None) -> MoreLabels:
        known = describe_fetch(call, answer)
        return choose_labels(self._labels, CLIENT_MEASURED, known, self._metrics.choose_labels)

    def _find(self, subgraph: str, status: int | None, more: MoreLabels) -> list[Note]:
        metrics, labels = self._metrics, (subgraph, "" if status is None else str(status))
        histograms = (metrics.client_duration, metrics.client_request_size, metrics.client_response_size)
        found = self._found[subgraph, status, more] = [
            metrics.tally(each, *labels, *further).observe
            for each, further in zip(histograms, more, strict=True)
        ]
        return found
