"""A server that gives every request the same answer of about 1 KB."""

import asyncio
from multiprocessing.queues import Queue

import uvloop

_BODY = b'{"data":{"text":"' + b"y" * 1000 + b'"}}'
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(_BODY),
    _BODY,
)


class _Canned(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, _data: bytes) -> None:
        self.transport.write(_ANSWER)  # type: ignore[attr-defined]


async def _serve(ports: "Queue[int]") -> None:
    server = await asyncio.get_running_loop().create_server(_Canned, "127.0.0.1", 0)
    ports.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def serve(ports: "Queue[int]") -> None:
    """Answer anything until killed; the port goes into `ports`."""
    uvloop.run(_serve(ports))
