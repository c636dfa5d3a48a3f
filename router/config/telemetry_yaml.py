"""`telemetry`: metrics for Prometheus, traces by OTLP over HTTP, logs."""

from router.config.section import Section
from router.kit.http_headers import is_name, is_value
from router.kit.json import JsonObject
from router.telemetry.logs import LEVELS
from router.telemetry.options import (
    OTLP_ENDPOINT,
    RESPONSE_TRACE_ID,
    TRACE_ID_FORMATS,
    PrometheusOptions,
    TelemetryOptions,
    TracingOptions,
)

EVENTS = ("request", "response", "error")
SAMPLER: JsonObject = {
    "anyOf": [{"enum": ["always_on", "always_off"]}, {"type": "number", "minimum": 0, "maximum": 1}]
}
LOG_FORMAT: JsonObject = {"anyOf": [{"enum": ["json", "text"]}, {"type": "object", "minProperties": 1}]}
EVENT: JsonObject = {"type": "object", "additionalProperties": True}
SAMPLERS = {"always_on": 1.0, "always_off": 0.0}


def read_telemetry(section: Section) -> TelemetryOptions:
    """`telemetry`."""
    exporters, instrumentation = section.section("exporters"), section.section("instrumentation")
    metrics, logging = exporters.section("metrics"), exporters.section("logging")
    options = TelemetryOptions(
        prometheus=_read_prometheus(metrics),
        tracing=_read_tracing(exporters.section("tracing")),
        logs_format=_read_logging(logging),
        events=_read_events(instrumentation),
    )
    # Nothing is ever sent to Apollo.
    section.accept_ignored("apollo")
    metrics.accept_unsupported("otlp", "common")
    instrumentation.accept_unsupported("spans", "instruments")
    for each in (metrics, exporters, instrumentation, section):
        each.finish()
    return options


def _read_prometheus(metrics: Section) -> PrometheusOptions | None:
    section = metrics.section("prometheus")
    defaults = PrometheusOptions()
    options = PrometheusOptions(section.text("listen", defaults.listen), section.text("path", defaults.path))
    is_enabled = section.boolean("enabled", default=False)
    if not options.path.startswith("/"):
        section.fail("path", "must begin with /")
    section.accept_unsupported("resource_selector")
    section.finish()
    return options if is_enabled else None


def _read_tracing(section: Section) -> TracingOptions | None:
    common, otlp, told = (
        section.section("common"),
        section.section("otlp"),
        section.section("experimental_response_trace_id"),
    )
    propagation = section.section("propagation")
    batch, http = otlp.section("batch_processor"), otlp.section("http")
    is_enabled = otlp.boolean("enabled", default=False)
    protocol = otlp.text("protocol", "http")
    if is_enabled and protocol != "http":
        otlp.fail("protocol", "must be http; collectors listen for it at port 4318")
    sampler = common.raw("sampler", SAMPLER)
    ratio = (
        SAMPLERS.get(sampler, sampler) if isinstance(sampler, str) else 1.0 if sampler is None else sampler
    )
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 <= ratio <= 1:
        common.fail("sampler", "must be always_on, always_off, or a number from 0 to 1")
        ratio = 1.0
    resource = common.section("resource")
    headers = http.section("headers")
    defaults = TracingOptions()
    options = TracingOptions(
        endpoint=_read_endpoint(otlp),
        headers=_read_headers(headers),
        service_name=common.text("service_name", defaults.service_name),
        resource=tuple(resource.strings().items()),
        sample_ratio=float(ratio),
        is_parent_based=common.boolean("parent_based_sampler", default=True),
        is_propagated=propagation.boolean("trace_context", default=True),
        response_header=_read_response_header(told),
        response_format=told.choice("format", TRACE_ID_FORMATS[0], TRACE_ID_FORMATS),
        queue_max=batch.count("max_queue_size", defaults.queue_max) or 1,
        batch_max=batch.count("max_export_batch_size", defaults.batch_max) or 1,
        delay_s=batch.duration_s("scheduled_delay", defaults.delay_s),
        timeout_s=batch.duration_s("max_export_timeout", defaults.timeout_s),
    )
    if options.batch_max > options.queue_max:
        batch.fail("max_export_batch_size", "must not be more than max_queue_size")
    batch.accept_unsupported("max_concurrent_exports")
    common.accept_unsupported(
        "service_namespace",
        "max_attributes_per_event",
        "max_attributes_per_link",
        "max_attributes_per_span",
        "max_events_per_span",
        "max_links_per_span",
        "preview_datadog_agent_sampling",
    )
    propagation.accept_unsupported("baggage", "jaeger", "zipkin", "datadog", "aws_xray", "request")
    otlp.accept_unsupported("grpc", "temporality")
    section.accept_unsupported("datadog", "zipkin")
    for each in (headers, http, batch, resource, common, propagation, told, otlp, section):
        each.finish()
    return options if is_enabled else None


def _read_endpoint(otlp: Section) -> str:
    endpoint = otlp.text("endpoint", "default")
    if endpoint == "default":
        return OTLP_ENDPOINT
    if not endpoint.startswith(("http://", "https://")):
        otlp.fail("endpoint", "must begin with http:// or https://")
    return endpoint


def _read_headers(section: Section) -> tuple[tuple[str, str], ...]:
    headers = tuple(section.strings().items())
    for name, value in headers:
        if not is_name(name) or not is_value(value):
            section.fail(name, "is no header that can be sent")
    return headers


def _read_response_header(section: Section) -> str | None:
    name = section.text("header_name", RESPONSE_TRACE_ID).lower()
    if not is_name(name):
        section.fail("header_name", "is no name of a header")
    is_enabled = section.boolean("enabled", default=False)
    return name if is_enabled else None


def _read_logging(section: Section) -> str | None:
    stdout = section.section("stdout")
    is_enabled = stdout.boolean("enabled", default=True)
    form = stdout.raw("format", LOG_FORMAT)
    if isinstance(form, dict) and len(form) == 1:
        # Apollo's long form, with options of the format.
        stdout.findings.warnings.append(f"{stdout.name('format')}'s options are not supported yet")
        form = next(iter(form))
    if form not in (None, "json", "text"):
        stdout.fail("format", "must be json or text")
    stdout.accept_unsupported("rate_limit", "tty_format")
    section.accept_unsupported("common")
    stdout.finish()
    section.finish()
    return form if is_enabled and isinstance(form, str) else None


def _read_events(instrumentation: Section) -> dict[str, str]:
    events = instrumentation.section("events")
    router = events.section("router")
    levels = {}
    for name in EVENTS:
        if isinstance(router.raw(name, EVENT), dict):
            # Apollo's long form, with a condition and attributes: logging what was not meant would be worse than nothing.
            router.accept_unsupported(name)
            continue
        level = router.choice(name, "off", ("off", "info", "warn", "error"))
        if level != "off":
            assert level in LEVELS, "the choices are levels"
            levels[name] = level
    # Events of the user's own, each a mapping.
    router.accept_unsupported(*router.other_mappings())
    events.accept_unsupported("supergraph", "subgraph", "connector")
    router.finish()
    events.finish()
    return levels
