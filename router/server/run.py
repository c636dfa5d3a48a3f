"""Running an ASGI application as a process of its own: sockets, signals, reloads. HTTP itself is uvicorn's."""

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from watchfiles import awatch

from router.server.asgi import RouterApp

logger = logging.getLogger(__name__)

GRACEFUL_SHUTDOWN_S = 30
"""Seconds that requests under way get after SIGTERM before their connections are cut."""

KEEP_ALIVE_S = 75
BACKLOG = 2048

Reload = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a host and port, or a Unix socket."""

    host: str = "127.0.0.1"
    port: int = 4000
    socket: str | None = None


def read_address(text: str) -> Address:
    """Read `127.0.0.1:4000`, `[::1]:4000` or `unix:/path`.

    Raises:
        ValueError: it is none of these.
    """
    if text.startswith("unix:"):
        return Address(socket=text.removeprefix("unix:"))
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 -- the largest port
        msg = f"{text!r} is no address such as 127.0.0.1:4000"
        raise ValueError(msg)
    return Address(host.strip("[]"), int(port))


class _Server(uvicorn.Server):
    """Says that it drains as soon as it is told to end, and ends with exit code 0 when it has drained."""

    def __init__(self, config: uvicorn.Config, app: RouterApp) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn's signature
        # Uvicorn's own would raise the signal again in the end: killed, where we have ended in good order.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._app.start_draining()


def run(
    app: RouterApp,
    sockets: Sequence[socket.socket],
    *,
    reload: Reload | None = None,
    watched: Sequence[Path] = (),
) -> int:
    """Serve at all sockets until SIGTERM or SIGINT; requests under way are answered. Gives the exit code.

    SIGHUP, and changes of the `watched` files, call `reload`, which must not raise.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    server = _Server(config, app)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(server, [*sockets], reload, watched))
    return 0 if server.started else 1


def bind(address: Address) -> socket.socket:
    """A socket at `address`.

    Raises:
        OSError: it is taken, or not ours.
    """
    if address.socket is None:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    # A socket that an earlier process has left behind is in the way; one that is served is not ours to take.
    path = Path(address.socket)
    if path.is_socket() and not _is_served(address.socket):
        path.unlink()
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(address.socket)
    return bound


def _is_served(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


async def _serve(
    server: _Server, sockets: list[socket.socket], reload: Reload | None, watched: Sequence[Path]
) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        if reload is not None:
            wanted = asyncio.Event()
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wanted.set)
            reloading = group.create_task(_reload_when(wanted, reload))
            if watched:
                group.create_task(_watch(watched, wanted, stop))
        try:
            await server.serve(sockets)
        finally:
            stop.set()
            if reload is not None:
                reloading.cancel()


async def _reload_when(wanted: asyncio.Event, reload: Reload) -> None:
    """One reload at a time; what changes meanwhile causes one more."""
    while True:
        await wanted.wait()
        wanted.clear()
        await reload()


async def _watch(files: Sequence[Path], wanted: asyncio.Event, stop: asyncio.Event) -> None:
    """Watch the files' folders, since editors and deployments replace files instead of writing into them."""
    names = {str(file.resolve()) for file in files}
    folders = {file.resolve().parent for file in files}
    async for changes in awatch(*folders, stop_event=stop, recursive=False):
        if any(path in names for _, path in changes):
            wanted.set()
