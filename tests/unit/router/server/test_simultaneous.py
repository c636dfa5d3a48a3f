"""Equal queries that are read before the first of them is sent on."""

import asyncio
import json
from itertools import count

import httpx
import pytest

from router.executor.memory import MemoryTransport
from router.hooks.plugin import Plugin
from tests.support.small_graph import SmallGraph

QUERY = {"query": "{ me { name } }"}
MUTATION = {"query": 'mutation { rename(id: "p1", name: "N") { id } }'}
HEADERS = [(b"content-type", b"application/json")]
ANSWER = {"data": {"me": {"name": "Ann"}}}


async def allow(_claims):
    return True


async def look(_request):
    """A hook that sees each request."""


class Shop:
    """A router whose subgraphs wait for a gate, and its clients."""

    def __init__(self, config, plugins):
        self.graph, self.gate = SmallGraph(), asyncio.Event()
        self.gate.set()
        self.ports = count(50_000)
        subgraphs = {"users": self.graph.users, "products": self.graph.products}
        self.app = self.graph.build_app(
            config,
            {"verified": allow},
            MemoryTransport({name: self.guard(each) for name, each in subgraphs.items()}),
            plugins,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.connect), base_url="http://router")

    async def connect(self, scope, receive, send):
        """Each request comes over a connection of its own."""
        await self.app({**scope, "client": ("127.0.0.1", next(self.ports))}, receive, send)

    def guard(self, subgraph):
        async def answer(request):
            await self.gate.wait()
            return await subgraph(request)

        return answer

    @property
    def fetches(self):
        return len(self.graph.users.requests) + len(self.graph.products.requests)

    def ask(self, body=QUERY, **options):
        return self.client.post("/", json=body, **options)

    async def gather(self, *asked):
        """The answers to what is asked at once, and how many requests the subgraphs got, which answer after that."""
        before = self.fetches
        self.gate.clear()
        asking = asyncio.gather(*asked)
        await pass_turns()
        self.gate.set()
        return await asking, self.fetches - before

    async def ask_together(self, *requests):
        """What has been asked before is asked at once."""
        for body, headers in requests:
            await self.ask(body, headers=headers)
        return await self.gather(*(self.ask(body, headers=headers) for body, headers in requests))


async def pass_turns(number=20):
    """Let the event loop go round."""
    for _ in range(number):
        await asyncio.sleep(0)


async def ask_raw(app, body):
    """The answer, with no turn of the event loop between but those that the router takes."""
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": HEADERS}
    written = []

    async def receive():
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message):
        written.append(message.get("body", b""))

    await app(scope, receive, send)
    return json.loads(b"".join(written))


@pytest.fixture
async def open_shop():
    shops = []

    def build(config=None, plugins=None):
        shops.append(Shop(config or {}, plugins))
        return shops[-1]

    yield build
    for shop in shops:
        await shop.client.aclose()
        await shop.app.close()


NOT_COUNTED = {"retry": {"enabled": False}, "circuit_breaker": {"enabled": False}}


@pytest.mark.parametrize("config", [{}, {"traffic_shaping": {"all": NOT_COUNTED}}], ids=str)
async def test_what_comes_together_is_answered_once(open_shop, config):
    answers, fetches = await open_shop(config).ask_together(*[(QUERY, {})] * 5)
    assert [each.json() for each in answers] == [ANSWER] * 5
    assert fetches == 1


async def test_what_comes_later_has_an_answer_of_its_own(open_shop):
    """Its client may have seen what a mutation did that ended after the first was sent."""
    shop = open_shop()
    await shop.ask()
    before = shop.fetches
    shop.gate.clear()
    first = asyncio.create_task(shop.ask())
    await pass_turns()
    second = asyncio.create_task(shop.ask())
    await pass_turns()
    shop.gate.set()
    assert [(await each).json() for each in (first, second)] == [ANSWER] * 2
    assert shop.fetches - before == 2


async def test_who_has_changed_something_sees_it_though_all_is_one_turn(open_shop):
    """Subgraphs of the same process may answer without a turn of the event loop."""
    shop = open_shop()
    names = iter(["", "Ann", "Bo", "Cy"])
    shop.graph.users.root["me"] = lambda _info: {"id": "u1", "name": next(names)}
    for each in (QUERY, MUTATION):
        await ask_raw(shop.app, each)
    turns = []
    asyncio.get_running_loop().call_soon(turns.append, 1)
    seen = [await ask_raw(shop.app, each) for each in (QUERY, MUTATION, QUERY, QUERY)]
    assert not turns
    assert [seen[0], *seen[2:]] == [{"data": {"me": {"name": name}}} for name in ("Ann", "Bo", "Cy")]


async def test_other_tasks_of_the_turn_see_what_was_changed_in_it(open_shop):
    shop, nothing = open_shop(), {"query": "mutation { __typename }"}
    for each in (QUERY, nothing):
        await ask_raw(shop.app, each)
    shop.gate.clear()
    waiting = asyncio.create_task(ask_raw(shop.app, QUERY))
    changed = asyncio.create_task(ask_raw(shop.app, nothing))
    asked = asyncio.create_task(ask_raw(shop.app, QUERY))
    await changed
    assert not shop.gate.is_set()
    await pass_turns()
    shop.gate.set()
    assert [await waiting, await asked] == [ANSWER] * 2
    assert shop.fetches == 3


@pytest.mark.parametrize(
    "name", ["authorization", "accept", "accept-encoding", "origin", "x-any", "user-agent"]
)
async def test_any_header_tells_requests_apart(open_shop, name):
    values = ("*/*", "application/json") if name == "accept" else ("a", "b")
    answers, fetches = await open_shop().ask_together(*((QUERY, {name: each}) for each in values))
    assert [each.json() for each in answers] == [ANSWER] * 2
    assert fetches == 2


async def test_mutations_are_never_shared(open_shop):
    _, fetches = await open_shop().ask_together((MUTATION, {}), (MUTATION, {}))
    assert fetches == 2


@pytest.mark.parametrize(("name", "expected"), [("set-cookie", 3), ("x-session", 3), ("cache-control", 1)])
async def test_what_a_subgraph_says_to_one_client_is_told_to_no_other(open_shop, name, expected):
    shop = open_shop(
        {"headers": {"all": {"response": [{"propagate": {"named": name, "default": "max-age=1"}}]}}}
    )
    answers, fetches = await shop.ask_together(*[(QUERY, {})] * 3)
    assert {each.headers[name] for each in answers} == {"max-age=1" if expected == 3 else "no-store"}
    assert fetches == expected


async def test_refusals_are_each_their_own(open_shop):
    answers, _ = await open_shop().ask_together(*[({"query": "{ nobody }"}, {})] * 3, *[({}, {})] * 3)
    assert [each.status_code for each in answers] == [400] * 6


async def test_packed_answers_are_packed_once(open_shop):
    headers = {"accept-encoding": "gzip"}
    query = {"query": "{ " + " ".join(f"a{i}: me {{ name }}" for i in range(100)) + " }"}
    answers, fetches = await open_shop().ask_together(*[(query, headers)] * 3)
    assert fetches == 1
    assert {each.headers["content-encoding"] for each in answers} == {"gzip"}
    assert len({each.content for each in answers}) == 1


async def test_queries_in_the_url_are_shared_by_it(open_shop):
    shop = open_shop()

    def get(query):
        return shop.client.get("/", params={"query": query}, headers={"apollo-require-preflight": "1"})

    texts = ["{ me { name } }"] * 2 + ["{ me { id } }"]
    for each in texts:
        await get(each)
    answers, fetches = await shop.gather(*map(get, texts))
    assert [[*each.json()["data"]["me"]] for each in answers] == [["name"], ["name"], ["id"]]
    assert fetches == 2


async def test_who_leaves_takes_the_answer_from_nobody(open_shop):
    shop = open_shop()
    await shop.ask()
    shop.gate.clear()
    asked = [asyncio.create_task(shop.ask()) for _ in range(3)]
    await pass_turns()
    asked[0].cancel()
    shop.gate.set()
    assert [(await each).json() for each in asked[1:]] == [ANSWER] * 2


COUNTED = {"capacity": 100, "interval": "1s"}


@pytest.mark.parametrize(
    "config",
    [
        {"traffic_shaping": {"router": {"dedupe": {"simultaneous": False}}}},
        {"traffic_shaping": {"router": {"dedupe": {"enabled": False}}}},
        {"traffic_shaping": {"all": {"deduplicate_query": False}}},
        {"traffic_shaping": {"subgraphs": {"users": {"deduplicate_query": False}}}},
        {"traffic_shaping": {"all": {"global_rate_limit": COUNTED}}},
        {"traffic_shaping": {"subgraphs": {"users": {"global_rate_limit": COUNTED}}}},
        {"traffic_shaping": {"router": {"global_rate_limit": COUNTED}}},
        {"traffic_shaping": {"all": {"retry": {}}}},
        {"traffic_shaping": {"all": {"concurrency_limit": 100}}},
    ],
    ids=lambda config: str(config)[:60],
)
async def test_each_goes_alone_where_each_is_wanted(open_shop, config):
    _, fetches = await open_shop(config).ask_together((QUERY, {}), (QUERY, {}))
    assert fetches == 2


@pytest.mark.parametrize("stage", ["router", "supergraph", "execution", "subgraph"])
async def test_each_goes_alone_where_a_hook_looks(open_shop, stage):
    plugins = {"looking": Plugin(**{f"{stage}_request": look})}
    _, fetches = await open_shop(plugins=plugins).ask_together((QUERY, {}), (QUERY, {}))
    assert fetches == 2
