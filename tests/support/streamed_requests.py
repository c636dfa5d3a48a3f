"""One request to a router without a socket, message by message: what streams need."""

import asyncio
import json
from contextlib import asynccontextmanager

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
    """The small graph's subgraphs; those of `closed` answer when they are let."""

    def __init__(self, *closed: str) -> None:
        self.inner = SmallGraph().transport
        self.closed = set(closed)
        self.opened = asyncio.Event()
        self.asked: list[str] = []
        self.cancelled: list[str] = []

    async def send(self, request):
        self.asked.append(request.subgraph)
        if request.subgraph in self.closed:
            try:
                await self.opened.wait()
            except asyncio.CancelledError:
                self.cancelled.append(request.subgraph)
                raise
        return await self.inner.send(request)

    async def close(self):
        pass


class Exchange:
    """One request and what has come of its answer so far."""

    def __init__(self, app, body, headers, method="POST", query_string=b""):
        given = {"content-type": "application/json", "accept": ACCEPT, **headers}
        self.scope = {
            "type": "http",
            "method": method,
            "path": "/",
            "query_string": query_string,
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        self.messages: asyncio.Queue = asyncio.Queue()
        self.gone = asyncio.Event()
        self.inputs = [{"type": "http.request", "body": json.dumps(body).encode() if body else b""}]
        self.task = asyncio.create_task(app(self.scope, self.receive, self.messages.put))

    async def receive(self):
        if self.inputs:
            return self.inputs.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self):
        return await asyncio.wait_for(self.messages.get(), 20)

    async def start(self):
        message = await self.next()
        return message["status"], {name.decode(): value.decode() for name, value in message["headers"]}

    async def rest(self):
        pieces = []
        while True:
            message = await self.next()
            pieces.append(message["body"])
            if not message.get("more_body"):
                await self.task
                return b"".join(pieces)


@asynccontextmanager
async def serve(transport=None, config=None, plugins=None):
    """A router over the small graph."""
    app = SmallGraph().build_app(config, transport=transport, plugins=plugins)
    try:
        yield app
    finally:
        await app.close()


async def ask(body, headers=None, config=None, transport=None, plugins=None):
    """The status, headers and body of an answer."""
    async with serve(transport, config, plugins) as app:
        exchange = Exchange(app, body, headers or {})
        status, given = await exchange.start()
        return status, given, await exchange.rest()


def read_parts(body):
    """The parts in a body that is right to the byte."""
    head = b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
    assert body.startswith(head)
    assert body.endswith(b"\r\n--graphql--\r\n")
    return [
        json.loads(part) for part in body.removeprefix(head).removesuffix(b"\r\n--graphql--\r\n").split(head)
    ]
