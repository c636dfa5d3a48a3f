"""Requests to an ASGI application in this process, without a socket, and what they cost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp

Headers = Iterable[tuple[bytes, bytes]]


async def ask(app: ASGIApp, body: bytes, path: str = "/", headers: Headers = ()) -> bytes:
    """Send a GraphQL request, as a server does; gives the body of its answer."""
    parts: list[bytes] = []
    await send(app, body, parts.append, path, headers)
    return b"".join(parts)


async def send(
    app: ASGIApp, body: bytes, take: Callable[[bytes], object], path: str = "/", headers: Headers = ()
) -> None:
    """Send a GraphQL request; `take` gets the body of its answer in pieces."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]
    length = (b"content-length", b"%d" % len(body))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"bench"), (b"content-type", b"application/json"), length, *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }

    async def receive() -> MutableMapping[str, Any]:
        if not pending:
            await asyncio.sleep(3600)
        return pending.pop()

    async def hear(message: MutableMapping[str, Any]) -> None:
        assert message.get("status", HTTPStatus.OK) == HTTPStatus.OK, message
        take(message.get("body", b""))

    await app(scope, receive, hear)


async def measure(run: Callable[[], Awaitable[object]], seconds: float, times: int = 10) -> float:
    """CPU microseconds of one run, all threads counted; the clock is read after so many `times`."""
    count, before = 0, time.process_time()
    while (spent := time.process_time() - before) < seconds:
        for _ in range(times):
            await run()
        count += times
    return spent / count * 1e6
