"""Servers in the event loop of a test that leave nothing behind: no connection, and no task that handles one."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_HUNG_UP = (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError)


@asynccontextmanager
async def listening(
    handle: Handle, *, path: Path | None = None, port: int = 0, **options: Any
) -> AsyncIterator[int]:
    """Serve at the Unix socket `path`, or at a port of 127.0.0.1, and give it; `options` are `asyncio.start_server`'s.

    A connection ends with its handler, and all end with the block. Who hangs up is no fault of the handler's; whatever
    else it raises is raised at the end.
    """
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except _HUNG_UP:
            pass
        finally:
            writer.close()

    # The task is made here, so that it is known even if it is cancelled before it begins.
    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[asyncio.create_task(serve(reader, writer))] = writer

    if path is None:
        server = await asyncio.start_server(accept, "127.0.0.1", port, **options)
        port = server.sockets[0].getsockname()[1]
    else:
        server = await asyncio.start_unix_server(accept, path, **options)
    try:
        yield port
    finally:
        server.close()
        # Who has just been let in is handled two turns later; in Python 3.11 `Server.wait_closed` waits for nobody.
        for _ in range(3):
            await asyncio.sleep(0)
        for task in connections:
            task.cancel()
        ended = await asyncio.gather(*connections, return_exceptions=True)
        for writer in connections.values():
            writer.transport.abort()
        await asyncio.gather(*(each.wait_closed() for each in connections.values()), return_exceptions=True)
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault


async def read_http(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next HTTP message's head and body, whose length it tells.

    Raises:
        asyncio.IncompleteReadError: there is none, or it breaks off.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head, await reader.readexactly(int(value))
    return head, b""
