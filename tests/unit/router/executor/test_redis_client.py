"""One Redis with what is set about it: names, times, connections, and going on without it."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
import redis.asyncio as redis_asyncio

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor import redis_client
from router.executor.redis_client import RedisClient, find_fault
from router.executor.response_cache.redis import RedisCache
from router.executor.response_cache.store import Entry
from router.kit.gcra import Rate
from router.kit.redis_options import RedisOptions
from router.server.rate_limit_redis import RedisStore
from router.server.redis_queries import RedisQueryStore
from tests.support.certificates import Authority
from tests.support.ports import free_ports
from tests.support.redis_server import serving_redis
from tests.support.small_graph import SmallGraph

AUTHORITY = Authority()
NOWHERE = "redis://127.0.0.1:9/0"


def read(**redis):
    given = {"apq": {"router": {"cache": {"redis": {"urls": ["redis://r"], **redis}}}}}
    return read_router_config(given, {}).pipeline.apq.redis


def test_all_keys_are_read():
    options = read(
        username="u",
        password="p",
        timeout="2s",
        fetch_timeout="1s",
        insert_timeout="3s",
        ttl="1h",
        reset_ttl=False,
        namespace="n",
        pool_size=3,
        required_to_start=True,
    )
    assert options == RedisOptions(
        "redis://r", "n", 1, 3, "u", "p", 3600, is_ttl_reset=False, connections_max=3, is_required=True
    )
    assert read(timeout="2s").timeout_s == read(timeout="2s").seconds_for_writing == 2
    several = read(urls=["redis-cluster://a", "redis-cluster://b"])
    assert several.urls == ("redis-cluster://a", "redis-cluster://b")
    signed = AUTHORITY.sign("router")
    client = {"certificate_chain": signed.chain, "key": signed.key}
    tls = {"certificate_authorities": AUTHORITY.pem, "client_authentication": client}
    for url in ("rediss://r", "rediss-cluster://r", "rediss-sentinel://r?sentinelServiceName=s"):
        secure = read(urls=[url], tls=tls)
        assert (secure.certificate_authorities, secure.certificate_chain, secure.key) == (
            AUTHORITY.pem,
            signed.chain,
            signed.key,
        )


@pytest.mark.parametrize(
    ("redis", "problem"),
    [
        ({"urls": []}, "urls must be URLs that begin with redis://, rediss://"),
        ({"urls": ["http://a"]}, "urls must be URLs that begin with redis://, rediss://"),
        ({"urls": ["redis://a", "rediss://b"]}, "urls must all begin in the same way"),
        ({"urls": ["unix://a", "unix://b"]}, "urls must be one URL where it is a unix:// one"),
        ({"urls": ["redis-cluster://a?node=:1"]}, "urls must name a host each"),
        ({"urls": ["redis-cluster://a/x"]}, "urls must end in the number of a database"),
        ({"urls": ["redis-cluster://a:x"]}, "urls Port could not be cast"),
        ({"urls": ["redis-sentinel://a"]}, "urls must name the primary"),
        ({"urls": ["rediss://a"], "tls": {"client_authentication": {"key": "k"}}}, "must have both"),
        ({"urls": ["rediss://a"], "tls": {"certificate_authorities": "PEM"}}, "must be PEM"),
        ({"ttl": "500ms"}, "ttl must be 1s or more"),
        ({"pool_size": 0}, "pool_size must be a whole number, 1 or more"),
        ({"tls": {"certificate_authorities": "PEM"}}, "need a URL that begins with rediss"),
        ({"pasword": "x"}, 'Did you mean "password"'),
    ],
)
def test_what_is_not_understood_is_told(redis, problem):
    with pytest.raises(ConfigurationError) as told:
        read(**redis)
    assert problem in str(told.value)


async def test_who_has_no_name_there_finds_nothing_and_who_has_one_does(redis_url):
    admin = RedisClient(RedisOptions(redis_url, timeout_s=5), "-")
    redis = admin.connect()
    await redis.acl_setuser("shop", enabled=True, passwords=["+secret"], keys="*", commands=["+@all"])
    known = RedisOptions(redis_url, timeout_s=5, username="shop", password="secret")
    unknown = RedisOptions(redis_url, timeout_s=5, username="shop", password="other")
    assert (find_fault(known), find_fault(unknown)) == (None, "Redis does not answer (AuthenticationError)")
    client = RedisClient(known, "-")
    assert await client.find(lambda redis: redis.acl_whoami(), None) == "shop"
    await client.close()
    await redis.acl_deluser("shop")
    await admin.close()


async def test_more_commands_than_connections_wait_their_turn(redis_url):
    client = RedisClient(RedisOptions(redis_url, timeout_s=20, connections_max=2), "-")
    await client.write(lambda redis: redis.set("turn", 1), None)
    found = await asyncio.gather(*(client.find(lambda redis: redis.get("turn"), None) for _ in range(50)))
    assert found == [b"1"] * 50
    await client.close()


@pytest.mark.parametrize("url", ["redis://r", "unix:///r", "redis-sentinel://r?sentinelServiceName=s"])
async def test_the_library_waits_for_nothing_by_itself(url):
    """Where it does, it can lose a cancellation, and with it the time that a command may take."""
    client = RedisClient(RedisOptions(url), "-")
    assert client.connect().connection_pool.connection_kwargs["socket_timeout"] is None
    await client.close()


async def test_after_a_failure_nothing_is_asked_for_a_while_and_then_again(redis_url, monkeypatch, caplog):
    now = [0.0]
    monkeypatch.setattr(redis_client.time, "monotonic", lambda: now[0])
    asked = []

    async def fail(_redis):
        asked.append(now[0])
        raise ConnectionError

    client = RedisClient(RedisOptions(redis_url, timeout_s=5), "without it")
    now[0] = 10.0
    for step in (0.0, 0.5, 0.6):
        now[0] += step
        assert await client.find(fail, "nothing") == "nothing"
    assert asked == [10.0, 11.1]
    assert [record.message for record in caplog.records] == [
        "without it: Redis does not answer (ConnectionError)"
    ] * 2
    await client.close()


async def test_finding_and_writing_have_times_of_their_own(redis_url):
    async def wait(_redis):
        await asyncio.sleep(0.2)
        return "late"

    options = RedisOptions(redis_url, timeout_s=0.01, write_timeout_s=20)
    client = RedisClient(options, "-")
    assert await client.write(wait, "nothing") == "late"
    assert await client.find(wait, "nothing") == "nothing"
    # Who has been late is not asked for a while either.
    assert await client.write(wait, "nothing") == "nothing"
    await client.close()


@pytest.mark.parametrize("is_required", [False, True])
async def test_a_redis_that_is_required_must_answer_at_the_start(is_required, redis_url):
    def build(url):
        redis = {"urls": [url], "required_to_start": is_required}
        return SmallGraph().build_app({"apq": {"router": {"cache": {"redis": redis}}}})

    if is_required:
        with pytest.raises(
            ConfigurationError, match=r"apq\.router\.cache\.redis\.required_to_start: Redis does not"
        ):
            build(NOWHERE)
    else:
        await build(NOWHERE).close()
    await build(redis_url).close()


async def test_who_shows_a_certificate_may_come_in(tmp_path):
    (port,) = free_ports(1)
    chain, key = AUTHORITY.sign("localhost").write(tmp_path, "server")
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    files = ("--tls-cert-file", chain, "--tls-key-file", key, "--tls-ca-cert-file", tmp_path / "ca.pem")
    signed = AUTHORITY.sign("router")
    shown = {"certificate_authorities": AUTHORITY.pem, "certificate_chain": signed.chain, "key": signed.key}
    url = f"rediss://localhost:{port}"
    async with serving_redis(tmp_path / "r", "--port", 0, "--tls-port", port, *files, port=port):
        assert find_fault(RedisOptions(url, **shown)) is None
        assert find_fault(RedisOptions(url, certificate_authorities=AUTHORITY.pem)) is not None


async def test_sentinels_say_which_server_is_the_primary(tmp_path):
    primary, sentinel = free_ports(2)
    config = tmp_path / "sentinel.conf"
    config.write_text(f"port {sentinel}\nsentinel monitor shop 127.0.0.1 {primary} 1\n")
    url = f"redis-sentinel://localhost:1?node=127.0.0.1:{sentinel}&sentinelServiceName=shop"
    async with (
        serving_redis(tmp_path / "p", "--port", primary, port=primary),
        serving_redis(tmp_path / "s", config, "--sentinel", port=sentinel),
    ):
        client = RedisClient(RedisOptions(url, timeout_s=20, connections_max=2), "-")
        assert await client.find(lambda redis: redis.ping(), None)
        kept = [client.write(lambda redis, i=i: redis.set(f"k{i}", i), None) for i in range(10)]
        assert await asyncio.gather(*kept) == [True] * 10
        assert await client.find(lambda redis: redis_client.get_many(redis, ["k3", "k4"]), None) == [
            b"3",
            b"4",
        ]
        await client.close()
        assert find_fault(RedisOptions(url.replace("shop", "other"))) == (
            "Redis does not answer (MasterNotFoundError)"
        )
    assert find_fault(RedisOptions(url)) is not None


async def test_a_cluster_keeps_everything_on_the_server_whose_it_is(tmp_path, caplog):
    """Three servers, each with a third of the slots; documents, answers and rate limits go through all of them."""
    ports = free_ports(3)
    urls = [f"redis-cluster://127.0.0.1:{port}" for port in ports]
    options = ("--cluster-enabled", "yes", "--save", "")
    async with AsyncExitStack() as stack:
        for port in ports:
            (tmp_path / f"{port}.conf").write_text(write_cluster(ports, port))
            own = ("--cluster-port", find_bus(port), "--cluster-config-file", tmp_path / f"{port}.conf")
            server = serving_redis(tmp_path / str(port), "--port", port, *own, *options, port=port)
            await stack.enter_async_context(server)
        await until_joined(ports)
        redis = RedisOptions(urls[1], "c", 20.0, more_urls=(urls[0], "redis-cluster://127.0.0.1:1"))
        answers = RedisCache(redis)
        entries = [(f"k{i}", Entry(b"%d" % i, time.time() + 60, tags=("t", f"t{i}"))) for i in range(50)]
        await answers.put(entries)
        found = await answers.find([f"k{i}" for i in range(51)])
        assert [each and each.value for each in found] == [b"%d" % i for i in range(50)] + [None]
        assert await answers.invalidate(["t7"]) == 1
        assert await answers.invalidate(["t"]) == 49
        documents = RedisQueryStore(redis)
        for i in range(9):
            await documents.put(f"{i}", "{ me }")
            assert await documents.find(f"{i}") == "{ me }"
        limits = RedisStore(Rate(2, 3600), redis, 10)
        assert [(await limits.decide("a")).is_allowed for _ in range(3)] == [True, True, False]
        assert (
            find_fault(RedisOptions(f"redis://127.0.0.1:{ports[0]}", more_urls=("redis://127.0.0.1:1",)))
            is None
        )
        keys = [await count_keys(port) for port in ports]
        assert all(keys)
        await asyncio.gather(answers.close(), documents.close(), limits.close())
    assert "does not answer" not in caplog.text


async def count_keys(port):
    async with redis_asyncio.Redis(port=port) as redis:
        return await redis.dbsize()


async def until_joined(ports):
    """Wait until every server takes what is its own."""
    async with asyncio.timeout(20):
        for port in ports:
            async with redis_asyncio.Redis(port=port) as redis:
                while (await redis.execute_command("CLUSTER INFO"))["cluster_state"] != "ok":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


def write_cluster(ports, own):
    """What a server would know after it had met the others, so that nobody waits for that: each has a third of the slots."""
    bounds = [16384 * i // len(ports) for i in range(len(ports) + 1)]
    lines = [
        f"{port:040} 127.0.0.1:{port}@{find_bus(port)} {'myself,' if port == own else ''}master - 0 0 {i + 1} connected "
        f"{bounds[i]}-{bounds[i + 1] - 1}\n"
        for i, port in enumerate(ports)
    ]
    return "".join(lines) + f"vars currentEpoch {len(ports)} lastVoteEpoch 0\n"


def find_bus(port):
    return port + 10_000 if port < 50_000 else port - 10_000
