"""Options whose parts are tested where they are, set in `router.yaml`'s words: what is asked and answered differs by them."""

import asyncio
import json
import logging

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.responses import JSONResponse

from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from tests.support.json_server import serving
from tests.support.small_graph import SmallGraph

ME, BOTH = "{ me { name } }", "{ products { id } me { name } }"


class Users:
    """The subgraph `users`: answers as `answers` say, then as it does, and not before the gate is open."""

    def __init__(self, *answers):
        self.graph, self.gate, self.left = SmallGraph(), asyncio.Event(), list(answers)
        self.gate.set()
        self.asked = 0

    async def __call__(self, request):
        self.asked += 1
        await self.gate.wait()
        return self.left.pop(0) if self.left else await self.graph.users(request)


async def ask(config, *queries, users=None, headers=None):
    """The answers to queries, one after the other; the application."""
    users = users or Users()
    transport = MemoryTransport({"users": users, "products": users.graph.products})
    app = users.graph.build_app(config, transport=transport)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answers = [await client.post("/", json={"query": query}, headers=headers) for query in queries]
    await app.close()
    return answers, app


async def ask_together(config, count):
    """The answers to as many equal queries at the same time, and how often `users` was asked."""
    users = Users()
    app = users.graph.build_app(config, transport=MemoryTransport({"users": users}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        # From now on nothing stands between a request and its fetch.
        await client.post("/", json={"query": ME})
        users.gate.clear()
        asked = [asyncio.create_task(client.post("/", json={"query": ME})) for _ in range(count)]
        async with asyncio.timeout(10):
            while app._server._in_flight + sum(task.done() for task in asked) < count:  # noqa: ASYNC110 -- no event
                await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep(0)
        users.gate.set()
        answers = [answer.json() for answer in await asyncio.gather(*asked)]
    await app.close()
    return answers, users.asked - 1


def shape(**options):
    return {"traffic_shaping": {"all": options}}


@pytest.mark.parametrize(("is_on", "count"), [(True, 1), (False, 3)])
async def test_equal_fetches_are_sent_once_where_that_is_set(is_on, count):
    answers, asked = await ask_together(shape(deduplicate_query=is_on), 3)
    assert asked == count
    assert answers == [{"data": {"me": {"name": "Ann"}}}] * 3


@pytest.mark.parametrize(("limit", "refused"), [(3, 0), (2, 1), (1, 2)])
async def test_fetches_at_a_time_have_a_limit(limit, refused):
    answers, asked = await ask_together(shape(concurrency_limit=limit), 3)
    codes = [error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())]
    assert codes == ["REQUEST_CONCURRENCY_LIMITED"] * refused
    assert asked == 3 - refused


NO_WAIT = {"initial_backoff": "0s", "max_backoff": "0s"}


@pytest.mark.parametrize(
    ("retry", "failures", "asked"),
    [
        ({"max_attempts": 2}, 1, 2),
        ({"max_attempts": 2}, 2, 2),
        ({"max_attempts": 3}, 2, 3),
        ({"max_attempts": 3, "enabled": False}, 2, 1),
        ({"max_attempts": 3, "min_per_sec": 0, "retry_percent": 0}, 2, 1),
        ({"max_attempts": 3, "min_per_sec": 1, "retry_percent": 0}, 2, 2),
        ({"max_attempts": 3, "min_per_sec": 2, "retry_percent": 0}, 2, 3),
    ],
)
async def test_attempts_end_with_their_number_and_their_budget(retry, failures, asked):
    users = Users(*[SubgraphAnswer(503, b"")] * failures)
    (answer,), _ = await ask(shape(retry={**NO_WAIT, **retry}), ME, users=users)
    assert users.asked == asked
    assert (answer.json()["data"]["me"] is None) == (asked <= failures)


@pytest.mark.parametrize(("limit", "kept"), [(1, 1), (2, 2)])
async def test_as_many_plans_are_kept_as_is_said(limit, kept):
    config = {"supergraph": {"query_planning": {"cache": {"in_memory": {"limit": limit}}}}}
    _, app = await ask(config, ME, "{ me { id } }")
    assert len(app._server.generation.caches.plans) == kept


@pytest.mark.parametrize("is_logged", [True, False])
async def test_what_is_taken_out_is_logged_unless_it_is_not_to_be(caplog, is_logged):
    caplog.set_level(logging.INFO, "router")
    await ask({"authorization": {"directives": {"errors": {"log": is_logged}}}}, "{ me { email } }")
    assert ("unauthorized fields or types: me/email" in caplog.text) == is_logged


async def test_headers_of_answers_are_taken_back_by_a_pattern():
    seen = {"x-a": "1", "x-internal-b": "2", "c-internal": "3"}
    users = Users(SubgraphAnswer(200, b'{"data":{"me":{"name":"B"}}}', seen))
    rules = [{"propagate": {"matching": "."}}, {"remove": {"matching": "^x-int"}}]
    (answer,), _ = await ask({"headers": {"all": {"response": rules}}}, ME, users=users)
    assert {name: answer.headers.get(name) for name in seen} == {**seen, "x-internal-b": None}


@pytest.mark.parametrize(("size", "is_left_out"), [(3, False), (4, True)])
async def test_a_subgraphs_lists_are_as_long_as_is_said_of_it(size, is_left_out):
    subgraphs = {"all": {"max": 3}, "subgraphs": {"products": {"list_size": size}}}
    strategy = {"list_size": 1, "max": 100, "subgraph": subgraphs}
    config = {
        "demand_control": {"enabled": True, "mode": "enforce", "strategy": {"static_estimated": strategy}}
    }
    (answer,), _ = await ask(config, "{ search { __typename } me { name } }")
    assert (answer.json()["data"]["search"] is None) == is_left_out
    assert answer.json()["data"]["me"] == {"name": "Ann"}


@pytest.mark.parametrize(("interval", "fetched"), [("0s", 2), ("1h", 1)])
async def test_keys_are_asked_for_with_headers_and_again_after_a_time(interval, fetched):
    key, seen = Ed25519PrivateKey.generate(), []
    public = {**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key())), "kid": "1"}

    async def answer(request):
        seen.append(request.headers.get("x-api-key"))
        return JSONResponse({"keys": [public]})

    async with serving(answer) as url:
        source = {"url": url, "poll_interval": interval, "headers": [{"name": "X-Api-Key", "value": "k"}]}
        config = {"authentication": {"router": {"jwt": {"jwks": [{**source, "allow_missing_exp": True}]}}}}
        token = jwt.encode({"sub": "u"}, key, "EdDSA", headers={"kid": "1"})
        app = SmallGraph().build_app(config)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            for _ in range(2):
                headers = {"authorization": f"Bearer {token}"}
                answered = await client.post("/", json={"query": "{ me { email } }"}, headers=headers)
                assert answered.json() == {"data": {"me": {"email": "ann@example.org"}}}
                await app._server.generation.keys._refresh
        await app.close()
    assert seen == ["k"] * fetched


KEPT = {"content-type": "application/json", "cache-control": "public, max-age=60"}


@pytest.mark.parametrize("name", ["response_cache", "preview_entity_cache"])
async def test_what_is_kept_is_thrown_away_where_and_by_whom_it_is_said(name):
    invalidation = {"enabled": True, "shared_key": "k"}
    cache = {"enabled": True, "invalidation": {"path": "/purge", "listen": "127.0.0.1:8099"}}
    config = {name: {**cache, "subgraph": {"all": {"invalidation": invalidation}}}}
    users = Users(*[SubgraphAnswer(200, b'{"data":{"me":{"name":"B"}}}', KEPT)] * 2)
    app = users.graph.build_app(config, transport=MemoryTransport({"users": users}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:

        async def purge(port, key):
            body = [{"kind": "subgraph", "subgraph": "users"}]
            url = f"http://router:{port}/purge"
            return (await client.post(url, json=body, headers={"authorization": key})).status_code

        for _ in range(2):
            await client.post("http://router/", json={"query": ME})
        assert users.asked == 1
        assert [await purge(80, "k"), await purge(8099, "x"), await purge(8099, "k")] == [404, 401, 202]
        await client.post("http://router/", json={"query": ME})
        assert users.asked == 2
    await app.close()


async def test_health_and_metrics_are_at_their_own_ports_and_nothing_else_is():
    config = {
        "health_check": {"listen": "127.0.0.1:8088", "path": "/up"},
        "telemetry": {
            "exporters": {"metrics": {"prometheus": {"enabled": True, "listen": "127.0.0.1:9091"}}}
        },
    }
    app = SmallGraph().build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        found = {
            (port, path): (await client.get(f"http://router:{port}{path}")).status_code
            for port in (80, 8088, 9091)
            for path in ("/up", "/metrics")
        }
        asked = await client.post("http://router:8088/", json={"query": ME})
    await app.close()
    assert {place for place, status in found.items() if status == 200} == {(8088, "/up"), (9091, "/metrics")}
    assert asked.status_code == 404


@pytest.mark.parametrize(
    ("homepage", "sandbox", "is_shown"),
    [(True, False, True), (False, True, True), (False, False, False), (None, None, True)],
)
async def test_browsers_get_a_page_where_one_is_wanted(homepage, sandbox, is_shown):
    app = SmallGraph().build_app({"homepage": {"enabled": homepage}, "sandbox": {"enabled": sandbox}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.get("/", headers={"accept": "text/html"})
    await app.close()
    assert ("text/html" in answer.headers.get("content-type", "")) == is_shown
