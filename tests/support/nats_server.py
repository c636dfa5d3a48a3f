"""A real NATS server with JetStream for tests, where the machine has one: `nats-server` on a port of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.ports import free_ports

PROGRAM = shutil.which("nats-server") or shutil.which("/usr/sbin/nats-server")
START_S = 10.0


@dataclass
class NatsServer:
    """A server that can be killed and started again with what it has on disk."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert PROGRAM is not None
        self.process = subprocess.Popen(
            [PROGRAM, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends_at = time.monotonic() + START_S
        while True:
            assert self.process.poll() is None, "nats-server ended at its start"
            assert time.monotonic() < ends_at, "nats-server does not start"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server that nobody else uses. Loudly skips where there is no nats-server."""
    if PROGRAM is None:
        pytest.skip("THERE IS NO nats-server ON THIS MACHINE: news over the bus is not tested here")
    (port,) = free_ports(1)
    server = NatsServer(tmp_path / "nats", port)
    server.start()
    yield server
    server.kill()
