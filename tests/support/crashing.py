"""A subgraph in a process of its own that others may kill: made in no time, and, if wished, doing its upkeep only when told.

Nothing of it is in the subgraphs: what they do by themselves is replaced in the process that is served here.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from stack.accounts import dying_with_us
from subgraphs.auth.service.outbox import Outbox as Mails
from subgraphs.common import deadline, upkeep
from subgraphs.common.errors import UnavailableError
from subgraphs.common.live import LiveFeed
from subgraphs.common.revocation import Revocations
from subgraphs.common.settings import PORTS, read_settings
from subgraphs.common.upkeep import Upkeep, Work
from subgraphs.users.service.upkeep import Upkeep as UpkeepOfUsers

POLL_S = 0.1
"""How often upkeep looks; tests have little time."""
ACK_WAIT_S = 1.0
"""How long the bus waits for who was killed while hearing."""
OFTEN, HOURLY = "/drive/often", "/drive/hourly"
PRELOADED = ["tests.support.dying_forkserver", "uvloop", "httptools", "pyreqwest.client"] + [
    f"subgraphs.{name}.app" for name in PORTS
]
"""What the server of forks imports once, so that a process starts in no time."""

Works = dict[str, list[Work]]


def serve(name: str, environ: Mapping[str, str]) -> None:
    """Serve the subgraph `name`; with `DRIVEN` in its environment it does its upkeep when `OFTEN` or `HOURLY` is posted to."""
    dying_with_us(signal.SIGKILL, os.getppid())()
    log = os.open(environ["LOG_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(log, stream)
    os.environ.update(environ)
    upkeep.POLL_S = POLL_S
    deadline.REQUEST_S = float(environ.get("REQUEST_S", deadline.REQUEST_S))
    if environ.get("EVENTS_URL"):
        vars(import_module("subgraphs.common.bus"))["ACK_WAIT_S"] = ACK_WAIT_S
    works: Works = {OFTEN: [], HOURLY: []}
    if environ.get("DRIVEN"):
        _stop_by_itself(works)
    settings = read_settings(name, environ)
    app: FastAPI = import_module(f"subgraphs.{name}.app").create_app(settings, environ)
    for path, works_there in works.items():
        _add_drive(app, path, works_there)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        timeout_graceful_shutdown=2,
    )


def _stop_by_itself(works: Works) -> None:
    """Have what goes on beside the requests only noted in `works`."""

    async def note_upkeep(self: Upkeep) -> NoReturn:
        works[OFTEN].extend(self.often)
        works[HOURLY].extend(self.hourly)
        await _wait_for_ever()

    async def note_feed(self: LiveFeed) -> NoReturn:
        works[OFTEN].append(self.advance)
        await _wait_for_ever()

    async def hear_nothing(self: Revocations) -> None:
        await _wait_for_ever()

    async def note_upkeep_of_users(self: UpkeepOfUsers) -> NoReturn:
        works[OFTEN].append(self.run_once)
        await _wait_for_ever()

    async def note_mails(self: Mails) -> NoReturn:
        works[OFTEN].append(self.send_due)
        await _wait_for_ever()

    Upkeep.run = note_upkeep  # type: ignore[method-assign]
    UpkeepOfUsers.run = note_upkeep_of_users  # type: ignore[method-assign]
    Mails.run = note_mails  # type: ignore[method-assign]
    # It changes nothing, and asks every second.
    Revocations.run = hear_nothing  # type: ignore[method-assign]
    LiveFeed.run = note_feed  # type: ignore[method-assign]


async def _wait_for_ever() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets is waited for without end")


def _add_drive(app: FastAPI, path: str, works: list[Work]) -> None:
    @app.post(path)
    async def drive() -> dict[str, bool]:
        """Do each piece of upkeep once, one after the other, as `upkeep` would."""
        for work in works:
            try:
                await work()
            except UnavailableError as error:
                logging.getLogger(__name__).warning("upkeep has to wait: %s", error)
        return {"driven": True}
