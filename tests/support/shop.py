"""Services as real processes that may be killed, orders and payments mostly, and everything that they need around them.

Beside them, in the process of the test: the payment provider (the real sandbox), and a stand-in for what the other
services are asked. Postgres is one of our own, with fsync on, and may be killed too. In a wired shop all that the
processes say to each other passes `wires`. There may be two of each service: `orders` and `orders-2`.
"""

import asyncio
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
from tests.support.json_server import running
from tests.support.ports import free_ports
from tests.support.shop_world import serving_world
from tests.support.wire import Connect, Protocol, Streams, Wires

ROOT = Path(__file__).parents[2]
SERVICES = ("orders", "payments")
GATEWAY_KEY = "the shop's key"
GATEWAY_SECRET = "what the gateway signs with"
START_S = 60.0
LOST = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InternalClientError)
"""What a connection says whose Postgres has gone."""
ROLES_PASSWORD = "a password of the tests"


@dataclass
class Shop:
    """The processes, and ways to ask them and to look at what they have stored."""

    postgres: PostgresServer
    urls: Mapping[str, str]
    environ: Mapping[str, str]
    provider: Provider
    http: httpx.AsyncClient
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    """At which port each instance listens."""
    wires: Wires = field(default_factory=Wires)
    doors: dict[str, int] = field(default_factory=dict)
    """At which port customers ask each service."""
    environs: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What each instance has in its environment beside `environ`."""
    processes: dict[str, BaseProcess] = field(default_factory=dict)
    postgres_deaths: int = 0
    connections: dict[str, Any] = field(default_factory=dict)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    reviving: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: Counter[str] = field(default_factory=Counter)

    @property
    def is_driven(self) -> bool:
        return "DRIVEN" in self.environ

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self.urls)

    def port(self, service: str) -> int:
        return self.doors[service]

    async def start(self, instance: str, **more: str) -> None:
        """Start an instance of a service; return when it is healthy."""
        self.kill(instance)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(crashing.PRELOADED)
        log = self.folder / f"{instance}.log"
        port = {f"{service_of(instance).upper()}_PORT": str(self.ports[instance])}
        environ = {**self.environ, **self.environs[instance], **port, "LOG_FILE": str(log), **more}
        process = context.Process(target=crashing.serve, args=(service_of(instance), environ), daemon=True)
        process.start()
        self.processes[instance] = process
        self.wires.starting.add(instance)
        async with asyncio.timeout(START_S):
            while not await self._is_healthy(instance):
                assert process.is_alive(), log.read_text()[-3000:]
                await asyncio.sleep(0.01)
        self.wires.starting.discard(instance)

    async def revive(self) -> None:
        """Start again what has died."""
        async with self.reviving:
            if self.postgres.poll() is not None:
                self.postgres_deaths += 1
                await self._start_postgres_again()
            for instance, process in [*self.processes.items()]:
                if not process.is_alive():
                    assert process.exitcode == KILLED, f"{instance} ended by itself"
                    await self.start(instance)

    async def drive(self, path: str = crashing.OFTEN) -> None:
        """Have every instance of a driven shop do its upkeep once, one after the other."""
        for instance in self.ports:
            with suppress(httpx.TransportError):
                await self.http.post(f"http://127.0.0.1:{self.ports[instance]}{path}")
            await self.revive()

    def strike(self, instance: str) -> None:
        """Kill an instance with -9; whoever misses it revives it."""
        process = self.processes[instance]
        process.kill()
        # Not in a thread: two that wait for one process disturb each other.
        process.join(30)

    def kill_postgres(self, backend: int | None) -> None:
        """Kill Postgres with -9, or one of its processes, whereupon it ends the others and begins anew."""
        with suppress(ProcessLookupError):
            os.kill(backend or self.postmaster, signal.SIGKILL)

    async def find_living(self, service: str) -> tuple[str, Streams]:
        """An instance of a service and a connection to it: one after the other has its turn."""
        instances = [instance for instance in self.ports if service_of(instance) == service]
        for _ in instances:
            self.turns[service] += 1
            instance = instances[self.turns[service] % len(instances)]
            with suppress(OSError):
                return instance, await asyncio.open_connection("127.0.0.1", self.ports[instance])
        raise ConnectionRefusedError(service)

    async def restart_postgres(self) -> None:
        """End Postgres as an operator does, and start it."""
        async with self.reviving:
            await self._start_postgres_again()

    async def _start_postgres_again(self) -> None:
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)

    @property
    def postmaster(self) -> int:
        """The process of Postgres that has the others."""
        return int((self.postgres.data / "postmaster.pid").read_text().splitlines()[0])

    @property
    def backends(self) -> list[int]:
        """The other processes of Postgres."""
        postmaster = self.postmaster
        return [*map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())]

    @contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """Let nothing of Postgres run: it keeps its connections, and says nothing."""
        postmaster = self.postmaster
        os.kill(postmaster, signal.SIGSTOP)
        backends = self.backends
        try:
            _signal(backends, signal.SIGSTOP)
            yield
        finally:
            _signal([*backends, postmaster], signal.SIGCONT)

    def kill(self, instance: str) -> None:
        """End an instance with -9, for good: nobody revives it."""
        process = self.processes.pop(instance, None)
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
                await asyncio.sleep(0.01)
                await self.revive()

    async def _is_healthy(self, instance: str) -> bool:
        try:
            response = await self.http.get(f"http://127.0.0.1:{self.ports[instance]}/health/ready")
        except httpx.TransportError:
            return False
        return response.status_code == 200


def service_of(instance: str) -> str:
    return instance.partition("-")[0]


@asynccontextmanager
async def open_shop(
    folder: Path,
    *,
    manners: Manners | None = None,
    services: tuple[str, ...] = SERVICES,
    copies: int = 1,
    is_wired: bool = False,
    more: Mapping[str, str] | None = None,
    postgres_settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Shop]:
    """A shop with an empty database each, whose services are running, `copies` of each; `more` is in their environment."""
    async with AsyncExitStack() as stack:
        postgres = PostgresServer(
            folder / "pg", settings={"max_connections": "200", **(postgres_settings or {})}
        )
        await asyncio.to_thread(postgres.start)
        stack.callback(postgres.stop)
        urls = await _make_databases(postgres, services)
        world_port = stack.enter_context(serving_world(orjson.dumps(await keys())))
        instances = [name + suffix for suffix in ("", "-2")[:copies] for name in services]
        (provider_port,) = free_ports(1)
        environ = {
            "JWKS_URL": f"http://127.0.0.1:{world_port}/jwks.json",
            "INTERNAL_SECRET": SECRET,
            "PAYMENTS_GATEWAY": "sandbox",
            "PAYMENTS_GATEWAY_KEY": GATEWAY_KEY,
            "PAYMENTS_GATEWAY_SECRET": GATEWAY_SECRET,
            **(more or {}),
        }
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        ports: dict[str, int] = {}
        provider = await stack.enter_async_context(
            _serving_provider(http, provider_port, ports, manners or Manners())
        )
        shop = Shop(postgres, urls, environ, provider, http, folder, ports)
        places = {"provider": provider_port, "world": world_port}
        if is_wired:
            await _lay_wires(shop, instances, places, stack)
        # Last, or a wire would take one that was free.
        ports.update(zip(instances, free_ports(len(instances)), strict=True))
        if not is_wired:
            _go_straight(shop, places)
        try:
            for instance in instances:
                await shop.start(instance)
            yield shop
        finally:
            shop.wires.judge = None
            for instance in instances:
                shop.kill(instance)
            for connection in shop.connections.values():
                connection.terminate()


def _go_straight(shop: Shop, places: Mapping[str, int]) -> None:
    """Tell every instance where the others are."""
    urls = {f"{name.upper()}_DATABASE_URL": url for name, url in shop.urls.items()}
    ports = dict.fromkeys(PORTS, places["world"]) | {name: shop.ports[name] for name in shop.services}
    shop.doors = {name: shop.ports[name] for name in shop.services}
    for instance in shop.ports:
        shop.environs[instance] = urls | _tell_places(ports, places["provider"])


async def _lay_wires(
    shop: Shop, instances: Iterable[str], places: Mapping[str, int], stack: AsyncExitStack
) -> None:
    """Tell every instance of wires at whose other ends the others are."""

    async def lay(near: str, protocol: Protocol, connect: Connect) -> int:
        return await stack.enter_async_context(shop.wires.laid(near, protocol, connect))

    def reach(name: str, port: int) -> Connect:
        async def connect() -> tuple[str, Streams]:
            return name, await asyncio.open_connection("127.0.0.1", port)

        return connect

    async def connect_postgres() -> tuple[str, Streams]:
        return "postgres", await asyncio.open_unix_connection(str(shop.postgres.sockets / ".s.PGSQL.5432"))

    for name in shop.services:
        shop.doors[name] = await lay("customer", Protocol.HTTP, partial(shop.find_living, name))
    for instance in instances:
        peers = {}
        for name in PORTS:
            is_here = name in shop.services
            connect = partial(shop.find_living, name) if is_here else reach("world", places["world"])
            peers[name] = await lay(instance, Protocol.HTTP, connect)
        provider = await lay(instance, Protocol.HTTP, reach("provider", places["provider"]))
        database = await lay(instance, Protocol.POSTGRES, connect_postgres)
        name = service_of(instance)
        url = f"postgresql://{name}:{quote(ROLES_PASSWORD)}@127.0.0.1:{database}/{name}_db"
        told = _tell_places(peers, provider) | {f"{name.upper()}_DATABASE_URL": url}
        if bus := shop.environ.get("EVENTS_URL"):
            nats = await lay(instance, Protocol.NATS, reach("nats", int(bus.rpartition(":")[2])))
            told["EVENTS_URL"] = f"nats://127.0.0.1:{nats}"
        shop.environs[instance] = told


def _tell_places(peers: Mapping[str, int], provider: int) -> dict[str, str]:
    return {
        **{f"{name.upper()}_URL": f"http://127.0.0.1:{at}" for name, at in peers.items()},
        "PAYMENTS_GATEWAY_URL": f"http://127.0.0.1:{provider}",
    }


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
    http: httpx.AsyncClient, port: int, ports: Mapping[str, int], manners: Manners
) -> AsyncIterator[Provider]:
    async def post(body: bytes, signature: str) -> int:
        try:
            url = f"http://127.0.0.1:{ports['payments']}/webhooks/gateway"
            return (await http.post(url, content=body, headers={SIGNATURE_HEADER: signature})).status_code
        except httpx.TransportError as error:
            raise OSError(str(error)) from error

    url = f"http://127.0.0.1:{port}"
    provider = Provider(url, GATEWAY_KEY, Book(":memory:", 0.0), Messages(post, GATEWAY_SECRET, manners))
    config = uvicorn.Config(
        create_app(provider), host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    with closing(provider.book):
        async with running(config):
            yield provider


KILLED = -signal.SIGKILL
"""The exit code of a process that died at its point."""
