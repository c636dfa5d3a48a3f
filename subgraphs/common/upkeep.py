"""What a service does by itself beside the requests, again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from subgraphs.common.errors import UnavailableError

POLL_S = 1.0

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


class Upkeep:
    """Runs pieces of work in their order; many processes may, since each row is taken by one."""

    def __init__(self, *works: Work) -> None:
        """Take what there is to do; each piece does what is due and returns."""
        self._works = works

    async def run(self) -> None:
        """Work for ever; a fault in one piece is logged and does not keep the others from being done."""
        while True:
            for work in self._works:
                try:
                    await work()
                except UnavailableError as error:
                    _log.warning("upkeep has to wait: %s", error)
                except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
                    _log.exception("upkeep failed and is tried again")
            await asyncio.sleep(POLL_S)

    async def run_once(self) -> None:
        """Do everything that is due now; faults are the caller's."""
        for work in self._works:
            await work()
