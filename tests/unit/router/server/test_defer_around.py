"""What stands around an answer in parts lasts until its last part: hooks, limits, logs, tokens."""

import asyncio
import logging

import pytest

from router.errors import ErrorCode
from router.executor.parts import Parts, ResultPart
from router.hooks import Plugin
from router.pipeline.later import LaterBodies
from tests.support.streamed_requests import FIRST, LATER, SELLERS, Exchange, Gate, ask, read_parts, serve


async def test_response_hooks_see_the_first_part_and_the_rest_passes():
    seen = []

    async def note(response):
        seen.append(response.body)
        response.headers["x-seen"] = ["yes"]
        response.body["extensions"] = {"by": "hook"}

    hooks = {"note": Plugin(supergraph_response=note, execution_response=note)}
    _, headers, body = await ask({"query": SELLERS}, plugins=hooks)

    first, later = read_parts(body)
    assert headers["x-seen"] == "yes"
    assert first == {**FIRST, "extensions": {"by": "hook"}}
    assert later == LATER
    assert [each["hasNext"] for each in seen] == [True, True]


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


async def test_hooks_of_the_router_stage_change_headers_or_the_whole_answer():
    bodies = []

    async def rename(response):
        bodies.append(response.body)
        response.headers["x-seen"] = ["yes"]

    async def replace(response):
        response.body = b"{}"

    _, headers, body = await ask({"query": SELLERS}, plugins={"a": Plugin(router_response=rename)})
    assert bodies == [b""]
    assert headers["x-seen"] == "yes"
    assert read_parts(body) == [FIRST, LATER]

    gate = Gate("users")
    _, _, body = await ask({"query": SELLERS}, transport=gate, plugins={"a": Plugin(router_response=replace)})
    assert body == b"{}"
    assert gate.asked.count("users") == len(gate.cancelled)


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
