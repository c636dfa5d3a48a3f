"""Traces by OpenTelemetry, with Apollo Router's names of spans and attributes, sent by OTLP over HTTP or gRPC, to Zipkin, or to Datadog.

Provider and exporter are the process's for each configuration: a reload with the same one goes on using them. The exporter
sends in a thread of its own, from a queue with a bound; what does not fit is dropped.

Spec: W3C Trace Context; OpenTelemetry semantic conventions for HTTP 1.23 and GraphQL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    format_trace_id,
)

from router.telemetry.options import DatadogOptions, SpanBatches, TracingOptions
from router.telemetry.otlp import write_grpc_arguments, write_http_arguments
from router.telemetry.propagation import Propagation
from router.telemetry.unsampled import Unsampled

Result = TypeVar("Result")

TRACES_PATH = "/v1/traces"
INSTRUMENTATION = "router"
FLUSH_TIMEOUT_MS = 3_000


class _Ids(RandomIdGenerator):
    """Ids by chance, but for that of a trace which is begun with one.

    Attributes:
        drawn: what the next trace is to have; None for any.
    """

    drawn: int | None = None

    def generate_trace_id(self) -> int:
        """What was drawn, once, or a new one."""
        drawn, self.drawn = self.drawn, None
        return drawn or super().generate_trace_id()


class Tracing:
    """Makes spans by one configuration."""

    def __init__(self, options: TracingOptions, exporter: SpanExporter | None = None) -> None:
        """`exporter` None sends to the collector that `options` name."""
        self.options = options
        self._exporter = exporter
        self._propagation = Propagation(options)
        self._sampler = TraceIdRatioBased(options.sample_ratio)
        self._ids = _Ids()

    @cached_property
    def provider(self) -> TracerProvider:
        """Made with the first span: its thread does not survive a fork."""
        options = self.options
        sampler: Sampler = ParentBased(self._sampler) if options.is_parent_based else self._sampler
        resource = Resource.create({**dict(options.resource), "service.name": options.service_name})
        limits = SpanLimits(**dict(options.limits))
        provider = TracerProvider(
            sampler=sampler, resource=resource, span_limits=limits, id_generator=self._ids
        )
        if options.is_otlp:
            provider.add_span_processor(_build_processor(self._exporter or _build_exporter(options), options))
        if options.zipkin is not None:
            provider.add_span_processor(_build_processor(_build_zipkin(options.zipkin), options.zipkin))
        if options.datadog is not None:
            exporter = _build_datadog(options.datadog)
            provider.add_span_processor(_build_processor(exporter, options.datadog.batches))
        return provider

    @cached_property
    def _tracer(self) -> Tracer:
        return self.provider.get_tracer(INSTRUMENTATION)

    async def flush(self) -> None:
        """Send what is still in the queue."""
        if "provider" in self.__dict__:
            await asyncio.to_thread(self.provider.force_flush, FLUSH_TIMEOUT_MS)

    def start(
        self, name: str, attributes: Mapping[str, str | int], kind: SpanKind, parent: Context | None = None
    ) -> Span:
        """A new span below `parent`, or below the current one."""
        return self._tracer.start_span(name, parent, kind, attributes)

    def start_request(
        self, name: str, headers: Mapping[str, str], describe: Callable[[], Mapping[str, str | int]]
    ) -> Span:
        """The span of a request, below its caller's, of which its headers (names in lower case) may tell, or the current one.

        Most requests are not sampled. The library would make as much of them as of others before it asks, so they are
        looked at here, by its samplers' rules; `describe` gives the attributes of one that is.
        """
        parent = self._propagation.read_parent(headers)
        caller = trace.get_current_span(parent).get_span_context()
        if not caller.is_valid:
            trace_id, flags, state = self._ids.generate_trace_id(), TraceFlags.RANDOM_TRACE_ID, None
            is_sampled = self._draws(trace_id)
            self._ids.drawn = trace_id if is_sampled else None
        else:
            trace_id, state = caller.trace_id, caller.trace_state
            flags = caller.trace_flags & TraceFlags.RANDOM_TRACE_ID
            is_sampled = caller.trace_flags.sampled if self.options.is_parent_based else self._draws(trace_id)
        if is_sampled:
            return self.start(name, describe(), SpanKind.SERVER, parent)
        return Unsampled(trace_id, self._ids.generate_span_id(), flags, state)

    def _draws(self, trace_id: int) -> bool:
        return trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._sampler.bound

    def write_parent(self, span: Span, received: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The headers that tell a subgraph of `span`; `received` are the client's."""
        return self._propagation.write_parent(span, received)

    def set_attributes(self, told: Mapping[str, str | int | float | bool]) -> None:
        """Say more of the current span."""
        trace.get_current_span().set_attributes(told)

    def traced(
        self,
        name: str,
        running: Awaitable[Result],
        when_over: Callable[[Result, Callable[[], None]], None] | None = None,
    ) -> Awaitable[Result]:
        """What waits for something in a span of its own, below the current one; in none where nothing is recorded.

        `when_over` calls what ends the span when all of the result has been given, which may be later.
        """
        return self._trace(name, running, when_over) if is_recording() else running

    def is_traced(self) -> bool:
        """Whether `traced` makes a span now."""
        return is_recording()

    async def _trace(
        self,
        name: str,
        running: Awaitable[Result],
        when_over: Callable[[Result, Callable[[], None]], None] | None,
    ) -> Result:
        span = self._tracer.start_span(name)
        try:
            with trace.use_span(span):
                result = await running
        except BaseException:
            span.end()
            raise
        if when_over is None:
            span.end()
        else:
            when_over(result, span.end)
        return result


_is_recording: ContextVar[bool] = ContextVar("_is_recording", default=False)


@contextmanager
def serving(span: Span) -> Iterator[None]:
    """Serve a request in the span that stands for all of it, and is recorded; it is not ended."""
    told = _is_recording.set(True)
    try:
        with trace.use_span(span, end_on_exit=False):
            yield
    finally:
        _is_recording.reset(told)


def is_recording() -> bool:
    """Whether the current request is traced: each stage asks. Of one that is not, spans would cost as much as they say."""
    return _is_recording.get()


def end_failed(span: Span, reason: str) -> None:
    """Note that what the span stands for has failed."""
    span.set_status(Status(StatusCode.ERROR, reason))


def find_ids() -> tuple[str, str] | None:
    """The ids of the current trace and span, in hexadecimal digits; None outside of any."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return format_trace_id(context.trace_id), format_span_id(context.span_id)


@cache
def get_tracing(options: TracingOptions) -> Tracing:
    """The process's tracing by these options. It ends with the process, which sends what is still in the queue."""
    return Tracing(options)


def _build_processor(exporter: SpanExporter, options: TracingOptions | SpanBatches) -> BatchSpanProcessor:
    return BatchSpanProcessor(
        exporter,
        max_queue_size=options.queue_max,
        max_export_batch_size=options.batch_max,
        schedule_delay_millis=options.delay_s * 1000,
        export_timeout_millis=options.timeout_s * 1000,
    )


def _build_zipkin(options: SpanBatches) -> SpanExporter:
    from opentelemetry.exporter.zipkin.json import ZipkinExporter  # noqa: PLC0415 -- only where it is asked for

    # Whole seconds, by its types.
    return ZipkinExporter(endpoint=options.endpoint, timeout=max(1, round(options.timeout_s)))


def _build_datadog(options: DatadogOptions) -> SpanExporter:
    from router.telemetry.datadog_spans import DatadogExporter  # noqa: PLC0415 -- only where it is asked for

    return DatadogExporter(options)


def _build_exporter(options: TracingOptions) -> SpanExporter:
    if options.is_grpc:
        # Its library takes long to import.
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter as GrpcSpanExporter,
        )

        return GrpcSpanExporter(**write_grpc_arguments(options))
    return OTLPSpanExporter(**write_http_arguments(options, TRACES_PATH))
