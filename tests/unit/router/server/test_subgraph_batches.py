"""Batches to subgraphs: one array for each, answers where they belong, and nobody waits for what never comes."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from router.executor.transport import SubgraphAnswer, TransportError
from router.hooks import Plugin, SubgraphResponse
from router.kit.json import read_json, write_json
from router.pipeline.request import Request
from router.pipeline.stages import SENT_TOGETHER_MAX, answer_batch
from tests.support.small_graph import SmallGraph

ME, PRODUCTS, BOTH = (
    "{ me { name } }",
    "{ products(first: 1) { id } }",
    "{ me { name } products(first: 1) { id } }",
)
ANN, P1 = {"me": {"name": "Ann"}}, {"products": [{"id": "p1"}]}
ALL = {"batching": {"enabled": True, "subgraph": {"all": {"enabled": True}}}}


class ArrayTransport:
    """Subgraphs that take arrays; `fault` stands for what arrays are answered."""

    def __init__(self, fault=None):
        self.inner, self.sent, self.fault = SmallGraph().transport, [], fault

    async def send(self, request):
        body = json.loads(request.body)
        self.sent.append((request.subgraph, len(body) if isinstance(body, list) else None))
        if not isinstance(body, list):
            return await self.inner.send(request)
        if isinstance(self.fault, Exception):
            raise self.fault
        if self.fault is not None:
            return self.fault
        answers = [await self.inner.send(replace(request, body=json.dumps(each).encode())) for each in body]
        return SubgraphAnswer(200, b"[" + b",".join(each.body for each in answers) + b"]")

    async def close(self):
        pass


def read(response):
    return read_json(write_json(response.body))


async def ask(*queries, config=None, transport=None, plugins=None):
    """The answers, and for each request to a subgraph how many it had; None for one that is no array."""
    transport = transport or ArrayTransport()
    app = SmallGraph().build_app(config or ALL, transport=transport, plugins=plugins)
    requests = [Request(query, is_read_only=False) for query in queries]
    async with asyncio.timeout(20):
        answers = await answer_batch(requests, app._server.generation)
    await app.close()
    return [read(each) for each in answers], sorted(transport.sent, key=str)


async def test_what_requests_ask_of_a_subgraph_goes_there_as_one_array_and_comes_back_in_order():
    answers, sent = await ask(ME, PRODUCTS, BOTH, "{ me { id } }")
    assert [each["data"] for each in answers] == [ANN, P1, {**ANN, **P1}, {"me": {"id": "u1"}}]
    assert sent == [("products", 2), ("users", 3)]


async def test_what_waits_for_an_answer_is_sent_by_itself():
    answers, sent = await ask("{ products(first: 1) { seller { name } } }", "{ me { name } }")
    assert answers[0] == {"data": {"products": [{"seller": {"name": "Ann"}}]}}
    assert sent == [("products", 1), ("users", 1), ("users", None)]


async def test_a_request_alone_and_a_batch_of_one_are_no_arrays():
    assert (await ask(ME))[1] == [("users", None)]


@pytest.mark.parametrize(
    ("subgraph", "sent"),
    [
        ({"all": {"enabled": False}}, [("products", None)] * 2 + [("users", None)] * 2),
        ({"subgraphs": {"users": {"enabled": True}}}, [("products", None)] * 2 + [("users", 2)]),
        (
            {"all": {"enabled": True}, "subgraphs": {"users": {"enabled": False}}},
            [("products", 2)] + [("users", None)] * 2,
        ),
    ],
)
async def test_only_subgraphs_that_are_to_get_arrays_get_them(subgraph, sent):
    answers, was_sent = await ask(BOTH, BOTH, config={"batching": {"enabled": True, "subgraph": subgraph}})
    assert [each["data"] for each in answers] == [{**ANN, **P1}] * 2
    assert was_sent == sorted(sent, key=str)


async def test_nobody_waits_for_requests_that_are_refused_or_ask_nothing():
    answers, sent = await ask(ME, "{ nope }", "{ __typename }", "{", ME)
    assert [each.get("data") for each in answers] == [ANN, None, {"__typename": "Query"}, None, ANN]
    assert sent == [("users", 2)]


async def test_nobody_waits_for_what_a_hook_answers_and_other_headers_are_another_request():
    async def answer_some(request):
        if "id" in request.body["query"]:
            return SubgraphResponse(request.context, request.subgraph, {"data": {"me": {"id": "h"}}})
        request.headers["x-name"] = ["1" if "risk" in request.body["query"] else "2"]
        return None

    queries = [
        "{ me { id } }",
        ME,
        "{ me { name } }",
        "{ me { name } other: me { name } }",
        "{ risk: me { name } }",
    ]
    answers, sent = await ask(*queries, plugins={"p": Plugin(subgraph_request=answer_some)})
    assert [each["data"] for each in answers][:3] == [{"me": {"id": "h"}}, ANN, ANN]
    assert answers[4]["data"] == {"risk": {"name": "Ann"}}
    assert sent == [("users", 1), ("users", 3)]


async def test_mutations_one_after_the_other_do_not_wait_for_each_other():
    first = 'mutation { a: rename(id: "p1", name: "A") { name } b: rename(id: "p2", name: "B") { name } }'
    policies = {"verified": lambda _claims: asyncio.sleep(0, True)}
    transport = ArrayTransport()
    app = SmallGraph().build_app(ALL, transport=transport, policies=policies)
    answers = await answer_batch([Request(first), Request(first), Request(ME)], app._server.generation)
    await app.close()
    assert [each.body["data"] for each in answers] == [{"a": {"name": "A"}, "b": {"name": "B"}}] * 2 + [ANN]
    assert sorted(transport.sent) == [("products", 2), ("users", 1)]


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (
            SubgraphAnswer(200, b'[{"data":{"me":null}}]'),
            "SUBREQUEST_BATCHING_ERROR",
            "Batching error for 'users': number of contexts (2) is not equal to number of graphql responses (1)",
        ),
        (
            SubgraphAnswer(200, b'{"data":{"me":null}}'),
            "SUBREQUEST_MALFORMED_RESPONSE",
            "service 'users' response was malformed: the response to a batch is no JSON array: Expected `array`, got `object`",
        ),
        (SubgraphAnswer(200, b"nope"), "SUBREQUEST_MALFORMED_RESPONSE", None),
        (SubgraphAnswer(200, b"<p>", {"content-type": "text/html"}), "SUBREQUEST_HTTP_ERROR", None),
        (
            SubgraphAnswer(503, b"busy", {"content-type": "text/plain"}),
            "SUBREQUEST_HTTP_ERROR",
            "HTTP fetch failed from 'users': 503: Service Unavailable",
        ),
        (
            SubgraphAnswer(400, b"{}"),
            "SUBREQUEST_HTTP_ERROR",
            "HTTP fetch failed from 'users': 400: Bad Request",
        ),
        (TransportError("reset"), "SUBREQUEST_HTTP_ERROR", "HTTP fetch failed from 'users': reset"),
    ],
)
async def test_an_array_that_fails_fails_each_of_its_requests(fault, code, message):
    answers, sent = await ask(ME, ME, transport=ArrayTransport(fault))
    assert sent == [("users", 2)]
    for each in answers:
        assert each["data"] == {"me": None}
        assert [error["extensions"]["code"] for error in each["errors"]] == [code]
        assert message is None or each["errors"][0]["message"] == message


async def test_one_bad_part_is_the_fault_of_its_request_alone():
    body = b'[{"data":{"me":{"name":"A"}}},7,{"errors":[{"message":"m"}]}]'
    answers, _ = await ask(ME, ME, ME, transport=ArrayTransport(SubgraphAnswer(200, body)))
    assert answers[0] == {"data": {"me": {"name": "A"}}}
    assert answers[1]["errors"][0]["extensions"]["code"] == "SUBREQUEST_MALFORMED_RESPONSE"
    assert answers[2]["errors"][0]["message"] == "m"


async def test_who_is_late_holds_nobody_up_for_longer_than_a_request_may_take():
    async def wait_for_ever(request):
        if "risk" in request.body["query"]:
            await asyncio.Event().wait()

    config = {**ALL, "traffic_shaping": {"router": {"timeout": "300ms"}}}
    plugin = Plugin(supergraph_request=wait_for_ever, timeout_s=0.1)
    answers, sent = await ask(ME, "{ risk: me { name } }", ME, config=config, plugins={"p": plugin})
    assert [each.get("data") for each in answers] == [ANN, None, ANN]
    assert sent == [("users", 2)]


async def test_a_long_batch_goes_in_parts():
    answers, sent = await ask(*[ME] * (SENT_TOGETHER_MAX + 1))
    assert len(answers) == SENT_TOGETHER_MAX + 1
    assert sent == [("users", 1), ("users", SENT_TOGETHER_MAX)]


async def test_answers_that_are_kept_are_not_waited_for():
    class Cacheable(ArrayTransport):
        async def send(self, request):
            answer = await super().send(request)
            headers = {"content-type": "application/json", "cache-control": "public, max-age=60"}
            return replace(answer, headers=headers)

    config = {**ALL, "response_cache": {"enabled": True}}
    transport = Cacheable()
    app = SmallGraph().build_app(config, transport=transport)
    await answer_batch([Request(ME), Request(ME)], app._server.generation)
    again = await answer_batch([Request(ME), Request("{ me { id } }")], app._server.generation)
    await app.close()
    assert [read(each)["data"] for each in again] == [ANN, {"me": {"id": "u1"}}]
    assert transport.sent == [("users", 2), ("users", 1)]
