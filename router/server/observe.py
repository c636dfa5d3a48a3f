"""Noticing GraphQL requests: a span, metrics and log lines around the whole of each.

It is made only where telemetry is configured, and it imports what it needs for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, set_span_in_context

from router.hooks.context import (
    CLIENT_NAME,
    CLIENT_VERSION,
    OPERATION_KIND,
    OPERATION_NAME,
    Context,
    build_context,
)
from router.hooks.instrumentation import Event, MoreLabels, StageNotes, choose_labels, rename
from router.hooks.known import Known
from router.kit.json import JsonObject
from router.operation.signature import find_studio_id
from router.pipeline.respond import list_errors
from router.server.messages import HttpRequest, HttpResponse
from router.server.streams import ByteStream, when_sent
from router.telemetry.logs import LEVELS, log_facts
from router.telemetry.metrics import MEMORY, QUERY_PLANNER, SERVER_ACTIVE, SERVER_MEASURED, Metrics
from router.telemetry.tally import Level
from router.telemetry.trace_ids import write_trace_id
from router.telemetry.tracing import Tracing, end_failed, serving

if TYPE_CHECKING:
    from router.telemetry.push import MetricsPush

logger = logging.getLogger("router.access")

CLIENT_GONE, SERVER_FAILED = 499, 500

CODES_MAX, CODE_LENGTH_MAX = 200, 100
OTHER = "other"
BATCH_MODE = "batch_http_link"

NO_LABELS: MoreLabels = ((),) * len(SERVER_MEASURED)

Serve = Callable[[Context], Awaitable[HttpResponse]]
Note = Callable[[float], None]


class Observer:
    """What is noticed about the requests of one generation.

    Attributes:
        push: sends metrics from the first request on; None for nothing.
    """

    push: MetricsPush | None = None

    def __init__(
        self,
        tracing: Tracing | None,
        metrics: Metrics | None,
        events: Mapping[str, Event],
        notes: StageNotes,
        count_plans: Callable[[], int],
        client_headers: Mapping[str, str],
    ) -> None:
        """`events` are the standard ones by name, `notes` all else to be told; `count_plans` tells how many are kept.

        `client_headers` are those in which clients say who they are.
        """
        self._tracing = tracing
        self._metrics = metrics
        self._events = events
        self._notes = notes if notes.options.is_telling else None
        self._options = notes.options
        self._count_plans = count_plans
        self._client_headers = client_headers
        self._codes: set[str] = set()
        self._plans = (
            metrics.level(metrics.cache_size, QUERY_PLANNER, MEMORY) if metrics is not None else None
        )
        self._active: dict[tuple[str, ...], Level] = {}
        self._found: dict[tuple[str, int, MoreLabels], tuple[Note, ...]] = {}

    def observe(self, request: HttpRequest, serve: Serve) -> Awaitable[HttpResponse]:
        """The answer that `serve` gives, noticed."""
        if self.push is not None:
            self.push.start()
        context = build_context(request.headers, self._client_headers)
        if "request" in self._events:
            self._log("request", request, context, None, {})
        pass_on = self._measure if self._notes is None else self._tell
        tracing = self._tracing
        if tracing is None:
            return pass_on(request, context, serve)
        span = tracing.start_request("router", request.values, partial(self._describe, request))
        if not span.is_recording():
            context.parent = tracing.write_parent(span, context.headers)
        return self._trace(tracing, span, context, partial(pass_on, request, context, serve))

    async def _trace(
        self,
        tracing: Tracing,
        span: Span,
        context: Context,
        pass_on: Callable[[], Awaitable[HttpResponse]],
    ) -> HttpResponse:
        if context.parent is None:
            response = await self._record(span, context, pass_on)
        else:
            token = attach(set_span_in_context(span))
            try:
                response = await pass_on()
            finally:
                detach(token)
        name = tracing.options.response_header
        if name is not None:
            trace_id = write_trace_id(span.get_span_context().trace_id, tracing.options.response_format)
            response = replace(response, headers=(*response.headers, (name, trace_id)))
        return response

    async def _record(
        self, span: Span, context: Context, pass_on: Callable[[], Awaitable[HttpResponse]]
    ) -> HttpResponse:
        body: bytes | ByteStream = b""
        try:
            with serving(span):
                response = await pass_on()
                _complete(span, context, response, self._options.names)
                body = response.body
        finally:
            when_sent(body, lambda _: span.end())
        return response

    def _describe(self, request: HttpRequest) -> dict[str, str | int]:
        attributes = _describe(request)
        return rename(attributes, self._options.names) if self._options.names else attributes

    def count_errors(self, body: JsonObject, context: Context | None) -> None:
        """Count the errors of a GraphQL response, or of one part of it, by their codes."""
        errors = list_errors(body)
        if errors and context is not None:
            context.errors = [*context.errors, *errors]
        if self._metrics is None:
            return
        for error in errors:
            extensions = error.get("extensions") if isinstance(error, dict) else None
            code = extensions.get("code") if isinstance(extensions, dict) else None
            self._metrics.errors.labels(self._bound_code(code)).inc()

    def count_batch(self, size: int) -> None:
        """Count a batch of requests."""
        if self._metrics is not None:
            self._metrics.batches.labels(BATCH_MODE).inc()
            self._metrics.batch_size.labels(BATCH_MODE).observe(size)

    async def _tell(self, request: HttpRequest, context: Context, serve: Serve) -> HttpResponse:
        """The answer, with what the user wants to be told of it."""
        notes = self._notes
        assert notes is not None, "there is something to tell"
        notes.note_request(_know(request, context, None))
        began_s = time.perf_counter()
        response = await self._measure(request, context, serve)
        is_failed = response.status >= SERVER_FAILED
        notes.note_answer(_know(request, context, response, time.perf_counter() - began_s))

        def finish(_size: int) -> None:
            duration_s = time.perf_counter() - began_s
            notes.note_end(_know(request, context, response, duration_s), duration_s, is_failed=is_failed)

        when_sent(response.body, finish)
        return response

    async def _measure(self, request: HttpRequest, context: Context, serve: Serve) -> HttpResponse:
        began_s, active = time.perf_counter(), None
        if self._metrics is not None:
            active = self._find_active(self._metrics, request, context)
            active.value += 1
            # It may last.
            self._metrics.hand_over_soon()
        try:
            response = await serve(context)
        except BaseException:
            self._finish(request, context, began_s, active, None, 0)
            raise
        when_sent(response.body, partial(self._finish, request, context, began_s, active, response))
        return response

    def _finish(
        self,
        request: HttpRequest,
        context: Context,
        began_s: float,
        active: Level | None,
        response: HttpResponse | None,
        size: int,
    ) -> None:
        """A request has ended, with `size` bytes of an answer; without one its client has gone before it was there."""
        duration_s = time.perf_counter() - began_s
        if self._metrics is not None and active is not None:
            active.value -= 1
            self._count(self._metrics, request, context, response, size, duration_s)
        if self._events:
            ended = HttpResponse(CLIENT_GONE) if response is None else response
            self._log_end(request, context, ended, size, duration_s)

    def _count(
        self,
        metrics: Metrics,
        request: HttpRequest,
        context: Context,
        response: HttpResponse | None,
        size: int,
        duration_s: float,
    ) -> None:
        method, status = request.method, CLIENT_GONE if response is None else response.status
        more = (
            self._choose(metrics, SERVER_MEASURED, _know(request, context, response))
            if self._options.labels
            else NO_LABELS
        )
        notes = self._found.get((method, status, more)) or self._find(metrics, method, status, more)
        note_duration, note_request_size, note_response_size, note_overhead = notes
        note_duration(duration_s)
        note_request_size(_read_length(request))
        note_response_size(size)
        note_overhead(max(0.0, duration_s - context.waiting.total_s))
        if self._plans is not None:
            self._plans.value = self._count_plans()
        metrics.hand_over_soon()

    def _find_active(self, metrics: Metrics, request: HttpRequest, context: Context) -> Level:
        labels: tuple[str, ...] = (request.method,)
        if SERVER_ACTIVE in self._options.labels:
            (more,) = self._choose(metrics, (SERVER_ACTIVE,), _know(request, context, None))
            labels = (*labels, *more)
        active = self._active.get(labels)
        if active is None:
            active = self._active[labels] = metrics.level(metrics.server_active, *labels)
        return active

    def _choose(self, metrics: Metrics, names: Iterable[str], known: Known) -> MoreLabels:
        return choose_labels(self._options.labels, names, known, metrics.choose_labels)

    def _find(self, metrics: Metrics, method: str, status: int, more: MoreLabels) -> tuple[Note, ...]:
        """What counts into the metrics of `SERVER_MEASURED`, in their order, and into the router's own time."""
        histograms = (metrics.server_duration, metrics.server_request_size, metrics.server_response_size)
        tallies = [
            metrics.tally(each, method, str(status), *further)
            for each, further in zip(histograms, more, strict=True)
        ]
        found = self._found[method, status, more] = tuple(
            each.observe for each in (*tallies, metrics.tally(metrics.overhead))
        )
        return found

    def _bound_code(self, code: object) -> str:
        """A code as a label. Subgraphs may make up codes, but not fill memory with them."""
        if not isinstance(code, str) or not code:
            return ""
        if code not in self._codes:
            if len(code) > CODE_LENGTH_MAX or len(self._codes) >= CODES_MAX:
                return OTHER
            self._codes.add(code)
        return code

    def _log_end(
        self, request: HttpRequest, context: Context, response: HttpResponse, size: int, duration_s: float
    ) -> None:
        name = "error" if response.status >= SERVER_FAILED and "error" in self._events else "response"
        if name in self._events:
            facts = {
                "status": response.status,
                "bytes": size,
                "duration_ms": round(duration_s * 1000, 3),
            }
            self._log(name, request, context, response, facts)

    def _log(
        self,
        name: str,
        request: HttpRequest,
        context: Context,
        response: HttpResponse | None,
        facts: Mapping[str, object],
    ) -> None:
        event = self._events.get(name)
        if event is None or not logger.isEnabledFor(LEVELS[event.level]):
            return
        if event.condition is not None and not event.condition(_know(request, context, response)):
            return
        entries = context.entries
        named = {
            "method": request.method,
            "path": request.path,
            "operation": entries.get(OPERATION_NAME),
            "client": entries.get(CLIENT_NAME),
            **facts,
        }
        log_facts(logger, LEVELS[event.level], event.message, named)


def _know(
    request: HttpRequest, context: Context, response: HttpResponse | None, duration_s: float | None = None
) -> Known:
    """What is known of a request, with its answer if there is one, and how long that took."""
    document = context.document
    overhead_s = None if duration_s is None else max(0.0, duration_s - context.waiting.total_s)
    return Known(
        context.entries,
        request_headers=request.values,
        response_headers=dict(response.headers) if response is not None else None,
        status=response.status if response is not None else None,
        method=request.method,
        path=request.path,
        query_string=request.query_string,
        context_id=context.id,
        document=document,
        studio_id=partial(find_studio_id, document, context.operation_name) if document is not None else None,
        variables=context.variables,
        has_errors=bool(context.errors) if response is not None else None,
        errors=context.errors,
        overhead_s=overhead_s,
        error=str(response.status) if response is not None and response.status >= SERVER_FAILED else None,
        scope=request.scope,
        address=request.address,
        response_size=_measure_whole(response),
    )


def _measure_whole(response: HttpResponse | None) -> int | None:
    return len(response.body) if response is not None and isinstance(response.body, bytes) else None


def _describe(request: HttpRequest) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "http.request.method": request.method,
        "url.path": request.path,
        "http.route": request.path,
    }
    agent = request.find_header("user-agent")
    return attributes if agent is None else {**attributes, "user_agent.original": agent}


def _complete(span: Span, context: Context, response: HttpResponse, names: Mapping[str, str | None]) -> None:
    """Say what is known only in the end; the name is as in Apollo Router's `spec_compliant` mode."""
    entries = context.entries
    name, kind = entries.get(OPERATION_NAME), entries.get(OPERATION_KIND)
    told: dict[str, str | int] = {}
    if kind is not None:
        span.update_name(f"{kind} {name}" if name else str(kind))
        told["graphql.operation.type"] = str(kind)
    if name:
        told["graphql.operation.name"] = str(name)
    for key, attribute in ((CLIENT_NAME, "client.name"), (CLIENT_VERSION, "client.version")):
        if key in entries:
            told[attribute] = str(entries[key])
    told["http.response.status_code"] = response.status
    span.set_attributes(rename(told, names) if names else told)
    if response.status >= SERVER_FAILED:
        end_failed(span, str(response.status))


def _read_length(request: HttpRequest) -> int:
    length = request.find_header("content-length") or ""
    return int(length) if length.isascii() and length.isdigit() and len(length) < 12 else 0  # noqa: PLR2004 -- more than anybody sends
