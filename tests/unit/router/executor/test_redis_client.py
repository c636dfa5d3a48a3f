"""One Redis with what is set about it: names, times, connections, and going on without it."""

import asyncio

import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor import redis_client
from router.executor.redis_client import RedisClient, find_fault
from router.kit.redis_options import RedisOptions
from tests.support.small_graph import SmallGraph

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
    assert read(urls=["rediss://r"], tls={"certificate_authorities": "PEM"}).certificate_authorities == "PEM"


@pytest.mark.parametrize(
    ("redis", "problem"),
    [
        ({"urls": ["redis://a", "redis://b"]}, "urls must be a list of one URL"),
        ({"urls": ["http://a"]}, "urls must be a list of one URL"),
        ({"ttl": "500ms"}, "ttl must be 1s or more"),
        ({"pool_size": 0}, "pool_size must be 1 or more"),
        ({"tls": {"certificate_authorities": "PEM"}}, "needs a URL that begins with rediss://"),
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
