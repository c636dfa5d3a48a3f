"""Noticing GraphQL requests: a span, metrics and log lines around the whole of each.

It is made only where telemetry is configured, and it imports what it needs for it.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from opentelemetry.trace import Span, SpanKind, format_trace_id, use_span
from prometheus_client import Histogram

from router.hooks.context import (
    CLIENT_NAME,
    CLIENT_VERSION,
    OPERATION_KIND,
    OPERATION_NAME,
    Context,
    build_context,
)
from router.pipeline.request import Response
from router.server.messages import HttpRequest, HttpResponse
from router.telemetry.logs import LEVELS
from router.telemetry.metrics import MEMORY, QUERY_PLANNER, Metrics
from router.telemetry.tracing import Tracing, end_failed

logger = logging.getLogger("router.access")

SERVER_FAILED = 500

CODES_MAX, CODE_LENGTH_MAX = 200, 100
OTHER = "other"
BATCH_MODE = "batch_http_link"

Serve = Callable[[Context], Awaitable[HttpResponse]]


class Observer:
    """What is noticed about the requests of one generation."""

    def __init__(
        self,
        tracing: Tracing | None,
        metrics: Metrics | None,
        events: Mapping[str, str],
        count_plans: Callable[[], int],
    ) -> None:
        """`events` are levels by event; `count_plans` tells how many plans are kept."""
        self._tracing = tracing
        self._metrics = metrics
        self._events = {name: LEVELS[level] for name, level in events.items() if level != "off"}
        self._count_plans = count_plans
        self._codes: set[str] = set()
        self._found: dict[tuple[str, int], tuple[Histogram, Histogram, Histogram]] = {}

    async def observe(self, request: HttpRequest, serve: Serve) -> HttpResponse:
        """The answer that `serve` gives, noticed."""
        context = build_context(request.headers)
        if "request" in self._events:
            self._log("request", request, context, {})
        if self._tracing is None:
            return await self._measure(request, context, serve)
        span = self._tracing.start(
            "router", _describe(request), SpanKind.SERVER, self._tracing.read_parent(request.values)
        )
        with use_span(span, end_on_exit=True):
            response = await self._measure(request, context, serve)
            _complete(span, context, response)
        name = self._tracing.options.response_header
        if name is not None:
            trace_id = format_trace_id(span.get_span_context().trace_id)
            response = response._replace(headers=(*response.headers, (name, trace_id)))
        return response

    def count_errors(self, response: Response) -> None:
        """Count the errors of a GraphQL response by their codes."""
        if self._metrics is None:
            return
        for error in response.body.get("errors") or ():
            extensions = error.get("extensions") if isinstance(error, dict) else None
            code = extensions.get("code") if isinstance(extensions, dict) else None
            self._metrics.errors.labels(self._bound_code(code)).inc()

    def count_batch(self, size: int) -> None:
        """Count a batch of requests."""
        if self._metrics is not None:
            self._metrics.batches.labels(BATCH_MODE).inc()
            self._metrics.batch_size.labels(BATCH_MODE).observe(size)

    async def _measure(self, request: HttpRequest, context: Context, serve: Serve) -> HttpResponse:
        metrics = self._metrics
        active = metrics.server_active.labels(request.method) if metrics is not None else None
        began_s = time.perf_counter()
        if active is not None:
            active.inc()
        response: HttpResponse | None = None
        try:
            response = await serve(context)
            return response
        finally:
            duration_s = time.perf_counter() - began_s
            # A client that has gone before its answer was there.
            status, size = (499, 0) if response is None else (response.status, len(response.body))
            if metrics is not None and active is not None:
                active.dec()
                duration, request_size, response_size = self._find(metrics, request.method, status)
                duration.observe(duration_s)
                request_size.observe(_read_length(request))
                response_size.observe(size)
                metrics.overhead.observe(max(0.0, duration_s - context.waiting.total_s))
                metrics.cache_size.labels(QUERY_PLANNER, MEMORY).set(self._count_plans())
            self._log_end(request, context, status, size, duration_s)

    def _find(self, metrics: Metrics, method: str, status: int) -> tuple[Histogram, Histogram, Histogram]:
        """The three metrics with their labels, which the library takes long to find."""
        found = self._found.get((method, status))
        if found is None:
            labels = (method, str(status))
            found = self._found[method, status] = (
                metrics.server_duration.labels(*labels),
                metrics.server_request_size.labels(*labels),
                metrics.server_response_size.labels(*labels),
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
        self, request: HttpRequest, context: Context, status: int, size: int, duration_s: float
    ) -> None:
        event = "error" if status >= SERVER_FAILED and "error" in self._events else "response"
        if event in self._events:
            facts = {"status": status, "bytes": size, "duration_ms": round(duration_s * 1000, 3)}
            self._log(event, request, context, facts)

    def _log(self, event: str, request: HttpRequest, context: Context, facts: Mapping[str, object]) -> None:
        entries = context.entries
        named = {
            "method": request.method,
            "path": request.path,
            "operation": entries.get(OPERATION_NAME),
            "client": entries.get(CLIENT_NAME),
            **facts,
        }
        logger.log(self._events[event], "router.%s", event, extra={"facts": named})


def _describe(request: HttpRequest) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "http.request.method": request.method,
        "url.path": request.path,
        "http.route": request.path,
    }
    agent = request.find_header("user-agent")
    return attributes if agent is None else {**attributes, "user_agent.original": agent}


def _complete(span: Span, context: Context, response: HttpResponse) -> None:
    """Say what is known only in the end; the name is as in Apollo Router's `spec_compliant` mode."""
    entries = context.entries
    name, kind = entries.get(OPERATION_NAME), entries.get(OPERATION_KIND)
    if kind is not None:
        span.update_name(f"{kind} {name}" if name else str(kind))
        span.set_attribute("graphql.operation.type", str(kind))
    if name:
        span.set_attribute("graphql.operation.name", str(name))
    for key, attribute in ((CLIENT_NAME, "client.name"), (CLIENT_VERSION, "client.version")):
        if key in entries:
            span.set_attribute(attribute, str(entries[key]))
    span.set_attribute("http.response.status_code", response.status)
    if response.status >= SERVER_FAILED:
        end_failed(span, str(response.status))


def _read_length(request: HttpRequest) -> int:
    length = request.find_header("content-length") or ""
    return int(length) if length.isascii() and length.isdigit() and len(length) < 12 else 0  # noqa: PLR2004 -- more than anybody sends
