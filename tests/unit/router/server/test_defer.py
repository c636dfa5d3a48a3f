"""Answers in parts over HTTP: Apollo Router's bytes as they come, and who gets none."""

import asyncio
import json
import zlib

import brotli
import pytest
from backports import zstd

from router.executor.incremental import PARTS_MAX
from router.executor.transport import SubgraphAnswer
from tests.support.small_graph import SmallGraph
from tests.support.streamed_requests import (
    ACCEPT,
    CONTENT_TYPE,
    FIRST,
    LATER,
    SELLERS,
    Exchange,
    Gate,
    ask,
    read_parts,
    serve,
)


async def test_the_bytes_are_apollos():
    status, headers, body = await ask({"query": SELLERS})

    assert (status, headers["content-type"]) == (200, CONTENT_TYPE)
    assert "content-length" not in headers
    assert headers["x-accel-buffering"] == "no"
    head = b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
    first, later = (json.dumps(each, separators=(",", ":")).encode() for each in (FIRST, LATER))
    assert body == head + first + head + later + b"\r\n--graphql--\r\n"


async def test_the_first_part_goes_out_while_the_rest_is_fetched():
    gate = Gate("users")
    async with serve(gate) as app:
        exchange = Exchange(app, {"query": SELLERS}, {})
        await exchange.start()
        first = await exchange.next()
        assert first["more_body"]
        assert json.loads(first["body"].split(b"\r\n\r\n")[1].removesuffix(b"\r\n--graphql")) == FIRST
        assert exchange.messages.empty()
        gate.opened.set()
        rest = await exchange.rest()
    assert json.loads(rest.split(b"\r\n\r\n")[1].removesuffix(b"\r\n--graphql--\r\n")) == LATER


async def test_a_client_that_leaves_stops_what_is_fetched_for_it():
    gate = Gate("users")
    async with serve(gate) as app:
        exchange = Exchange(app, {"query": SELLERS}, {})
        await exchange.start()
        await exchange.next()
        exchange.gone.set()
        await asyncio.wait_for(exchange.task, 20)
    assert gate.cancelled == ["users"]


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/mixed;deferSpec=20220824",
        'multipart/mixed; boundary="-"; deferSpec="20220824"',
        "application/json;q=0.5, multipart/mixed;q=0.9;DeferSpec=20220824",
        "text/event-stream, Multipart/Mixed; deferSpec=20220824;q=0.1, */*",
    ],
)
async def test_a_client_says_in_many_ways_that_it_takes_parts(accept):
    status, headers, body = await ask({"query": SELLERS}, {"accept": accept})

    assert (status, headers["content-type"]) == (200, CONTENT_TYPE)
    assert read_parts(body) == [FIRST, LATER]


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "multipart/mixed",
        "multipart/mixed;deferSpec=20220824;q=0, application/json",
        "multipart/mixed;deferSpec=20230101",
        "multipart/mixed;subscriptionSpec=1.0",
    ],
)
async def test_a_client_that_takes_no_parts_is_refused_in_apollos_words(accept):
    gate = Gate()
    status, headers, body = await ask({"query": SELLERS}, {"accept": accept}, transport=gate)

    assert (status, headers["content-type"]) == (406, "application/json")
    assert json.loads(body)["errors"] == [
        {
            "message": "the router received a query with the @defer directive but the client does not accept "
            "multipart/mixed HTTP responses. To enable @defer support, add the HTTP header "
            "'Accept: multipart/mixed;deferSpec=20220824'",
            "extensions": {"code": "DEFER_BAD_HEADER"},
        }
    ]
    assert gate.asked == []


async def test_what_defers_nothing_is_plain_json():
    text = "query ($v: Boolean!) { me { id ... @defer(if: $v) { name } ... @defer(if: false) { id } } }"
    for accept in (ACCEPT, "application/json"):
        _, headers, body = await ask({"query": text, "variables": {"v": False}}, {"accept": accept})
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == {"data": {"me": {"id": "u1", "name": "Ann"}}}
    _, _, body = await ask({"query": text, "variables": {"v": True}})
    assert [part["hasNext"] for part in read_parts(body)] == [True, False]
    status, _, _ = await ask({"query": text, "variables": {"v": True}}, {"accept": "*/*"})
    assert status == 406


async def test_only_the_operation_that_runs_counts():
    text = "query A { me { id } } query B { me { ...F @defer } } fragment F on User { name }"
    status, headers, _ = await ask({"query": text, "operationName": "A"}, {"accept": "*/*"})
    assert (status, headers["content-type"]) == (200, "application/json")
    status, _, _ = await ask({"query": text, "operationName": "B"}, {"accept": "*/*"})
    assert status == 406


async def test_a_get_may_defer():
    async with serve() as app:
        text = b"query=%7B%20me%20%7B%20id%20...%20%40defer%20%7B%20name%20%7D%20%7D%20%7D"
        exchange = Exchange(app, None, {"apollo-require-preflight": "1"}, "GET", text)
        _, headers = await exchange.start()
        parts = read_parts(await exchange.rest())
    assert headers["content-type"] == CONTENT_TYPE
    assert parts[1]["incremental"] == [{"data": {"name": "Ann"}, "path": ["me"]}]


async def test_a_batch_cannot_defer():
    body = [{"query": SELLERS}, {"query": "{ me { id } }"}]
    status, _, answer = await ask(body, config={"batching": {"enabled": True, "mode": "batch_http_link"}})
    first, second = json.loads(answer)
    assert status == 406
    assert first["errors"][0] == {
        "message": "Deferred responses and subscriptions aren't supported in batches",
        "extensions": {"code": "BATCHING_DEFER_UNSUPPORTED"},
    }
    assert second == {"data": {"me": {"id": "u1"}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }', "must be unique"),
        ("query ($l: String) { me { ... @defer(label: $l) { id } } }", "static string"),
        ('mutation { ... @defer { rename(id: "1", name: "n") { id } } }', "cannot be used on root mutation"),
        ("subscription { ... @defer { ticked } }", "ubscription"),
        ("{ me @defer { id } }", "may not be used on FIELD"),
        ("{ me { ... @defer(if: null) { id } } }", "expected value of non-null type"),
    ],
)
async def test_defer_is_validated_as_graphql_says(text, message):
    status, _, body = await ask({"query": text})
    errors = json.loads(body)["errors"]
    assert (status, errors[0]["extensions"]["code"]) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert message.lower() in json.dumps(errors).lower()


async def test_defer_can_be_switched_off():
    status, _, body = await ask({"query": SELLERS}, config={"supergraph": {"defer_support": False}})
    assert status == 400
    assert "@defer" in json.loads(body)["errors"][0]["message"]


async def test_introspection_shows_the_directive_as_apollos_does():
    text = "{ __schema { directives { name locations args { name defaultValue type { kind name ofType { name } } } } } }"
    _, _, body = await ask({"query": text}, config={"supergraph": {"introspection": True}})
    directives = {each["name"]: each for each in json.loads(body)["data"]["__schema"]["directives"]}
    assert directives["defer"] == {
        "name": "defer",
        "locations": ["FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        "args": [
            {
                "name": "label",
                "defaultValue": None,
                "type": {"kind": "SCALAR", "name": "String", "ofType": None},
            },
            {
                "name": "if",
                "defaultValue": "true",
                "type": {"kind": "NON_NULL", "name": None, "ofType": {"name": "Boolean"}},
            },
        ],
    }


async def test_introspection_can_be_deferred():
    # Below `__schema` everything is there at once.
    text = "{ me { id } ... @defer { __schema { ... @defer { queryType { name } } } __typename } }"
    _, _, body = await ask({"query": text}, config={"supergraph": {"introspection": True}})
    first, later = read_parts(body)
    assert first == {"data": {"me": {"id": "u1"}}, "hasNext": True}
    whole = {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}
    assert later == {"hasNext": False, "incremental": [{"data": whole, "path": []}]}


@pytest.mark.parametrize(
    ("encoding", "unpack"),
    [
        ("gzip", zlib.decompressobj(31).decompress),
        ("deflate", zlib.decompressobj(15).decompress),
        ("br", brotli.Decompressor().process),
        ("zstd", zstd.ZstdDecompressor().decompress),
    ],
)
async def test_each_part_can_be_unpacked_when_it_comes(encoding, unpack):
    gate = Gate("users")
    async with serve(gate) as app:
        exchange = Exchange(app, {"query": SELLERS}, {"accept-encoding": encoding})
        _, headers = await exchange.start()
        first = unpack((await exchange.next())["body"])
        assert first.endswith(b"\r\n--graphql")
        gate.opened.set()
        rest = unpack(await exchange.rest())
    assert headers["content-encoding"] == encoding
    assert read_parts(first + rest) == [FIRST, LATER]


async def test_the_time_of_a_request_ends_the_whole_stream():
    gate = Gate("users")
    config = {"traffic_shaping": {"router": {"timeout": "200ms"}}}
    _, _, body = await ask({"query": SELLERS}, config=config, transport=gate)
    assert read_parts(body) == [
        FIRST,
        {
            "errors": [
                {"message": "Your request has been timed out", "extensions": {"code": "GATEWAY_TIMEOUT"}}
            ],
            "hasNext": False,
        },
    ]
    assert gate.cancelled == ["users"]


async def test_errors_of_a_part_are_told_with_it_and_hidden_like_others():
    class Failing(Gate):
        async def send(self, request):
            if request.subgraph != "users":
                return await self.inner.send(request)
            body = b'{"data":{"_entities":[{"name":null}]},"errors":[{"message":"secret","path":["_entities",0,"name"]}]}'
            return SubgraphAnswer(200, body)

    for is_shown, message in ((False, "Subgraph errors redacted"), (True, "secret")):
        config = {"include_subgraph_errors": {"all": is_shown}}
        _, _, body = await ask({"query": SELLERS}, config=config, transport=Failing())
        first, later = read_parts(body)
        assert first == FIRST
        assert [part["errors"][0]["message"] for part in later["incremental"]] == [message] * 2
        assert [part["errors"][0]["path"] for part in later["incremental"]] == [
            ["products", i, "seller", "name"] for i in range(2)
        ]


async def test_what_the_caller_may_not_see_is_withheld_from_parts_too():
    text = "{ me { id ... @defer { name email } } }"
    gate = Gate()
    _, _, body = await ask({"query": text}, transport=gate)
    first, later = read_parts(body)
    assert first["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    assert later["incremental"] == [{"data": {"name": "Ann", "email": None}, "path": ["me"]}]


async def test_an_answer_has_no_more_parts_than_the_bound():
    gate = Gate()

    class Long(Gate):
        async def send(self, request):
            if request.subgraph != "products":
                return await self.inner.send(request)
            item = {"id": "p", "seller": {"__typename": "User", "id": "u1"}}
            return SubgraphAnswer(200, json.dumps({"data": {"products": [item] * (PARTS_MAX + 1)}}).encode())

    _, _, body = await ask({"query": SELLERS}, transport=Long())
    _, later = read_parts(body)
    assert later["hasNext"] is False
    assert later["errors"][0]["extensions"]["code"] == "DEFERRED_RESPONSE_TOO_LARGE"
    assert gate.asked == []


async def test_later_parts_count_to_the_size_of_the_answer():
    for bytes_max, has_all in ((160, False), (1_000, True)):
        _, _, body = await ask({"query": SELLERS}, config={"limits": {"http_max_response_bytes": bytes_max}})
        first, later = read_parts(body)
        assert first == FIRST
        assert ("incremental" in later) is has_all
        assert has_all or later["errors"][0]["extensions"]["code"] == "DEFERRED_RESPONSE_TOO_LARGE"


async def test_a_stream_under_way_is_waited_for_at_shutdown():
    gate = Gate("users")
    app = SmallGraph().build_app(transport=gate)
    exchange = Exchange(app, {"query": SELLERS}, {})
    await exchange.start()
    await exchange.next()
    closing = asyncio.create_task(app.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.opened.set()
    assert b'"Ann"' in await exchange.rest()
    await asyncio.wait_for(closing, 20)
