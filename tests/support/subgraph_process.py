"""A subgraph that is served, in a process of its own as people run it or in the test's, and a socket to it."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support import json_server
from tests.support.ports import free_ports
from tests.support.served_router import until

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30
PROTOCOL = Subprotocol("graphql-transport-ws")
Keys = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class Socket:
    """A client of graphql-transport-ws; messages of other operations than the asked one are kept for them."""

    connection: ClientConnection
    kept: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE_S):
            message: dict[str, Any] = orjson.loads(await self.connection.recv())
        return message

    async def begin(self, payload: Mapping[str, Any] | None = None) -> None:
        """Introduce ourselves, and be let in."""
        await self.send(type="connection_init", **({} if payload is None else {"payload": payload}))
        assert (await self.receive())["type"] == "connection_ack"

    async def subscribe(self, operation_id: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send(type="subscribe", id=operation_id, payload=payload)

    async def take(self, operation_id: str) -> dict[str, Any]:
        """The next message of an operation."""
        for message in self.kept:
            if message.get("id") == operation_id:
                self.kept.remove(message)
                return message
        while (message := await self.receive()).get("id") != operation_id:
            self.kept.append(message)
        return message

    async def take_data(self, operation_id: str) -> dict[str, Any]:
        """The payload of the next message, which is an answer without errors."""
        message = await self.take(operation_id)
        assert message["type"] == "next", message
        assert not message["payload"].get("errors"), message
        payload: dict[str, Any] = message["payload"]
        return payload

    async def take_error(self, operation_id: str) -> str:
        """The code of the error that ends an operation."""
        message = await self.take(operation_id)
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def follow(self, operation_id: str, query: str, **variables: Any) -> None:
        """Subscribe from now on, whenever the server gets to it: the query takes `$since`."""
        await self.subscribe(operation_id, query, since=datetime.now(UTC).isoformat(), **variables)

    async def closed(self) -> tuple[int, str]:
        """How the other side closes the connection."""
        async with asyncio.timeout(DEADLINE_S):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code, self.connection.close_reason or ""


@dataclass
class Served:
    """A subgraph that listens on a port."""

    port: int

    @asynccontextmanager
    async def connect(self, token: str | None = None, **options: Any) -> AsyncIterator[Socket]:
        """A connection; the token goes with the handshake."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=options.pop("subprotocols", [PROTOCOL]),
            additional_headers=headers,
            proxy=None,
            **options,
        ) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def begin(self, token: str | None = None, **options: Any) -> AsyncIterator[Socket]:
        """A connection on which the server has let us in."""
        async with self.connect(token, **options) as socket:
            await socket.begin()
            yield socket


@dataclass
class ServedProcess(Served):
    """A subgraph in a process of its own."""

    process: Process

    async def end(self, signal_number: int) -> None:
        self.process.send_signal(signal_number)
        async with asyncio.timeout(DEADLINE_S):
            await self.process.wait()


@asynccontextmanager
async def serving_here(app: FastAPI) -> AsyncIterator[Served]:
    """Serve an application in the test's own event loop, with all that runs beside the requests."""
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        lifespan="on",
        ws="websockets-sansio",
        access_log=False,
        timeout_graceful_shutdown=DEADLINE_S,
    )
    async with json_server.running(config) as port:
        yield Served(port)


@asynccontextmanager
async def serving(
    name: str, database_url: str, secret: str, keys: Keys, more: Mapping[str, str] | None = None
) -> AsyncIterator[ServedProcess]:
    """Run the subgraph `name` on a database that is migrated; `keys` are what auth would publish."""

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse(await keys())

    (port,) = free_ports(1)
    async with json_server.serving(answer) as jwks_url:
        environment = {
            **os.environ,
            f"{name.upper()}_DATABASE_URL": database_url,
            f"{name.upper()}_PORT": str(port),
            "INTERNAL_SECRET": secret,
            "MARKETPLACE_PROFILE": "development",
            "JWKS_URL": jwks_url,
            "LOG_LEVEL": "warning",
            **(more or {}),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"subgraphs.{name}", "serve"), cwd=ROOT, env=environment
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

                async def is_up() -> bool:
                    assert process.returncode is None
                    try:
                        return (await client.get("/health")).status_code == httpx.codes.OK
                    except httpx.TransportError:
                        return False

                await until(is_up)
            yield ServedProcess(port, process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
