"""A real Redis for tests, where the machine has one: `redis-server` on a Unix socket of its own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
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
