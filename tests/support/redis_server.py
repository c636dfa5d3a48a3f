"""A real Redis for tests, where the machine has one: `redis-server` on a Unix socket of its own, or at ports with more options."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

PROGRAM = shutil.which("redis-server")
START_S = 10.0


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that nobody else uses. Loudly skips where there is no redis-server."""
    if PROGRAM is None:
        pytest.skip(
            "THERE IS NO redis-server ON THIS MACHINE: what is shared through Redis is not tested here"
        )
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder) / "s"
        process = subprocess.Popen(
            [PROGRAM, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            ends_at = time.monotonic() + START_S
            while not socket.exists():
                assert process.poll() is None, "redis-server ended at its start"
                assert time.monotonic() < ends_at, "redis-server does not start"
                time.sleep(0.01)
            yield f"unix://{socket}"
        finally:
            process.kill()
            process.wait()


@asynccontextmanager
async def serving_redis(folder: Path, *options: str | int, port: int) -> AsyncIterator[None]:
    """A Redis with `options` until the end of the block, which begins when it listens at `port`."""
    if PROGRAM is None:
        pytest.skip("THERE IS NO redis-server ON THIS MACHINE: clusters and the like are not tested here")
    folder.mkdir()  # noqa: ASYNC240 -- nothing else runs yet
    arguments = [*options, "--bind", "127.0.0.1", "--dir", folder]
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *map(str, arguments), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    assert process.returncode is None, "redis-server ended at its start"
                    await asyncio.sleep(0.01)
                else:
                    writer.close()
                    await writer.wait_closed()
                    break
        yield
    finally:
        process.kill()
        await process.wait()
