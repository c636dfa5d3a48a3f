"""Who is let in: statuses, codes and headers of every limit, and who shares an allowance with whom."""

import asyncio
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor.memory import MemoryTransport
from router.hooks import Plugin
from router.hooks.context import JWT_CLAIMS
from router.kit.gcra import Rate
from router.kit.redis_options import RedisOptions
from router.server.client_address import NOWHERE, find_address, name_network
from router.server.options import ClientRateOptions, KeyKind
from router.server.rate_limit import KEY_LENGTH_MAX, MemoryStore, bound_key
from router.server.rate_limit_redis import RedisStore
from tests.support.small_graph import SmallGraph
from tests.support.turns import let_arrive

QUERY = {"query": "{ me { name } }"}
HOUR = {"capacity": 2, "interval": "1h"}


async def tenant_of(headers, claims):
    """A function that tells clients apart, as a configuration names it."""
    if headers.get("x-tenant") == "fail":
        raise RuntimeError("no tenant")
    if headers.get("x-tenant") == "cancelled":
        raise asyncio.CancelledError
    return headers.get("x-tenant")


def not_async(headers, claims):
    """One that cannot be waited for."""


class Clients:
    """Asks one router from different addresses."""

    def __init__(self, router, **more):
        graph = SmallGraph()
        self.gate = asyncio.Event()
        self.gate.set()

        async def users(request):
            await self.gate.wait()
            return await graph.users(request)

        transport = MemoryTransport({"users": users, "products": graph.products})
        self.app = graph.build_app({"traffic_shaping": {"router": router}, **more}, transport=transport)

    async def ask(self, peer="10.0.0.1", path="/", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://router") as client:
            if path != "/":
                return await client.get(path)
            return await client.post("/", json=QUERY, headers=named)


def refusal(answer):
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


RATE = (503, "REQUEST_RATE_LIMITED", "Your request has been rate limited")
CLIENT_RATE = (429, *RATE[1:])
CONCURRENCY = (503, "REQUEST_CONCURRENCY_LIMITED", "Your request has been concurrency limited")


async def test_the_global_rate_is_everybodys():
    clients = Clients({"global_rate_limit": HOUR})
    statuses = [(await clients.ask(peer=f"10.0.0.{i}")).status_code for i in range(2)]
    assert statuses == [200, 200]
    answer = await clients.ask(peer="10.0.0.9", origin="https://studio.apollographql.com")
    assert refusal(answer) == RATE
    assert "data" not in answer.json()
    assert answer.headers["access-control-allow-origin"] == "https://studio.apollographql.com"
    assert (await clients.ask(path="/health")).status_code == 200


async def test_a_place_is_free_again_when_its_request_has_been_answered():
    clients = Clients({"concurrency_limit": 1})
    clients.gate.clear()
    first = asyncio.create_task(clients.ask())
    await let_arrive()
    assert refusal(await clients.ask()) == CONCURRENCY
    clients.gate.set()
    assert (await first).status_code == 200
    assert (await clients.ask()).status_code == 200


async def test_each_address_has_an_allowance_and_is_told_of_it():
    clients = Clients({"client_rate_limit": HOUR})
    first, second, third = [await clients.ask() for _ in range(3)]
    assert first.headers["ratelimit-policy"] == '"default";q=2;w=3600'
    assert [each.headers["ratelimit"].split(";")[1] for each in (first, second)] == ["r=1", "r=0"]
    name, _, full_again = first.headers["ratelimit"].split(";")
    assert name == '"default"'
    assert 1790 <= int(full_again.removeprefix("t=")) <= 1800
    assert refusal(third) == CLIENT_RATE
    assert 1790 <= int(third.headers["retry-after"]) <= 1800
    assert "retry-after" not in first.headers
    assert (await clients.ask(peer="10.0.0.2")).status_code == 200


async def test_a_header_tells_clients_apart_and_who_leaves_it_out_goes_by_address():
    clients = Clients({"client_rate_limit": {**HOUR, "key": {"header": "X-Api-Key"}}})
    statuses = [(await clients.ask(x_api_key=key)).status_code for key in ("a", "a", "a", "b")]
    assert statuses == [200, 200, 429, 200]
    assert [(await clients.ask()).status_code for _ in range(3)] == [200, 200, 429]


async def test_a_claim_does(monkeypatch):
    async def read(request, *_):
        named = dict(request.headers).get("authorization")
        return None if named is None else {"sub": named}

    monkeypatch.setattr("router.pipeline.authenticate._read_claims", read)
    clients = Clients({"client_rate_limit": {**HOUR, "key": {"claim": "sub"}}})
    statuses = [(await clients.ask(authorization=name)).status_code for name in ("a", "a", "a", "b")]
    assert statuses == [200, 200, 429, 200]
    assert [(await clients.ask()).status_code for _ in range(3)] == [200, 200, 429]


async def test_a_function_does_and_its_fault_lets_nobody_in():
    key = {"function": f"{__name__}:tenant_of"}
    clients = Clients({"client_rate_limit": {**HOUR, "key": key}})
    statuses = [(await clients.ask(x_tenant=name)).status_code for name in ("a", "a", "a", "b")]
    assert statuses == [200, 200, 429, 200]
    assert [(await clients.ask()).status_code for _ in range(4)] == [200] * 4
    assert refusal(await clients.ask(x_tenant="fail")) == RATE
    assert refusal(await clients.ask(x_tenant="cancelled")) == RATE


@pytest.mark.parametrize("function", [f"{__name__}:not_async", f"{__name__}:nothing", "no.module:f"])
def test_a_function_that_cannot_be_had_is_told(function):
    with pytest.raises(ConfigurationError, match=r"client_rate_limit\.key\.function"):
        Clients({"client_rate_limit": {**HOUR, "key": {"function": function}}})


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "expected"),
    [
        ("10.0.0.1", "1.2.3.4", 0, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("10.0.0.1", None, 1, "10.0.0.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "evil", 1, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, unknown", 1, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6", 2, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:5678", 1, "1.2.3.4"),
        ("10.0.0.1", "[2001:db8:1:2:3::4]:80", 1, "2001:db8:1:2:3::4"),
        ("10.0.0.1", "fe80::1%a", 1, "fe80::1"),
        ("2001:db8:1:2:3::4", None, 0, "2001:db8:1:2:3::4"),
        ("::ffff:1.2.3.4", None, 0, "1.2.3.4"),
        (None, None, 0, None),
        (None, "1.2.3.4", 0, None),
        (None, "1.2.3.4", 1, "1.2.3.4"),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(peer, forwarded_for, trusted, expected):
    assert find_address(peer, forwarded_for, trusted) == expected


@given(st.text(max_size=60), st.integers(0, 3))
def test_whatever_a_client_writes_it_has_an_address(forwarded_for, trusted):
    assert find_address("10.0.0.1", forwarded_for, trusted)


def test_who_has_an_address_of_ipv6_has_its_network():
    names = {name_network(f"2001:db8:1:2::{i}") for i in range(9)}
    assert names == {"2001:db8:1:2::/64"}
    assert [name_network(each) for each in ("1.2.3.4", "::ffff:1.2.3.4", None)] == [
        "1.2.3.4",
        "1.2.3.4",
        NOWHERE,
    ]


@pytest.mark.parametrize(
    ("trusted", "sent", "told"),
    [
        (None, "6.6.6.6, 1.2.3.4", "6.6.6.6, 1.2.3.4"),
        (None, None, None),
        (0, "6.6.6.6, 1.2.3.4", "127.0.0.1"),
        (0, None, "127.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "6.6.6.6", "127.0.0.1"),
    ],
)
async def test_subgraphs_and_limits_are_told_one_address_that_no_client_can_make_up(trusted, sent, told):
    graph = SmallGraph()
    config = {
        "server": {"http": {"trusted_proxies": trusted}},
        "headers": {"all": {"request": [{"propagate": {"named": "x-forwarded-for"}}]}},
        "traffic_shaping": {"router": {"client_rate_limit": HOUR}},
        "telemetry": {"exporters": {"metrics": {"prometheus": {"enabled": trusted == 1}}}},
    }
    seen = []

    async def users(request):
        seen.append(dict(request.headers).get("x-forwarded-for"))
        return await graph.users(request)

    app = graph.build_app(config, transport=MemoryTransport({"users": users}))
    headers = {} if sent is None else {"x-forwarded-for": sent}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        await client.post("/", json={"query": "{ me { name } }"}, headers=headers)
    counted = app._server._admission._store._arrivals.list_recent(9)
    await app.close()
    assert seen == [told]
    assert counted == [f"ip:{told if trusted is not None else '127.0.0.1'}"]


def test_long_keys_that_begin_in_the_same_way_are_told_apart():
    keys = [bound_key("header:" + "e" * length + last) for length in (248, 249, 10_000) for last in "ab"]
    assert len(set(keys)) == len(keys)
    assert max(map(len, keys)) == KEY_LENGTH_MAX


async def test_clients_that_are_remembered_are_bounded():
    store = MemoryStore(Rate(1, 3600), clients_max=10)
    for i in range(1000):
        assert (await store.decide(str(i))).is_allowed
    assert len(store._arrivals) == 10
    assert not (await store.decide("999")).is_allowed


async def test_work_is_shed_while_the_event_loop_is_late():
    clients = Clients({"load_shedding": {"max_lag": "100ms"}})
    admission = clients.app._server._admission
    clients.gate.clear()
    first = asyncio.create_task(clients.ask())
    async with asyncio.timeout(10):
        while admission._tick is None:  # noqa: ASYNC110 -- a timer has no event
            await asyncio.sleep(0)
        time.sleep(0.4)  # noqa: ASYNC251 -- the lag itself
        while admission._lag_s < 0.1:  # noqa: ASYNC110
            await asyncio.sleep(0)
    # The loop keeps up again; for the rest of the test it does not.
    admission._tick.cancel()
    late = await clients.ask()
    assert refusal(late) == CONCURRENCY
    assert late.headers["retry-after"] == "1"
    clients.gate.set()
    assert (await first).status_code == 200
    await clients.app.close()


async def test_who_comes_after_the_lag_is_let_in():
    clients = Clients({"load_shedding": {}})
    assert (await clients.ask()).status_code == 200
    admission = clients.app._server._admission
    async with asyncio.timeout(10):
        while admission._tick is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await clients.ask()).status_code == 200


async def test_limits_come_before_bodies_and_hooks():
    seen = []

    async def note(_request):
        seen.append(1)

    graph = SmallGraph()
    app = graph.build_app(
        {"traffic_shaping": {"router": {"global_rate_limit": {"capacity": 1, "interval": "1h"}}}},
        plugins={"p": Plugin(router_request=note)},
    )

    async def body():
        yield b"{"
        seen.append("read")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        await client.post("/", json=QUERY)
        answer = await client.post("/", content=b"no json", headers={"content-type": "text/plain"})
    assert refusal(answer) == RATE
    assert seen == [1]


async def test_claims_that_were_read_for_a_limit_are_those_of_the_request(monkeypatch):
    reads = []

    async def read(*_):
        reads.append(1)
        return {"sub": "s", "scope": "risk"}

    monkeypatch.setattr("router.pipeline.authenticate._read_claims", read)
    seen = []

    async def note(request):
        seen.append(request.context.entries[JWT_CLAIMS]["sub"])

    app = SmallGraph().build_app(
        {"traffic_shaping": {"router": {"client_rate_limit": {**HOUR, "key": {"claim": "sub"}}}}},
        plugins={"p": Plugin(router_request=note)},
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": "{ me { risk } }"})
    assert answer.json() == {"data": {"me": {"risk": 7}}}
    assert (reads, seen) == ([1], ["s"])


async def test_routers_that_share_a_redis_share_allowances(redis_url):
    limit = {**HOUR, "redis": {"urls": [redis_url], "namespace": "shared", "timeout": "5s"}}
    one, other = Clients({"client_rate_limit": limit}), Clients({"client_rate_limit": limit})
    answers = [await each.ask() for each in (one, other, one, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0", "r=0"]
    assert int(answers[2].headers["retry-after"]) <= 1800
    await asyncio.gather(one.app.close(), other.app.close())


async def test_redis_decides_as_memory_does(redis_url):
    rate = Rate(5, 3600)
    stores = RedisStore(rate, RedisOptions(redis_url, "same", 5.0), 10), MemoryStore(rate, 10)
    for _ in range(8):
        shared, alone = [await store.decide("k") for store in stores]
        assert (shared.is_allowed, shared.remaining) == (alone.is_allowed, alone.remaining)
        assert shared.reset_s == pytest.approx(alone.reset_s, abs=5)
        assert shared.retry_s == pytest.approx(alone.retry_s, abs=5)
    await stores[0].close()
    redis = Redis.from_url(redis_url)
    assert 0 < await redis.pttl("same:rate:5:3600:k") <= 3_600_001
    await redis.aclose()


async def test_at_the_same_time_no_more_than_the_capacity_pass(redis_url):
    rate = Rate(10, 3600)
    stores = [RedisStore(rate, RedisOptions(redis_url, "race", 5.0), 10) for _ in range(4)]
    verdicts = await asyncio.gather(*(stores[i % 4].decide("k") for i in range(60)))
    assert sum(verdict.is_allowed for verdict in verdicts) == 10
    await asyncio.gather(*(store.close() for store in stores))


async def test_without_redis_each_router_limits_alone():
    options = ClientRateOptions(Rate(2, 3600), redis=RedisOptions("redis://127.0.0.1:9/0", timeout_s=1.0))
    store = RedisStore(options.rate, options.redis, options.clients_max)
    assert [(await store.decide("k")).is_allowed for _ in range(3)] == [True, True, False]
    await store.close()


def read(**router):
    return read_router_config({"traffic_shaping": {"router": router}}, {}).server.admission


def test_the_options_are_read():
    options = read(
        client_rate_limit={**HOUR, "key": "ip", "trusted_proxies": 1, "max_clients": 5}
    ).client_rate
    assert options == ClientRateOptions(Rate(2, 3600), KeyKind.IP, "", 1, 5)
    assert read(global_rate_limit={"capacity": 1, "interval": "2s"}).rate == Rate(1, 2)
    assert read(load_shedding={}).lag_s_max == 0.2
    assert read().is_empty


@pytest.mark.parametrize(
    ("router", "problem"),
    [
        ({"global_rate_limit": {"interval": "1s"}}, "capacity is missing"),
        (
            {"global_rate_limit": {"capacity": 0, "interval": "1s"}},
            "capacity must be a whole number, 1 or more",
        ),
        ({"global_rate_limit": {"capacity": 1}}, "interval must be a time"),
        ({"global_rate_limit": {"capacity": 1, "interval": "0s"}}, "interval must be a time"),
        ({"concurrency_limit": 0}, "concurrency_limit must be a whole number, 1 or more"),
        ({"client_rate_limit": {**HOUR, "key": "address"}}, "key must be ip"),
        ({"client_rate_limit": {**HOUR, "key": {"header": ""}}}, "key.header must be a name"),
        ({"client_rate_limit": {**HOUR, "key": {"function": "f"}}}, "is module:function"),
        (
            {"client_rate_limit": {**HOUR, "redis": {"urls": ["http://x"]}}},
            "urls must be URLs that begin with",
        ),
        ({"load_shedding": {"lag": "1s"}}, "load_shedding.lag is not known"),
    ],
)
def test_what_is_no_limit_is_told(router, problem):
    with pytest.raises(ConfigurationError) as told:
        read(**router)
    assert problem in str(told.value)


@pytest.mark.parametrize(
    ("subgraph", "problem"),
    [
        ({"circuit_breaker": {"error_threshold": "150%"}}, "error_threshold must be a share"),
        ({"circuit_breaker": {"error_status_codes": "500"}}, "error_status_codes must be a list"),
        ({"retry": {"retry_mutations": True}}, "retry_mutations must be false"),
        ({"retry": {"max_attempts": 0}}, "max_attempts must be a whole number, 1 or more"),
        ({"retry": {"retry_percent": -1}}, "retry_percent must be a share"),
    ],
)
def test_nor_is_what_holds_for_no_subgraph(subgraph, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"traffic_shaping": {"all": subgraph}}, {})
    assert problem in str(told.value)


def test_subgraphs_inherit_and_may_switch_off():
    breaker = {"enabled": True, "error_threshold": "20%", "reset_timeout": "5s"}
    shaping = {
        "all": {"circuit_breaker": breaker, "retry": {"max_attempts": 2}},
        "subgraphs": {
            "a": {"circuit_breaker": {"volume_threshold": 9}},
            "b": {"circuit_breaker": {"enabled": False}, "retry": {"enabled": False}},
        },
    }
    traffic = read_router_config({"traffic_shaping": shaping}, {}).executor.traffic
    for_all, first, second = traffic.all, traffic.subgraphs["a"], traffic.subgraphs["b"]
    assert (for_all.breaker.error_threshold, for_all.breaker.reset_timeout_s) == (0.2, 5.0)
    assert (first.breaker.error_threshold, first.breaker.volume_threshold) == (0.2, 9)
    assert first.retry.max_attempts == 2
    assert (second.breaker.is_enabled, second.retry.is_enabled) == (False, False)
    assert for_all.breaker.error_status_codes == {500, 502, 503, 504}
