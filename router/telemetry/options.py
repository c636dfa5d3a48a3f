"""What can be set about telemetry. All of it is off unless it is asked for."""

from dataclasses import dataclass, field

RESPONSE_TRACE_ID = "apollo-trace-id"
TRACE_ID_FORMATS = ("hexadecimal", "open_telemetry", "decimal", "datadog", "uuid")
OTLP_ENDPOINT = "http://127.0.0.1:4318"
ZIPKIN_ENDPOINT = "http://127.0.0.1:9411/api/v2/spans"
DATADOG_ENDPOINT = "http://127.0.0.1:8126"
GRPC_ENDPOINT = "http://127.0.0.1:4317"


@dataclass(frozen=True, slots=True)
class CustomInstrument:
    """A metric of the user's choice: a counter, or a histogram; `unit` such as `s` or `By`."""

    name: str
    is_histogram: bool
    description: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """How a metric is to be seen.

    Attributes:
        name: OpenTelemetry's, or Prometheus'; `*` stands for any characters, `?` for one.
        rename, description: empty to leave them.
        unit: None to leave it.
        buckets: of a histogram; empty to leave them.
        allowed_labels: the only ones that are kept; None for all.
    """

    name: str
    rename: str = ""
    description: str = ""
    unit: str | None = None
    is_dropped: bool = False
    buckets: tuple[float, ...] = ()
    allowed_labels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """What makes a process's metrics others than those of another configuration.

    Attributes:
        buckets: of durations, in seconds; empty for Apollo Router's.
        further_labels: of standard metrics, by their names.
        labels: of every metric, with their values, for Prometheus alone.
    """

    buckets: tuple[float, ...] = ()
    further_labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    views: tuple[View, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PrometheusOptions:
    """Apollo's `telemetry.exporters.metrics.prometheus`.

    Attributes:
        labels: of every metric: what is said of the router as a whole, where that is to be seen here.
    """

    listen: str = "127.0.0.1:9090"
    path: str = "/metrics"
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GrpcTls:
    """Whom we trust over gRPC, and as whom we come; each a PEM text, empty for none.

    Attributes:
        authorities: instead of the machine's own.
        certificate: ours, for collectors that ask for one; `key` is its private key.
        domain_name: whose the collector's certificate must be; empty for the one in its URL.
    """

    authorities: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)
    domain_name: str = ""


@dataclass(frozen=True, slots=True)
class SpanBatches:
    """Where spans are sent, and in what batches.

    Attributes:
        endpoint: a URL; for Zipkin with its path, for Datadog's agent without one.
        queue_max: spans that wait; `batch_max` those that go together.
        delay_s: how long they wait for others; `timeout_s` what sending may take.
    """

    endpoint: str
    queue_max: int = 2048
    batch_max: int = 512
    delay_s: float = 5.0
    timeout_s: float = 30.0


DATADOG_RESOURCES = (
    ("router", "http.route"),
    ("supergraph", "graphql.operation.name"),
    ("query_planning", "graphql.operation.name"),
    ("subgraph", "subgraph.name"),
    ("http_request", "http.route"),
)
"""By spans, which attribute is the resource; Apollo Router's."""

DATADOG_MEASURED = (
    "router",
    "supergraph",
    "parse_query",
    "query_planning",
    "execution",
    "subgraph",
    "http_request",
)
"""The spans of which the agent makes statistics; Apollo Router's."""


@dataclass(frozen=True, slots=True)
class DatadogOptions:
    """Apollo's `telemetry.exporters.tracing.datadog`.

    Attributes:
        is_mapped: whether an attribute of a span is its resource, else its name is.
        is_name_fixed: whether the span of a request is called `router`, else after its operation.
        resource_mapping: spans' names with the attribute that is their resource.
        span_metrics: spans' names with whether the agent makes statistics of them.
    """

    batches: SpanBatches = SpanBatches(DATADOG_ENDPOINT)
    is_mapped: bool = True
    is_name_fixed: bool = True
    resource_mapping: tuple[tuple[str, str], ...] = ()
    span_metrics: tuple[tuple[str, bool], ...] = ()

    @property
    def resources(self) -> dict[str, str]:
        """The attribute of each span that is its resource."""
        return dict((*DATADOG_RESOURCES, *self.resource_mapping))

    @property
    def measured(self) -> dict[str, bool]:
        """Whether the agent makes statistics of each span."""
        return {**dict.fromkeys(DATADOG_MEASURED, True), **dict(self.span_metrics)}


@dataclass(frozen=True, slots=True)
class PushOptions:
    """Apollo's `telemetry.exporters.metrics.otlp`; see `TracingOptions`.

    Attributes:
        delay_s: how often metrics are sent.
        is_delta: whether only what has come since the last time is sent.
    """

    endpoint: str = GRPC_ENDPOINT
    headers: tuple[tuple[str, str], ...] = ()
    service_name: str = "router"
    resource: tuple[tuple[str, str], ...] = ()
    is_grpc: bool = True
    tls: GrpcTls = GrpcTls()
    delay_s: float = 5.0
    timeout_s: float = 30.0
    is_delta: bool = False


@dataclass(frozen=True, slots=True)
class TracingOptions:
    """Apollo's `telemetry.exporters.tracing`.

    Attributes:
        sample_ratio: of traces that begin here.
        is_parent_based: whether the caller's own decision holds where it has made one.
        is_propagated: whether `traceparent` is read and sent (W3C Trace Context).
        formats: of trace contexts that are read and sent besides, by Apollo's names.
        request_header: a header in which a client may bring the trace's id; None for none.
        is_grpc: whether OTLP goes over gRPC, else over HTTP.
        response_header: under which name clients are told the trace's id; None not to.
        response_format: how it is written there: one of `TRACE_ID_FORMATS`.
        endpoint: of the collector, without `/v1/traces`.
        tls: for gRPC at `https://`.
        limits: how much a span may hold, by OpenTelemetry's names.
        is_otlp: whether spans are sent by OTLP; `zipkin`, `datadog` None not to send them there.
        request_header_format: how that header's id is written: one of `TRACE_ID_FORMATS`.
    """

    endpoint: str = OTLP_ENDPOINT
    headers: tuple[tuple[str, str], ...] = ()
    service_name: str = "router"
    resource: tuple[tuple[str, str], ...] = ()
    sample_ratio: float = 1.0
    is_parent_based: bool = True
    is_propagated: bool = True
    formats: frozenset[str] = frozenset()
    request_header: str | None = None
    is_grpc: bool = False
    tls: GrpcTls = GrpcTls()
    limits: tuple[tuple[str, int], ...] = ()
    response_header: str | None = None
    response_format: str = "hexadecimal"
    queue_max: int = 2048
    batch_max: int = 512
    delay_s: float = 5.0
    timeout_s: float = 30.0
    is_otlp: bool = True
    zipkin: SpanBatches | None = None
    datadog: DatadogOptions | None = None
    request_header_format: str = "hexadecimal"


LINE_PARTS = ("timestamp", "level", "target", "filename", "line_number", "span_id", "resource")
"""Of a log line, beside its message and the trace's id."""


@dataclass(frozen=True, slots=True)
class LineForm:
    """How log lines look.

    Attributes:
        is_json: for machines; else for people, who are shown no ids and no resource.
        shown: which of `LINE_PARTS`, and `trace_id`.
        trace_id: one of `TRACE_ID_FORMATS`.
    """

    is_json: bool
    shown: frozenset[str] = frozenset({*LINE_PARTS, "trace_id"} - {"filename", "line_number"})
    trace_id: str = TRACE_ID_FORMATS[0]


@dataclass(frozen=True, slots=True)
class LineLimit:
    """How many lines may come from one place of the code: `capacity` in `interval_s` seconds."""

    capacity: int
    interval_s: float


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Apollo's `telemetry.exporters.logging`.

    Attributes:
        form: of lines to standard output; None for what the command line says.
        terminal_form: instead of it, where that is a terminal.
        resource: told in each line for machines.
        limit: None for all lines.
    """

    is_enabled: bool = True
    form: LineForm | None = None
    terminal_form: LineForm | None = None
    resource: tuple[tuple[str, str], ...] = ()
    limit: LineLimit | None = None


@dataclass(frozen=True, slots=True)
class TelemetryOptions:
    """Apollo's `telemetry`.

    Attributes:
        push: None to send no metrics.
        buckets: of durations, in seconds; empty for Apollo Router's.
    """

    prometheus: PrometheusOptions | None = None
    push: PushOptions | None = None
    buckets: tuple[float, ...] = ()
    views: tuple[View, ...] = ()
    tracing: TracingOptions | None = None
    logs: LogOptions = field(default_factory=LogOptions)

    @property
    def is_off(self) -> bool:
        """Whether requests are neither traced nor counted."""
        return not self.is_counting and self.tracing is None

    @property
    def is_counting(self) -> bool:
        """Whether requests are counted."""
        return self.prometheus is not None or self.push is not None
