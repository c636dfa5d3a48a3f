"""What can be set about telemetry. All of it is off unless it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RESPONSE_TRACE_ID = "apollo-trace-id"
TRACE_ID_FORMATS = ("hexadecimal", "open_telemetry", "decimal", "datadog", "uuid")
OTLP_ENDPOINT = "http://127.0.0.1:4318"


@dataclass(frozen=True, slots=True)
class PrometheusOptions:
    """Apollo's `telemetry.exporters.metrics.prometheus`."""

    listen: str = "127.0.0.1:9090"
    path: str = "/metrics"


@dataclass(frozen=True, slots=True)
class TracingOptions:
    """Apollo's `telemetry.exporters.tracing`.

    Attributes:
        sample_ratio: of traces that begin here.
        is_parent_based: whether the caller's own decision holds where it has made one.
        is_propagated: whether `traceparent` is read and sent (W3C Trace Context).
        response_header: under which name clients are told the trace's id; None not to.
        response_format: how it is written there: one of `TRACE_ID_FORMATS`.
        endpoint: of the collector, without `/v1/traces`.
    """

    endpoint: str = OTLP_ENDPOINT
    headers: tuple[tuple[str, str], ...] = ()
    service_name: str = "router"
    resource: tuple[tuple[str, str], ...] = ()
    sample_ratio: float = 1.0
    is_parent_based: bool = True
    is_propagated: bool = True
    response_header: str | None = None
    response_format: str = "hexadecimal"
    queue_max: int = 2048
    batch_max: int = 512
    delay_s: float = 5.0
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class TelemetryOptions:
    """Apollo's `telemetry`.

    Attributes:
        logs_format: `json` or `text`, to standard output; None for what the command line says.
        events: levels of log lines about requests, by `request`, `response`, `error`; the one for `response` is the
            access log.
    """

    prometheus: PrometheusOptions | None = None
    tracing: TracingOptions | None = None
    logs_format: str | None = None
    events: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_off(self) -> bool:
        """Whether nothing is to be noticed about requests."""
        return self.prometheus is None and self.tracing is None and not self.events
