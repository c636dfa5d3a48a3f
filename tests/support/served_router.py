"""A router in a process of its own, as people run it."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.support.ports import free_ports

_ROOT = Path(__file__).resolve().parents[2]
_DEADLINE_S = 30
_POLL_S = 0.02


@asynccontextmanager
async def serving(*arguments: str, up: str = "/health") -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """Run `router serve` with these arguments, on a free port; gives the process and a client, once it is up."""
    (port,) = free_ports(1)
    common = ["serve", "--listen", f"127.0.0.1:{port}", "--log", "off"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "router"), *common, *arguments, cwd=_ROOT, env={**os.environ}
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def is_up() -> bool:
                assert process.returncode is None
                try:
                    return (await client.get(up)).status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            await until(is_up)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when `condition` holds; fail after some seconds."""
    async with asyncio.timeout(_DEADLINE_S):
        while not await condition():  # noqa: ASYNC110 -- another process has no event to wait for
            await asyncio.sleep(_POLL_S)
