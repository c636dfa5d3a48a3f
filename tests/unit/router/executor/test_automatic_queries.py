"""Hashes for operations on the way to subgraphs, and what is done if these do not know them."""

import asyncio
import hashlib
import json

import pytest
from msgspec.structs import replace

from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.executor.transport_automatic_queries import AutomaticQueriesTransport
from router.pipeline.request import Request
from router.pipeline.stages import answer, answer_batch
from tests.support.small_graph import SmallGraph

ME = "{ me { name } }"


class Subgraphs:
    """Subgraphs that know operations by their hashes; `refusal` stands for what those say that do not."""

    def __init__(self, refusal=None):
        self.inner, self.known, self.sent, self.refusal = SmallGraph().transport, {}, [], refusal

    async def send(self, request):
        bodies = json.loads(request.body)
        if isinstance(bodies, list):
            answers = [await self.answer(request, body) for body in bodies]
            return SubgraphAnswer(200, b"[" + b",".join(each.body for each in answers) + b"]")
        return await self.answer(request, bodies)

    async def answer(self, request, body):
        digest = body.get("extensions", {}).get("persistedQuery", {}).get("sha256Hash")
        self.sent.append((request.subgraph, "query" in body, digest is not None))
        if digest is not None and self.refusal is not None:
            return SubgraphAnswer(200, json.dumps({"errors": [self.refusal]}).encode())
        if "query" in body and digest is not None:
            assert hashlib.sha256(body["query"].encode()).hexdigest() == digest
            self.known[digest] = body["query"]
        if "query" not in body:
            if digest not in self.known:
                return SubgraphAnswer(200, b'{"errors":[{"message":"PersistedQueryNotFound"}]}')
            body["query"] = self.known[digest]
        body.pop("extensions", None)
        return await self.inner.send(replace(request, body=json.dumps(body).encode()))

    async def close(self):
        pass


async def ask(transport, *queries, config=None):
    given = config or {"apq": {"subgraph": {"all": {"enabled": True}}}}
    app = SmallGraph().build_app(given, transport=transport)
    answers = [await answer(Request(query), app._server.generation) for query in queries]
    await app.close()
    return answers


async def test_an_operation_is_sent_once_and_then_its_hash():
    transport = Subgraphs()
    answers = await ask(transport, ME, ME)
    assert all(each.status == 200 and "errors" not in each.body for each in answers)
    assert transport.sent == [("users", False, True), ("users", True, True), ("users", False, True)]


async def test_variables_and_entities_are_sent_as_ever():
    transport = Subgraphs()
    for _ in range(2):
        (answered,) = await ask(transport, "{ products(first: 1) { name seller { name } } }")
        assert answered.body["data"] == {"products": [{"name": "One", "seller": {"name": "Ann"}}]}
    assert [hashed for _, _, hashed in transport.sent] == [True] * 6


@pytest.mark.parametrize(
    "refusal",
    [
        {"message": "PersistedQueryNotSupported"},
        {"message": "no", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}},
    ],
)
async def test_who_knows_nothing_of_hashes_is_not_bothered_again(refusal):
    transport = Subgraphs(refusal)
    answers = await ask(transport, ME, "{ me { id } }")
    assert all("errors" not in each.body for each in answers)
    assert transport.sent == [("users", False, True), ("users", True, False), ("users", True, False)]


async def test_only_those_for_whom_it_is_switched_on_get_hashes():
    transport = Subgraphs()
    subgraph = {"all": {"enabled": True}, "subgraphs": {"users": {"enabled": False}}}
    await ask(transport, ME, "{ products { id } }", config={"apq": {"subgraph": subgraph}})
    assert transport.sent == [("users", True, False), ("products", False, True), ("products", True, True)]


async def test_hashes_go_in_arrays_too():
    transport = Subgraphs()
    batching = {"enabled": True, "subgraph": {"all": {"enabled": True}}}
    config = {"batching": batching, "apq": {"subgraph": {"all": {"enabled": True}}}}
    app = SmallGraph().build_app(config, transport=transport)
    async with asyncio.timeout(20):
        for _ in range(2):
            answers = await answer_batch([Request(ME), Request("{ me { id } }")], app._server.generation)
            assert all("errors" not in each.body for each in answers)
    await app.close()
    assert [has_query for _, has_query, _ in transport.sent] == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    "body",
    [b"nonsense", b"[]", b'{"query":3}', b'{"query":"{ a }","extensions":{"x":1}}', b'{"variables":{}}'],
)
async def test_what_is_no_plain_operation_is_sent_as_it_is(body):
    sent = []

    class Echo:
        async def send(self, request):
            sent.append(request.body)
            return SubgraphAnswer(200, b"{}")

        async def close(self):
            pass

    await AutomaticQueriesTransport(Echo()).send(SubgraphRequest("a", body))
    assert sent == [body]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"a":"PersistedQueryNotFound"}}',
        b'{"data":{"a":null},"errors":[{"message":"PersistedQueryNotFound"}]}',
        b'{"errors":["PersistedQueryNotFound"]}',
        b"PersistedQueryNotFound",
    ],
)
async def test_what_only_speaks_of_persisted_queries_is_no_refusal(body):
    count = []

    class Says:
        async def send(self, _request):
            count.append(1)
            return SubgraphAnswer(200, body)

        async def close(self):
            pass

    got = await AutomaticQueriesTransport(Says()).send(SubgraphRequest("a", b'{"query":"{ a }"}'))
    assert (got.body, len(count)) == (body, 1)


async def test_a_subgraph_that_is_none_is_told(caplog):
    app = SmallGraph().build_app({"apq": {"subgraph": {"subgraphs": {"usres": {"enabled": True}}}}})
    await app.close()
    assert (
        'apq.subgraph.subgraphs.usres has no effect: there is no such subgraph. Did you mean "users"?'
        in caplog.text
    )
