"""What a service does by itself beside the requests, again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from subgraphs.common.errors import UnavailableError

POLL_S = 1.0
HOUR_S = 3600.0

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Pieces of work that each do what is due and return; many processes may run them, since each row is taken by one.

    Those in `often` are done every second, those in `hourly` every hour. None waits for another.
    """

    often: Sequence[Work]
    hourly: Sequence[Work] = ()

    async def run(self) -> None:
        """Work for ever."""
        await asyncio.gather(
            *(_repeat(work, POLL_S) for work in self.often),
            *(_repeat(work, HOUR_S) for work in self.hourly),
        )

    async def run_once(self) -> None:
        """Do everything that is due now, in its order; faults are the caller's."""
        for work in (*self.often, *self.hourly):
            await work()


async def _repeat(work: Work, wait_s: float) -> NoReturn:
    while True:
        try:
            await work()
        except UnavailableError as error:
            _log.warning("upkeep has to wait: %s", error)
        except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
            _log.exception("upkeep failed and is tried again")
        await asyncio.sleep(wait_s)
