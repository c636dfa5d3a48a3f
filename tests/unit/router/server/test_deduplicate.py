"""Identical requests of clients under way at the same time."""

import asyncio

import httpx
import pytest
from msgspec.structs import replace

from router.executor.memory import MemoryTransport
from tests.support.small_graph import SmallGraph
from tests.support.turns import let_arrive

QUERY = {"query": "{ me { name } }"}
MUTATION = {"query": 'mutation { rename(id: "p1", name: "N") { id } }'}
ON = {"enabled": True, "simultaneous": False}


class Gate:
    """Lets the subgraphs answer only when it is open."""

    def __init__(self, graph):
        self._graph, self.open = graph, asyncio.Event()

    @property
    def transport(self):
        def guard(subgraph):
            async def answer(request):
                await self.open.wait()
                return await subgraph(request)

            return answer

        return MemoryTransport({"users": guard(self._graph.users), "products": guard(self._graph.products)})


@pytest.fixture
async def ask():
    """Sends requests at the same time; gives the answers, and how many requests the subgraphs got meanwhile."""
    apps = []

    async def send(dedupe, *requests, warm=True, config=None):
        graph = SmallGraph()
        gate = Gate(graph)
        app = graph.build_app(
            {"traffic_shaping": {"router": {"dedupe": dedupe}}, **(config or {})}, transport=gate.transport
        )
        apps.append(app)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            if warm:
                gate.open.set()
                for body, headers in requests:
                    await client.post("/", json=body, headers=headers)
                gate.open.clear()
            before = len(graph.users.requests) + len(graph.products.requests)
            asked = [
                asyncio.create_task(client.post("/", json=body, headers=headers))
                for body, headers in requests
            ]
            await let_arrive()
            gate.open.set()
            answers = await asyncio.gather(*asked)
        return answers, len(graph.users.requests) + len(graph.products.requests) - before

    yield send
    for app in apps:
        await app.close()


async def test_identical_queries_are_answered_once(ask):
    answers, count = await ask(ON, (QUERY, {}), (QUERY, {}), (QUERY, {}))
    assert count == 1
    assert [answer.json() for answer in answers] == [{"data": {"me": {"name": "Ann"}}}] * 3


async def test_it_is_off_by_default(ask):
    _, count = await ask({"simultaneous": False}, (QUERY, {}), (QUERY, {}))
    assert count == 2


async def test_each_client_gets_its_media_type(ask):
    types = ("application/json", "application/graphql-response+json")
    answers, count = await ask(ON, *((QUERY, {"accept": each}) for each in types))
    assert [answer.headers["content-type"] for answer in answers] == [*types]
    assert count == 1


@pytest.mark.parametrize("headers", ["all", {"include": ["x-a"]}])
@pytest.mark.parametrize("name", ["x-a", "authorization", "cookie"])
async def test_a_header_that_matters_tells_requests_apart(ask, headers, name):
    _, count = await ask({**ON, "headers": headers}, (QUERY, {name: "1"}), (QUERY, {name: "2"}))
    assert count == 2


@pytest.mark.parametrize("headers", ["none", {"include": ["x-a"]}])
async def test_a_header_that_does_not_matter_does_not(ask, headers):
    _, count = await ask({**ON, "headers": headers}, (QUERY, {"x-b": "1"}), (QUERY, {"x-b": "2"}))
    assert count == 1


@pytest.mark.parametrize("rule", [{"named": "x-b"}, {"matching": "x-.*"}])
async def test_what_subgraphs_are_sent_always_matters(ask, rule):
    more = {"headers": {"subgraphs": {"users": {"request": [{"propagate": rule}]}}}}
    dedupe = {**ON, "headers": "none"}
    _, count = await ask(dedupe, (QUERY, {"x-b": "1"}), (QUERY, {"x-b": "2"}), config=more)
    assert count == 2
    _, count = await ask(dedupe, (QUERY, {"y": "1"}), (QUERY, {"y": "2"}), config=more)
    assert count == 1


async def test_other_variables_are_another_request(ask):
    query = "query Q($n: Int) { products(first: $n) { id } }"
    answers, count = await ask(ON, *(({"query": query, "variables": {"n": n}}, {}) for n in (1, 2)))
    assert count == 2
    assert [len(answer.json()["data"]["products"]) for answer in answers] == [1, 2]


async def test_mutations_and_documents_with_one_are_never_shared(ask):
    both = {"query": f"query Q {{ me {{ name }} }} {MUTATION['query']}".replace("mutation", "mutation M")}
    _, count = await ask(ON, *[({**both, "operationName": "Q"}, {})] * 2)
    assert count == 2


async def test_documents_that_nobody_has_read_yet_are_not_shared(ask):
    answers, count = await ask(ON, (QUERY, {}), (QUERY, {}), warm=False)
    assert count == 2
    assert {answer.status_code for answer in answers} == {200}


async def test_who_has_seen_a_mutation_does_not_join_a_query_that_began_before():
    graph = SmallGraph()
    gates = {"users": asyncio.Event(), "products": asyncio.Event()}

    def guard(name, subgraph):
        async def answer(request):
            await gates[name].wait()
            return await subgraph(request)

        return answer

    transport = MemoryTransport(
        {"users": guard("users", graph.users), "products": guard("products", graph.products)}
    )
    app = graph.build_app({"traffic_shaping": {"router": {"dedupe": ON}}}, transport=transport)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        gates["users"].set()
        await client.post("/", json=QUERY)
        gates["users"].clear()
        asked = len(graph.users.requests)
        before = asyncio.create_task(client.post("/", json=QUERY))
        await let_arrive()
        gates["products"].set()
        await client.post("/", json=MUTATION)
        after = [asyncio.create_task(client.post("/", json=QUERY)) for _ in range(2)]
        await let_arrive()
        gates["users"].set()
        await asyncio.gather(before, *after)
        assert len(graph.users.requests) - asked == 2
    await app.close()


async def test_two_clients_are_not_given_one_session():
    graph, started, count = SmallGraph(), asyncio.Event(), iter(range(9))

    async def users(request):
        session = next(count)
        if session:
            await started.wait()
        answer = await graph.users(request)
        return replace(answer, headers={**answer.headers, "set-cookie": f"session={session}"})

    config = {
        "traffic_shaping": {"router": {"dedupe": ON}},
        "headers": {"all": {"response": [{"propagate": {"named": "set-cookie"}}]}},
    }
    app = graph.build_app(config, transport=MemoryTransport({"users": users}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        await client.post("/", json=QUERY)
        client.cookies.clear()
        asked = [asyncio.create_task(client.post("/", json=QUERY)) for _ in range(3)]
        await let_arrive()
        started.set()
        answers = await asyncio.gather(*asked)
    await app.close()
    assert len({answer.headers["set-cookie"] for answer in answers}) == 3
