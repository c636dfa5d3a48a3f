"""Reloads, one after the other, while clients ask: no request fails, and nothing of what is replaced stays behind."""

import asyncio
import json
import os
import threading

import httpx
from starlette.responses import Response

from router.app import build_server
from router.executor.transport import SubgraphRequest
from router.hooks import Plugin
from router.reload import Reloader, Sources, read_settled
from router.server.asgi import RouterApp
from tests.support.json_server import serving
from tests.support.small_graph import SUPERGRAPH, SmallGraph

RELOADS = 40
CLIENTS = 8
QUERY = "{ products(first: 1) { name seller { name } } }"
EXPECTED = {"data": {"products": [{"name": "One", "seller": {"name": "Ann"}}]}}
CLOSED = []


def build_noting():
    """A plugin that tells when it is closed."""

    async def note(request):
        request.context.entries["seen"] = True

    async def close():
        CLOSED.append(1)

    return Plugin(router_request=note, supergraph_request=note, subgraph_request=note, close=close)


CONFIGS = (
    {},
    {"plugins": [f"{__name__}:build_noting"]},
    {
        "response_cache": {"enabled": True},
        "headers": {"all": {"response": [{"propagate": {"matching": "^x-"}}]}},
    },
    {
        "traffic_shaping": {
            "router": {
                "global_rate_limit": {"capacity": 1_000_000, "interval": "1s"},
                "client_rate_limit": {"capacity": 1_000_000, "interval": "1s"},
                "concurrency_limit": 1000,
            },
            "all": {"retry": {}, "circuit_breaker": {"enabled": True}, "deduplicate_query": True},
        },
        "telemetry": {
            "exporters": {"metrics": {"prometheus": {"enabled": True}}},
            "instrumentation": {"events": {"router": {"response": "info"}}},
        },
    },
)


class Load:
    """Clients that ask one router, each as fast as it is answered."""

    def __init__(self, app):
        self.app, self.count, self.is_over = app, 0, False

    async def ask(self):
        transport = httpx.ASGITransport(self.app, client=("10.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://router") as client:
            while not self.is_over:
                given = await client.post("/", json={"query": QUERY})
                assert (given.status_code, given.json()) == (200, EXPECTED)
                self.count += 1
                # What is kept is answered without waiting for anything; a socket would let others run.
                await asyncio.sleep(0)


def build_answer(graph):
    """What the subgraphs answer over HTTP, each at a path of its name."""
    subgraphs = {"products": graph.products, "users": graph.users}

    async def answer(request):
        name = request.url.path.strip("/")
        given = await subgraphs[name](SubgraphRequest(name, await request.body()))
        return Response(given.body, media_type="application/json", headers={"cache-control": "max-age=60"})

    return answer


async def test_no_request_fails(tmp_path):
    supergraph, config = tmp_path / "s.graphql", tmp_path / "router.json"
    supergraph.write_text(SUPERGRAPH)
    sources = Sources(supergraph, None, config)
    async with serving(build_answer(SmallGraph())) as url:
        urls = {"override_subgraph_url": {name: f"{url}/{name}" for name in ("products", "users")}}
        config.write_text(json.dumps(urls))
        app = RouterApp(build_server(sources.read_supergraph(), sources.read_config()))
        reloader, load = Reloader(app, sources), Load(app)
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(load.ask())
            for number in range(1, RELOADS + 1):
                before = app._server
                config.write_text(json.dumps({**urls, **CONFIGS[number % len(CONFIGS)]}))
                await reloader.reload()
                assert app._server is not before
            load.is_over = True
        await app.close()
    assert load.count >= RELOADS
    assert len(CLOSED) == RELOADS // len(CONFIGS)
    assert not app._closing


async def test_a_reload_that_fails_changes_nothing(tmp_path):
    supergraph, config = tmp_path / "s.graphql", tmp_path / "router.json"
    supergraph.write_text(SUPERGRAPH)
    config.write_text("{}")
    sources = Sources(supergraph, None, config)
    app = RouterApp(build_server(sources.read_supergraph(), sources.read_config()))
    before = app._server
    for broken in (
        '{"plugins": ["no.such:thing"]}',
        '{"coprocessor": {"url": "x"}}',
        '{"headers": {"al": {}}}',
    ):
        config.write_text(broken)
        await Reloader(app, sources).reload()
        assert app._server is before
    await app.close()


def test_a_file_that_is_just_being_written_is_read_whole(tmp_path):
    file = tmp_path / "router.yaml"
    file.write_text("")
    writer = threading.Timer(0.2, lambda: file.write_text("limits: {max_depth: 1}"))
    writer.start()
    assert read_settled(file) == "limits: {max_depth: 1}"
    writer.join()


def test_a_file_of_tomorrow_and_an_empty_one_are_read_too(tmp_path):
    file = tmp_path / "router.yaml"
    for text, seconds in (("{}", 1_000_000), ("{}", -1_000_000), ("", -1_000_000)):
        file.write_text(text)
        now = file.stat().st_mtime
        os.utime(file, (now, now + seconds))
        assert read_settled(file) == text
