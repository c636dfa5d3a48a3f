"""What users does by itself: erasures and exports that are due, and the comparison with auth."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from subgraphs.common.errors import UnavailableError
from subgraphs.users.service.erasure import Erasures
from subgraphs.users.service.exports import Exports
from subgraphs.users.service.profiles import Profiles

_POLL_S = 1.0
_RECONCILE_EVERY = timedelta(hours=1)

_log = logging.getLogger(__name__)


class Upkeep:
    """Runs beside the requests. Many processes may: each request is taken by one."""

    def __init__(
        self, erasures: Erasures, exports: Exports, profiles: Profiles, clock: Callable[[], datetime]
    ) -> None:
        """Take what there is to do."""
        self._erasures = erasures
        self._exports = exports
        self._profiles = profiles
        self._clock = clock
        self._reconciled_at = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Work for ever; a fault is logged and outlived."""
        while True:
            try:
                await self.run_once()
            except UnavailableError as error:
                _log.warning("upkeep has to wait: %s", error)
            except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
                _log.exception("upkeep failed and is tried again")
            await asyncio.sleep(_POLL_S)

    async def run_once(self) -> None:
        """Do everything that is due now."""
        await self._erasures.run_due()
        await self._exports.run_due()
        now = self._clock()
        if now - self._reconciled_at >= _RECONCILE_EVERY:
            self._reconciled_at = now
            await self._profiles.reconcile()
