"""The response cache through the whole router: what is kept, for whom, how long, and how it is thrown away."""

import asyncio
import json
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.response_cache.memory import OVERHEAD_BYTES, MemoryCache
from router.executor.response_cache.redis import RedisCache
from router.executor.response_cache.store import Entry
from router.executor.transport import SubgraphAnswer, TransportError
from router.hooks import Plugin
from router.hooks.context import JWT_CLAIMS
from router.kit.json import read_json, write_json
from router.kit.redis_options import RedisOptions
from tests.support.small_graph import SmallGraph

ME = "query Me { me { name } }"
BOTH = "{ products { name seller { name } } }"
SECRET = "key of the tests"


class Shop:
    """A router with a cache, and subgraphs whose answers say how long they may be kept."""

    def __init__(
        self, products="max-age=60", users="max-age=60", *, headers=None, plugins=None, config=None, **cache
    ):
        self.controls = {"products": products, "users": users}
        self.headers = headers or {}
        self.extensions = {}
        self.sent = []
        self.fault = None
        self.graph = SmallGraph()
        self.inner = self.graph.transport
        enabled = {"enabled": True, "invalidation": {"path": "/invalidation"}}
        subgraph = {"all": {"invalidation": {"enabled": True, "shared_key": SECRET}}}
        config = {
            "response_cache": {**enabled, "subgraph": subgraph, **cache},
            "headers": {"all": {"request": [{"propagate": {"matching": "^(authorization|cookie|x-)"}}]}},
            **(config or {}),
        }
        self.app = self.graph.build_app(config, transport=self, plugins=plugins)

    async def send(self, request):
        self.sent.append((request.subgraph, read_json(request.body)))
        if self.fault is not None:
            raise self.fault
        answer = await self.inner.send(request)
        control = self.controls[request.subgraph]
        headers = {**answer.headers, **self.headers, **({"cache-control": control} if control else {})}
        body = read_json(answer.body)
        if request.subgraph in self.extensions:
            body["extensions"] = self.extensions[request.subgraph]
        return SubgraphAnswer(answer.status, write_json(body), headers)

    async def close(self):
        pass

    async def ask(self, query=ME, headers=(), **body):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://router"
        ) as client:
            return await client.post("/", json={"query": query, **body}, headers=dict(headers))

    async def invalidate(self, body, key=SECRET, method="POST"):
        headers = {"authorization": key} if key else {}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://router"
        ) as client:
            return await client.request(method, "/invalidation", content=json.dumps(body), headers=headers)

    def count(self):
        """How many requests there were since it was asked last."""
        count = len(self.sent)
        self.sent = []
        return count


async def test_what_may_be_kept_is_asked_once():
    shop = Shop()
    answers = [await shop.ask(BOTH) for _ in range(5)]
    assert [subgraph for subgraph, _ in shop.sent] == ["products", "users"]
    assert len({answer.text for answer in answers}) == 1
    product = {"seller": {"name": "Ann"}}
    assert answers[0].json() == {
        "data": {"products": [{"name": "One", **product}, {"name": "Two", **product}]}
    }
    assert {answer.headers["cache-control"].split(",")[1] for answer in answers} == {"public"}
    assert all(50 <= int(answer.headers["cache-control"].split(",")[0][8:]) <= 60 for answer in answers)


@pytest.mark.parametrize(
    ("control", "headers"),
    [
        (None, {}),
        ("no-store", {}),
        ("no-cache, max-age=60", {}),
        ("max-age=0", {}),
        ("max-age=60", {"age": "70"}),
        ("public", {}),
        ("private, max-age=60", {}),
        ("max-age=60", {"vary": "x-tenant"}),
        ("max-age=60", {"vary": "*"}),
    ],
)
async def test_what_may_not_be_kept_is_asked_each_time(control, headers):
    shop = Shop(users=control, headers=headers)
    for _ in range(3):
        assert (await shop.ask()).json() == {"data": {"me": {"name": "Ann"}}}
    assert shop.count() == 3


async def test_headers_that_do_not_matter_do_not_keep_it_from_being_kept():
    shop = Shop(headers={"vary": "Accept-Encoding, Origin"})
    await shop.ask()
    await shop.ask()
    assert shop.count() == 1


async def test_variables_and_operations_are_told_apart():
    shop = Shop()
    query = "query ($n: Int) { products(first: $n) { id } }"
    for n in (1, 2, 1, 2):
        assert len((await shop.ask(query, variables={"n": n})).json()["data"]["products"]) == n
    assert shop.count() == 2


async def test_entities_that_are_known_are_not_asked_for_again():
    shop = Shop(products="no-store")
    shop.graph.products.root["products"] = lambda _info, first: [
        {"__typename": "Product", "id": f"p{i}", "name": f"N{i}", "seller": {"id": f"u{i}"}}
        for i in range(first)
    ]
    shop.graph.users.entities["User"] = lambda each: {"id": each["id"], "name": f"name of {each['id']}"}
    query = "query ($n: Int) { products(first: $n) { seller { name } } }"
    for n, asked in ((2, ["u0", "u1"]), (4, ["u2", "u3"]), (3, [])):
        shop.sent = []
        answer = await shop.ask(query, variables={"n": n})
        sellers = [{"seller": {"name": f"name of u{i}"}} for i in range(n)]
        assert answer.json() == {"data": {"products": sellers}}
        sent = [body["variables"]["representations"] for subgraph, body in shop.sent if subgraph == "users"]
        assert [each["id"] for each in (sent[0] if sent else [])] == asked
        assert answer.headers["cache-control"] == "no-store"


async def test_errors_of_entities_point_to_where_these_stand():
    shop = Shop(products="no-store")
    shop.graph.products.root["products"] = lambda _info, first: [
        {"__typename": "Product", "id": f"p{i}", "seller": {"id": f"u{i}"}} for i in range(first)
    ]

    def find(each):
        if each["id"] == "u3":
            raise ValueError("no u3")
        return {"id": each["id"], "name": each["id"]}

    shop.graph.users.entities["User"] = find
    query = "query ($n: Int) { products(first: $n) { seller { name } } }"
    await shop.ask(query, variables={"n": 3})
    inner = shop.inner.send

    async def answer(request):
        if request.subgraph != "users":
            return await inner(request)
        (given,) = read_json(request.body)["variables"]["representations"]
        error = {"message": f"no {given['id']}", "path": ["_entities", 0, "name"]}
        return SubgraphAnswer(200, write_json({"data": {"_entities": [None]}, "errors": [error]}))

    shop.inner.send = answer
    body = (await shop.ask(query, variables={"n": 4})).json()
    assert body["data"]["products"][:3] == [{"seller": {"name": f"u{i}"}} for i in range(3)]
    assert [error["path"][:3] for error in body["errors"]] == [["products", 3, "seller"]]
    # An answer with errors is not kept.
    shop.sent = []
    await shop.ask(query, variables={"n": 4})
    assert shop.count() == 2


async def test_an_answer_that_is_mended_is_joined_with_what_is_known():
    shop = Shop(products="no-store")
    shop.graph.products.root["products"] = lambda _info, first: [
        {"__typename": "Product", "id": f"p{i}", "seller": {"id": f"u{i}"}} for i in range(first)
    ]
    shop.graph.users.entities["User"] = lambda each: each
    query = "query ($n: Int) { products(first: $n) { seller { name } } }"
    body, answer = b'{"data":{"_entities":[{"name":"\\ud800"}]}}', shop.send

    async def send(request):
        answered = await answer(request)
        return SubgraphAnswer(200, body, answered.headers) if request.subgraph == "users" else answered

    shop.send = send
    for n in (1, 2):
        told = (await shop.ask(query, variables={"n": n})).json()
        assert told == {"data": {"products": [{"seller": {"name": "\ufffd"}}] * n}}


async def test_an_entity_that_was_not_there_is_asked_for_again():
    shop = Shop()
    shop.graph.users.entities["User"] = lambda _each: None
    for _ in range(2):
        await shop.ask(BOTH)
    assert [subgraph for subgraph, _ in shop.sent] == ["products", "users", "users"]


@pytest.mark.parametrize("fault", [TransportError("reset"), None])
async def test_failures_are_not_kept(fault):
    shop = Shop()
    shop.fault = fault
    if fault is None:
        shop.graph.users.root["me"] = ValueError("no")
    first = await shop.ask()
    assert first.json()["errors"]
    shop.fault = None
    shop.graph.users.root["me"] = {"name": "Bob"}
    assert (await shop.ask()).json() == {"data": {"me": {"name": "Bob"}}}


async def test_what_says_that_it_is_no_graphql_response_is_not_kept_either():
    shop = Shop(headers={"content-type": "text/html"})
    for _ in range(2):
        assert (await shop.ask()).json()["errors"][0]["extensions"]["code"] == "SUBREQUEST_HTTP_ERROR"


async def test_mutations_are_never_kept():
    shop = Shop()
    for _ in range(2):
        await shop.ask('mutation { rename(id: "p1", name: "N") { seller { name } } }')
    # Whoever may not rename asks nobody; who may is asked each time.
    assert shop.count() in {0, 4}


def identify(header):
    async def note(request):
        if header in request.headers:
            request.context.entries["shop::user"] = request.headers[header][0]

    return {"p": Plugin(supergraph_request=note)}


PRIVATE = {"subgraph": {"all": {"private_id": "shop::user"}}}


async def test_private_answers_are_each_callers_own():
    shop = Shop(users="private, max-age=60", plugins=identify("x-user"), **PRIVATE)
    names = []
    for user in ("a", "b", "a", "b"):
        shop.graph.users.root["me"] = {"name": f"name of {user}"}
        answer = await shop.ask(headers={"x-user": user})
        names.append(answer.json()["data"]["me"]["name"])
        assert answer.headers["cache-control"].endswith("private")
    assert names == ["name of a", "name of b"] * 2
    assert shop.count() == 2
    shop.graph.users.root["me"] = {"name": "nobody"}
    assert (await shop.ask()).json()["data"]["me"]["name"] == "nobody"
    assert shop.count() == 1


@pytest.mark.parametrize("credentials", [{"authorization": "B"}, {"cookie": "c=1"}])
async def test_an_answer_to_somebody_is_for_everybody_only_if_it_says_so(credentials):
    shop = Shop(users="max-age=60")
    await shop.ask(headers=credentials)
    await shop.ask(headers=credentials)
    assert shop.count() == 2
    shop.controls["users"] = "public, max-age=60"
    await shop.ask(headers=credentials)
    await shop.ask()
    assert shop.count() == 1


TOLD = [
    (
        {"propagate": {"named": "x-token"}},
        {
            "authentication": {
                "router": {
                    "jwt": {
                        "header_name": "X-Token",
                        "on_error": "Continue",
                        "jwks": [{"url": "file:///none"}],
                    }
                }
            }
        },
    ),
    ({"propagate": {"named": "authorization", "rename": "x-auth"}}, {}),
    ({"insert": {"name": "x-user-id", "from_context": "shop::user"}}, {}),
    ({"insert": {"name": "x-claims", "from_context": "apollo::authentication::jwt_claims"}}, {}),
]


@pytest.mark.parametrize(("rule", "config"), TOLD)
async def test_whoever_the_router_names_to_a_subgraph_its_answer_is_theirs(rule, config):
    async def identify_caller(request):
        user = request.headers["x-user"][0]
        request.context.entries |= {"shop::user": user, JWT_CLAIMS: {"sub": user}}

    plugins = {"p": Plugin(supergraph_request=identify_caller)}
    shop = Shop(
        users="max-age=60", plugins=plugins, config={**config, "headers": {"all": {"request": [rule]}}}
    )
    for user in ("a", "b"):
        shop.graph.users.root["me"] = {"name": user}
        answer = await shop.ask(headers={"x-user": user, "x-token": f"Bearer {user}", "authorization": user})
        assert answer.json() == {"data": {"me": {"name": user}}}


async def test_what_says_nothing_of_the_caller_does_not_keep_an_answer_from_being_kept():
    rule = {"insert": {"name": "x-op", "from_context": "apollo::supergraph::operation_name"}}
    shop = Shop(users="max-age=60", config={"headers": {"all": {"request": [rule]}}})
    await shop.ask()
    await shop.ask()
    assert shop.count() == 1


async def test_an_age_may_be_given_to_answers_that_say_none():
    shop = Shop(users="public", subgraph={"all": {"ttl": "1m"}})
    await shop.ask()
    await shop.ask()
    assert shop.count() == 1


async def test_a_subgraph_may_be_left_out():
    shop = Shop(subgraph={"subgraphs": {"users": {"enabled": False}}})
    for _ in range(2):
        await shop.ask(BOTH)
    assert [subgraph for subgraph, _ in shop.sent] == ["products", "users", "users"]


async def test_a_cached_answer_expires(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("router.executor.response_cache.layer.time.time", lambda: now[0])
    shop = Shop()
    shop.app._server.generation.response_cache.store._clock = lambda: now[0]
    await shop.ask()
    now[0] += 20
    assert (await shop.ask()).headers["cache-control"] == "max-age=40,public"
    now[0] += 41
    await shop.ask()
    assert shop.count() == 2


INVALIDATIONS = {
    "subgraph": {"kind": "subgraph", "subgraph": "users"},
    "type": {"kind": "type", "subgraph": "users", "type": "User"},
    "entity tag": {"kind": "cache_tag", "subgraphs": ["users", "products"], "cache_tag": "user-u1"},
}


@pytest.mark.parametrize("kind", INVALIDATIONS)
async def test_what_is_invalidated_is_asked_again(kind):
    shop = Shop()
    shop.extensions["users"] = {"apolloEntityCacheTags": [["user-u1"]]}
    await shop.ask(BOTH)
    answer = await shop.invalidate([INVALIDATIONS[kind]])
    assert (answer.status_code, answer.json()) == (202, {"count": 1})
    shop.sent = []
    await shop.ask(BOTH)
    assert [subgraph for subgraph, _ in shop.sent] == ["users"]


async def test_root_fields_have_tags_too():
    shop = Shop()
    shop.extensions["users"] = {"apolloCacheTags": ["me", 3, "x" * 1000]}
    await shop.ask()
    others = [{"kind": "cache_tag", "subgraphs": ["users"], "cache_tag": "other"}]
    assert (await shop.invalidate(others)).json() == {"count": 0}
    wanted = [{"kind": "cache_tag", "subgraphs": ["users"], "cache_tag": "me"}]
    assert (await shop.invalidate(wanted)).json() == {"count": 1}


@pytest.mark.parametrize(
    ("body", "key", "method", "status"),
    [
        ([INVALIDATIONS["type"]], None, "POST", 401),
        ([INVALIDATIONS["type"]], "wrong", "POST", 401),
        ([INVALIDATIONS["type"]], "", "POST", 401),
        ([INVALIDATIONS["type"]], SECRET, "GET", 405),
        ({}, SECRET, "POST", 400),
        ([3], SECRET, "POST", 400),
        ([{"kind": "all"}], SECRET, "POST", 400),
        ([{"kind": "type", "subgraph": "users"}], SECRET, "POST", 400),
        ([{"kind": "cache_tag", "subgraphs": "users", "cache_tag": "x"}], SECRET, "POST", 400),
        ([INVALIDATIONS["type"]] * 1001, SECRET, "POST", 400),
    ],
)
async def test_what_is_no_invalidation_is_refused(body, key, method, status):
    shop = Shop()
    await shop.ask()
    answer = await shop.invalidate(body, key, method)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"].startswith(f"{status} ")
    shop.sent = []
    await shop.ask()
    assert shop.count() == 0


async def test_who_has_no_key_lets_nobody_invalidate():
    shop = Shop(
        subgraph={"all": {}, "subgraphs": {"users": {"invalidation": {"enabled": False, "shared_key": "k"}}}}
    )
    for key in ("k", SECRET, " "):
        assert (await shop.invalidate([INVALIDATIONS["type"]], key)).status_code == 401


async def test_compiled_plans_read_the_same_from_the_cache():
    shop, plain = Shop(), SmallGraph()
    app = plain.build_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        expected = (await client.post("/", json={"query": BOTH})).json()
    assert [(await shop.ask(BOTH)).json() for _ in range(6)] == [expected] * 6


def entry(size=10, tags=(), expires_at_s=100.0):
    return Entry(b"x" * size, expires_at_s, tags=tuple(tags))


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdefgh"),
            st.integers(0, 3000),
            st.lists(st.sampled_from("xyz"), max_size=2),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_memory_is_bounded_and_its_index_forgets_with_it(steps):
    cache = MemoryCache(5_000, clock=lambda: 0.0)

    async def run():
        for key, size, tags, is_invalidation in steps:
            if is_invalidation and tags:
                await cache.invalidate(tags)
            else:
                await cache.put([(key, entry(size, tags))])
            kept = cache._entries
            assert cache._bytes == sum(len(each.value) + OVERHEAD_BYTES for each in kept.values()) <= 5_000
            indexed = {(tag, key) for tag, keys in cache._keys_by_tag.items() for key in keys}
            assert indexed == {(tag, key) for key, each in kept.items() for tag in each.tags}

    asyncio.run(run())


async def test_what_was_used_least_recently_goes_first():
    cache = MemoryCache(3 * (OVERHEAD_BYTES + 10), clock=lambda: 0.0)
    for key in "abc":
        await cache.put([(key, entry())])
    await cache.find(["a"])
    await cache.put([("d", entry())])
    assert [each is not None for each in await cache.find(["a", "b", "c", "d"])] == [True, False, True, True]


async def test_a_developer_who_asks_is_told_what_the_cache_did():
    shop, asking = Shop(users="private, max-age=9", debug=True), {"apollo-cache-debugging": "true"}
    shop.extensions["users"] = {"apolloEntityCacheTags": [["user-u1"]]}
    told = []
    for _ in range(2):
        answer = (await shop.ask(BOTH, asking)).json()
        assert answer["extensions"]["apolloCacheDebugging"]["version"] == "1.0"
        told += answer["extensions"]["apolloCacheDebugging"]["data"]
    assert [(each["subgraphName"], each["source"], each["shouldStore"]) for each in told] == [
        ("products", "subgraph", True),
        ("users", "subgraph", False),
        ("products", "cache", False),
        ("users", "subgraph", False),
    ]
    products, users, found, _ = told
    assert products["kind"] == {"rootFields": ["products"]}
    assert products["cacheControl"] == {"maxAge": 60, "private": False, "noStore": False}
    assert (products["data"], products["key"]) == (found["data"], found["key"])
    assert (
        found["invalidationKeys"]
        == products["invalidationKeys"]
        == ["subgraph:products", "type:products:Query"]
    )
    assert users["kind"] == {"typename": "User", "entityKey": {"__typename": "User", "id": "u1"}}
    assert (users["cacheControl"]["private"], users["invalidationKeys"][-1]) == (True, "tag:users:user-u1")
    assert users["subgraphRequest"]["variables"]["representations"] == [users["kind"]["entityKey"]]
    await shop.app.close()


async def test_nobody_is_told_what_the_cache_did_who_does_not_ask_or_where_it_is_not_switched_on():
    asking = {"apollo-cache-debugging": "true"}
    for is_on, headers in ((False, asking), (True, {}), (True, {"apollo-cache-debugging": "1"})):
        shop = Shop(debug=is_on)
        assert "extensions" not in (await shop.ask(BOTH, headers)).json()
        await shop.app.close()


async def test_routers_share_a_redis(redis_url):
    redis = {"urls": [redis_url], "namespace": "cache", "timeout": "5s"}
    subgraph = {"all": {"redis": redis, "invalidation": {"enabled": True, "shared_key": SECRET}}}
    one, other = Shop(subgraph=subgraph), Shop(subgraph=subgraph)
    one.extensions["users"] = {"apolloEntityCacheTags": [["user-u1"]]}
    first = await one.ask(BOTH)
    second = await other.ask(BOTH)
    assert first.json() == second.json()
    assert (one.count(), other.count()) == (2, 0)
    assert (await other.invalidate([INVALIDATIONS["entity tag"]])).json() == {"count": 1}
    await one.ask(BOTH)
    assert one.count() == 1
    await asyncio.gather(one.app.close(), other.app.close())


async def test_a_subgraph_may_have_a_redis_of_its_own(redis_url):
    redis = {"urls": [redis_url], "namespace": "own", "timeout": "5s", "ttl": "1m"}
    key = {"invalidation": {"enabled": True, "shared_key": SECRET}}
    subgraph = {"all": {**key, "ttl": "1h"}, "subgraphs": {"users": {"redis": redis}}}
    one, other = Shop(subgraph=subgraph), Shop(subgraph=subgraph)
    assert one.app._server.generation.response_cache.options.of_subgraph("users").ttl_s == 60
    await one.ask(BOTH)
    await other.ask(BOTH)
    # What users has said is shared, what the others have said is each router's own.
    assert [[name for name, _ in shop.sent] for shop in (one, other)] == [["products", "users"], ["products"]]
    told = [{"kind": "subgraph", "subgraph": name} for name in ("users", "products")]
    assert (await other.invalidate(told)).json() == {"count": 2}
    one.count()
    await one.ask(BOTH)
    assert [name for name, _ in one.sent] == ["users"]
    await asyncio.gather(one.app.close(), other.app.close())


async def test_redis_forgets_what_has_expired_and_passes_over_nonsense(redis_url):
    cache = RedisCache(RedisOptions(redis_url, "nonsense", 5.0))
    now_s = time.time()
    good = Entry(b'{"a":1}', now_s + 60, is_private=True, tags=("t",))
    await cache.put([("good", good), ("old", Entry(b"1", now_s - 5))])
    redis = cache._redis.connect()
    await redis.set("nonsense:response:bad", b"\xff{")
    await redis.set("nonsense:response:other", b'{"value": 1}')
    found = await cache.find(["good", "old", "bad", "other", "none"])
    assert found == [Entry(b'{"a":1}', now_s + 60, is_private=True), None, None, None, None]
    assert 0 < await redis.ttl("nonsense:response:tag:t") <= 61
    await cache.put([("short", Entry(b"1", now_s + 5, tags=("t",)))])
    assert await redis.ttl("nonsense:response:tag:t") > 30
    assert await cache.invalidate(["t"]) == 2
    await cache.close()


async def test_without_redis_subgraphs_are_asked():
    redis = {"urls": ["redis://127.0.0.1:9/0"], "timeout": "1s"}
    shop = Shop(subgraph={"all": {"redis": redis}})
    for _ in range(2):
        assert (await shop.ask()).json() == {"data": {"me": {"name": "Ann"}}}
    assert shop.count() == 2
    await shop.app.close()


def read(**given):
    return read_router_config(given, {}).executor.response_cache


@pytest.mark.parametrize("name", ["response_cache", "preview_entity_cache"])
def test_both_names_are_read(name):
    subgraph = {"all": {"ttl": "1m", "private_id": "k"}, "subgraphs": {"users": {"enabled": False}}}
    given = {name: {"enabled": True, "subgraph": subgraph, "memory": {"limit": "1mb"}}}
    options = read(**given)
    assert (options.all.ttl_s, options.all.private_id, options.memory_bytes_max) == (60, "k", 1_000_000)
    users = options.of_subgraph("users")
    assert (users.is_enabled, users.ttl_s, users.private_id) == (False, 60, "k")
    assert read(**{name: {"subgraph": subgraph}}) is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"response_cache": {"enabled": True}, "preview_entity_cache": {"enabled": True}},
            "cannot be enabled beside",
        ),
        ({"response_cache": {"subgraph": {"all": {"redis": {"urls": []}}}}}, "urls must be URLs that begin"),
        ({"response_cache": {"invalidation": {"path": "x"}}}, "path must begin with /"),
        ({"response_cache": {"enabld": True}}, 'Did you mean "enabled"'),
    ],
)
def test_what_is_not_understood_is_told(given, problem):
    with pytest.raises(ConfigurationError) as told:
        read(**given)
    assert problem in str(told.value)


def test_a_subgraph_that_is_none_is_told(caplog):
    SmallGraph().build_app({"response_cache": {"enabled": True, "subgraph": {"subgraphs": {"usres": {}}}}})
    assert (
        'response_cache.subgraph.subgraphs.usres has no effect: there is no such subgraph. Did you mean "users"?'
        in (caplog.text)
    )
