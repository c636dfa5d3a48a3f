"""Services as real processes that may be killed, orders and payments mostly, and everything that they need around them.

Beside them, in the process of the test: the payment provider (the real sandbox), and a stand-in for what the other
services are asked. Postgres is one of our own, with fsync on, and may be killed too.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import httpx
import orjson
import uvicorn

from stack.databases import Tenant, ensure_tenants
from stack.postgres import PostgresServer
from stack.provider.app import Provider, create_app
from stack.provider.book import Book
from stack.provider.messages import SIGNATURE_HEADER, Manners, Messages
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import PORTS
from tests.subgraph.orders.client import SECRET, keys
from tests.support import crashing
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
SERVICES = ("orders", "payments")
GATEWAY_KEY = "the shop's key"
GATEWAY_SECRET = "what the gateway signs with"
START_S = 60.0
PRICE_MINOR = 1999
LOST = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InternalClientError)
"""What a connection says whose Postgres has gone."""
ROLES_PASSWORD = "a password of the tests"


class _World(ThreadingHTTPServer):
    """What the services answer that are not there: the keys of tokens, a price for everything, that somebody is forgotten."""

    daemon_threads = True

    def __init__(self, key_set: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key_set = key_set


class _Handler(BaseHTTPRequestHandler):
    server: _World

    def do_GET(self) -> None:
        self._answer(self.server.key_set)

    def do_POST(self) -> None:
        asked = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        if "items" not in asked:
            self._answer(b'{"erased": true, "sales": [], "revoked": []}')
            return
        lines = [
            {
                "productId": item["productId"],
                "name": "An app",
                "status": "PUBLISHED",
                "availability": "AVAILABLE",
                "unitPrice": {"minor": PRICE_MINOR, "currency": "USD"},
                "licenseLimit": None,
            }
            for item in asked["items"]
        ]
        self._answer(orjson.dumps({"lines": lines}))

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving_world(key_set: bytes) -> Iterator[int]:
    world = _World(key_set)
    thread = threading.Thread(target=world.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield world.server_address[1]
    finally:
        world.shutdown()
        world.server_close()
        thread.join()


@dataclass
class Shop:
    """The processes, and ways to ask them and to look at what they have stored."""

    postgres: PostgresServer
    urls: Mapping[str, str]
    environ: Mapping[str, str]
    provider: Provider
    http: httpx.AsyncClient
    folder: Path
    services: tuple[str, ...]
    processes: dict[str, BaseProcess] = field(default_factory=dict)
    plan: dict[str, list[str]] = field(default_factory=dict)
    """The points at which each service is still to die, in their order: each new process gets the next one."""
    postgres_deaths: int = 0
    connections: dict[str, Any] = field(default_factory=dict)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    reviving: asyncio.Lock = field(default_factory=asyncio.Lock)
    aims: dict[str, str] = field(default_factory=dict)
    """The point at which the process that runs now is to die."""

    def port(self, service: str) -> int:
        return int(self.environ[f"{service.upper()}_PORT"])

    async def start(self, service: str, *, kill_postgres: bool = False, **more: str) -> None:
        """Start a service that strikes at the next point of the plan, if there is one; return when it is healthy."""
        self.kill(service)
        points = self.plan.get(service)
        point = self.aims[service] = points.pop(0) if points else ""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(crashing.PRELOADED)
        victim = str(self.postgres.data / "postmaster.pid") if kill_postgres else ""
        environ = {**self.environ, "LOG_FILE": str(self.folder / f"{service}.log"), **more}
        process = context.Process(target=crashing.serve, args=(service, environ, point, victim), daemon=True)
        process.start()
        self.processes[service] = process
        async with asyncio.timeout(START_S):
            while not await self._is_healthy(service):
                assert process.is_alive(), (self.folder / f"{service}.log").read_text()[-3000:]
                await asyncio.sleep(0.02)

    async def revive(self) -> None:
        """Start again what has died."""
        async with self.reviving:
            if self.postgres.poll() is not None:
                self.postgres_deaths += 1
                await self._start_postgres_again()
        for service in self.services:
            process = self.processes[service]
            if not process.is_alive():
                assert process.exitcode == KILLED, f"{service} ended by itself"
                await self.start(service)

    async def restart_postgres(self) -> None:
        """End Postgres as an operator does, and start it."""
        async with self.reviving:
            await self._start_postgres_again()

    async def _start_postgres_again(self) -> None:
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)

    @contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """Let nothing of Postgres run: it keeps its connections, and says nothing."""
        postmaster = int((self.postgres.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGSTOP)
        backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        try:
            _signal(map(int, backends), signal.SIGSTOP)
            yield
        finally:
            _signal([*map(int, backends), postmaster], signal.SIGCONT)

    def kill(self, service: str) -> None:
        process = self.processes.pop(service, None)
        if process is not None:
            process.kill()
            process.join(30)

    async def rows(self, service: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement; asked again if Postgres is killed meanwhile."""
        async with self.looking:
            return await self._fetch(service, statement, values)

    async def _fetch(self, service: str, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        while True:
            try:
                connection = self.connections.get(service)
                if connection is None or connection.is_closed():
                    connection = self.connections[service] = await asyncpg.connect(self.urls[service])
                return [tuple(row) for row in await connection.fetch(statement, *values)]
            except (OSError, *LOST):
                self.connections.pop(service, None)
                await self.revive()

    async def _is_healthy(self, service: str) -> bool:
        try:
            response = await self.http.get(f"http://127.0.0.1:{self.port(service)}/health/ready")
        except httpx.TransportError:
            return False
        return response.status_code == 200


@asynccontextmanager
async def open_shop(
    folder: Path,
    *,
    manners: Manners | None = None,
    services: tuple[str, ...] = SERVICES,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Shop]:
    """A shop with an empty database each, whose services are running; `more` is added to their environment."""
    async with AsyncExitStack() as stack:
        postgres = PostgresServer(folder / "pg", settings={"max_connections": "200"})
        await asyncio.to_thread(postgres.start)
        stack.callback(postgres.stop)
        urls = await _make_databases(postgres, services)
        world_port = stack.enter_context(_serving_world(orjson.dumps(await keys())))
        provider_port, *ports = free_ports(1 + len(services))
        ports_by_name = dict.fromkeys(PORTS, world_port) | dict(zip(services, ports, strict=True))
        environ = {
            **{f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
            **{f"{name.upper()}_PORT": str(port) for name, port in ports_by_name.items()},
            **{f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports_by_name.items()},
            "JWKS_URL": f"http://127.0.0.1:{world_port}/jwks.json",
            "INTERNAL_SECRET": SECRET,
            "PAYMENTS_GATEWAY": "sandbox",
            "PAYMENTS_GATEWAY_URL": f"http://127.0.0.1:{provider_port}",
            "PAYMENTS_GATEWAY_KEY": GATEWAY_KEY,
            "PAYMENTS_GATEWAY_SECRET": GATEWAY_SECRET,
            **(more or {}),
        }
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        provider = await stack.enter_async_context(
            _serving_provider(http, provider_port, environ["PAYMENTS_URL"], manners or Manners())
        )
        shop = Shop(postgres, urls, environ, provider, http, folder, services)
        try:
            for service in services:
                await shop.start(service)
            yield shop
        finally:
            for service in services:
                shop.kill(service)
            for connection in shop.connections.values():
                connection.terminate()


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        # A backend whose client went may have ended just now.
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def _make_databases(postgres: PostgresServer, services: tuple[str, ...]) -> dict[str, str]:
    tenants = {name: Tenant(database=f"{name}_db", role=name, password=ROLES_PASSWORD) for name in services}
    await ensure_tenants(postgres.url("postgres"), tenants)
    urls = {name: postgres.url(f"{name}_db", name, ROLES_PASSWORD) for name in services}
    for name, url in urls.items():
        await migrate(url, ROOT / "subgraphs" / name / "migrations")
    return urls


@asynccontextmanager
async def _serving_provider(
    http: httpx.AsyncClient, port: int, payments_url: str, manners: Manners
) -> AsyncIterator[Provider]:
    async def post(body: bytes, signature: str) -> int:
        try:
            url = f"{payments_url}/webhooks/gateway"
            return (await http.post(url, content=body, headers={SIGNATURE_HEADER: signature})).status_code
        except httpx.TransportError as error:
            raise OSError(str(error)) from error

    url = f"http://127.0.0.1:{port}"
    provider = Provider(url, GATEWAY_KEY, Book(":memory:", 0.0), Messages(post, GATEWAY_SECRET, manners))
    config = uvicorn.Config(
        create_app(provider), host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # Signals are the test run's.
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.ensure_future(server.serve())
    try:
        async with asyncio.timeout(START_S):
            while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        await serving
        provider.book.close()


KILLED = -signal.SIGKILL
"""The exit code of a process that died at its point."""
