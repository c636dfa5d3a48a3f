"""Automatic persisted queries in a real Redis, and without one."""

import asyncio
import shutil
import subprocess

import pytest

from router.executor.redis_client import find_fault
from router.kit.redis_options import RedisOptions
from router.pipeline.automatic_queries import hash_text
from router.pipeline.request import Request
from router.pipeline.stages import answer
from router.server.redis_queries import TEXT_BYTES_MAX, RedisQueryStore
from tests.support.listening import listening
from tests.support.small_graph import SmallGraph

TEXT = "{ me { name } }"


@pytest.fixture
def redis(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: nothing about Redis is tested")
    path = tmp_path / "redis.sock"
    command = [
        program,
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield path, process
    process.kill()
    process.wait(10)


async def open_store(path, **options):
    given = RedisOptions(f"unix://{path}", **{"timeout_s": 10, "namespace": "", **options})
    async with asyncio.timeout(10):
        while await asyncio.to_thread(find_fault, given) is not None:  # noqa: ASYNC110 -- another process answers
            await asyncio.sleep(0.01)
    return RedisQueryStore(given)


async def test_a_text_is_kept_under_apollos_key_for_its_time(redis):
    store = await open_store(redis[0], ttl_s=60, namespace="shop")
    await store.put("k", TEXT)
    assert await store.find("k") == TEXT
    assert await store.find("other") is None
    assert await store._redis.connect().get("shop:apq:k") == TEXT.encode()
    assert 0 < await store._redis.connect().ttl("shop:apq:k") <= 60
    await store.close()


async def test_texts_that_are_too_long_are_neither_kept_nor_believed(redis):
    store = await open_store(redis[0])
    await store.put("exact", "x" * TEXT_BYTES_MAX)
    await store.put("longer", "x" * (TEXT_BYTES_MAX + 1))
    await store._redis.connect().set("apq:planted", "x" * (TEXT_BYTES_MAX + 1))
    assert await store.find("exact") is not None
    assert await store.find("longer") is None
    assert await store.find("planted") is None
    await store.close()


async def test_what_one_router_learns_another_knows_and_a_planted_text_is_not_believed(redis):
    store = await open_store(redis[0])
    config = {"apq": {"router": {"cache": {"redis": {"urls": [f"unix://{redis[0]}"], "timeout": "10s"}}}}}
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(TEXT)}}
    first, second = SmallGraph().build_app(config), SmallGraph().build_app(config)
    await answer(Request(TEXT, extensions=extensions), first._server._generation)
    known = await answer(Request(None, extensions=extensions), second._server._generation)
    assert known.body == {"data": {"me": {"name": "Ann"}}}
    planted = hash_text("{ me { id } }")
    await store.put(planted, "{ products { id } }")
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": planted}}
    missed = await answer(Request(None, extensions=extensions), second._server._generation)
    assert missed.body["errors"][0]["message"] == "PersistedQueryNotFound"
    for each in (first, second, store):
        await each.close()


@pytest.mark.parametrize(("is_reset", "is_longer"), [(True, True), (False, False)])
async def test_who_reads_a_text_keeps_it_for_its_time_again_if_that_is_set(redis, is_reset, is_longer):
    store = await open_store(redis[0], ttl_s=1000, is_ttl_reset=is_reset)
    await store.put("k", TEXT)
    client = store._redis.connect()
    await client.expire("apq:k", 100)
    assert await store.find("k") == TEXT
    assert (await client.ttl("apq:k") > 500) is is_longer
    await store.close()


async def test_a_redis_that_dies_is_a_miss_and_a_warning(redis, caplog):
    store = await open_store(redis[0])
    await store.put("k", TEXT)
    redis[1].kill()
    redis[1].wait(10)
    assert await store.find("k") is None
    await store.put("k", TEXT)
    # It is not asked again for a while.
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    await store.close()


async def test_a_redis_that_says_nothing_is_a_miss_in_time(tmp_path):
    async def hang(reader, _writer):
        await reader.read()

    store = RedisQueryStore(RedisOptions(f"unix://{tmp_path}/hung.sock", timeout_s=0.05))
    async with asyncio.timeout(10), listening(hang, path=tmp_path / "hung.sock"):
        assert await store.find("k") is None
        await store.put("k", TEXT)
        await store.close()
