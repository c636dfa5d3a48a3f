"""What is told of parts of requests: fields of responses, HTTP requests to subgraphs, lookups in the response cache."""

import asyncio
import re

import httpx
import pytest
from msgspec.structs import replace
from starlette.responses import JSONResponse

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.transport import SubgraphAnswer
from router.hooks.context import OPERATION_NAME
from router.hooks.plugin import Plugin
from router.operation.signature import find_studio_id, write_signature
from tests.support.instrumented import BOTH, PROMETHEUS, TRACES, Recording, ask, read_samples
from tests.support.json_server import serving
from tests.support.small_graph import SmallGraph
from tests.support.streamed_requests import ACCEPT, SELLERS, Exchange, Gate, serve
from tests.support.streamed_requests import ask as ask_raw


def metrics(bucket):
    """Metrics of one test alone: those of other buckets are others."""
    return {"metrics": {**PROMETHEUS["metrics"], "common": {"buckets": [bucket, 7]}}}


async def count_fields(query, bucket, fields, **more):
    answer = await ask(
        query, exporters=metrics(bucket), then="/metrics", instruments={"graphql": fields}, **more
    )
    return read_samples(answer.text)


def of_field(parent, name, kind):
    return f'{{graphql_field_name="{name}",graphql_field_type="{kind}",graphql_type_name="{parent}"}}'


async def test_fields_of_responses_are_counted_by_their_types():
    query = "query Q { all: products(first: 2) { __typename ...P } me { id } } fragment P on Product { seller { name } }"
    samples = await count_fields(query, 0.81, {"field.execution": True, "list.length": True})
    counted = {
        name.removeprefix("field_execution_total"): value
        for name, value in samples.items()
        if name.startswith("field_execution_total")
    }
    assert counted == {
        of_field("Query", "products", "Product"): 1,
        of_field("Product", "seller", "User"): 2,
        of_field("User", "name", "String"): 2,
        of_field("Query", "me", "User"): 1,
        of_field("User", "id", "ID"): 1,
    }
    assert samples["list_length_sum" + of_field("Query", "products", "Product")] == 2
    assert not any(name.startswith("list_length_sum") and '"me"' in name for name in samples)


async def test_fields_may_be_chosen_and_counted_otherwise():
    fields = {
        "field.execution": False,
        "list.length": {"attributes": {"graphql.field.type": False, "op": {"operation_name": "string"}}},
        "names": {
            "type": "counter",
            "value": "field_unit",
            "description": "d",
            "unit": "1",
            "attributes": {"kind": {"field_type": "type"}, "graphql.type.name": True},
            "condition": {"eq": [{"field_name": "string"}, "name"]},
        },
        "lengths": {
            "type": "histogram",
            "value": {"field_custom": {"list_length": "value"}},
            "description": "d",
            "unit": "1",
            "condition": {"gt": [{"list_length": "value"}, 0]},
        },
    }
    samples = await count_fields(BOTH, 0.82, fields)
    labels = '{graphql_field_name="products",graphql_type_name="Query",op="Q"}'
    assert samples["list_length_sum" + labels] == 1
    assert samples['names_total{graphql_type_name="Product",kind="scalar"}'] == 1
    assert samples['names_total{graphql_type_name="User",kind="scalar"}'] == 1
    assert samples["lengths_count"] == 1
    assert not any(name.startswith("field_execution") for name in samples)


async def test_fields_of_later_parts_are_counted_too():
    samples = await count_fields(SELLERS, 0.83, {"field.execution": True}, headers={"accept": ACCEPT})
    assert samples["field_execution_total" + of_field("User", "name", "String")] == 2
    assert samples["field_execution_total" + of_field("User", "id", "ID")] == 2


async def replace_operation(request):
    request.body |= {
        "query": "query Other { me { name } } query More { me { id } }",
        "operationName": "Other",
    }
    request.context.entries[OPERATION_NAME] = "Q"


async def leave_anything(response):
    response.context.entries[OPERATION_NAME] = ["Q"]
    if not response.is_primary:
        response.body["incremental"] = ["x", {"path": 1, "data": {}}]


@pytest.mark.parametrize("query", ["query Q { me { id } }", SELLERS])
@pytest.mark.parametrize(
    "hooks",
    [{"supergraph_request": replace_operation}, {"supergraph_response": leave_anything}],
    ids=["request", "response"],
)
async def test_hooks_may_change_what_is_asked_and_answered(query, hooks):
    instruments = {
        "graphql": {"field.execution": True},
        "supergraph": {
            "deep": {
                "type": "histogram",
                "value": {"query": "depth"},
                "attributes": {"id": {"studio_operation_id": True}},
            }
        },
    }
    telemetry = {"exporters": metrics(0.86), "instrumentation": {"instruments": instruments}}
    status, _, body = await ask_raw(
        {"query": query}, config={"telemetry": telemetry}, plugins={"a": Plugin(**hooks)}
    )
    assert status == 200
    assert b'"errors"' not in body
    assert body.endswith((b"}", b"\r\n--graphql--\r\n"))


async def test_what_has_been_refused_has_no_fields():
    samples = await count_fields("{ a { ...F } } fragment F on X { ...F }", 0.84, {"field.execution": True})
    assert not any(name.startswith("field_execution") for name in samples)


class Kept(Recording):
    async def send(self, request):
        answer = await super().send(request)
        return replace(answer, headers={**answer.headers, "cache-control": "max-age=60"})


CACHING = {"response_cache": {"enabled": True, "subgraph": {"all": {"ttl": "1m"}}}}


async def test_lookups_in_the_cache_are_counted_by_type(spans):
    attributes = {"graphql.type.name": True, "graph": {"subgraph_name": True}}
    instruments = {"cache": {"apollo.router.operations.entity.cache": {"attributes": attributes}}}
    by_type = {
        "users": {"cache": "miss", "entity_type": "User"},
        "products": {"cache": "hit", "entity_type": "Query"},
    }
    answer = await ask(
        exporters={**TRACES, **metrics(0.85)},
        then="/metrics",
        transport=Kept(),
        config=CACHING,
        times=2,
        instruments=instruments,
        spans={"subgraph": {"attributes": by_type}},
    )
    samples = read_samples(answer.text)
    name = "apollo_router_operations_entity_cache_total"
    assert {key.removeprefix(name): value for key, value in samples.items() if key.startswith(name)} == {
        f'{{cache_hit="{hit}",graph="{graph}",graphql_type_name="{type_name}"}}': 1
        for hit in ("false", "true")
        for graph, type_name in (("products", "Query"), ("users", "User"))
    }
    assert [(each["users"], each["products"]) for each in spans.all("subgraph")] == [
        (0, 0),
        (1, 0),
        (0, 1),
        (0, 0),
    ]


async def test_an_http_request_tells_what_goes_out_and_comes_back(spans):
    attributes = {
        "tenant": {"request_header": "x-tenant"},
        "region": {"response_header": "x-region"},
        "http.request.method": False,
        "subgraph.name": {"alias": "graph"},
    }
    requests = {
        "acme.requests": {
            "type": "counter",
            "value": "unit",
            "description": "d",
            "unit": "1",
            "attributes": {"tenant": {"request_header": "x-tenant"}, "graph": {"subgraph_name": True}},
        }
    }
    rules = {"all": {"request": [{"propagate": {"named": "x-shop", "rename": "x-tenant"}}]}}
    answer = await ask(
        "{ me { id } }",
        exporters={**TRACES, **metrics(0.86)},
        headers={"x-shop": "t1"},
        then="/metrics",
        config={"headers": rules},
        spans={"http_client": {"attributes": attributes}},
        instruments={"http_client": requests},
    )
    found = spans("http_request")
    assert (found["tenant"], found["region"], found["graph"]) == ("t1", "eu", "users")
    assert not {"http.request.method", "subgraph.name"} & set(found)
    assert read_samples(answer.text)['acme_requests_total{graph="users",tenant="t1"}'] == 1


async def test_requests_that_are_sent_again_are_counted(spans):
    class Recovering(Recording):
        async def send(self, request):
            answer = await super().send(request)
            return SubgraphAnswer(503, b"", {}) if len(self.sent) < 3 else answer

    attributes = {"http.request.resend_count": True, "body": {"subgraph_response_body": "$.data.me.id"}}
    config = {"traffic_shaping": {"all": {"retry": {"initial_backoff": "1ms"}}}}
    await ask(
        "{ me { id } }", transport=Recovering(), config=config, spans={"subgraph": {"attributes": attributes}}
    )
    assert spans("subgraph")["http.request.resend_count"] == 2
    assert spans("subgraph")["body"] == "u1"
    spans.exporter.clear()
    await ask("{ me { id } }", spans={"subgraph": {"attributes": attributes}})
    assert "http.request.resend_count" not in spans("subgraph")


async def test_operations_have_the_ids_of_apollos_studio(spans):
    attributes = {"id": {"studio_operation_id": True}}
    await ask(spans={"router": {"attributes": attributes}, "supergraph": {"attributes": attributes}})
    assert spans("query Q")["id"] == spans("supergraph")["id"] == find_studio_id(BOTH, "Q")
    spans.exporter.clear()
    await ask(
        "{ nope }", spans={"router": {"attributes": attributes}, "supergraph": {"attributes": attributes}}
    )
    assert "id" not in spans("supergraph")


def test_a_signature_has_neither_literals_nor_aliases_and_is_sorted():
    text = 'query B($z: Int, $a: [S!] = ["x"]) { x: b(z: 5.1, a: "s", o: {a: 1}, l: [1], v: $z) @skip(if: true) { c } ...F a ... on T @b(if: true) @a { d } } fragment F on Q { z y: x } fragment G on Q { a } query C { q }'
    assert write_signature(text, "B") == (
        "fragment F on Q{x z}query B($a:[S!]=[],$z:Int)"
        '{a b(a:"",l:[],o:{},v:$z,z:0)@skip(if:true){c}...F...on T@a@b(if:true){d}}'
    )
    assert find_studio_id("{me{name}}", None) == find_studio_id('{ x: me { name } } # "', None)
    assert find_studio_id("{ me { name } }" + " " * 100_000, None) is None


async def test_a_standard_metric_may_be_switched_off():
    answer = await ask(
        exporters=metrics(0.87),
        then="/metrics",
        instruments={"router": {"http.server.active_requests": False}},
    )
    assert "http_server_active_requests" not in answer.text
    assert "http_server_request_duration_seconds" in answer.text


async def test_the_spans_of_an_answer_in_parts_end_with_the_last_part(spans):
    await ask(SELLERS, headers={"accept": ACCEPT})
    found = {
        span.attributes.get("subgraph.name", span.name): span
        for span in spans.exporter.get_finished_spans()
        if span.name != "http_request"
    }
    ends = [found[name].end_time for name in ("supergraph", "execution", "users", "products")]
    assert ends == sorted(ends, reverse=True)
    execution = found["execution"].context.span_id
    assert [found[name].parent.span_id for name in ("users", "products")] == [execution] * 2


async def test_the_span_of_an_answer_that_nobody_waits_for_ends_too(spans):
    async with serve(Gate("users"), {"telemetry": {"exporters": TRACES}}) as app:
        exchange = Exchange(app, {"query": SELLERS}, {})
        await exchange.start()
        await exchange.next()
        exchange.gone.set()
        await asyncio.wait_for(exchange.task, 20)
    assert len(spans.all("supergraph")) == 1


async def count_operations(bucket, name, config, *requests):
    """The counts of one metric, by its labels that are told."""
    app = SmallGraph().build_app({**config, "telemetry": {"exporters": metrics(bucket)}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        for body, headers in requests:
            await client.post("/", json=body, headers=headers)
        samples = read_samples((await client.get("/metrics")).text)
    await app.close()
    return {
        ",".join(re.findall('[a-z_]+="[^"]+"', key)): value
        for key, value in samples.items()
        if key.startswith(f"{name}_total")
    }


ID = {"query": "{ me { id } }"}


async def test_tokens_are_counted(tmp_path):
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    jwks = [{"url": (tmp_path / "jwks.json").as_uri()}]
    counted = await count_operations(
        0.91,
        "apollo_router_operations_authentication_jwt",
        {"authentication": {"router": {"jwt": {"jwks": jwks}}}},
        (ID, {"authorization": "Bearer x"}),
        (ID, {}),
    )
    assert counted == {'authentication_jwt_failed="true"': 1}


async def test_what_not_everybody_may_see_is_counted():
    counted = await count_operations(
        0.92,
        "apollo_router_operations_authorization",
        {},
        ({"query": "{ me { risk } }"}, {}),
        (ID, {}),
    )
    assert counted == {
        'authorization_filtered="true",authorization_needs_authenticated="true",'
        'authorization_needs_requires_scopes="true"': 1
    }


async def test_persisted_operations_are_counted_by_what_was_wrong(tmp_path):
    (tmp_path / "manifest.json").write_text('{"1": "{ me { id } }"}')
    persisted = {"enabled": True, "local_manifests": [str(tmp_path / "manifest.json")], "log_unknown": True}
    config = {"apq": {"enabled": False}, "persisted_queries": {**persisted, "safelist": {"enabled": True}}}
    name = "apollo_router_operations_persisted_queries"
    counted = await count_operations(
        0.93,
        name,
        config,
        *(
            ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": each}}}, {})
            for each in ("1", "2")
        ),
        ({"query": "{ me { name } }"}, {}),
    )
    assert counted == {
        "": 1,
        'persisted_queries_not_found="true"': 1,
        'persisted_queries_logged="true",persisted_queries_safelist_rejected_unknown="true"': 1,
    }
    config["persisted_queries"]["safelist"]["require_id"] = True
    counted = await count_operations(0.94, name, config, (ID, {}))
    assert counted == {'persisted_queries_safelist_rejected_missing_id="true"': 1}


async def test_messages_to_the_coprocessor_are_counted():
    async def answer(request):
        message = await request.json()
        return JSONResponse({**message, "version": 1 if message["stage"] == "RouterRequest" else 2})

    async with serving(answer) as url:
        coprocessor = {"url": url, "router": {"request": {}}, "supergraph": {"request": {}}}
        counted = await count_operations(
            0.95, "apollo_router_operations_coprocessor", {"coprocessor": coprocessor}, (ID, {})
        )
    assert counted == {
        'coprocessor_stage="RouterRequest",coprocessor_succeeded="true"': 1,
        'coprocessor_stage="SupergraphRequest",coprocessor_succeeded="false"': 1,
    }


@pytest.mark.parametrize(
    ("instruments", "problem"),
    [
        ({"cache": {"mine": True}}, "must be apollo.router.operations.entity.cache or"),
        ({"graphql": {"field.execution": 1}}, "must be true, false, or a mapping"),
        (
            {"graphql": {"a": {"type": "histogram", "value": "event_duration"}}},
            "a field takes no time",
        ),
        (
            {"graphql": {"a": {"value": {"field_custom": {"field_type": "size"}}}}},
            "field_type is name or type",
        ),
        ({"supergraph": {"a": {"value": {"static": 1, "entity_type": "X"}}}}, "entity_type goes with cache"),
    ],
)
def test_what_is_not_understood_is_told(instruments, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"telemetry": {"instrumentation": {"instruments": instruments}}}, {})
    assert problem in str(told.value)
