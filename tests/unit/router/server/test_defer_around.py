"""What stands around an answer in parts lasts until its last part: hooks, limits, logs, tokens."""

import asyncio
import logging

import pytest
from msgspec.structs import replace

from router.errors import ErrorCode
from router.executor.parts import Parts, ResultPart
from router.hooks import Plugin
from router.pipeline.automatic_queries import hash_text
from router.pipeline.later import LaterBodies
from tests.support.streamed_requests import (
    CONTENT_TYPE,
    FIRST,
    LATER,
    SELLERS,
    Exchange,
    Gate,
    ask,
    read_parts,
    serve,
)


async def test_response_hooks_see_every_part():
    seen = []

    async def note(response):
        seen.append((type(response).__name__, response.is_primary, response.body["hasNext"]))
        response.headers["x-seen"] = ["yes"]
        response.body["extensions"] = {"by": len(seen)}

    hooks = {"note": Plugin(supergraph_response=note, execution_response=note)}
    _, headers, body = await ask({"query": SELLERS}, plugins=hooks)

    assert headers["x-seen"] == "yes"
    assert read_parts(body) == [
        {**FIRST, "extensions": {"by": 2}},
        {**LATER, "extensions": {"by": 4}},
    ]
    names = ("ExecutionResponse", "SupergraphResponse")
    assert seen == [(name, is_first, is_first) for is_first in (True, False) for name in names]


async def test_an_answer_of_one_part_is_one_with_hooks_too():
    async def look(_response):
        pass

    for plugins in ({}, {"look": Plugin(supergraph_response=look, execution_response=look)}):
        text = "{ products(first: 0) { id ... @defer { name } } }"
        _, headers, body = await ask({"query": text}, plugins=plugins)
        assert headers["content-type"] == CONTENT_TYPE
        assert read_parts(body) == [{"data": {"products": []}, "hasNext": False}]


THREE = "{ products { id ... @defer { name } seller { id ... @defer { name } } } }"


@pytest.mark.parametrize("stage", ["execution_response", "supergraph_response", "router_response"])
async def test_a_hook_that_fails_at_a_later_part_ends_the_answer(stage, caplog):
    async def fail(response):
        if not response.is_primary:
            raise ValueError

    gate = Gate("users")
    async with serve(gate, plugins={"fail": Plugin(**{stage: fail})}) as app:
        exchange = Exchange(app, {"query": THREE}, {})
        await exchange.start()
        _, last = read_parts(await exchange.rest())

    assert last["hasNext"] is False
    assert last["errors"][0]["message"] == "Internal server error"
    assert last["errors"][0]["extensions"]["error_id"] in caplog.text
    assert gate.cancelled == ["users"]


@pytest.mark.parametrize("stage", ["execution_response", "supergraph_response", "router_response"])
async def test_a_hook_that_fails_at_the_first_part_stops_what_is_fetched(stage):
    gate = Gate("users")

    async def fail(_response):
        await gate.waiting.wait()
        raise ValueError

    status, _, body = await ask({"query": SELLERS}, transport=gate, plugins={"a": Plugin(**{stage: fail})})
    assert (status, b"hasNext" in body) == (500, False)
    assert gate.cancelled == ["users"]


async def test_a_hook_can_end_the_answer_at_a_later_part():
    async def end(response):
        if not response.is_primary:
            del response.body["hasNext"]

    gate = Gate("users")
    _, _, body = await ask({"query": THREE}, transport=gate, plugins={"a": Plugin(supergraph_response=end)})
    assert [part["hasNext"] for part in read_parts(body)] == [True, False]
    assert gate.cancelled == ["users"]


async def test_a_hook_that_takes_has_next_out_ends_the_answer_there():
    async def end(response):
        del response.body["hasNext"]

    gate = Gate("users")
    _, headers, body = await ask(
        {"query": SELLERS}, transport=gate, plugins={"end": Plugin(supergraph_response=end)}
    )

    assert headers["content-type"] == "application/json"
    assert b"hasNext" not in body
    assert gate.asked.count("users") == len(gate.cancelled)


async def test_hooks_of_the_router_stage_change_the_bytes_of_each_part():
    seen = []

    async def rename(response):
        seen.append(response.is_primary)
        response.headers["x-seen"] = ["yes"]
        response.body = response.body.replace(b"Ann", b"Bob").replace(b"p1", b"p9")

    _, headers, body = await ask({"query": SELLERS}, plugins={"a": Plugin(router_response=rename)})
    first, later = read_parts(body)
    assert (headers["x-seen"], seen) == ("yes", [True, False])
    assert first["data"]["products"][0]["id"] == "p9"
    assert [part["data"] for part in later["incremental"]] == [{"name": "Bob"}] * 2


async def test_what_a_hook_takes_out_of_a_part_has_still_been_told():
    gate = Gate("users")

    async def clear(response):
        if not response.is_primary:
            response.body["incremental"][0]["data"].get("products", []).clear()
            gate.opened.set()

    static = {"list_size": 1, "max": 100, "actual_cost_mode": "by_response_shape"}
    config = {
        "demand_control": {"enabled": True, "mode": "measure", "strategy": {"static_estimated": static}}
    }
    text = "{ __typename ... @defer { products { seller { id ... @defer { name } } } } }"
    _, _, body = await ask(
        {"query": text}, config=config, transport=gate, plugins={"a": Plugin(supergraph_response=clear)}
    )
    _, outer, inner = read_parts(body)
    assert outer["incremental"] == [{"data": {"products": []}, "path": []}]
    assert [part["data"] for part in inner["incremental"]] == [{"name": "Ann"}] * 2


async def test_variables_that_a_hook_changes_do_not_change_what_the_plan_defers():
    async def turn(request):
        request.body["variables"] = {"v": False}

    text = "query ($v: Boolean!) { me { id ... @defer(if: $v) { name } } }"
    _, _, body = await ask(
        {"query": text, "variables": {"v": True}}, plugins={"turn": Plugin(execution_request=turn)}
    )
    assert read_parts(body)[1]["incremental"] == [{"data": {"name": "Ann"}, "path": ["me"]}]


async def test_a_request_is_under_way_until_its_last_part():
    gate = Gate("users")
    async with serve(gate, {"traffic_shaping": {"router": {"concurrency_limit": 1}}}) as app:
        streamed = Exchange(app, {"query": SELLERS}, {})
        await streamed.start()
        await streamed.next()
        refused = Exchange(app, {"query": "{ products { id } }"}, {})
        assert (await refused.start())[0] == 503
        await refused.rest()
        gate.opened.set()
        await streamed.rest()
        admitted = Exchange(app, {"query": "{ products { id } }"}, {})
        assert (await admitted.start())[0] == 200
        await admitted.rest()


async def test_the_access_log_has_one_line_for_the_whole(caplog):
    caplog.set_level(logging.INFO, logger="router.access")
    gate = Gate("users")
    config = {"telemetry": {"instrumentation": {"events": {"router": {"response": "info"}}}}}
    async with serve(gate, config) as app:
        exchange = Exchange(app, {"query": SELLERS}, {})
        await exchange.start()
        first = (await exchange.next())["body"]
        assert not caplog.records
        gate.opened.set()
        rest = await exchange.rest()
    (record,) = caplog.records
    assert record.facts["status"] == 200
    assert record.facts["bytes"] == len(first) + len(rest)


class Kept(Gate):
    """Answers that may be kept."""

    async def send(self, request):
        answer = await super().send(request)
        return replace(answer, headers={**answer.headers, "cache-control": "max-age=60"})


async def test_what_is_deferred_comes_from_the_response_cache_too():
    kept = Kept()
    cache = {"response_cache": {"enabled": True, "subgraph": {"all": {"enabled": True}}}}
    async with serve(kept, cache) as app:
        for _ in range(2):
            exchange = Exchange(app, {"query": SELLERS}, {})
            _, headers = await exchange.start()
            assert read_parts(await exchange.rest()) == [FIRST, LATER]
            assert headers["cache-control"] == "no-store"
    assert kept.asked == ["products", "users"]


async def test_a_text_that_defers_is_known_by_its_hash():
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(SELLERS)}}
    async with serve() as app:
        for body in ({"query": SELLERS, "extensions": extensions}, {"extensions": extensions}):
            exchange = Exchange(app, body, {})
            await exchange.start()
            assert read_parts(await exchange.rest()) == [FIRST, LATER]


class Stream:
    """Parts for which nobody has to wait, or everybody for ever."""

    has_next = True

    def __init__(self, *, is_stuck: bool) -> None:
        self.is_stuck = is_stuck

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.is_stuck:
            await asyncio.Event().wait()
        return Parts([ResultPart({}, ("a",))], has_next=False)

    async def aclose(self):
        pass


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 0}, ErrorCode.DEFERRED_RESPONSE_JWT_EXPIRED),
        ({"exp": 1e10}, ErrorCode.GATEWAY_TIMEOUT),
        ({"exp": "soon"}, ErrorCode.GATEWAY_TIMEOUT),
        (None, ErrorCode.GATEWAY_TIMEOUT),
    ],
)
async def test_an_answer_ends_with_its_token_or_its_time(claims, code):
    later = LaterBodies(Stream(is_stuck=True), claims)
    later.ends_at = asyncio.get_running_loop().time()
    bodies = [body async for body in later]

    assert [body["errors"][0]["extensions"]["code"] for body in bodies] == [code]
    assert bodies[0]["hasNext"] is False


async def test_a_token_that_lasts_ends_nothing():
    later = LaterBodies(Stream(is_stuck=False), {"exp": 1e10})
    assert [body async for body in later] == [
        {"hasNext": False, "incremental": [{"data": {}, "path": ["a"]}]}
    ]
