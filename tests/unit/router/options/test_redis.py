"""Each option of a `redis` at each place that has one, as `router.yaml` says it: what is kept, as whom, and for how long."""

import asyncio
import logging
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from redis.asyncio import Redis

from router.config.problems import ConfigurationError
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from router.pipeline.automatic_queries import hash_text
from tests.support.certificates import Authority
from tests.support.listening import listening
from tests.support.ports import free_ports
from tests.support.redis_server import serving_redis
from tests.support.small_graph import SmallGraph

TEXT = "{ me { name } }"
HASHED = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(TEXT)}}
ALLOWANCE = {"capacity": 100, "interval": "1h"}
PLACES = {
    "apq": lambda redis: {"apq": {"router": {"cache": {"redis": redis}}}},
    "response_cache": lambda redis: {"response_cache": {"enabled": True, "subgraph": {"all": {"redis": redis}}}},
    "preview_entity_cache": lambda redis: {
        "preview_entity_cache": {"enabled": True, "subgraph": {"all": {"redis": redis}}}
    },
    "of one subgraph": lambda redis: {
        "response_cache": {"enabled": True, "subgraph": {"subgraphs": {"users": {"redis": redis}}}}
    },
    "client_rate_limit": lambda redis: {"traffic_shaping": {"router": {"client_rate_limit": {**ALLOWANCE, "redis": redis}}}},
}  # fmt: skip
ANSWERS = [place for place in PLACES if place not in {"apq", "client_rate_limit"}]
PATIENT = {"timeout": "30s"}


class Router:
    """A router with a Redis at one place."""

    def __init__(self, place, url, control="max-age=60", **redis):
        self.control, graph = control, SmallGraph()
        self.asked = 0
        transport = MemoryTransport({"users": self.answer})
        self.app = graph.build_app(PLACES[place]({"urls": [url], **PATIENT, **redis}), transport=transport)

    async def answer(self, _request):
        self.asked += 1
        headers = {"content-type": "application/json", "cache-control": self.control}
        return SubgraphAnswer(200, b'{"data":{"me":{"name":"A"}}}', headers)

    async def ask(self, text=TEXT, times=1):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://router"
        ) as client:
            body = {"extensions": HASHED} | ({"query": text} if text else {})
            # Equal ones would be one.
            asked = [client.post("/", json=body, headers={"x-n": str(i)}) for i in range(times)]
            return await asyncio.gather(*asked)


@pytest.fixture
async def redis(redis_url):
    """The server's own client; nothing is in it yet."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        await client.flushall()
        yield client


async def use(place, url, control="max-age=60", **options):
    """Ask one query."""
    router = Router(place, url, control, **options)
    if place == "apq":
        await router.ask(None)
    (answer,) = await router.ask()
    assert answer.json()["data"] == {"me": {"name": "A"}}
    await router.app.close()


async def keep(redis, place, url, control="max-age=60", **options):
    """What is kept after one request, and for how many seconds."""
    await use(place, url, control, **options)
    return {name: await redis.ttl(name) for name in await redis.keys("*")}


@pytest.mark.parametrize("place", PLACES)
async def test_names_begin_with_the_namespace(redis, redis_url, place):
    (name,) = {
        each.partition("tag:")[0] for each in await keep(redis, place, redis_url) if "tag:" not in each
    }
    assert name.startswith("apq:" if place == "apq" else "router:")
    await redis.flushall()
    kept = await keep(redis, place, redis_url, namespace="shop")
    assert kept
    assert all(each.startswith("shop:") for each in kept)


LOOKING_UP = {b"GET": b"_", b"MGET": b"*1\r\n_", b"EVAL": b"*2\r\n:1\r\n$1\r\n1"}
"""What a Redis that has nothing answers."""


@asynccontextmanager
async def serving_slowly(path, late_s, *, is_reading_late):
    """What answers commands that look something up late, or the others; yields its URL. Late is when the log says so, at most `late_s`."""
    told = asyncio.Event()

    class Told(logging.Handler):
        def emit(self, _record):
            told.set()

    async def read(reader):
        count = int((await reader.readline())[1:])
        parts = []
        for _ in range(count):
            size = int((await reader.readline())[1:])
            parts.append((await reader.readexactly(size + 2))[:-2])
        return parts[0]

    async def serve(reader, writer):
        with suppress(ValueError):
            while True:
                command = await read(reader)
                if (command in LOOKING_UP) == is_reading_late and command not in {b"CLIENT", b"HELLO"}:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(told.wait(), late_s)
                writer.write(LOOKING_UP.get(command, b"+OK") + b"\r\n")

    handler = Told()
    logging.getLogger("router").addHandler(handler)
    try:
        async with listening(serve, path=path):
            yield f"unix://{path}"
    finally:
        logging.getLogger("router").removeHandler(handler)


@pytest.mark.parametrize("place", PLACES)
async def test_looking_up_and_keeping_have_times_of_their_own(tmp_path, caplog, place):
    """After one failure nothing is asked for a second."""
    defaults_s = 0.5 if place == "apq" else 0.1
    for times, late_s, is_reading_late, count in (
        ({"fetch_timeout": "1ms"}, 2, True, 1),
        ({"insert_timeout": "1ms"}, 2, False, 1),
        (PATIENT, 1.2 * defaults_s, True, 0),
    ):
        if not is_reading_late and place == "client_rate_limit":
            # One command counts and reads: there is nothing else to keep.
            continue
        caplog.clear()
        async with serving_slowly(tmp_path / "r", late_s, is_reading_late=is_reading_late) as url:
            await use(place, url, **times)
        assert caplog.text.count("Redis does not answer (TimeoutError)") == count


@pytest.mark.parametrize("place", PLACES)
async def test_who_has_to_say_who_he_is_does(redis, redis_url, place):
    await redis.acl_setuser("shop", enabled=True, passwords=["+secret"], keys="*", commands=["+@all"])
    await redis.config_set("requirepass", "admin")
    try:
        router = Router(place, redis_url, username="shop", password="secret", required_to_start=True)
        await router.app.close()
        assert await keep(redis, place, redis_url, password="admin", required_to_start=True)
        for wrong in (
            {},
            {"username": "shop"},
            {"password": "secret"},
            {"username": "shop", "password": "x"},
        ):
            with pytest.raises(ConfigurationError, match=r"redis\.required_to_start: Redis does not answer"):
                Router(place, redis_url, **wrong, required_to_start=True)
    finally:
        await redis.config_set("requirepass", "")
        await redis.acl_deluser("shop")


@pytest.mark.parametrize("place", PLACES)
async def test_no_more_connections_are_open_than_may_be(redis, redis_url, place):
    async def count(**options):
        router = Router(place, redis_url, **options)
        answers = await router.ask(times=8)
        assert {answer.status_code for answer in answers} == {200}
        found = len(await redis.client_list()) - 1
        await router.app.close()
        return found

    assert await count(pool_size=1) == 1
    assert await count(pool_size=2) == 2
    assert await count() > 2


async def test_a_text_is_kept_for_its_time_and_again_when_it_is_read(redis, redis_url):
    assert list((await keep(redis, "apq", redis_url)).values()) == [-1]
    await redis.flushall()
    for options, left in (({}, 1000), ({"reset_ttl": True}, 1000), ({"reset_ttl": False}, 100)):
        ((name, seconds),) = (await keep(redis, "apq", redis_url, ttl="1000s", **options)).items()
        assert 990 < seconds <= 1000
        await redis.expire(name, 100)
        router = Router("apq", redis_url, ttl="1000s", **options)
        await router.ask(None)
        await router.app.close()
        assert left - 10 < await redis.ttl(name) <= left
        await redis.flushall()


@pytest.mark.parametrize("place", ANSWERS)
async def test_an_answer_that_does_not_say_how_long_is_kept_for_the_time_of_its_redis(
    redis, redis_url, place
):
    assert await keep(redis, place, redis_url, "public") == {}
    kept = await keep(redis, place, redis_url, "public", ttl="1000s")
    assert kept
    assert all(990 < seconds <= 1000 for seconds in kept.values())
    await redis.flushall()
    assert all(seconds <= 60 for seconds in (await keep(redis, place, redis_url, ttl="1000s")).values())


async def test_who_shows_a_certificate_may_come_in_everywhere(tmp_path):
    authority, (port,) = Authority(), free_ports(1)
    chain, key = authority.sign("localhost").write(tmp_path, "server")
    (tmp_path / "ca.pem").write_text(authority.pem)
    files = ("--tls-cert-file", chain, "--tls-key-file", key, "--tls-ca-cert-file", tmp_path / "ca.pem")
    ours = authority.sign("router")
    client = {"certificate_chain": ours.chain, "key": ours.key}
    tls = {"certificate_authorities": authority.pem, "client_authentication": client}
    async with serving_redis(tmp_path / "r", "--port", 0, "--tls-port", port, *files, port=port):

        async def connect(place, tls):
            await Router(place, f"rediss://localhost:{port}", tls=tls, required_to_start=True).app.close()

        for place in PLACES:
            await connect(place, tls)
            for left_out in tls:
                with pytest.raises(ConfigurationError, match="required_to_start: Redis does not answer"):
                    await connect(place, {name: value for name, value in tls.items() if name != left_out})
            for left_out in client:
                part = {name: value for name, value in client.items() if name != left_out}
                with pytest.raises(ConfigurationError, match="client_authentication must have both"):
                    await connect(place, {**tls, "client_authentication": part})
