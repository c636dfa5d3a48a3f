"""What is away for a while: the router does what docs/outages.md says meanwhile, and all as before when it is back."""

import asyncio
import json
import shutil
import time
from contextlib import asynccontextmanager

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from starlette.responses import Response

from router.app import create_app
from router.executor import redis_client
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphRequest
from router.pipeline.automatic_queries import hash_text
from router.server import jwks as jwks_module
from tests.support.json_server import serving
from tests.support.listening import listening, read_http
from tests.support.ports import free_ports
from tests.support.small_graph import SUPERGRAPH, SmallGraph

QUERY = {"query": "{ me { name } }"}
ANN = {"data": {"me": {"name": "Ann"}}}


@asynccontextmanager
async def asking(app):
    asgi = httpx.ASGITransport(app, client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        yield client
    await app.close()


async def until(ask, expected):
    """Ask until the answer is this."""
    async with asyncio.timeout(10):
        while await ask() != expected:  # noqa: ASYNC110 -- the outside has no event to wait for
            await asyncio.sleep(0.01)


class Redis:
    """A Redis that can be ended and started again at the same place."""

    def __init__(self, folder):
        self.program = shutil.which("redis-server")
        if self.program is None:
            pytest.skip("THERE IS NO redis-server ON THIS MACHINE: its outages are not tested here")
        self.socket, self.folder, self.process = folder / "s", folder, None

    async def start(self):
        options = ["--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder]
        self.process = await asyncio.create_subprocess_exec(
            self.program, *map(str, options), stdout=asyncio.subprocess.DEVNULL
        )
        await until(self.is_up, True)

    async def is_up(self):
        try:
            _, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self):
        self.process.kill()
        await self.process.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
async def redis(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_client, "PAUSE_S", 0.0)
    server = Redis(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_allowances_are_each_routers_own_while_redis_is_away(redis):
    limit = {"capacity": 2, "interval": "1h", "redis": {"urls": [f"unix://{redis.socket}"], "timeout": "5s"}}
    config = {"traffic_shaping": {"router": {"client_rate_limit": limit}}}
    async with asking(SmallGraph().build_app(config)) as one, asking(SmallGraph().build_app(config)) as other:

        async def statuses():
            return [(await client.post("/", json=QUERY)).status_code for client in (one, other, one, other)]

        assert await statuses() == [200, 200, 429, 429]
        await redis.stop()
        assert await statuses() == [200, 200, 200, 200]
        await redis.start()
        assert await statuses() == [200, 200, 429, 429]


async def test_subgraphs_are_asked_while_the_cache_is_away(redis):
    kept = {"all": {"redis": {"urls": [f"unix://{redis.socket}"], "timeout": "5s"}}}
    config = {"response_cache": {"enabled": True, "subgraph": kept}}
    graph = SmallGraph()

    async def users(request):
        answer = await graph.users(request)
        return replace(answer, headers={**answer.headers, "cache-control": "max-age=60"})

    transport = MemoryTransport({"products": graph.products, "users": users})
    async with asking(graph.build_app(config, transport=transport)) as client:

        async def asked():
            before = len(graph.users.requests)
            assert (await client.post("/", json=QUERY)).json() == ANN
            return len(graph.users.requests) - before

        assert [await asked(), await asked()] == [1, 0]
        await redis.stop()
        assert [await asked(), await asked()] == [1, 1]
        await redis.start()
        # Connections that have died are found out one by one.
        await until(asked, 0)


async def test_a_hash_is_unknown_while_redis_is_away_and_clients_send_texts(redis):
    config = {"apq": {"router": {"cache": {"redis": {"urls": [f"unix://{redis.socket}"], "timeout": "5s"}}}}}
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_text(QUERY["query"])}}

    async def ask(body):
        # A router of its own each time: what it keeps in memory would answer.
        async with asking(SmallGraph().build_app(config)) as client:
            return (await client.post("/", json=body)).json()

    assert await ask({**QUERY, "extensions": extensions}) == ANN
    assert await ask({"extensions": extensions}) == ANN
    await redis.stop()
    unknown = await ask({"extensions": extensions})
    assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
    assert await ask({**QUERY, "extensions": extensions}) == ANN
    await redis.start()

    async def learn():
        assert await ask({**QUERY, "extensions": extensions}) == ANN
        return await ask({"extensions": extensions})

    await until(learn, ANN)


async def test_tokens_are_refused_until_their_keys_have_been_seen_and_believed_from_then_on(monkeypatch):
    monkeypatch.setattr(jwks_module, "RETRY_S", 0.0)
    key = Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    token = jwt.encode({"sub": "u", "exp": int(time.time()) + 600}, key, "EdDSA", headers={"kid": "1"})
    status = 503

    async def issue(_request):
        return Response(json.dumps({"keys": [{**public, "kid": "1"}]}), status, media_type="application/json")

    async with serving(issue) as url:
        source = {"url": f"{url}/jwks", "poll_interval": "1ms"}
        config = {"authentication": {"router": {"jwt": {"jwks": [source]}}}}
        app = SmallGraph().build_app(config)
        async with asking(app) as client:

            async def ask():
                answer = await client.post("/", json=QUERY, headers={"authorization": f"Bearer {token}"})
                return answer.status_code

            assert await ask() == 401
            assert (await client.post("/", json=QUERY)).json() == ANN
            status = 200
            await until(ask, 200)
            status = 503
            async with asyncio.timeout(10):
                while not app._server.generation.keys._sources[0].is_failed:
                    assert await ask() == 200
                    # What needs no socket would let nothing else run.
                    await asyncio.sleep(0.01)
            assert await ask() == 200
            # A reload knows them too, and what else it may say of them holds.
            for audiences, expected in ([], 200), (["shop"], 401):
                source["audiences"] = audiences
                new = SmallGraph().build_app(config)._server
                await app.warm_up(new)
                app.swap(new)
                assert await ask() == expected


@pytest.mark.parametrize(
    "traffic",
    [{}, {"circuit_breaker": {"enabled": True, "volume_threshold": 1, "reset_timeout": "50ms"}}],
    ids=str,
)
async def test_a_subgraph_that_is_away_is_missing_in_the_answer_until_it_is_back(traffic):
    graph = SmallGraph()
    (port,) = free_ports(1)

    async def answer(reader, writer):
        _, body = await read_http(reader)
        given = await graph.users(SubgraphRequest("users", body))
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(given.body), given.body)
        )

    config = {
        "override_subgraph_url": {"users": f"http://127.0.0.1:{port}/graphql"},
        "traffic_shaping": {"all": traffic},
        "include_subgraph_errors": {"all": True},
    }
    async with asking(create_app(SUPERGRAPH, config=config)) as client:

        async def ask():
            return (await client.post("/", json=QUERY)).json()

        for _ in range(5):
            away = await ask()
            assert away["data"] == {"me": None}
            assert away["errors"][0]["extensions"]["code"] in {
                "SUBREQUEST_HTTP_ERROR",
                "SUBGRAPH_CIRCUIT_BREAKER_REJECTED",
            }
        async with listening(answer, port=port):
            await until(ask, ANN)
        assert (await ask())["data"] == {"me": None}
