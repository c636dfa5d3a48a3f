"""An HTTP server in the test's own event loop, for programs that the router asks: coprocessors, collectors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

Answer = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """Serve until the end of the block; gives the URL without a path."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (await answer(Request(scope, receive)))(scope, receive, send)

    config = uvicorn.Config(
        app, port=0, log_config=None, lifespan="off", ws="none", access_log=False, timeout_graceful_shutdown=1
    )
    async with running(config) as port:
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running(config: uvicorn.Config) -> AsyncIterator[int]:
    """Run uvicorn until the end of the block; gives its port."""
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # older uvicorns ask it
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(30):
            while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
                await asyncio.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task
        # Connections that have just been closed are let go of in the loop's next turns.
        for _ in range(3):
            await asyncio.sleep(0)
