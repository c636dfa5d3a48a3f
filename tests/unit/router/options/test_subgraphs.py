"""Options of how subgraphs are asked: what transports are told, and when a subgraph is asked again or no more."""

import asyncio

import httpx
import pytest

from router.app import create_app
from router.config.router_yaml import read_router_config
from router.executor import http as library
from router.executor import transport_signing, transports
from router.executor.http_pool import PoolOptions
from router.executor.memory import MemoryTransport
from router.executor.options import Dns
from router.executor.traffic.retry import RetryingTransport
from router.executor.transport import SubgraphAnswer
from tests.support.certificates import Authority
from tests.support.small_graph import SUPERGRAPH, SmallGraph

ME = {"query": "{ me { name } }"}
OURS = Authority()
SIGNED = OURS.sign("router")
CLIENT = {"certificate_chain": SIGNED.chain, "key": SIGNED.key}


class Told:
    """Stands for transports over sockets, and remembers what each was told: the subgraphs, and the options."""

    def __init__(self, urls, options):
        self.urls, self.options = urls, options

    async def close(self):
        pass


async def find_told(monkeypatch, config):
    """The transport of `users` and of another."""
    built = []

    def build(*arguments):
        built.append(Told(*arguments))
        return built[-1]

    monkeypatch.setattr(library, "HttpTransport", build)
    monkeypatch.setattr(transports, "HttpPoolTransport", build)
    await create_app(SUPERGRAPH, config=config).close()
    return [next(each for each in built if name in each.urls) for name in ("users", "products")]


POOL = "pool"
SHAPES = [
    ({}, POOL, {"connection_idle_s": 15, "dns": Dns.IPV4_FIRST}),
    ({"pool_idle_timeout": "0s"}, POOL, {"connection_idle_s": 0}),
    ({"pool_idle_timeout": "90s"}, POOL, {"connection_idle_s": 90}),
    ({"dns_resolution_strategy": "ipv6_only"}, POOL, {"dns": Dns.IPV6_ONLY}),
    ({"experimental_http2": "disable"}, POOL, {}),
    ({"experimental_http2": "enable"}, "library", {"is_http2_possible": True, "is_http2_known": False, "ping_s": None}),
    ({"experimental_http2": "http2only"}, "library", {"is_http2_possible": True, "is_http2_known": True}),
    ({"experimental_http2": "enable", "pool_idle_timeout": "3s"}, "library", {"connection_idle_s": 3}),
    ({"experimental_http2": "enable", "experimental_http2_keep_alive_interval": "7s"}, "library", {"ping_s": 7, "ping_timeout_s": 20}),
    ({"experimental_http2": "enable", "experimental_http2_keep_alive_interval": "0s"}, "library", {"ping_s": None}),
    ({"experimental_http2": "enable", "experimental_http2_keep_alive_timeout": "2s"}, "library", {"ping_timeout_s": 2}),
    ({"proxy": "http://proxy:1"}, "library", {"proxy": "http://proxy:1", "is_http2_possible": False}),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "kind", "told"), SHAPES)
@pytest.mark.parametrize("where", ["all", "subgraphs"])
async def test_a_transport_is_told_what_is_said(monkeypatch, where, shape, kind, told):
    shaping = {"all": shape} if where == "all" else {"subgraphs": {"users": shape}}
    users, products = await find_told(monkeypatch, {"traffic_shaping": shaping})
    for each in (users, products):
        is_meant = where == "all" or each is users
        assert isinstance(each.options, PoolOptions) == (kind == POOL or not is_meant)
        if is_meant:
            assert {name: getattr(each.options, name) for name in told} == told


@pytest.mark.parametrize("shape", [{}, {"experimental_http2": "enable"}])
@pytest.mark.parametrize(
    ("all_subgraphs", "users_ones", "authorities", "is_known"),
    [
        ({}, {}, None, False),
        ({"certificate_authorities": OURS.pem}, {}, True, False),
        ({"client_authentication": CLIENT}, {}, False, True),
        ({"certificate_authorities": OURS.pem}, {"client_authentication": CLIENT}, True, True),
        ({}, {"certificate_authorities": OURS.pem, "client_authentication": CLIENT}, True, True),
    ],
)
async def test_a_transport_is_told_whom_to_trust_and_who_we_are(
    monkeypatch, shape, all_subgraphs, users_ones, authorities, is_known
):
    built = []

    def build(tls):
        built.append((bool(tls.certificate_authorities), bool(tls.certificate_chain and tls.key)))
        return tls

    monkeypatch.setattr(transports, "build_tls_context", build)
    tls = {"subgraph": {"all": all_subgraphs, "subgraphs": {"users": users_ones}}}
    users, _ = await find_told(monkeypatch, {"tls": tls, "traffic_shaping": {"all": shape}})
    if shape:
        found = users.options.tls
    else:
        assert (users.options.tls is None) == (authorities is None)
        found = users.options.tls
    if found is not None:
        assert found.certificate_authorities == (OURS.pem if authorities else "")
        assert (found.certificate_chain, found.key) == ((SIGNED.chain, SIGNED.key) if is_known else ("", ""))


ROLE = {"role_arn": "arn:role", "session_name": "s", "external_id": "e"}
PLACE = {"region": "eu-west-1", "service_name": "lambda"}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ({}, (None, "router", None)),
        (ROLE, ("arn:role", "s", "e")),
        ({"role_arn": "arn:role"}, ("arn:role", "router", None)),
    ],
)
async def test_requests_are_signed_as_whom_is_said(monkeypatch, role, expected):
    told = []
    monkeypatch.setattr(
        transport_signing, "SigningTransport", lambda inner, _urls, options: told.append(options) or inner
    )
    chain = {**PLACE, "profile_name": "p", **({"assume_role": role} if role else {})}
    given = {
        **PLACE,
        "access_key_id": "k",
        "secret_access_key": "x",
        **({"assume_role": role} if role else {}),
    }
    subgraphs = {"users": {"aws_sig_v4": {"hardcoded": given}}}
    signing = {"all": {"aws_sig_v4": {"default_chain": chain}}, "subgraphs": subgraphs}
    await find_told(monkeypatch, {"authentication": {"subgraph": signing}})
    assert {(each.role_arn, each.role_session_name, each.external_id) for each in told} == {expected}
    assert {each.profile_name for each in told} == {"p", ""}


class Users:
    """The subgraph `users` behind a router: it answers with `statuses`, then well, and not before the gate is open."""

    def __init__(self, shape, *statuses):
        self.graph, self.gate, self.statuses, self.asked = SmallGraph(), asyncio.Event(), list(statuses), 0
        self.gate.set()
        transport = MemoryTransport({"users": self.answer})
        self.app = self.graph.build_app({"traffic_shaping": {"all": shape}}, transport=transport)

    async def answer(self, request):
        self.asked += 1
        await self.gate.wait()
        return SubgraphAnswer(self.statuses.pop(0), b"") if self.statuses else await self.graph.users(request)

    async def ask(self, times=1):
        """The codes of errors; None for none."""
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://router"
        ) as client:
            answers = await asyncio.gather(*(client.post("/", json=ME) for _ in range(times)))
        errors = [answer.json().get("errors") for answer in answers]
        return [found and found[0]["extensions"]["code"] for found in errors]


@pytest.fixture
def later(monkeypatch):
    """Puts the event loop's clock on."""

    def put_on(seconds):
        loop = asyncio.get_running_loop()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + seconds)

    return put_on


@pytest.fixture
def waits(monkeypatch):
    """What is waited between attempts: all that may be, and no time passes."""
    found, sleep = [], asyncio.sleep

    async def note(seconds):
        if seconds:
            found.append(seconds)
        await sleep(0)

    monkeypatch.setattr("router.executor.traffic.retry.asyncio.sleep", note)
    monkeypatch.setattr(RetryingTransport.__init__, "__defaults__", (lambda: 1.0,))
    return found


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        ({}, [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]),
        ({"initial_backoff": "1s"}, [1.0] * 7),
        ({"initial_backoff": "200ms", "max_backoff": "300ms"}, [0.2] + [0.3] * 6),
        ({"max_backoff": "10s"}, [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]),
        ({"max_backoff": "0s"}, []),
        # The next wait would be longer than the fetch may take.
        ({"initial_backoff": "40s", "max_backoff": "40s"}, []),
    ],
)
async def test_the_waits_between_attempts_grow_as_is_said(waits, retry, expected):
    users = Users({"retry": {"max_attempts": 8, **retry}}, *[503] * 8)
    await users.ask()
    assert waits == expected
    await users.app.close()


@pytest.mark.parametrize(
    ("retry", "asked"),
    [({}, 2), ({"ttl": "11s"}, 2), ({"ttl": "12s"}, 3), ({"ttl": "1h"}, 3), ({"ttl": "1s"}, 2)],
)
async def test_what_is_paid_for_attempts_counts_for_the_time_that_is_said(waits, later, retry, asked):
    """Each fetch pays 0.6 of an attempt; a third of the time later two have paid 0.4 and 0.6."""
    users = Users({"retry": {"max_attempts": 2, "min_per_sec": 0, "retry_percent": 0.6, **retry}})
    await users.ask()
    later(3.9)
    users.statuses.append(503)
    await users.ask()
    assert users.asked == asked
    assert len(waits) == asked - 2
    await users.app.close()


@pytest.mark.parametrize(
    ("breaker", "sent"), [({}, 10), ({"half_open_attempts": 1}, 1), ({"half_open_attempts": 3}, 3)]
)
async def test_a_circuit_is_tried_with_as_many_fetches_as_is_said(later, breaker, sent):
    always = {"enabled": True, "volume_threshold": 1}
    users = Users({"circuit_breaker": {**always, **breaker}}, 503)
    assert await users.ask() == ["SUBREQUEST_HTTP_ERROR"]
    assert await users.ask() == ["SUBGRAPH_CIRCUIT_BREAKER_REJECTED"]
    later(30)
    before = users.asked
    users.gate.clear()
    asking = asyncio.create_task(users.ask(12))
    while users.asked - before < sent:  # noqa: ASYNC110 -- no event
        await asyncio.sleep(0)
    users.gate.set()
    answers = await asking
    assert answers.count("SUBGRAPH_CIRCUIT_BREAKER_REJECTED") == 12 - sent
    assert await users.ask() == [None]
    await users.app.close()


def test_one_subgraph_may_switch_on_what_all_have_described():
    breaker, retry = {"enabled": False, "error_threshold": "90%"}, {"enabled": False, "max_attempts": 9}
    shaping = {"all": {"circuit_breaker": breaker, "retry": retry}}
    shaping["subgraphs"] = {"users": {"circuit_breaker": {"enabled": True}, "retry": {"enabled": True}}}
    traffic = read_router_config({"traffic_shaping": shaping}, {}).executor.traffic
    users = traffic.of_subgraph("users")
    assert (users.breaker.is_enabled, users.breaker.error_threshold) == (True, 0.9)
    assert (users.retry.is_enabled, users.retry.max_attempts) == (True, 9)
    assert not traffic.all.breaker.is_enabled
