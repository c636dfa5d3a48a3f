"""Metrics, traces and logs of requests: Apollo's names, and what is in them."""

import asyncio
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span
from starlette.responses import Response

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.transport import SubgraphAnswer, TransportError
from router.server.readiness import Readiness, ReadinessOptions
from router.telemetry.logs import JsonFormatter, TextFormatter
from router.telemetry.options import TracingOptions
from router.telemetry.tracing import Tracing
from tests.support.json_server import serving
from tests.support.ports import free_ports
from tests.support.served_router import serving as serving_router
from tests.support.served_router import until
from tests.support.small_graph import SUPERGRAPH, SmallGraph
from tests.support.streamed_requests import ACCEPT, SELLERS

ROOT = Path(__file__).resolve().parents[4]
BOTH = "query Q { products(first: 1) { name seller { name } } }"
PROMETHEUS = {"exporters": {"metrics": {"prometheus": {"enabled": True, "listen": "127.0.0.1:4000"}}}}
TRACES = {"exporters": {"tracing": {"otlp": {"enabled": True}}}}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Recording:
    """Subgraphs that remember headers; `fault` stands for what users answers."""

    def __init__(self, fault=None):
        self.inner, self.sent, self.fault = SmallGraph().transport, [], fault

    async def send(self, request):
        self.sent.append(dict(request.headers))
        if request.subgraph == "users" and self.fault is not None:
            if isinstance(self.fault, Exception):
                raise self.fault
            return self.fault
        return await self.inner.send(request)

    async def close(self):
        pass


async def ask(config, query=BOTH, *, transport=None, headers=(), times=1, then=None):
    app = SmallGraph().build_app(config, transport=transport or Recording())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        for _ in range(times):
            answer = await client.post("/", json={"query": query}, headers=dict(headers))
        after = await client.get(then) if then else None
    await app.close()
    return (answer, after) if then else answer


def read_samples(text):
    return {
        name: float(value)
        for name, value in re.findall(r"^([a-z_]+(?:\{[^\n]*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)
    }


async def scrape(query=BOTH, config=None, **more):
    """The samples that one request more has changed, and by how much."""
    _, before = await ask({"telemetry": PROMETHEUS}, "{ __typename }", then="/metrics")
    _, after = await ask({"telemetry": PROMETHEUS, **(config or {})}, query, then="/metrics", **more)
    old = read_samples(before.text)
    assert after.headers["content-type"].startswith("text/plain")
    return {
        name: value - old.get(name, 0)
        for name, value in read_samples(after.text).items()
        if value != old.get(name)
    }


async def test_requests_of_clients_and_to_subgraphs_are_counted_under_apollos_names():
    changed = await scrape()
    server = 'http_request_method="POST",http_response_status_code="200"'
    for subgraph in ("products", "users"):
        labels = f'http_response_status_code="200",subgraph_name="{subgraph}"'
        count = [
            v
            for k, v in changed.items()
            if k.startswith("http_client_request_duration_seconds_count") and subgraph in k
        ]
        assert count == [1], labels
    assert changed[f"http_server_request_duration_seconds_count{{{server}}}"] == 1
    assert changed[f"http_server_response_body_size_bytes_count{{{server}}}"] == 1
    assert changed["apollo_router_overhead_seconds_count"] == 1
    assert changed["apollo_router_query_planning_total_duration_seconds_count"] == 1
    assert changed['apollo_router_cache_miss_time_seconds_count{kind="query planner",storage="memory"}'] == 1
    assert not any(name.startswith("http_server_active_requests") for name in changed)


async def test_the_second_of_equal_operations_is_a_hit():
    changed = await scrape(times=3)
    labels = '{kind="query planner",storage="memory"}'
    assert changed[f"apollo_router_cache_hit_time_seconds_count{labels}"] == 2


async def test_errors_are_counted_by_code():
    changed = await scrape("{ nope }")
    assert changed['apollo_router_graphql_error_total{code="GRAPHQL_VALIDATION_FAILED"}'] == 1
    changed = await scrape(transport=Recording(TransportError("reset")))
    assert changed['apollo_router_graphql_error_total{code="SUBREQUEST_HTTP_ERROR"}'] == 1
    labels = [
        name
        for name in changed
        if name.startswith("http_client_request_duration_seconds_count") and "users" in name
    ]
    assert 'http_response_status_code=""' in labels[0]


async def test_so_are_those_of_later_parts():
    failing = Recording(TransportError("reset"))
    changed = await scrape(SELLERS, transport=failing, headers={"accept": ACCEPT})
    assert changed['apollo_router_graphql_error_total{code="SUBREQUEST_HTTP_ERROR"}'] == 1


async def test_so_are_those_of_requests_that_are_not_let_in():
    limit = {"router": {"global_rate_limit": {"capacity": 1, "interval": "1h"}}}
    changed = await scrape(times=2, config={"traffic_shaping": limit})
    assert changed['apollo_router_graphql_error_total{code="REQUEST_RATE_LIMITED"}'] == 1


async def test_codes_of_subgraphs_do_not_fill_memory():
    errors = [{"message": "m", "extensions": {"code": f"CODE_{i}"}} for i in range(300)]
    body = json.dumps({"data": None, "errors": errors}).encode()
    changed = await scrape("{ me { name } }", transport=Recording(SubgraphAnswer(200, body)))
    codes = [name for name in changed if name.startswith("apollo_router_graphql_error_total")]
    assert len(codes) <= 201
    assert changed['apollo_router_graphql_error_total{code="other"}'] >= 100


async def test_buckets_are_apollos():
    changed = await scrape()
    bounds = [
        float(re.search(r'le="([^"]+)"', name)[1])
        for name in changed
        if name.startswith("apollo_router_overhead_seconds_bucket")
    ]
    assert set(bounds) <= {0.001, 0.005, 0.015, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 5, 10, float("inf")}


async def test_batches_are_counted_with_their_size():
    config = {"telemetry": PROMETHEUS, "batching": {"enabled": True}}
    app = SmallGraph().build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        before = read_samples((await client.get("/metrics")).text)
        assert (await client.post("/", json=[{"query": "{ __typename }"}] * 3)).status_code == 200
        after = read_samples((await client.get("/metrics")).text)
    await app.close()
    labels = '{mode="batch_http_link"}'
    for name, count in (("total", 1), ("size_sum", 3)):
        key = f"apollo_router_operations_batching_{name}{labels}"
        assert after[key] - before.get(key, 0) == count


async def test_where_metrics_have_a_port_of_their_own_they_are_not_at_graphqls():
    telemetry = {"exporters": {"metrics": {"prometheus": {"enabled": True}}}}
    app = SmallGraph().build_app({"telemetry": telemetry})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        assert (await client.get("/metrics")).status_code == 404
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router:9090") as client:
        answers = [(await client.get(path)).status_code for path in ("/metrics", "/", "/health")]
    assert answers == [200, 404, 404]


@pytest.fixture
def spans(monkeypatch):
    """The spans that are made from now on."""
    exporter = InMemorySpanExporter()

    # Closing the router sends what it has.
    monkeypatch.setattr("router.telemetry.tracing.get_tracing", lambda options: Tracing(options, exporter))
    return exporter


async def test_spans_have_apollos_names_and_stand_below_each_other(spans):
    await ask({"telemetry": TRACES}, headers={"apollographql-client-name": "app"})
    found = spans.get_finished_spans()
    by_id = {span.context.span_id: span for span in found}

    def way(span):
        return (*way(by_id[span.parent.span_id]), span.name) if span.parent else (span.name,)

    below = ("query Q", "supergraph")
    fetch = (*below, "execution", "subgraph")
    assert sorted(way(span) for span in found) == sorted(
        [
            below[:1],
            below,
            (*below, "parse_query"),
            (*below, "query_planning"),
            (*below, "execution"),
            *[fetch, (*fetch, "http_request")] * 2,
        ]
    )
    assert len({span.context.trace_id for span in found}) == 1
    root = next(span for span in found if span.parent is None)
    assert dict(root.attributes) | {"user_agent.original": None} == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/",
        "url.path": "/",
        "graphql.operation.name": "Q",
        "graphql.operation.type": "query",
        "client.name": "app",
        "user_agent.original": None,
    }
    assert root.kind.name == "SERVER"
    subgraph = next(span for span in found if span.name == "subgraph")
    assert subgraph.attributes["subgraph.name"] == "products"
    assert subgraph.attributes["subgraph.graphql.operation.type"] == "query"
    assert "products" in subgraph.attributes["subgraph.graphql.document"]
    http = [span for span in found if span.name == "http_request"]
    assert {span.kind.name for span in http} == {"CLIENT"}
    assert {span.attributes["http.response.status_code"] for span in http} == {200}


async def test_a_request_that_comes_again_is_traced_through_its_stages_too(spans):
    await ask({"telemetry": TRACES}, times=3)
    names = [span.name for span in spans.get_finished_spans()]
    assert names.count("query_planning") == names.count("execution") == 3


async def test_a_trace_goes_on_from_the_client_to_the_subgraphs(spans):
    transport = Recording()
    propagate = {"headers": {"all": {"request": [{"propagate": {"named": "traceparent"}}]}}}
    await ask({"telemetry": TRACES, **propagate}, transport=transport, headers={"traceparent": PARENT})
    found = spans.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in found} == {PARENT.split("-")[1]}
    sent = [headers["traceparent"].split("-") for headers in transport.sent]
    ids = {f"{span.context.span_id:016x}" for span in found if span.name == "http_request"}
    assert {each[2] for each in sent} == ids
    assert {each[1] for each in sent} == {PARENT.split("-")[1]}


@pytest.mark.parametrize("parent", ["", "00-zz-1-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "x" * 5000])
async def test_a_parent_that_is_none_is_passed_over(spans, parent):
    answer = await ask({"telemetry": TRACES}, headers={"traceparent": parent})
    assert answer.status_code == 200
    assert len({span.context.trace_id for span in spans.get_finished_spans()}) == 1


async def test_of_what_is_not_recorded_the_subgraphs_are_told_that(spans):
    transport = Recording()
    await ask(tracing(common={"sampler": "always_off"}), transport=transport)
    assert spans.get_finished_spans() == ()
    told = [headers["traceparent"].split("-") for headers in transport.sent]
    assert not any(int(each[3], 16) & 1 for each in told)
    assert len({each[1] for each in told}) == 1


async def test_a_failed_fetch_is_a_failed_span(spans):
    await ask({"telemetry": TRACES}, transport=Recording(TransportError("reset")))
    failed = [span.name for span in spans.get_finished_spans() if span.status.status_code.name == "ERROR"]
    assert failed == ["http_request", "subgraph"]


def tracing(**more):
    return {"telemetry": {"exporters": {"tracing": {"otlp": {"enabled": True}, **more}}}}


async def test_nothing_is_propagated_where_that_is_switched_off(spans):
    transport = Recording()
    config = tracing(propagation={"trace_context": False})
    await ask(config, transport=transport, headers={"traceparent": PARENT})
    assert not any("traceparent" in headers for headers in transport.sent)
    assert {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()} != {PARENT.split("-")[1]}


@pytest.mark.parametrize(
    ("common", "parent", "is_made"),
    [
        ({"sampler": "always_off"}, None, False),
        ({"sampler": 0}, None, False),
        ({"sampler": "always_on"}, PARENT[:-1] + "0", False),
        ({"sampler": "always_on", "parent_based_sampler": False}, PARENT[:-1] + "0", True),
        ({"sampler": "always_off"}, PARENT, True),
    ],
)
async def test_the_sampler_decides_unless_the_caller_has(spans, common, parent, is_made):
    await ask(tracing(common=common), headers={"traceparent": parent} if parent else {})
    assert bool(spans.get_finished_spans()) is is_made


async def test_a_router_in_another_application_goes_on_with_its_trace(spans):
    _, trace_id, span_id, _ = PARENT.split("-")
    around = SpanContext(int(trace_id, 16), int(span_id, 16), False, TraceFlags(TraceFlags.SAMPLED))
    with use_span(NonRecordingSpan(around)):
        await ask(tracing(common={"sampler": "always_off"}))
    assert {span.context.trace_id for span in spans.get_finished_spans()} == {around.trace_id}


async def test_the_client_is_told_the_trace_where_that_is_switched_on(spans):
    config = tracing(experimental_response_trace_id={"enabled": True, "header_name": "X-Trace"})
    answer = await ask(config, headers={"traceparent": PARENT})
    assert answer.headers["x-trace"] == PARENT.split("-")[1]
    assert "apollo-trace-id" not in (await ask({"telemetry": TRACES})).headers


async def test_spans_come_to_the_collector_over_http():
    received = []

    async def collect(request):
        received.append((request.url.path, request.headers["x-key"], await request.body()))
        return Response(b"")

    async with serving(collect) as url:
        headers = {"headers": {"x-key": "k"}}
        otlp = {"enabled": True, "endpoint": url, "protocol": "http", "http": headers}
        answer = await ask(
            {"telemetry": {"exporters": {"tracing": {"common": {"service_name": "shop"}, "otlp": otlp}}}}
        )
    assert answer.status_code == 200
    ((path, key, body),) = received
    assert (path, key) == ("/v1/traces", "k")
    assert b"subgraph" in body
    assert b"shop" in body


async def test_a_collector_that_is_not_there_disturbs_nobody():
    otlp = {
        "enabled": True,
        "endpoint": "http://127.0.0.1:9",
        "batch_processor": {"max_export_timeout": "1s"},
    }
    async with asyncio.timeout(20):
        answer = await ask({"telemetry": {"exporters": {"tracing": {"otlp": otlp}}}})
    assert answer.status_code == 200


def events(**levels):
    return {"telemetry": {"instrumentation": {"events": {"router": levels}}}}


async def test_the_access_log_has_a_line_for_each_request(caplog):
    caplog.set_level(logging.INFO, "router.access")
    await ask(events(request="info", response="info"), headers={"apollographql-client-name": "app"})
    first, second = [record for record in caplog.records if record.name == "router.access"]
    assert (first.getMessage(), second.getMessage()) == ("router.request", "router.response")
    facts = second.facts
    assert facts.pop("duration_ms") >= 0
    assert facts.pop("bytes") > 0
    assert facts == {"method": "POST", "path": "/", "operation": "Q", "client": "app", "status": 200}


async def test_a_line_about_a_graphql_request_may_be_about_its_operation(caplog):
    caplog.set_level(logging.INFO, "router.events")
    condition = {"all": [{"eq": [{"operation_name": "string"}, "Q"]}, {"gt": [{"query": "depth"}, 1]}]}
    attributes = {"kind": {"operation_kind": "string"}}
    event = {
        "message": "m",
        "level": "info",
        "on": "request",
        "condition": condition,
        "attributes": attributes,
    }
    telemetry = {"instrumentation": {"events": {"supergraph": {"asked": event}}}}
    for query in (BOTH, "query Other { me { name } }", "query Q { __typename }", "{ nope }", "{"):
        await ask({"telemetry": telemetry}, query)
    assert [each.facts for each in caplog.records if each.name == "router.events"] == [{"kind": "query"}]


async def test_without_it_there_is_none(caplog):
    caplog.set_level(logging.DEBUG, "router.access")
    await ask({})
    assert not [record for record in caplog.records if record.name == "router.access"]


async def test_logs_name_the_trace(spans, caplog):
    caplog.set_level(logging.INFO, "router.access")
    lines = []
    handler = logging.Handler()
    formatter = JsonFormatter()
    handler.emit = lambda record: lines.append(json.loads(formatter.format(record)))
    logger = logging.getLogger("router.access")
    logger.addHandler(handler)
    try:
        telemetry = {**TRACES, **events(response="info")["telemetry"]}
        await ask({"telemetry": telemetry}, headers={"traceparent": PARENT})
    finally:
        logger.removeHandler(handler)
    (line,) = lines
    assert line["trace_id"] == PARENT.split("-")[1]
    assert line["span_id"] in {f"{span.context.span_id:016x}" for span in spans.get_finished_spans()}
    assert (line["status"], line["operation"], line["level"]) == (200, "Q", "INFO")


def test_a_line_for_people_has_the_facts_too():
    record = logging.makeLogRecord({"msg": "router.response", "facts": {"status": 200, "client": None}})
    assert TextFormatter("%(message)s").format(record) == "router.response status=200"


def test_who_refuses_too_much_wants_no_work_for_a_while():
    readiness = Readiness(ReadinessOptions(allowed=3, sampling_s=5, unready_s=10))
    for now_s in (0, 1, 2):
        readiness.note(now_s)
    assert readiness.is_ready(2)
    readiness.note(3)
    assert [readiness.is_ready(now_s) for now_s in (3, 12.9, 13)] == [False, False, True]
    for now_s in (13, 14, 15, 19):
        readiness.note(now_s)
    assert readiness.is_ready(19)


async def test_ready_says_no_after_too_many_refusals_and_live_never_does():
    config = {
        "traffic_shaping": {"router": {"global_rate_limit": {"capacity": 1, "interval": "1h"}}},
        "health_check": {"readiness": {"allowed": 2, "interval": {"sampling": "1m"}}},
    }
    app = SmallGraph().build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        statuses = []
        for _ in range(4):
            await client.post("/", json={"query": "{ me { name } }"})
            statuses.append((await client.get("/health?READY")).status_code)
        live, plain = await client.get("/health?Live"), await client.get("/health")
        down = await client.get("/health?ready")
    assert statuses == [200, 200, 200, 503]
    assert (live.json(), plain.json(), down.json()) == (
        {"status": "UP"},
        {"status": "UP"},
        {"status": "DOWN"},
    )


def test_the_readiness_options_are_apollos():
    readiness = read_router_config(
        {"health_check": {"readiness": {"interval": {"sampling": "7s"}}}}, {}
    ).server.health.readiness
    assert readiness == ReadinessOptions(100, 7, 14)
    assert read_router_config({}, {}).server.health.readiness == ReadinessOptions(100, 5, 10)


def test_everything_is_off_unless_it_is_asked_for():
    options = read_router_config(
        {"telemetry": {"exporters": {"tracing": {"common": {"sampler": 0.5}}}}}, {}
    ).telemetry
    assert options.is_off


def test_traces_have_their_options():
    exporters = {
        "tracing": {
            "common": {"service_name": "s", "sampler": 0.25, "resource": {"k": "v"}},
            "otlp": {
                "enabled": True,
                "endpoint": "http://c:4318",
                "protocol": "http",
                "batch_processor": {"scheduled_delay": "1s"},
            },
        }
    }
    options = read_router_config({"telemetry": {"exporters": exporters}}, {}).telemetry.tracing
    expected = TracingOptions("http://c:4318", (), "s", (("k", "v"),), 0.25, delay_s=1.0)
    assert options == expected


@pytest.mark.parametrize(
    ("exporters", "problem"),
    [
        ({"tracing": {"otlp": {"enabled": True, "protocol": "udp"}}}, "protocol must be one of grpc, http"),
        ({"tracing": {"otlp": {"protocol": "http", "endpoint": "c:4317"}}}, "endpoint must begin with"),
        ({"tracing": {"propagation": {"request": {"header_name": "a b"}}}}, "is no name of a header"),
        ({"metrics": {"common": {"buckets": [1, 1]}}}, "buckets must be a list of numbers that grow"),
        ({"metrics": {"common": {"buckets": []}}}, "buckets must be a list of numbers that grow"),
        ({"tracing": {"common": {"sampler": 2}}}, "sampler must be"),
        ({"tracing": {"common": {"sampler": "sometimes"}}}, "sampler must be"),
        ({"tracing": {"experimental_response_trace_id": {"header_name": "a b"}}}, "is no name of a header"),
        ({"tracing": {"otlp": {"grpc": {"cert": "PEM"}}}}, "cert and key belong together"),
        ({"tracing": {"zipkin": {"endpoint": "z:9411"}}}, "zipkin.endpoint must begin with http"),
        (
            {"tracing": {"zipkin": {"batch_processor": {"max_queue_size": 1}}}},
            "max_export_batch_size must not be more",
        ),
        ({"metrics": {"prometheus": {"path": "metrics"}}}, "path must begin with /"),
        ({"logging": {"stdout": {"format": "xml"}}}, "format must be json or text"),
        ({"metrics": {"promotheus": {}}}, 'Did you mean "prometheus"'),
    ],
)
def test_what_is_not_understood_is_told(exporters, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"telemetry": {"exporters": exporters}}, {})
    assert problem in str(told.value)


async def test_workers_count_together(tmp_path):
    (port,) = free_ports(1)
    prometheus = {"enabled": True, "listen": f"127.0.0.1:{port}"}
    config = {"telemetry": {"exporters": {"metrics": {"prometheus": prometheus}}}}
    (tmp_path / "s.graphql").write_text(SUPERGRAPH)
    (tmp_path / "router.json").write_text(json.dumps(config))
    arguments = ("--supergraph", str(tmp_path / "s.graphql"), "--config", str(tmp_path / "router.json"))
    async with serving_router(*arguments, "--workers", "2") as (_, client):
        # A connection is one worker's.
        headers = {"connection": "close"}
        asked = [client.post("/", json={"query": "{ __typename }"}, headers=headers) for _ in range(20)]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        async with httpx.AsyncClient() as scraper:

            async def scrape():
                return read_samples((await scraper.get(f"http://127.0.0.1:{port}/metrics")).text)

            async def has_counted():
                # A worker tells the others within a second.
                return (await scrape()).get(f"http_server_request_duration_seconds_count{labels}") == 20

            labels = '{http_request_method="POST",http_response_status_code="200"}'
            await until(has_counted)
            samples = [await scrape() for _ in range(3)]
    for each in samples:
        assert each[f"http_server_request_duration_seconds_count{labels}"] == 20
        assert each['http_server_active_requests{http_request_method="POST"}'] == 0


def test_what_is_off_is_not_even_imported():
    code = (
        "import sys, router.commands.serve;"
        "unused = {'router.api', 'router.composition', 'router.picture', 'pyreqwest', 'jwt', 're2'} & set(sys.modules);"
        "from tests.support.small_graph import SmallGraph; SmallGraph().build_app();"
        "unused |= {'redis', 'prometheus_client', 'opentelemetry.sdk', 'requests'} & set(sys.modules);"
        "print(sorted(unused))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.strip() == "[]"
