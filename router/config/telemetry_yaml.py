"""`telemetry.exporters`: metrics for Prometheus, traces by OTLP, logs."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from router.config.logging_yaml import read_logging
from router.config.section import Section
from router.hooks.context import CLIENT_HEADERS
from router.kit.http_headers import is_name, is_value
from router.kit.json import JsonObject
from router.telemetry.options import (
    DATADOG_ENDPOINT,
    GRPC_ENDPOINT,
    OTLP_ENDPOINT,
    RESPONSE_TRACE_ID,
    TRACE_ID_FORMATS,
    ZIPKIN_ENDPOINT,
    DatadogOptions,
    GrpcTls,
    PrometheusOptions,
    PushOptions,
    SpanBatches,
    TelemetryOptions,
    TracingOptions,
    View,
)

SAMPLER: JsonObject = {
    "anyOf": [{"enum": ["always_on", "always_off"]}, {"type": "number", "minimum": 0, "maximum": 1}]
}
BUCKETS: JsonObject = {"type": "array", "items": {"type": "number"}, "minItems": 1}
AGGREGATION: JsonObject = {
    "anyOf": [
        {"enum": ["drop"]},
        {"type": "object", "properties": {"histogram": {"properties": {"buckets": BUCKETS}}}},
    ]
}
APOLLO = (
    "apollo_graph_ref",
    "apollo_key",
    "batch_processor",
    "buffer_size",
    "endpoint",
    "errors",
    "experimental_local_field_metrics",
    "experimental_otlp_endpoint",
    "experimental_otlp_metrics_protocol",
    "experimental_otlp_tracing_protocol",
    "experimental_otlp_tracing_sampler",
    "experimental_subgraph_metrics",
    "field_level_instrumentation_sampler",
    "metrics",
    "metrics_reference_mode",
    "otlp_metrics_protocol",
    "otlp_tracing_protocol",
    "otlp_tracing_sampler",
    "preview_subgraph_metrics",
    "schema_id",
    "send_headers",
    "send_variable_values",
    "signature_normalization_algorithm",
    "subgraph_metrics",
    "tracing",
)
FORMATS = ("baggage", "datadog", "jaeger", "zipkin")
LIMITS = {
    "max_attributes_per_span": ("max_span_attributes", 128),
    "max_events_per_span": ("max_events", 128),
    "max_links_per_span": ("max_links", 128),
    "max_attributes_per_event": ("max_event_attributes", 128),
    "max_attributes_per_link": ("max_link_attributes", 128),
}
"""Apollo's names of limits, OpenTelemetry's, and what both have by default."""

SAMPLERS = {"always_on": 1.0, "always_off": 0.0}


def read_telemetry(section: Section) -> TelemetryOptions:
    """`telemetry`."""
    exporters = section.section("exporters")
    metrics, logging = exporters.section("metrics"), exporters.section("logging")
    common = metrics.section("common")
    push, is_pushing = _read_push(metrics, common)
    options = TelemetryOptions(
        prometheus=_read_prometheus(metrics, push),
        push=push if is_pushing else None,
        buckets=_read_buckets(common),
        views=tuple(_read_view(each) for each in common.section_list("views")),
        tracing=_read_tracing(exporters.section("tracing")),
        logs=read_logging(logging),
    )
    for each in (common, metrics, exporters):
        each.finish()
    return options


def read_client_headers(section: Section) -> Mapping[str, str]:
    """`telemetry.apollo`: in which headers clients say who they are.

    Nothing is ever sent to Apollo, so all the rest says nothing here.
    """
    section.accept_ignored(*APOLLO)
    found = {}
    for what, (usual, key) in zip(("name", "version"), CLIENT_HEADERS.items(), strict=True):
        name = section.text(f"client_{what}_header", usual).lower()
        if not is_name(name):
            section.fail(f"client_{what}_header", "is no name of a header")
        found[name] = key
    section.finish()
    return found


def _read_view(section: Section) -> View:
    name = section.text("name")
    if not name:
        section.fail("name", "must be the name of a metric")
    given = section.raw("aggregation", AGGREGATION)
    histogram = Section(None, "", section.findings)
    if isinstance(given, dict):
        aggregation = Section(given, section.name("aggregation"), section.findings)
        histogram = aggregation.section("histogram")
        aggregation.finish()
    elif given not in (None, "drop"):
        section.fail("aggregation", "must be drop, or histogram with buckets")
    allowed, unit = section.texts("allowed_attribute_keys"), section.text("unit")
    view = View(
        name,
        section.text("rename"),
        section.text("description"),
        unit if "unit" in section else None,
        is_dropped=given == "drop",
        buckets=_read_buckets(histogram),
        allowed_labels=frozenset(allowed) if "allowed_attribute_keys" in section else None,
    )
    histogram.finish()
    section.finish()
    return view


def _read_buckets(section: Section) -> tuple[float, ...]:
    buckets = section.raw("buckets", BUCKETS)
    if buckets is None:
        return ()
    if (
        isinstance(buckets, list)
        and buckets
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in buckets)
        and all(one < other for one, other in pairwise(buckets))
    ):
        return tuple(float(each) for each in buckets)
    section.fail("buckets", "must be a list of numbers that grow")
    return ()


def _read_prometheus(metrics: Section, push: PushOptions) -> PrometheusOptions | None:
    """`push` has what is said of the router as a whole."""
    section = metrics.section("prometheus")
    defaults = PrometheusOptions()
    is_labelled = section.choice("resource_selector", "none", ("none", "all")) == "all"
    options = PrometheusOptions(
        section.text("listen", defaults.listen),
        section.text("path", defaults.path),
        (("service.name", push.service_name), *push.resource) if is_labelled else (),
    )
    is_enabled = section.boolean("enabled", default=False)
    if not options.path.startswith("/"):
        section.fail("path", "must begin with /")
    section.finish()
    return options if is_enabled else None


def _read_destination(otlp: Section, common: Section, batch: Section) -> PushOptions:
    """Where an exporter sends, how often, and as whom."""
    http, grpc = otlp.section("http"), otlp.section("grpc")
    is_grpc = otlp.choice("protocol", "grpc", ("grpc", "http")) == "grpc"
    headers, metadata = http.section("headers"), grpc.section("metadata")
    singles = {name: (value,) for name, value in headers.strings().items()}
    header_sets = _check_headers(headers, singles), _check_headers(metadata, metadata.string_lists())
    resource, namespace = common.section("resource"), common.text("service_namespace")
    described = tuple(resource.strings().items())
    defaults = PushOptions()
    options = PushOptions(
        endpoint=_read_endpoint(otlp, is_grpc=is_grpc),
        headers=header_sets[is_grpc],
        service_name=common.text("service_name", defaults.service_name),
        resource=(*described, ("service.namespace", namespace)) if namespace else described,
        is_grpc=is_grpc,
        tls=GrpcTls(grpc.text("ca"), grpc.text("cert"), grpc.text("key"), grpc.text("domain_name")),
        delay_s=batch.positive_duration_s("scheduled_delay", defaults.delay_s),
        timeout_s=batch.positive_duration_s("max_export_timeout", defaults.timeout_s),
    )
    if bool(options.tls.certificate) != bool(options.tls.key):
        grpc.fail("cert", "and key belong together: one of them is missing")
    for each in (headers, http, metadata, grpc, resource):
        each.finish()
    return options


def _read_push(metrics: Section, common: Section) -> tuple[PushOptions, bool]:
    """How metrics would be sent, and whether they are."""
    otlp = metrics.section("otlp")
    batch = otlp.section("batch_processor")
    options = _read_destination(otlp, common, batch)
    is_enabled = otlp.boolean("enabled", default=False)
    batch.accept_unsupported("max_concurrent_exports")
    is_delta = otlp.choice("temporality", "cumulative", ("cumulative", "delta")) == "delta"
    # Metrics are what they are at the time: there is no queue.
    batch.accept_ignored("max_queue_size", "max_export_batch_size")
    batch.finish()
    otlp.finish()
    return replace(options, is_delta=is_delta), is_enabled


def _read_tracing(section: Section) -> TracingOptions | None:
    common, otlp, told = (
        section.section("common"),
        section.section("otlp"),
        section.section("experimental_response_trace_id"),
    )
    propagation, batch = section.section("propagation"), otlp.section("batch_processor")
    destination, zipkin = _read_destination(otlp, common, batch), _read_zipkin(section.section("zipkin"))
    request_header, request_format = _read_request_header(propagation.section("request"))
    defaults = TracingOptions()
    options = TracingOptions(
        endpoint=destination.endpoint,
        headers=destination.headers,
        service_name=destination.service_name,
        resource=destination.resource,
        sample_ratio=_read_ratio(common),
        is_parent_based=common.boolean("parent_based_sampler", default=True),
        is_propagated=propagation.boolean("trace_context", default=True),
        formats=frozenset([each for each in FORMATS if propagation.boolean(each, default=False)]),
        request_header=request_header,
        request_header_format=request_format,
        is_grpc=destination.is_grpc,
        tls=destination.tls,
        limits=_read_limits(common),
        response_header=_read_response_header(told),
        response_format=told.choice("format", TRACE_ID_FORMATS[0], TRACE_ID_FORMATS),
        queue_max=batch.positive("max_queue_size", defaults.queue_max),
        batch_max=batch.positive("max_export_batch_size", defaults.batch_max),
        delay_s=destination.delay_s,
        timeout_s=destination.timeout_s,
    )
    _check_batch(batch, options)
    is_enabled = otlp.boolean("enabled", default=False)
    common.accept_unsupported("preview_datadog_agent_sampling")
    propagation.accept_unsupported("aws_xray")
    # It is about metrics.
    otlp.accept_ignored("temporality")
    datadog = _read_datadog(section.section("datadog"))
    for each in (batch, common, propagation, told, otlp, section):
        each.finish()
    if not is_enabled and zipkin is None and datadog is None:
        return None
    return replace(options, is_otlp=is_enabled, zipkin=zipkin, datadog=datadog)


def _read_batches(section: Section, default: str) -> SpanBatches:
    """Where spans go by a protocol that has one endpoint, and in what batches."""
    batch, defaults = section.section("batch_processor"), SpanBatches(default)
    endpoint = section.text("endpoint", "default")
    batches = SpanBatches(
        default if endpoint == "default" else endpoint,
        batch.positive("max_queue_size", defaults.queue_max),
        batch.positive("max_export_batch_size", defaults.batch_max),
        batch.positive_duration_s("scheduled_delay", defaults.delay_s),
        batch.positive_duration_s("max_export_timeout", defaults.timeout_s),
    )
    if not batches.endpoint.startswith(("http://", "https://")):
        section.fail("endpoint", "must begin with http:// or https://")
    _check_batch(batch, batches)
    batch.finish()
    return batches


def _read_zipkin(section: Section) -> SpanBatches | None:
    batches = _read_batches(section, ZIPKIN_ENDPOINT)
    is_enabled = section.boolean("enabled", default=False)
    section.finish()
    return batches if is_enabled else None


def _read_datadog(section: Section) -> DatadogOptions | None:
    mapping, measured = section.section("resource_mapping"), section.section("span_metrics")
    options = DatadogOptions(
        _read_batches(section, DATADOG_ENDPOINT),
        is_mapped=section.boolean("enable_span_mapping", default=True),
        is_name_fixed=section.boolean("fixed_span_names", default=True),
        resource_mapping=tuple(mapping.strings().items()),
        span_metrics=tuple(measured.booleans().items()),
    )
    is_enabled = section.boolean("enabled", default=False)
    for each in (mapping, measured, section):
        each.finish()
    return options if is_enabled else None


def _check_batch(batch: Section, options: TracingOptions | SpanBatches) -> None:
    if options.batch_max > options.queue_max:
        batch.fail("max_export_batch_size", "must not be more than max_queue_size")
    # A batch is sent after the other, by a thread of its own.
    batch.accept_unsupported("max_concurrent_exports")


def _read_ratio(common: Section) -> float:
    sampler = common.raw("sampler", SAMPLER, "always_on")
    ratio = (
        SAMPLERS.get(sampler, sampler) if isinstance(sampler, str) else 1.0 if sampler is None else sampler
    )
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 <= ratio <= 1:
        common.fail("sampler", "must be always_on, always_off, or a number from 0 to 1")
        return 1.0
    return float(ratio)


def _read_endpoint(otlp: Section, *, is_grpc: bool) -> str:
    endpoint = otlp.text("endpoint", "default")
    if endpoint == "default":
        return GRPC_ENDPOINT if is_grpc else OTLP_ENDPOINT
    if is_grpc and "://" not in endpoint:
        endpoint = f"http://{endpoint}"
    if not endpoint.startswith(("http://", "https://")):
        otlp.fail("endpoint", "must begin with http:// or https://")
    return endpoint


def _check_headers(section: Section, given: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    headers = tuple((name, value) for name, values in given.items() for value in values)
    for name, value in headers:
        if not is_name(name) or not is_value(value):
            section.fail(name, "is no header that can be sent")
    return headers


def _read_limits(common: Section) -> tuple[tuple[str, int], ...]:
    """The limits that are others than the library's own."""
    given = [(name, common.count(key, default), default) for key, (name, default) in LIMITS.items()]
    return tuple((name, value) for name, value, default in given if value != default)


def _read_request_header(section: Section) -> tuple[str | None, str]:
    """A header's name, None for none, and how an id is written there."""
    name = section.text("header_name").lower()
    if name and not is_name(name):
        section.fail("header_name", "is no name of a header")
    form = section.choice("format", TRACE_ID_FORMATS[0], TRACE_ID_FORMATS)
    section.finish()
    return name or None, form


def _read_response_header(section: Section) -> str | None:
    name = section.text("header_name", RESPONSE_TRACE_ID).lower()
    if not is_name(name):
        section.fail("header_name", "is no name of a header")
    is_enabled = section.boolean("enabled", default=False)
    return name if is_enabled else None
