"""The layers that notice what goes to subgraphs: spans around each fetch and each HTTP request, and what they took."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from msgspec.structs import replace
from opentelemetry.trace import Span, SpanKind, get_current_span, use_span

from router.executor.fetch_tally import FetchTally, begin_tally
from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer, TransportError
from router.hooks.instrumentation import Attribute, MoreLabels, StageNotes, choose_labels, rename
from router.hooks.known import Known, Lookup, SubgraphFacts
from router.kit.json import JsonObject, read_faulty_json
from router.telemetry.metrics import CLIENT_MEASURED, Metrics
from router.telemetry.tracing import Tracing, end_failed, is_recording

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

    def __call__(self, call: FetchCall, send: Send) -> Awaitable[SubgraphAnswer]:
        """Send on in a span.

        Raises:
            TransportError: no usable answer.
        """
        return self._record(call, send) if is_recording() else send(call)

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

    def __call__(self, call: FetchCall, send: Send) -> Awaitable[SubgraphAnswer]:
        """Send on in a span.

        Raises:
            TransportError: no usable answer.
        """
        context = call.context
        if not is_recording():
            # Subgraphs are told that this trace is not recorded, all of them the same.
            if context.parent is None:
                context.parent = self._tracing.write_parent(get_current_span(), context.headers)
            return send(_tell(call, context.parent))
        attributes: dict[str, str | int] = {
            "http.request.method": "POST",
            "subgraph.name": call.request.subgraph,
        }
        if self._names:
            attributes = rename(attributes, self._names)
        span = self._tracing.start("http_request", attributes, SpanKind.CLIENT)
        return _send_in(span, _tell(call, self._tracing.write_parent(span, context.headers)), send)


def _tell(call: FetchCall, parent: Mapping[str, str]) -> FetchCall:
    if not parent:
        return call
    headers = (*[each for each in call.request.headers if each[0] not in parent], *parent.items())
    return replace(call, request=replace(call.request, headers=headers))


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
    """What the user wants to be told of each fetch, inside its span."""

    def __init__(self, notes: StageNotes, lookups: StageNotes | None = None) -> None:
        """`lookups` tells of what the response cache had; None where nothing is to be told."""
        self._notes = notes
        self._lookups = lookups

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and tell of it.

        Raises:
            TransportError: no usable answer.
        """
        notes, began_s = self._notes, perf_counter()
        notes.note_request(describe_fetch(call))
        tally, error, answer = begin_tally(), None, None
        try:
            answer = await send(call)
        except TransportError as failure:
            error = type(failure).__name__
            raise
        else:
            return answer
        finally:
            if answer is not None or error is not None:
                known = describe_fetch(call, answer, error, tally)
                notes.note_answer(known)
                is_failed = answer is None or answer.status >= FAILED
                notes.note_end(known, perf_counter() - began_s, is_failed=is_failed)
                if self._lookups is not None:
                    counts = {Lookup(*key): number for key, number in tally.lookups.items()}
                    self._lookups.note_parts(
                        (dataclasses.replace(known, lookup=lookup), number)
                        for lookup, number in counts.items()
                    )


class RequestNotes:
    """What the user wants to be told of each HTTP request to a subgraph, inside its span."""

    def __init__(self, notes: StageNotes) -> None:
        self._notes = notes

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and tell of it.

        Raises:
            TransportError: no usable answer.
        """
        began_s, answer, error = perf_counter(), None, None
        try:
            answer = await send(call)
        except TransportError as failure:
            error = type(failure).__name__
            raise
        else:
            return answer
        finally:
            if answer is not None or error is not None:
                # Who looks here sees the request as it goes out, not the client's.
                sent = dataclasses.replace(
                    describe_fetch(call, answer, error),
                    request_headers=dict(call.request.headers),
                    response_headers=answer.headers if answer is not None else None,
                    status=answer.status if answer is not None else None,
                    method="POST",
                )
                self._notes.note_answer(sent)
                is_failed = answer is None or answer.status >= FAILED
                self._notes.note_end(sent, perf_counter() - began_s, is_failed=is_failed)


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
        lambda: _read_object(call.request.body).get("variables") or {},
        lookups=tally.lookups,
        resends=tally.resends,
    )
    if answer is not None:
        facts = dataclasses.replace(
            facts,
            response_headers=answer.headers,
            status=answer.status,
            has_errors=lambda: bool(_read_object(answer.body).get("errors")),
            read_answer=cache(lambda: _read_object(answer.body)),
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


def _read_object(body: bytes) -> JsonObject:
    try:
        value = read_faulty_json(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class FetchMetrics:
    """What requests to subgraphs took, and how long the router had nothing to do but wait for them."""

    def __init__(self, metrics: Metrics, labels: Mapping[str, tuple[Attribute, ...]] = NO_LABELS) -> None:
        """`labels` are further ones of the metrics of `CLIENT_MEASURED`."""
        self._metrics = metrics
        self._labels = labels
        # By subgraph, status (None for no answer), and those labels.
        self._found: dict[tuple[str, int | None, MoreLabels], list[Note]] = {}

    async def __call__(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and measure.

        Raises:
            TransportError: no usable answer.
        """
        waiting = call.context.waiting
        began_s = perf_counter()
        waiting.begin(began_s)
        status, size = None, 0
        answer: SubgraphAnswer | None = None
        try:
            answer = await send(call)
            status, size = answer.status, len(answer.body)
            return answer
        finally:
            ended_s = perf_counter()
            waiting.end(ended_s)
            request = call.request
            more = self._choose_labels(call, answer) if self._labels else NO_MORE
            notes = self._found.get((request.subgraph, status, more)) or self._find(
                request.subgraph, status, more
            )
            note_duration, note_request_size, note_response_size = notes
            note_duration(ended_s - began_s)
            note_request_size(len(request.body))
            note_response_size(size)

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
