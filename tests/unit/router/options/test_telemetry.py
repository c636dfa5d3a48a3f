"""Options of `telemetry.exporters` that tests of exporters and spans do not need: what the libraries are told, and what a span holds."""

import asyncio
import re

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExportResult
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.memory import MemoryTransport
from router.hooks import Plugin
from router.telemetry.tracing import Tracing
from tests.support.small_graph import SmallGraph

OTLP = {"otlp": {"enabled": True}}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}


async def ask(exporters, *, plugins=None, then=None):
    """The answer, and the headers that the subgraph was sent; `then` is awaited before the router ends."""
    graph, sent = SmallGraph(), []

    async def users(request):
        sent.append(dict(request.headers))
        return await graph.users(request)

    config = {"telemetry": {"exporters": exporters}}
    app = graph.build_app(config, transport=MemoryTransport({"users": users}), plugins=plugins)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": "query Q { me { name } }"}, headers=PARENT)
    if then is not None:
        await then()
    await app.close()
    return answer, sent[0]


@pytest.fixture
def spans(monkeypatch):
    """Finds the span of a name."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr("router.telemetry.tracing.get_tracing", lambda options: Tracing(options, exporter))
    return lambda name: next(span for span in exporter.get_finished_spans() if span.name == name)


async def note(_request):
    """A hook that says much of the current span."""
    span, many = trace.get_current_span(), {f"a{i}": i for i in range(4)}
    for i in range(4):
        span.add_event(f"e{i}", many)
        span.add_link(span.get_span_context(), many)


@pytest.mark.parametrize(
    ("limits", "events", "links", "attributes_of_events", "attributes_of_links"),
    [
        ({}, 4, 4, 4, 4),
        ({"max_events_per_span": 3}, 3, 4, 4, 4),
        ({"max_links_per_span": 2}, 4, 2, 4, 4),
        ({"max_attributes_per_event": 3}, 4, 4, 3, 4),
        ({"max_attributes_per_link": 0}, 4, 4, 4, 0),
        ({"max_events_per_span": 4, "max_links_per_span": 4}, 4, 4, 4, 4),
    ],
)
async def test_a_span_holds_no_more_than_it_may(
    spans, limits, events, links, attributes_of_events, attributes_of_links
):
    await ask({"tracing": {**OTLP, "common": limits}}, plugins={"p": Plugin(supergraph_request=note)})
    span = spans("supergraph")
    assert (len(span.events), len(span.links)) == (events, links)
    assert {len(event.attributes) for event in span.events} == {attributes_of_events}
    assert {len(link.attributes) for link in span.links} == {attributes_of_links}


@pytest.mark.parametrize(
    ("told", "header", "pattern"),
    [
        ({}, "apollo-trace-id", None),
        ({"enabled": True}, "apollo-trace-id", TRACE_ID),
        ({"enabled": True, "header_name": "X-Id"}, "x-id", TRACE_ID),
        ({"enabled": True, "format": "open_telemetry"}, "apollo-trace-id", TRACE_ID),
        ({"enabled": True, "format": "decimal"}, "apollo-trace-id", str(int(TRACE_ID, 16))),
        ({"enabled": True, "format": "datadog"}, "apollo-trace-id", str(int(TRACE_ID[16:], 16))),
        ({"enabled": True, "format": "uuid"}, "apollo-trace-id", "0af76519-16cd-43dd-8448-eb211c80319c"),
    ],
)
@pytest.mark.usefixtures("spans")
async def test_clients_are_told_the_trace_as_is_said(told, header, pattern):
    answer, _ = await ask({"tracing": {**OTLP, "experimental_response_trace_id": told}})
    assert answer.headers.get(header) == pattern


@pytest.mark.parametrize(
    ("propagation", "sent"),
    [
        ({}, {"traceparent"}),
        ({"trace_context": False}, set()),
        ({"datadog": True}, {"traceparent", "x-datadog-trace-id", "x-datadog-parent-id"}),
        ({"jaeger": True, "trace_context": False}, {"uber-trace-id"}),
        ({"zipkin": True, "trace_context": False}, {"x-b3-traceid", "x-b3-spanid", "x-b3-sampled"}),
    ],
)
@pytest.mark.usefixtures("spans")
async def test_subgraphs_are_sent_the_trace_in_the_formats_that_are_on(propagation, sent):
    _, headers = await ask({"tracing": {**OTLP, "propagation": propagation}})
    others = {"x-datadog-tags", "x-datadog-sampling-priority", "tracestate", "x-b3-parentspanid"}
    told = {name for name in headers if re.match("trace|x-datadog|x-b3|b3|uber", name)}
    assert told - others == sent


BATCHES = [
    ({}, (2048, 512, 5000), 30),
    ({"max_queue_size": 512}, (512, 512, 5000), 30),
    ({"max_export_batch_size": 1}, (2048, 1, 5000), 30),
    ({"max_queue_size": 7, "max_export_batch_size": 7}, (7, 7, 5000), 30),
    ({"scheduled_delay": "250ms"}, (2048, 512, 250), 30),
    ({"max_export_timeout": "2s"}, (2048, 512, 5000), 2),
]


@pytest.mark.parametrize(("batch", "queue", "timeout_s"), BATCHES)
@pytest.mark.parametrize("protocol", ["http", "grpc", "zipkin", "datadog"])
async def test_spans_wait_and_are_sent_as_is_said(monkeypatch, protocol, batch, queue, timeout_s):
    told = {}

    def build_processor(_exporter, **options):
        names = ("max_queue_size", "max_export_batch_size", "schedule_delay_millis")
        told["queue"] = tuple(options[name] for name in names)
        return SpanProcessor()

    def build_exporter(**options):
        told["timeout"] = options["timeout"]

    monkeypatch.setattr("router.telemetry.tracing.get_tracing", Tracing)
    monkeypatch.setattr("router.telemetry.tracing.BatchSpanProcessor", build_processor)
    monkeypatch.setattr("router.telemetry.tracing.OTLPSpanExporter", build_exporter)
    monkeypatch.setattr(
        "opentelemetry.exporter.otlp.proto.grpc.trace_exporter.OTLPSpanExporter", build_exporter
    )
    monkeypatch.setattr("opentelemetry.exporter.zipkin.json.ZipkinExporter", build_exporter)
    monkeypatch.setattr(
        "router.telemetry.datadog_spans.DatadogExporter",
        lambda options: build_exporter(timeout=options.batches.timeout_s),
    )
    section = {"enabled": True, "batch_processor": batch}
    otlp = {"otlp": {**section, "protocol": protocol}}
    await ask({"tracing": {protocol: section} if protocol in {"zipkin", "datadog"} else otlp})
    assert told == {"queue": queue, "timeout": timeout_s}


@pytest.mark.parametrize(
    ("batch", "problem"),
    [
        ({"max_queue_size": 0}, "max_queue_size must be a whole number, 1 or more"),
        ({"max_export_batch_size": 0}, "max_export_batch_size must be a whole number, 1 or more"),
        ({"max_export_batch_size": 2049}, "max_export_batch_size must not be more than max_queue_size"),
        ({"max_queue_size": 511}, "max_export_batch_size must not be more than max_queue_size"),
        ({"scheduled_delay": "0s"}, "scheduled_delay must be a time of more than nothing"),
        ({"max_export_timeout": "0s"}, "max_export_timeout must be a time of more than nothing"),
    ],
)
@pytest.mark.parametrize("place", ["tracing.otlp", "tracing.zipkin", "tracing.datadog", "metrics.otlp"])
def test_a_batch_that_cannot_be_is_told(place, batch, problem):
    kind, name = place.split(".")
    config = {"telemetry": {"exporters": {kind: {name: {"batch_processor": batch}}}}}
    if kind == "metrics" and "size" in problem:
        read_router_config(config, {})
        return
    with pytest.raises(ConfigurationError) as told:
        read_router_config(config, {})
    (found,) = told.value.problems
    assert found.startswith(f"telemetry.exporters.{place}.batch_processor.{problem}")


@pytest.mark.parametrize("temporality", [None, "cumulative", "delta"])
async def test_metrics_are_sent_as_often_and_as_is_said(monkeypatch, temporality):
    sent, was_sent, loop = [], asyncio.Event(), asyncio.get_running_loop()

    class Exporter:
        def export(self, data, timeout_millis):
            (resource,) = data.resource_metrics
            for metric in resource.scope_metrics[0].metrics:
                if metric.name == "http.client.request.duration":
                    sent.extend(
                        (metric.data.aggregation_temporality, each.count) for each in metric.data.data_points
                    )
            assert timeout_millis == 7000
            loop.call_soon_threadsafe(was_sent.set)
            return MetricExportResult.SUCCESS

        def shutdown(self):
            pass

    async def wait():
        async with asyncio.timeout(20):
            while sum(count for _, count in sent) == 0:
                was_sent.clear()
                await was_sent.wait()

    monkeypatch.setattr("router.telemetry.push._build_exporter", lambda _options: Exporter())
    otlp = {"enabled": True, "batch_processor": {"scheduled_delay": "50ms", "max_export_timeout": "7s"}}
    otlp |= {"endpoint": f"http://{temporality}"} | ({"temporality": temporality} if temporality else {})
    # Metrics belong to the process, and to their buckets: these are this test's alone.
    common = {"buckets": [0.5, 1, 2 + len(str(temporality))]}
    await ask({"metrics": {"otlp": otlp, "common": common}}, then=wait)
    kinds, counts = zip(*sent, strict=True)
    is_delta = temporality == "delta"
    assert set(kinds) == {AggregationTemporality.DELTA if is_delta else AggregationTemporality.CUMULATIVE}
    assert (sum(counts) if is_delta else counts[-1]) == 1
