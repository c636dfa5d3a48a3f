"""A subgraph in a process of its own that kills itself, or somebody else, with -9 at a point that is named.

A point is `before|after|committed <module>:<name>`: before a function is called, after it has returned, or just after
the transaction of the database that it took part in. The name may lead into a class; with a `?` behind it, only a
call that finds something counts. Nothing of it is in the subgraphs: the function is wrapped in the process that is to die.
"""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession

from stack.accounts import dying_with_us
from subgraphs.common import deadline, upkeep
from subgraphs.common.database import WriteSession
from subgraphs.common.settings import PORTS, read_settings

POLL_S = 0.1
"""How often upkeep looks; tests have little time."""
ACK_WAIT_S = 1.0
"""How long the bus waits for who was killed while hearing."""
PRELOADED = ["tests.support.dying_forkserver", "uvloop", "httptools", "pyreqwest.client"] + [
    f"subgraphs.{name}.app" for name in PORTS
]
"""What the server of forks imports once, so that a process starts in no time."""


class Assassin:
    """Kills this process, or the one whose id is in a file, when it is told to; once."""

    def __init__(self, pid_file: str) -> None:
        self._pid_file = pid_file
        self._is_done = False
        self.is_armed = False

    def strike(self) -> None:
        if not self._is_done:
            self._is_done = True
            # Looked up now: the server may have been killed and started before.
            pid = int(Path(self._pid_file).read_text().splitlines()[0]) if self._pid_file else os.getpid()
            os.kill(pid, signal.SIGKILL)


def serve(name: str, environ: Mapping[str, str], point: str = "", pid_file: str = "") -> None:
    """Serve the subgraph `name` and strike at `point`: at this process, or at the one in `pid_file`."""
    dying_with_us(signal.SIGKILL, os.getppid())()
    log = os.open(environ["LOG_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(log, stream)
    os.environ.update(environ)
    if point:
        arrange(point, Assassin(pid_file))
    upkeep.POLL_S = POLL_S
    deadline.REQUEST_S = float(environ.get("REQUEST_S", deadline.REQUEST_S))
    if environ.get("EVENTS_URL"):
        vars(import_module("subgraphs.common.bus"))["ACK_WAIT_S"] = ACK_WAIT_S
    app = import_module(f"subgraphs.{name}.app")
    settings = read_settings(name, environ)
    uvicorn.run(
        app.create_app(settings, environ),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        timeout_graceful_shutdown=2,
    )


def arrange(point: str, assassin: Assassin) -> None:
    """Have the assassin strike at a point of this process."""
    when, place = point.split(" ")
    must_find = place.endswith("?")
    module, _, path = place.removesuffix("?").partition(":")
    owner: Any = import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    real = getattr(owner, name)
    assert asyncio.iscoroutinefunction(real), f"{place} is not awaited, so nothing can be cut off there"

    @functools.wraps(real)
    async def wrapped(*args: Any, **more: Any) -> Any:
        if when == "before":
            assassin.strike()
        result = await real(*args, **more)
        if result or not must_find:
            if when == "after":
                assassin.strike()
            assassin.is_armed = True
        return result

    setattr(owner, name, wrapped)
    if when == "committed":
        commit = WriteSession.commit

        async def commit_and_strike(session: AsyncSession) -> None:
            await commit(session)
            if assassin.is_armed:
                assassin.strike()

        WriteSession.commit = commit_and_strike  # type: ignore[method-assign, assignment]
