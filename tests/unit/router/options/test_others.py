"""Options that no test of their part sets in `router.yaml`'s words."""

import asyncio
import json
import sys
from types import SimpleNamespace

import httpx
import pytest
from starlette.responses import JSONResponse

from router import SubgraphSource, compose, create_app
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from tests.support.json_server import serving
from tests.support.small_graph import SmallGraph

ME = {"query": "{ me { name } }"}
STAGES = ("router", "supergraph", "execution", "subgraph")


def connect(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router")


async def ask(config, body=ME, headers=(), transport=None, method="POST", path="/"):
    """The answer to one request."""
    app = SmallGraph().build_app(config, transport=transport)
    async with connect(app) as client:
        answer = await client.request(method, path, json=body, headers=dict(headers))
    await app.close()
    return answer


async def test_each_stage_may_be_told_somewhere_else():
    seen = []

    async def answer(request):
        message = json.loads(await request.body())
        seen.append((message["stage"].lower(), request.url.path))
        return JSONResponse(message)

    def give(place, name):
        stage = {kind: {"url": f"{url}/{name}{kind}"} for kind in ("request", "response")}
        return {"all": stage} if place else stage

    async with serving(answer) as url:
        for is_own in (True, False):
            stages = {name: give(name == "subgraph", name) for name in STAGES}
            if not is_own:
                stages = {"router": {"request": {}, "response": {}}}
            assert (await ask({"coprocessor": {"url": f"{url}/all", **stages}})).status_code == 200
    assert {f"/{stage}" for stage, _ in seen[:8]} == {path for _, path in seen[:8]}
    assert all(path == f"/{stage}" for stage, path in seen[:8])
    assert [path for _, path in seen[8:]] == ["/all", "/all"]


@pytest.mark.parametrize(
    ("options", "status"), [({}, 200), ({"timeout": "0s"}, 500), ({"timeout": "1m"}, 200)]
)
async def test_a_coprocessor_may_take_as_long_as_is_said(options, status):
    async def answer(request):
        return JSONResponse(json.loads(await request.body()))

    async with serving(answer) as url:
        answered = await ask({"coprocessor": {"url": url, "router": {"request": {}}, **options}})
    assert answered.status_code == status


HEALTH = {"allowed": 1, "interval": {"sampling": "5s", "unready": "7s"}}


@pytest.mark.parametrize(
    ("readiness", "refused_at_s", "unready"),
    [
        (HEALTH, (0, 0), {0: True, 6.9: True, 7.1: False}),
        (HEALTH, (0,), {0: False}),
        (HEALTH, (0, 4.9), {4.9: True, 11.8: True, 12.1: False}),
        (HEALTH, (0, 5.1), {5.1: False}),
        ({**HEALTH, "allowed": 0}, (0,), {0: True}),
        ({"allowed": 0}, (0,), {9.9: True, 10.1: False}),
        ({"allowed": 0, "interval": {"sampling": "1s"}}, (0,), {1.9: True, 2.1: False}),
    ],
)
async def test_who_refuses_too_much_is_not_ready_for_the_time_that_is_said(
    monkeypatch, readiness, refused_at_s, unready
):
    loop = asyncio.get_running_loop()
    began_s, now_s = loop.time(), [0.0]
    monkeypatch.setattr(loop, "time", lambda: began_s + now_s[0])
    limit = {"global_rate_limit": {"capacity": 1, "interval": "1h"}}
    config = {"traffic_shaping": {"router": limit}, "health_check": {"readiness": readiness}}
    app = SmallGraph().build_app(config)
    async with connect(app) as client:
        assert (await client.post("/", json=ME)).status_code == 200
        for now_s[0] in refused_at_s:
            assert (await client.post("/", json=ME)).status_code == 503
        found = {}
        for now_s[0] in unready:
            found[now_s[0]] = (await client.get("/health?ready")).status_code == 503
    await app.close()
    assert found == unready


@pytest.mark.parametrize(
    ("health", "path", "status"),
    [
        ({}, "/health", 200),
        ({"enabled": False}, "/health", 404),
        ({"path": "/up"}, "/up", 200),
        ({"path": "/up"}, "/health", 404),
    ],
)
async def test_health_is_answered_where_is_said(health, path, status):
    app = SmallGraph().build_app({"health_check": health, "supergraph": {"path": "/graphql"}})
    async with connect(app) as client:
        assert (await client.get(path)).status_code == status
    await app.close()


WHO = [("name", "x-app", "apollographql-client-name"), ("version", "X-Build", "apollographql-client-version")]
COUNTING = {"exporters": {"metrics": {"prometheus": {"enabled": True}}}}


@pytest.mark.parametrize(("what", "named", "usual"), WHO)
@pytest.mark.parametrize("telemetry", [{}, COUNTING])
async def test_clients_say_who_they_are_in_the_header_that_is_named(telemetry, what, named, usual):
    told = []

    async def users(request):
        told.append(dict(request.headers).get("x-told"))
        return SubgraphAnswer(200, b'{"data":{"me":{"name":"A"}}}')

    rule = {"insert": {"name": "x-told", "from_context": f"apollo::telemetry::client_{what}"}}
    transport = MemoryTransport({"users": users})
    for apollo in ({}, {f"client_{what}_header": named}):
        config = {"headers": {"all": {"request": [rule]}}, "telemetry": {**telemetry, "apollo": apollo}}
        await ask(config, headers={usual: "usual", named: "named"}, transport=transport)
    assert told == ["usual", "named"]


async def test_what_one_client_is_told_is_not_told_to_another_where_its_name_goes_on():
    count = 0

    async def users(_request):
        nonlocal count
        count += 1
        body = b'{"data":{"me":{"name":"%d"}}}' % count
        await asyncio.sleep(0)
        return SubgraphAnswer(200, body)

    rule = {"insert": {"name": "x-told", "from_context": "apollo::telemetry::client_name"}}
    config = {
        "headers": {"all": {"request": [rule]}},
        "telemetry": {"apollo": {"client_name_header": "x-app"}},
        "traffic_shaping": {"router": {"dedupe": {"enabled": True}}},
    }
    app = SmallGraph().build_app(config, transport=MemoryTransport({"users": users}))
    async with connect(app) as client:
        asked = [client.post("/", json=ME, headers={"x-app": name}) for name in ("a", "b")]
        answers = {answer.text for answer in await asyncio.gather(*asked)}
    await app.close()
    assert len(answers) == 2


@pytest.mark.parametrize("is_shown", [True, False])
async def test_the_page_for_browsers_may_be_another(tmp_path, is_shown):
    (tmp_path / "index.html").write_text("<p>ours")
    app = SmallGraph().build_app({"sandbox": {"studio": str(tmp_path)} if is_shown else {}})
    async with connect(app) as client:
        page = await client.get("/", headers={"accept": "text/html"})
    await app.close()
    assert (page.text == "<p>ours") == is_shown


@pytest.mark.parametrize(("is_granted", "name"), [(True, "N"), (False, None)])
async def test_policies_are_decided_by_the_function_that_is_named(monkeypatch, is_granted, name):
    async def decide(*_):
        return is_granted

    monkeypatch.setitem(sys.modules, "policies_of_tests", SimpleNamespace(decide=decide))
    config = {"authorization": {"policies": {"verified": "policies_of_tests:decide"}}}
    body = {"query": 'mutation { rename(id: "p1", name: "N") { name } }'}
    answer = (await ask(config, body)).json()
    assert (answer["data"] and answer["data"]["rename"] and answer["data"]["rename"]["name"]) == name


@pytest.mark.parametrize(
    ("shedding", "lag_s", "status"),
    [
        ({}, 0.2, 200),
        ({}, 0.21, 503),
        ({"max_lag": "50ms"}, 0.06, 503),
        ({"max_lag": "1s"}, 0.9, 200),
    ],
)
async def test_work_is_shed_when_the_loop_is_later_than_is_said(shedding, lag_s, status):
    app = SmallGraph().build_app({"traffic_shaping": {"router": {"load_shedding": shedding}}})
    admission = app._server._admission
    # As if it had been measured just now.
    admission._tick, admission._lag_s = asyncio.get_running_loop().call_later(60, lambda: None), lag_s
    async with connect(app) as client:
        assert (await client.post("/", json=ME)).status_code == status
    admission._tick.cancel()
    await app.close()


@pytest.mark.parametrize("name", ["response_cache", "preview_entity_cache"])
@pytest.mark.parametrize("is_told", [True, False])
async def test_developers_are_told_what_the_cache_did_where_that_is_on(name, is_told):
    async def users(_request):
        headers = {"content-type": "application/json", "cache-control": "max-age=60"}
        return SubgraphAnswer(200, b'{"data":{"me":{"name":"A"}}}', headers)

    config = {name: {"enabled": True, "debug": is_told}}
    headers = {"apollo-cache-debugging": "true"}
    answer = await ask(config, headers=headers, transport=MemoryTransport({"users": users}))
    assert bool(answer.json().get("extensions")) == is_told


SHARED = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
type Query { all: All @shareable }
type All @key(fields: "id") { id: ID! f%d: Int e: All @shareable }
"""


@pytest.mark.parametrize(("planning", "is_planned"), [({}, True), ({"experimental_plans_limit": 1}, False)])
async def test_a_plan_is_looked_for_as_long_as_is_said(planning, is_planned):
    names = [f"g{n}" for n in range(12)]

    async def nothing(_request):
        return SubgraphAnswer(200, b'{"data":{"all":null}}')

    sdl = compose({name: SHARED % n for n, name in enumerate(names)}).supergraph_sdl
    config = {"supergraph": {"query_planning": planning}}
    app = create_app(sdl, config=config, transport=MemoryTransport(dict.fromkeys(names, nothing)))
    async with connect(app) as client:
        answer = (await client.post("/", json={"query": "{ all { e { e { f1 f2 } } } }"})).json()
    await app.close()
    assert (answer == {"data": {"all": None}}) == is_planned
    assert is_planned or "too complex" in answer["errors"][0]["message"]


INPUTS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@inaccessible"])
type Query { a(b: [B!]): Int }
input B { c: Int! d: [B] hidden: Int @inaccessible }
"""


def nest(levels):
    value = {"c": 1}
    for _ in range(levels):
        value = {"c": 1, "d": [value]}
    return value


@pytest.mark.parametrize(
    ("sent", "measured", "enforced"),
    [
        ({"c": 1}, {"c": 1}, 200),
        ([{"c": 1, "x": {}, "d": {"hidden": 2, "c": 3}}], [{"c": 1, "d": {"c": 3}}], 400),
        (
            [{"c": 1, "hidden": 2}, {"c": 1, "d": [{"x": 1, "c": 4}, None]}],
            [{"c": 1}, {"c": 1, "d": [{"c": 4}, None]}],
            400,
        ),
        ({"c": "1", "x": 2}, None, 400),
        ({"x": 2}, None, 400),
        ([None], None, 400),
        ([7], None, 400),
        (nest(3_000), None, 400),
    ],
)
async def test_fields_of_inputs_that_the_api_does_not_have_are_refused_or_left_out(sent, measured, enforced):
    given = []

    async def answer(request):
        given.append(json.loads(request.body)["variables"]["b"])
        return SubgraphAnswer(200, b'{"data": {"a": 1}}')

    supergraph = compose([SubgraphSource("it", "http://it", INPUTS)]).supergraph_sdl
    body = {"query": "query A($b: [B!]) { a(b: $b) }", "variables": {"b": sent}}
    for mode in ("enforce", "measure"):
        config = {"supergraph": {"strict_variable_validation": mode}}
        app = create_app(supergraph, config=config, transport=MemoryTransport({"it": answer}))
        async with connect(app) as client:
            # The second time the operation is known.
            statuses = {(await client.post("/", json=body)).status_code for _ in range(2)}
        await app.close()
        assert statuses == {enforced if mode == "enforce" or measured is None else 200}
    assert given == [measured] * (4 if enforced == 200 else 2 if measured is not None else 0)
