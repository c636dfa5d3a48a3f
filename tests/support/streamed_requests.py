"""One request to a router without a socket, message by message: what streams need."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.hooks.plugin import Plugin
from router.kit.json import JsonValue
from router.server.asgi import RouterApp
from tests.support.small_graph import SmallGraph

SELLERS = '{ products { id seller { id ... @defer(label: "s") { name } } } }'
ACCEPT = "multipart/mixed;deferSpec=20220824, application/json"
CONTENT_TYPE = 'multipart/mixed;boundary="graphql";deferSpec=20220824'

FIRST = {
    "data": {"products": [{"id": "p1", "seller": {"id": "u1"}}, {"id": "p2", "seller": {"id": "u1"}}]},
    "hasNext": True,
}
LATER = {
    "hasNext": False,
    "incremental": [
        {"label": "s", "data": {"name": "Ann"}, "path": ["products", i, "seller"]} for i in range(2)
    ],
}


class Gate:
    """The small graph's subgraphs; those of `closed` answer when they are let.

    Attributes:
        asked: the subgraphs that were asked, in order.
        waiting: set when one is asked that does not answer yet.
        cancelled: those of which the answer was not waited for.
    """

    def __init__(self, *closed: str) -> None:
        self.inner = SmallGraph().transport
        self.closed = set(closed)
        self.opened = asyncio.Event()
        self.waiting = asyncio.Event()
        self.asked: list[str] = []
        self.cancelled: list[str] = []

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request."""
        self.asked.append(request.subgraph)
        if request.subgraph in self.closed:
            self.waiting.set()
            try:
                await self.opened.wait()
            except asyncio.CancelledError:
                self.cancelled.append(request.subgraph)
                raise
        return await self.inner.send(request)

    async def close(self) -> None:
        """Nothing to let go of."""


class Exchange:
    """One request and what has come of its answer so far; the client leaves with `gone`."""

    def __init__(
        self,
        app: RouterApp,
        body: JsonValue,
        headers: Mapping[str, str],
        method: str = "POST",
        query_string: bytes = b"",
    ) -> None:
        given = {"content-type": "application/json", "accept": ACCEPT, **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": "/",
            "query_string": query_string,
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.inputs = [{"type": "http.request", "body": json.dumps(body).encode() if body else b""}]
        self.task = asyncio.create_task(app(scope, self.receive, self.messages.put))

    async def receive(self) -> dict[str, Any]:
        """What the router hears."""
        if self.inputs:
            return self.inputs.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> Any:
        """The next message of the answer."""
        return await asyncio.wait_for(self.messages.get(), 20)

    async def start(self) -> tuple[int, dict[str, str]]:
        """The status and headers."""
        message = await self.next()
        return message["status"], {name.decode(): value.decode() for name, value in message["headers"]}

    async def rest(self) -> bytes:
        """What is left of the body."""
        pieces: list[bytes] = []
        while True:
            message = await self.next()
            pieces.append(message["body"])
            if not message.get("more_body"):
                await self.task
                return b"".join(pieces)


@asynccontextmanager
async def serve(
    transport: SubgraphTransport | None = None,
    config: Mapping[str, Any] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
) -> AsyncIterator[RouterApp]:
    """A router over the small graph."""
    app = SmallGraph().build_app(config, transport=transport, plugins=plugins)
    try:
        yield app
    finally:
        await app.close()


async def ask(
    body: JsonValue,
    headers: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    transport: SubgraphTransport | None = None,
    plugins: Mapping[str, Plugin] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of an answer."""
    async with serve(transport, config, plugins) as app:
        exchange = Exchange(app, body, headers or {})
        status, given = await exchange.start()
        return status, given, await exchange.rest()


def read_parts(body: bytes) -> list[Any]:
    """The parts in a body that is right to the byte."""
    head = b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
    assert body.startswith(head)
    assert body.endswith(b"\r\n--graphql--\r\n")
    return [
        json.loads(part) for part in body.removeprefix(head).removesuffix(b"\r\n--graphql--\r\n").split(head)
    ]
