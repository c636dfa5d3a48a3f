"""Running an ASGI application as a process of its own: sockets, signals, reloads. HTTP itself is uvicorn's."""

import asyncio
import gc
import math
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from router.kit.freed_memory import keep_freed_memory
from router.server.asgi import RouterApp
from router.server.connection import SCAN_S, BoundedConnection, bind_connection
from router.server.last_connections import refuse_handshakes, wait_for_last
from router.server.options import ServerOptions
from router.server.watch import Watched

BACKLOG = 2048

GC_THRESHOLD = 50_000
"""Objects between two looks for cycles. Requests make hardly any; Python's 700 costs a tenth of the CPU of a small one."""

TICKS_PER_SCAN = round(SCAN_S * 10)

LAST_SCAN_S = 0.25
"""Between two scans when the process ends: connections without a request are kept for one to two of these."""

Reload = Callable[[], Awaitable[None]]
Beat = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a host and port, or a Unix socket."""

    host: str = "127.0.0.1"
    port: int = 4000
    socket: str | None = None


def read_address(text: str) -> Address:
    """Read `127.0.0.1:4000`, `[::1]:4000`, `unix:/path` or `/path`.

    Raises:
        ValueError: it is none of these.
    """
    if text.startswith(("unix:", "/")):
        path = text.removeprefix("unix:")
        return Address(socket=path.removeprefix("//") if path.startswith("///") else path)
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 -- the largest port
        msg = f"{text!r} is no address such as 127.0.0.1:4000"
        raise ValueError(msg)
    return Address(host.strip("[]"), int(port))


class _Server(uvicorn.Server):
    """Says that it drains as soon as it is told to end, serves on for a while, and ends with exit code 0."""

    def __init__(self, config: uvicorn.Config, app: RouterApp, delay_s: float, beat: Beat | None) -> None:
        super().__init__(config)
        self._app = app
        self._delay_s = delay_s
        self._beat = beat
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn's signature
        # Uvicorn's own would raise the signal again in the end: killed, where we have ended in good order.
        is_repeated = self._ends_at is not None
        self.force_exit |= is_repeated and sig == signal.SIGINT
        # Who presses Ctrl-C has no load balancer in front.
        is_patient = sig == signal.SIGTERM and not is_repeated
        self._ends_at = time.monotonic() + (self._delay_s if is_patient else 0.0)
        self._app.start_draining()

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        if counter % TICKS_PER_SCAN == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.scan(now)
            if self._beat is not None:
                self._beat()
        self.should_exit = self._ends_at is not None and time.monotonic() >= self._ends_at
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._beat is None:
            # Nobody else serves at these sockets.
            refuse_handshakes(sockets or [])
        await wait_for_last(sockets or [])
        # Uvicorn's wait ends with the last connection; until then those that stall are still to be found.
        scanning = asyncio.create_task(self._scan_on())
        await super().shutdown(sockets)
        scanning.cancel()

    async def _scan_on(self) -> None:
        while True:
            await asyncio.sleep(LAST_SCAN_S)
            await self.on_tick(0)


def run(
    app: RouterApp,
    sockets: Sequence[socket.socket],
    options: ServerOptions,
    *,
    reload: Reload | None = None,
    watched: Watched | None = None,
    beat: Beat | None = None,
) -> int:
    """Serve at all sockets until SIGTERM or SIGINT; requests under way are answered. Gives the exit code.

    SIGHUP, and changes of what is `watched`, call `reload`, which must not raise. `beat` tells the
    supervisor of several processes, about once a second, that this one serves; None if there is none.
    """
    tls = options.tls
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=bind_connection(options.connection),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        ssl_context_factory=(lambda *_: tls.build_context()) if tls is not None else None,
        timeout_keep_alive=math.ceil(options.connection.keep_alive_s),
        timeout_graceful_shutdown=math.ceil(options.shutdown.drain_s),
    )
    keep_freed_memory()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    server = _Server(config, app, options.shutdown.delay_s, beat)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(server, [*sockets], reload, watched or Watched()))
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
    server: _Server, sockets: list[socket.socket], reload: Reload | None, watched: Watched
) -> None:
    if reload is None:
        await server.serve(sockets)
        return
    wanted = asyncio.Event()
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wanted.set)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(_reload_when(wanted, reload))]
        if watched:
            waiting.append(group.create_task(_want_when_changed(wanted, watched)))
        try:
            await server.serve(sockets)
        finally:
            for each in waiting:
                each.cancel()


async def _reload_when(wanted: asyncio.Event, reload: Reload) -> None:
    """One reload at a time; what changes meanwhile causes one more."""
    while True:
        await wanted.wait()
        wanted.clear()
        await reload()


async def _want_when_changed(wanted: asyncio.Event, watched: Watched) -> None:
    async for _ in watched.changes():
        wanted.set()
