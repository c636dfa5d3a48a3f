"""The stack as a child, and the CPU time of each of its processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.accounts import dying_with_us

_ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("router", "auth", "products", "orders", "payments", "users")
_READY = "  curl -s "  # the end of what `up` says
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_STOP_S = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A running stack: `url` is the router's, `names` are those whose CPU is told."""

    url: str
    launcher: int
    names: tuple[str, ...] = (*_NAMES, "Postgres")

    def cpu_s(self) -> dict[str, float]:
        """The seconds of CPU that each has taken so far, what has ended below it included."""
        spent = dict.fromkeys(self.names, 0.0)
        for pid in _descendants(self.launcher):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            name = _name_of(command)
            if name is not None:
                ticks = sum(map(int, fields[11:15] if name == "Postgres" else fields[11:13]))
                spent[name] += ticks * _TICK_S
        return spent


@contextmanager
def started(data: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """A stack on free ports, stopped at the end of the block."""
    ports = {name: _free_port() for name in _NAMES}
    given = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "stack", "--data", str(data), "up", "--no-studio", "--end-with-parent"],
        env={**environment, **given},
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dying_with_us(signal.SIGTERM),  # noqa: PLW1509  it is one system call, nothing that locks
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.startswith(_READY):
                break
        else:
            raise RuntimeError("the stack did not start:\n" + "".join(said))
        yield Running(f"http://127.0.0.1:{ports['router']}", process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=_STOP_S)


def _name_of(command: str) -> str | None:
    words = command.split("\0")
    if words[0].startswith("postgres:") or words[0].endswith("/postgres"):
        return "Postgres"
    if "router" in words and "serve" in words:
        return "router"
    return next((word.removeprefix("subgraphs.") for word in words if word.startswith("subgraphs.")), None)


def _descendants(pid: int) -> Iterator[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from _descendants(child)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
