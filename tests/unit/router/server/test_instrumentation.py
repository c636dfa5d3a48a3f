"""Attributes, metrics and log lines of the user's choice, traces over gRPC, and other formats of trace contexts."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import msgspec
import pytest
from msgspec.structs import replace
from opentelemetry import trace
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanKind
from starlette.responses import Response

from router.config.connection_attributes import CONNECTION
from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.transport import SubgraphAnswer, TransportError
from router.telemetry.custom_metrics import OTHER, SETS_MAX, BoundedLabels
from router.telemetry.datadog_spans import DatadogExporter, write_traces
from router.telemetry.options import DatadogOptions, SpanBatches, TracingOptions
from router.telemetry.propagation import Propagation
from router.telemetry.tracing import Tracing, end_failed
from tests.support.certificates import Authority
from tests.support.instrumented import BOTH, PROMETHEUS, TRACES, Recording, ask, read_samples
from tests.support.json_server import serving
from tests.support.streamed_requests import ACCEPT, SELLERS

ANSWER = '{"data":{"products":[{"name":"One","seller":{"name":"Ann"}}]}}'
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


async def test_spans_have_the_attributes_that_are_chosen(spans, monkeypatch):
    monkeypatch.setenv("REGION", "north")
    common = {"zone": {"env": "REGION"}, "fixed": "text", "number": {"static": 7}}
    router = {
        "tenant": {"request_header": "X-Tenant", "default": "none"},
        "type": {"response_header": "content-type"},
        "status": {"response_status": "reason"},
        "method": {"request_method": True},
        "name": {"operation_name": "string"},
        "has_errors": {"on_graphql_error": True},
        "member": {"baggage": "user"},
        "trace_id": True,
        "absent": {"request_header": "nope"},
        **common,
    }
    supergraph = {
        "graphql.document": True,
        "kind": {"operation_kind": "string"},
        "n": {"query_variable": "n"},
    }
    subgraph = {
        "who": {"subgraph_name": True},
        "status": {"subgraph_response_status": "code"},
        "region": {"subgraph_response_header": "x-region"},
        "tenant": {"supergraph_request_header": "x-tenant"},
        "operation": {"subgraph_operation_name": "string"},
        "failed": {"subgraph_on_graphql_error": True},
        "first": {"subgraph_query_variable": "n"},
    }
    stages = {"router": router, "supergraph": supergraph, "subgraph": subgraph}
    await ask(
        spans={name: {"attributes": each} for name, each in stages.items()},
        headers={"x-tenant": "t1", "baggage": "a=b, user=ann%20x;p=1"},
    )
    found = spans("query Q")
    wanted = {"tenant": "t1", "type": "application/json", "status": "OK", "method": "POST", "name": "Q"}
    wanted |= {"has_errors": False, "member": "ann x", "zone": "north", "fixed": "text", "number": 7}
    assert {name: found[name] for name in wanted} == wanted
    assert re.fullmatch("[0-9a-f]{32}", found["trace_id"])
    assert "absent" not in found
    assert spans("supergraph") == {"graphql.document": BOTH, "kind": "query", "n": 1}
    found = spans("subgraph")
    wanted = {"who": "products", "status": 200, "region": "eu", "tenant": "t1", "operation": "Q__products__0"}
    assert {name: found[name] for name in wanted} == wanted
    assert (found["failed"], found["first"]) == (False, 1)


async def test_what_is_in_responses_may_be_chosen(spans):
    router = {
        "why": {"response_errors": "$[0].message"},
        "overhead": {"router_overhead": True},
        "data": {"response_data": "$.products"},
    }
    supergraph = {
        "names": {"response_data": "$.products[*].name"},
        "one": {"response_data": "$.products[0].seller.name"},
        "none": {"response_data": "$.products[7].name", "default": "-"},
        "codes": {"response_errors": "$.[*].extensions.code"},
        "first": {"is_primary_response": True},
        **{size: {"query": size} for size in ("aliases", "depth", "height", "root_fields")},
    }
    subgraph = {
        "data": {"subgraph_response_data": "$.products[0].name"},
        "why": {"subgraph_response_errors": "$[*].message"},
        "asked": {"supergraph_query": "string"},
        "n": {"supergraph_query_variable": "n"},
    }
    stages = {"router": router, "supergraph": supergraph, "subgraph": subgraph}
    chosen = {name: {"attributes": each} for name, each in stages.items()}
    await ask(spans=chosen)
    found = spans("supergraph")
    assert (found["names"], found["one"], found["none"]) == ('["One"]', "Ann", "-")
    assert {size: found[size] for size in ("aliases", "depth", "height", "root_fields")} == {
        "aliases": 0,
        "depth": 3,
        "height": 4,
        "root_fields": 1,
    }
    assert (found["first"], "codes" in found) == (True, False)
    assert spans("query Q")["overhead"] >= 0
    assert {"why", "data"}.isdisjoint(spans("query Q"))
    found = spans("subgraph")
    assert (found["asked"], found["n"], found["data"]) == (BOTH, 1, "One")

    spans.exporter.clear()
    fault = SubgraphAnswer(200, b'{"data": null, "errors": [{"message": "gone"}]}')
    await ask(spans=chosen, transport=Recording(fault))
    assert spans("query Q")["why"] == "gone"
    assert "gone" in [each.get("why") for each in spans.all("subgraph")][1]

    spans.exporter.clear()
    await ask("{ me { ...F } } fragment F on User { ...F }", spans=chosen)
    assert "depth" not in spans("supergraph")


async def test_costs_may_be_chosen_and_are_metrics(spans):
    demand = {
        "demand_control": {"enabled": True, "strategy": {"static_estimated": {"max": 50, "list_size": 3}}}
    }
    names = ("estimated", "actual", "delta", "result")
    attributes = {"my.delta": {"cost": "delta"}, **{f"cost.{name}": True for name in names}}
    answer = await ask(
        exporters={**TRACES, "metrics": {**PROMETHEUS["metrics"], "common": {"buckets": [0.6, 7]}}},
        config=demand,
        then="/metrics",
        spans={"supergraph": {"attributes": attributes}},
        instruments={
            "supergraph": {"cost.estimated": True, "cost.actual": {"attributes": {"cost.result": True}}}
        },
    )
    found = spans("supergraph")
    estimated, actual, delta, result = (found[f"cost.{name}"] for name in names)
    assert (estimated > actual > 0, delta, result) == (True, estimated - actual, "COST_OK")
    assert found["my.delta"] == delta
    samples = read_samples(answer.text)
    assert samples["cost_estimated_sum"] == estimated
    assert samples['cost_actual_sum{cost_result="COST_OK"}'] == actual


async def test_what_the_response_cache_had_may_be_chosen(spans):
    forms = ("hit", "partial_hit", "miss", "status")
    attributes = {form: {"response_cache_status": form} for form in forms}
    attributes |= {"hits": {"response_cache": "hit"}, "misses": {"cache": "miss", "entity_type": "all"}}
    attributes |= {"of_users": {"response_cache_status": "status", "entity_type": "User"}}
    attributes |= {each: {"response_cache_control": each} for each in ("max_age", "no_store", "scope")}
    caching = {"response_cache": {"enabled": True, "subgraph": {"all": {"ttl": "1m"}}}}

    class Kept(Recording):
        async def send(self, request):
            answer = await super().send(request)
            return replace(answer, headers={**answer.headers, "cache-control": "max-age=60"})

    chosen = {"subgraph": {"attributes": attributes}}
    await ask(spans=chosen, transport=Kept(), config=caching, times=2)
    found = [(each["status"], each["hits"], each["misses"]) for each in spans.all("subgraph")]
    assert found == [("miss", 0, 1)] * 2 + [("hit", 1, 0)] * 2
    found = spans.all("subgraph")[-1]
    assert (found["hit"], found["partial_hit"], found["miss"]) == (True, False, False)
    assert [each.get("of_users") for each in spans.all("subgraph")] == [None, "miss", None, "hit"]
    assert (found["max_age"] > 0, found["no_store"], found["scope"]) == (True, False, "public")
    spans.exporter.clear()
    await ask(spans=chosen)
    assert "status" not in spans("subgraph")


@pytest.mark.parametrize(
    ("selector", "problem"),
    [
        ({"response_data": "products"}, "is no step"),
        ({"query": "width"}, "query is one of string, aliases"),
        ({"cost": "money"}, "cost is one of delta, estimated"),
        ({"cache": "warm"}, "it is hit or miss"),
        ({"response_cache_status": "warm"}, "it is hit, partial_hit, miss or status"),
        ({"response_cache_control": "age"}, "it is max_age, no_store or scope"),
    ],
)
def test_a_form_of_a_selector_that_does_not_exist_is_told(selector, problem):
    with pytest.raises(ConfigurationError) as told:
        read(spans={"supergraph": {"attributes": {"a": selector}}})
    assert problem in str(told.value)


async def test_standard_attributes_may_be_left_out_or_have_another_name(spans):
    attributes = {"url.path": False, "http.route": {"alias": "route"}, "graphql.operation.name": False}
    subgraph = {"subgraph.graphql.document": False, "subgraph.name": {"alias": "graph"}}
    await ask(spans={"router": {"attributes": attributes}, "subgraph": {"attributes": subgraph}})
    found = spans("query Q")
    assert found["route"] == "/"
    assert not {"url.path", "http.route", "graphql.operation.name"} & set(found)
    found = spans("subgraph")
    assert found["graph"] in {"products", "users"}
    assert not {"subgraph.graphql.document", "subgraph.name"} & set(found)


async def test_an_attribute_may_have_a_condition(spans):
    condition = {"eq": [{"request_header": "x-debug"}, "1"]}
    attributes = {"tenant": {"request_header": "x-tenant", "condition": condition}}
    await ask(spans={"router": {"attributes": attributes}}, headers={"x-tenant": "t"})
    assert "tenant" not in spans("query Q")


async def test_metrics_of_ones_own_count_what_is_chosen():
    instruments = {
        "router": {
            "acme.requests": {
                "type": "counter",
                "value": "unit",
                "description": "d",
                "unit": "request",
                "attributes": {"tenant.id": {"request_header": "x-tenant"}},
            },
            "acme.duration": {"type": "histogram", "value": "duration", "unit": "s"},
            "acme.size": {"type": "histogram", "value": {"request_header": "content-length"}, "unit": "By"},
            "acme.never": {
                "type": "counter",
                "value": "unit",
                "condition": {"eq": [{"request_header": "x-tenant"}, "other"]},
            },
        },
        "supergraph": {
            "acme.errors": {
                "value": "unit",
                "type": "counter",
                "condition": {"eq": [{"on_graphql_error": True}, True]},
            }
        },
        "subgraph": {
            "acme.fetches": {"value": "unit", "type": "counter", "attributes": {"subgraph.name": True}}
        },
    }
    answer = await ask(
        exporters=PROMETHEUS,
        headers={"x-tenant": "t"},
        transport=Recording(TransportError("reset")),
        then="/metrics",
        times=2,
        instruments=instruments,
    )
    samples = read_samples(answer.text)
    assert samples['acme_requests_total{tenant_id="t"}'] == 2
    assert samples["acme_duration_seconds_count"] == samples["acme_size_bytes_count"] == 2
    assert samples["acme_size_bytes_sum"] > 100
    assert samples["acme_errors_total"] == 2
    assert samples['acme_fetches_total{subgraph_name="users"}'] == 2
    assert samples['acme_fetches_total{subgraph_name="products"}'] == 2
    assert "acme_never_total" not in samples


SIZES = ("request.body.size", "response.body.size")


async def test_standard_metrics_have_more_labels_where_they_are_asked_for():
    shop = {"attributes": {"http.request.method": True, "shop": {"request_header": "x-shop"}}}
    region = {"attributes": {"region": {"subgraph_response_header": "x-region"}}}
    instruments = {
        "router": {
            "http.server.request.duration": shop,
            "http.server.active_requests": {"attributes": {"url.scheme": True}},
            **{f"http.server.{size}": {"attributes": {"url.path": True}} for size in SIZES},
        },
        "subgraph": {
            "http.client.request.duration": region,
            "http.client.request.body.size": {"attributes": {"subgraph.graphql.operation.name": True}},
        },
    }
    exporters = {"metrics": {**PROMETHEUS["metrics"], "common": {"buckets": [0.5, 7]}}}
    answer = await ask(exporters=exporters, headers={"x-shop": "s"}, then="/metrics", instruments=instruments)
    samples = read_samples(answer.text)
    labels = 'http_request_method="POST",http_response_status_code="200"'
    assert samples[f'http_server_request_duration_seconds_count{{{labels},shop="s"}}'] == 1
    assert f'http_server_request_duration_seconds_bucket{{{labels},le="7.0",shop="s"}}' in samples
    labels = 'http_response_status_code="200",region="eu",subgraph_name="users"'
    assert samples[f"http_client_request_duration_seconds_count{{{labels}}}"] == 1
    labels = 'http_request_method="POST",http_response_status_code="200",url_path="/"'
    assert samples[f"http_server_request_body_size_bytes_sum{{{labels}}}"] > len(BOTH)
    assert samples[f"http_server_response_body_size_bytes_sum{{{labels}}}"] == len(ANSWER)
    assert samples['http_server_active_requests{http_request_method="POST",url_scheme="http"}'] == 0
    status, subgraph = 'http_response_status_code="200"', 'subgraph_name="users"'
    labels = f'{status},subgraph_graphql_operation_name="Q__users__1",{subgraph}'
    assert samples[f"http_client_request_body_size_bytes_count{{{labels}}}"] == 1
    labels = f"{status},{subgraph}"
    assert samples[f"http_client_response_body_size_bytes_count{{{labels}}}"] == 1


def test_clients_cannot_make_up_labels_without_end():
    labels = BoundedLabels(["a"])
    assert [labels.choose({"a": i}) for i in range(SETS_MAX)] == [(str(i),) for i in range(SETS_MAX)]
    assert labels.choose({"a": "one more"}) == (OTHER,)
    assert labels.choose({"a": 0}) == ("0",)
    assert labels.choose({"a": "x" * 1000}) == (OTHER,)


async def test_log_lines_of_ones_own_say_what_is_chosen(caplog):
    caplog.set_level(logging.INFO, "router.events")
    error = {"eq": [{"on_graphql_error": True}, True]}
    events = {
        "router": {
            "came": {"message": "a request has come", "level": "info", "on": "request"},
            "slow": {
                "message": "done",
                "level": "warn",
                "on": "response",
                "attributes": {"tenant": {"request_header": "x-tenant"}},
            },
            "quiet": {"message": "never", "level": "off", "on": "response"},
        },
        "supergraph": {"response": "info", "bad": {"message": "bad", "level": "error", "condition": error}},
        "subgraph": {"response": {"level": "info", "condition": {"eq": [{"subgraph_name": True}, "users"]}}},
    }
    await ask(exporters={}, headers={"x-tenant": "t"}, events=events)
    told = [(each.getMessage(), each.levelname) for each in caplog.records if each.name == "router.events"]
    assert told == [
        ("a request has come", "INFO"),
        ("subgraph.response", "INFO"),
        ("supergraph.response", "INFO"),
        ("done", "WARNING"),
    ]
    facts = [each.facts for each in caplog.records if each.name == "router.events"]
    assert facts[1]["subgraph.name"] == "users"
    assert facts[2] == {"graphql.operation.name": "Q", "graphql.operation.type": "query"}
    assert facts[3] == {"tenant": "t"}


async def test_an_answer_in_parts_is_told_once_and_whole(caplog):
    caplog.set_level(logging.INFO, "router.events")
    failed = {"eq": [{"on_graphql_error": True}, True]}
    stage = {"bad": {"message": "bad", "level": "info", "on": "response", "condition": failed}}
    transport = Recording(TransportError("reset"))
    events = {"router": stage, "supergraph": stage}
    await ask(SELLERS, exporters={}, headers={"accept": ACCEPT}, transport=transport, events=events)
    assert [each.getMessage() for each in caplog.records if each.name == "router.events"] == ["bad", "bad"]


async def test_the_access_log_may_have_a_condition(caplog):
    caplog.set_level(logging.INFO, "router.access")
    condition = {"eq": [{"response_status": "code"}, 400]}
    events = {"router": {"response": {"level": "info", "condition": condition}}}
    await ask(exporters={}, events=events)
    await ask("{ nope }", exporters={}, events=events)
    assert [each.facts["status"] for each in caplog.records if each.name == "router.access"] == [400]


async def test_failed_fetches_are_errors(caplog):
    caplog.set_level(logging.INFO, "router.events")
    events = {
        "subgraph": {
            "error": "error",
            "why": {"level": "info", "on": "error", "attributes": {"e": {"error": "reason"}}},
        }
    }
    await ask(exporters={}, events=events, transport=Recording(TransportError("reset")))
    await ask(exporters={}, events=events, transport=Recording(SubgraphAnswer(503, b"")))
    facts = [each.facts for each in caplog.records if each.name == "router.events"]
    assert [each.get("e") for each in facts] == [None, "TransportError", None, None]
    assert facts[2]["http.response.status_code"] == 503


def read(**instrumentation):
    return read_router_config({"telemetry": {"instrumentation": instrumentation}}, {})


@pytest.mark.parametrize(
    ("instrumentation", "problem"),
    [
        (
            {"spans": {"router": {"attributes": {"x": {"request_heder": "y"}}}}},
            "router.attributes.x is not understood",
        ),
        ({"spans": {"rooter": {}}}, 'Did you mean "router"'),
        (
            {"instruments": {"router": {"m": {"type": "gauge", "value": "unit"}}}},
            "type must be one of counter, histogram",
        ),
        (
            {"instruments": {"router": {"m": {"type": "counter"}}}},
            "value must be unit, duration or a selector",
        ),
        (
            {"instruments": {"router": {"http.server.active_requests": 3}}},
            "must be true, false, or a mapping",
        ),
        ({"events": {"router": {"response": "loud"}}}, "level must be one of"),
        ({"events": {"router": {"mine": {"level": "info", "on": "start"}}}}, "on must be one of"),
        ({"events": {"router": {"mine": {"condition": {"is": 1}}}}}, "condition is not understood"),
        ({"events": {"router": {"mine": {"levl": "info"}}}}, "levl is not known"),
    ],
)
def test_what_is_not_understood_is_told(instrumentation, problem):
    with pytest.raises(ConfigurationError) as told:
        read(**instrumentation)
    assert problem in str(told.value)


def test_what_standard_ones_cannot_is_a_warning():
    elsewhere = {"http.client.request.body.size": {"attributes": {"a": {"env": "A"}}}}
    duration = {"http.server.request.duration": {"attributes": {"http.request.method": False}}}
    attributes = {"baggage": True, "network.kind": False, "url.full": {"alias": "s"}}
    metrics = {**elsewhere, **duration}
    config = read(spans={"router": {"attributes": attributes}}, instruments={"router": metrics})
    told = [
        warning.split(" ", 1)[0].removeprefix("telemetry.instrumentation.") for warning in config.warnings
    ]
    assert told == [
        "spans.router.attributes.baggage",
        "spans.router.attributes.url.full",
        "instruments.router.http.client.request.body.size",
        "instruments.router.http.server.request.duration.attributes.http.request.method",
    ]


async def test_standard_attributes_are_those_of_their_stage(spans):
    names = ("url.query", "server.address", "server.port", "http.request.body.size", "error.type")
    lines = {"acme": {"level": "off", "on": "event_response"}}
    counted = {
        "type": "counter",
        "value": "event_duration",
        "attributes": {"http.response.status_code": True, "url.path": True, "subgraph.name": True},
    }
    answer = await ask(
        exporters={**TRACES, "metrics": {**PROMETHEUS["metrics"], "common": {"buckets": [0.96, 7]}}},
        then="/metrics",
        headers={"host": "shop.example:8080"},
        spans={"router": {"attributes": dict.fromkeys(names, True)}},
        instruments={"router": {"acme.time": counted}},
        events={"router": lines},
    )
    found = spans("query Q")
    assert {name: found.get(name) for name in names} == {
        "url.query": None,
        "server.address": "shop.example",
        "server.port": 8080,
        "http.request.body.size": found["http.request.body.size"],
        "error.type": None,
    }
    assert found["http.request.body.size"] > len(BOTH)
    assert read_samples(answer.text)['acme_time_total{http_response_status_code="200",url_path="/"}'] > 0


V4 = {"client": ("10.0.0.7", 5001), "server": ("10.0.0.1", 4000), "http_version": "1.1"}
V6 = {"client": ("2001:db8::7", 5002), "server": ("2001:db8::1", 4000), "scheme": "https"}
UNIX = {"client": None, "server": ("/run/router.sock", None)}


@pytest.mark.parametrize(
    ("scope", "proxies", "expected"),
    [
        (V4, None, ("10.0.0.7", "10.0.0.1", 4000, "10.0.0.7", 5001, "http", "1.1", "tcp", "ipv4", "http")),
        (V4, 1, ("192.0.2.9", "10.0.0.1", 4000, "10.0.0.7", 5001, "http", "1.1", "tcp", "ipv4", "http")),
        (V6, 2, ("1.2.3.4", "2001:db8::1", 4000, "2001:db8::7", 5002, "http", "1.1", "tcp", "ipv6", "https")),
        (UNIX, None, (None, "/run/router.sock", None, None, None, "http", "1.1", "unix", None, "http")),
        (UNIX, 1, ("192.0.2.9", "/run/router.sock", None, None, None, "http", "1.1", "unix", None, "http")),
    ],
)
async def test_a_connection_is_told_of_where_that_is_asked_for(spans, scope, proxies, expected):
    chosen = {**dict.fromkeys(CONNECTION, True), "http.response.body.size": {"alias": "size"}}
    await ask(
        headers={"x-forwarded-for": "1.2.3.4, 192.0.2.9"},
        config={"server": {"http": {"trusted_proxies": proxies}}} if proxies else None,
        scope=scope,
        spans={"router": {"attributes": chosen}},
    )
    found = spans("query Q")
    assert tuple(found.get(name) for name in sorted(CONNECTION)) == expected
    assert found["size"] == len(ANSWER)


class MetricsCollector(metrics_service_pb2_grpc.MetricsServiceServicer):
    """A collector of metrics that remembers what it is sent."""

    def __init__(self):
        self.received = []

    def Export(self, request, context):  # noqa: N802 -- its name in gRPC
        self.received.append((dict(context.invocation_metadata()), request))
        return metrics_service_pb2.ExportMetricsServiceResponse()


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """A collector that remembers what it is sent."""

    def __init__(self):
        self.received = []

    def Export(self, request, context):  # noqa: N802 -- its name in gRPC
        self.received.append((dict(context.invocation_metadata()), request))
        return trace_service_pb2.ExportTraceServiceResponse()


@contextmanager
def collecting(credentials=None):
    collector = Collector()
    collector.metrics = MetricsCollector()
    server = grpc.server(ThreadPoolExecutor(1))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(collector.metrics, server)
    address = "127.0.0.1:0"
    if credentials is None:
        port = server.add_insecure_port(address)
    else:
        port = server.add_secure_port(address, credentials)
    server.start()
    try:
        yield collector, port
    finally:
        server.stop(None).wait(10)


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_spans_come_to_the_collector_over_grpc(scheme):
    with collecting() as (collector, port):
        otlp = {
            "enabled": True,
            "endpoint": f"{scheme}127.0.0.1:{port}",
            "grpc": {"metadata": {"x-key": "k"}},
        }
        common = {"service_name": "shop", "service_namespace": "ns"}
        await ask(exporters={"tracing": {"otlp": otlp, "common": common}})
        ((metadata, request),) = collector.received
    assert metadata["x-key"] == "k"
    (resource,) = request.resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert (named["service.name"], named["service.namespace"]) == ("shop", "ns")
    assert {span.name for scope in resource.scope_spans for span in scope.spans} >= {"query Q", "subgraph"}


async def test_a_collector_may_ask_for_a_certificate_and_have_another_name():
    authority = Authority()
    theirs, ours = authority.sign("collector.shop"), authority.sign("router")
    credentials = grpc.ssl_server_credentials(
        [(theirs.key.encode(), theirs.chain.encode())], authority.pem.encode(), require_client_auth=True
    )
    with collecting(credentials) as (collector, port):
        tls = {"ca": authority.pem, "cert": ours.chain, "key": ours.key, "domain_name": "collector.shop"}
        metadata = {"x-key": ["one", "two"], "x-other": "o"}
        otlp = {
            "enabled": True,
            "endpoint": f"https://127.0.0.1:{port}",
            "grpc": {**tls, "metadata": metadata},
        }
        await ask(exporters={"tracing": {"otlp": otlp}, "metrics": {"otlp": otlp}})
        ((metadata, _),) = collector.received
        assert collector.metrics.received
    # This server's library shows the last of equal names only.
    assert (metadata["x-key"], metadata["x-other"]) == ("two", "o")


async def test_spans_come_to_zipkin():
    received = []

    async def collect(request):
        received.append((request.url.path, await request.json()))
        return Response(status_code=202)

    async with serving(collect) as url:
        zipkin = {"enabled": True, "endpoint": f"{url}/api/v2/spans"}
        common = {"service_name": "shop"}
        await ask(exporters={"tracing": {"zipkin": zipkin, "common": common}})
    ((path, spans),) = received
    assert path == "/api/v2/spans"
    assert {span["name"] for span in spans} >= {"query Q", "subgraph", "http_request"}
    (root,) = [span for span in spans if "parentId" not in span]
    assert (root["kind"], root["localEndpoint"]["serviceName"]) == ("SERVER", "shop")
    assert root["tags"]["http.request.method"] == "POST"


async def collect_datadog(**options):
    """The traces that the agent has been sent, and with which headers."""
    received = []

    async def collect(request):
        received.append(
            (request.url.path, dict(request.headers), msgspec.msgpack.decode(await request.body()))
        )
        return Response(b'{"rate_by_service":{}}', 200)

    async with serving(collect) as url:
        common = {"service_name": "shop", "resource": {"deployment.environment": "test"}}
        datadog = {"enabled": True, "endpoint": url, **options}
        headers = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
        await ask(exporters={"tracing": {"datadog": datadog, "common": common}}, headers=headers)
    return received


async def test_spans_come_to_datadogs_agent():
    ((path, headers, (spans,)),) = await collect_datadog()
    assert (path, headers["content-type"]) == ("/v0.4/traces", "application/msgpack")
    assert headers["x-datadog-trace-count"] == "1"
    by_name = {span["name"]: span for span in spans}
    assert {*by_name} >= {"router", "supergraph", "subgraph", "http_request"}
    root, subgraph = by_name["router"], by_name["subgraph"]
    assert root["trace_id"] == int(TRACE_ID[16:], 16)
    assert (root["meta"]["_dd.p.tid"], root["meta"]["env"]) == (TRACE_ID[:16], "test")
    assert (root["parent_id"], root["resource"], root["service"], root["type"]) == (
        0xB7AD6B7169203331,
        "/",
        "shop",
        "web",
    )
    assert (root["metrics"]["http.response.status_code"], root["metrics"]["_dd.measured"]) == (200, 1)
    assert (root["error"], root["duration"] > 0) == (0, True)
    assert subgraph["resource"] in {"products", "users"}
    assert by_name["supergraph"]["parent_id"] == root["span_id"]


async def test_what_spans_are_called_at_datadog_may_be_chosen():
    options = {
        "fixed_span_names": False,
        "resource_mapping": {"router": "http.request.method"},
        "span_metrics": {"router": False},
    }
    ((_, _, (spans,)),) = await collect_datadog(**options)
    (root,) = [span for span in spans if span["type"] == "web"]
    assert (root["name"], root["resource"]) == ("query Q", "POST")
    assert "_dd.measured" not in root["metrics"]
    ((_, _, (spans,)),) = await collect_datadog(enable_span_mapping=False)
    assert {span["resource"] for span in spans} >= {"query Q", "subgraph"}


async def test_failed_spans_are_errors_at_datadog_and_an_agent_that_is_away_is_told(caplog):
    tracing = Tracing(TracingOptions(is_otlp=False), None)
    span = tracing.start("subgraph", {"is": True}, SpanKind.INTERNAL)
    end_failed(span, "503")
    span.end()
    options = DatadogOptions(SpanBatches("http://127.0.0.1:9", timeout_s=1))
    ((written,),) = write_traces([span], options).values()
    assert (written["error"], written["meta"]["error.message"], written["meta"]["is"]) == (1, "503", "true")
    assert DatadogExporter(options).export([span]) is SpanExportResult.FAILURE
    assert "could not be sent to Datadog's agent" in caplog.text


async def test_spans_hold_no_more_than_they_may(spans):
    attributes = {f"a{i}": {"static": i} for i in range(20)}
    tracing = {**TRACES["tracing"], "common": {"max_attributes_per_span": 5}}
    await ask(exporters={"tracing": tracing}, spans={"supergraph": {"attributes": attributes}})
    assert len(spans("supergraph")) == 5


@pytest.mark.parametrize(
    ("propagation", "header", "value", "sent"),
    [
        ({"zipkin": True}, "b3", f"{TRACE_ID}-b7ad6b7169203331-1", "x-b3-traceid"),
        ({"jaeger": True}, "uber-trace-id", f"{TRACE_ID}:b7ad6b7169203331:0:1", "uber-trace-id"),
        ({"request": {"header_name": "X-Trace"}}, "x-trace", TRACE_ID, "traceparent"),
        (
            {"request": {"header_name": "X-Trace", "format": "decimal"}},
            "x-trace",
            str(int(TRACE_ID, 16)),
            "traceparent",
        ),
        (
            {"request": {"header_name": "X-Trace"}},
            "x-trace",
            "0af76519-16cd-43dd-8448-eb211c80319c",
            "traceparent",
        ),
    ],
)
@pytest.mark.usefixtures("spans")
async def test_traces_go_on_in_other_formats(propagation, header, value, sent):
    transport = Recording()
    exporters = {"tracing": {**TRACES["tracing"], "propagation": propagation}}
    await ask(exporters=exporters, headers={header: value}, transport=transport)
    assert all(TRACE_ID in each[sent] for each in transport.sent)


@pytest.mark.parametrize("priority", ["2", "0", "-1", None])
def test_datadogs_headers_are_read_as_they_are_written(priority):
    propagation = Propagation(TracingOptions(is_propagated=False, formats=frozenset({"datadog"})))
    headers = {
        "x-datadog-trace-id": str(int(TRACE_ID[16:], 16)),
        "x-datadog-parent-id": "7",
        "x-datadog-tags": f"_dd.p.dm=-1,_dd.p.tid={TRACE_ID[:16]}",
    }
    given = headers if priority is None else {**headers, "x-datadog-sampling-priority": priority}
    span = trace.get_current_span(propagation.read_parent(given))
    told = span.get_span_context()
    is_kept = priority in ("2", None)
    assert (told.trace_id, told.span_id, told.trace_flags.sampled) == (int(TRACE_ID, 16), 7, is_kept)
    assert propagation.write_parent(span, ()) == {
        **headers,
        "x-datadog-tags": f"_dd.p.tid={TRACE_ID[:16]}",
        "x-datadog-sampling-priority": str(int(is_kept)),
    }


@pytest.mark.parametrize("value", ["", "0", "-1", "x", "1" * 21, str(2**64), "\u0661"])
def test_what_is_none_of_datadogs_ids_begins_a_new_trace(value):
    propagation = Propagation(TracingOptions(is_propagated=False, formats=frozenset({"datadog"})))
    good = {
        "x-datadog-trace-id": "1",
        "x-datadog-parent-id": "1",
        "x-datadog-tags": "_dd.p.tid=zzzzzzzzzzzzzzzz",
    }
    assert propagation.read_parent(good) is not None
    for name in ("x-datadog-trace-id", "x-datadog-parent-id"):
        assert propagation.read_parent({**good, name: value}) is None


async def test_baggage_goes_on_only_where_it_is_switched_on(spans):
    for propagation, wanted in (({"baggage": True}, "a=b"), ({}, None)):
        transport = Recording()
        exporters = {"tracing": {**TRACES["tracing"], "propagation": propagation}}
        await ask(exporters=exporters, headers={"baggage": "a=b"}, transport=transport)
        assert [each.get("baggage") for each in transport.sent] == [wanted, wanted]


@pytest.mark.parametrize("value", ["", "0", "x", "-", "1" * 33, "0" * 32, "\u0661"])
def test_what_is_no_trace_id_begins_a_new_trace(value):
    propagation = Propagation(TracingOptions(request_header="x-trace"))
    assert propagation.read_parent({"x-trace": value}) is None


def read_points(request):
    """The data points of each metric, each with its attributes."""
    (resource,) = request.resource_metrics
    points = {}
    for metric in resource.scope_metrics[0].metrics:
        data = getattr(metric, metric.WhichOneof("data"))
        points[metric.name, metric.unit] = [
            ({each.key: each.value.string_value for each in point.attributes}, point)
            for point in data.data_points
        ]
    return points, {each.key: each.value.string_value for each in resource.resource.attributes}


def find_point(points, name, unit, **attributes):
    wanted = {key.replace("__", "."): value for key, value in attributes.items()}
    return next(point for found, point in points[name, unit] if wanted.items() <= found.items())


PUSHED = {
    "router": {
        "acme.pushed": {
            "type": "counter",
            "value": "unit",
            "attributes": {"shop.id": {"request_header": "x-shop"}},
        }
    }
}


async def test_metrics_come_to_the_collector_over_grpc():
    with collecting() as (collector, port):
        otlp = {"enabled": True, "endpoint": f"127.0.0.1:{port}", "grpc": {"metadata": {"x-key": "k"}}}
        otlp["batch_processor"] = {"scheduled_delay": "1h"}
        common = {"service_name": "shop", "service_namespace": "ns", "resource": {"zone": "eu"}}
        common["buckets"] = [0.25, 60]
        exporters = {"metrics": {"otlp": otlp, "common": common}}
        await ask(exporters=exporters, headers={"x-shop": "s"}, times=2, instruments=PUSHED)
        ((metadata, request),) = collector.metrics.received
    assert metadata["x-key"] == "k"
    points, named = read_points(request)
    assert (named["service.name"], named["service.namespace"], named["zone"]) == ("shop", "ns", "eu")
    found = find_point(points, "http.client.request.duration", "s", subgraph__name="users")
    assert (found.count, list(found.explicit_bounds), sum(found.bucket_counts)) == (2, [0.25, 60.0], 2)
    assert not found.HasField("min")
    assert 0 < found.sum < 60
    assert find_point(points, "acme.pushed", "", shop__id="s").as_double == 2
    active = find_point(points, "http.server.active_requests", "", http__request__method="POST")
    assert active.as_double == 0


async def test_metrics_come_to_the_collector_over_http():
    received = []

    async def collect(request):
        received.append((request.url.path, request.headers["x-key"], await request.body()))
        return Response(b"")

    async with serving(collect) as url:
        otlp = {"enabled": True, "endpoint": url, "protocol": "http", "http": {"headers": {"x-key": "k"}}}
        otlp["batch_processor"] = {"scheduled_delay": "1h"}
        await ask(exporters={"metrics": {"otlp": otlp, "common": {"buckets": [0.3, 1]}}})
    (first, *_) = received
    assert first[:2] == ("/v1/metrics", "k")
    assert b"http.server.request.duration" in first[2]


async def test_a_collector_of_metrics_that_is_not_there_disturbs_nobody():
    batch = {"max_export_timeout": "1s", "scheduled_delay": "1h"}
    otlp = {"enabled": True, "endpoint": "http://127.0.0.1:9", "protocol": "http", "batch_processor": batch}
    exporters = {"metrics": {"otlp": otlp, "common": {"buckets": [0.4, 1]}}}
    assert (await ask(exporters=exporters)).status_code == 200
