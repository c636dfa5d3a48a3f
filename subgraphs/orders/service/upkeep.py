"""What orders does by itself: it cancels orders that nobody paid in time."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from subgraphs.orders.service.orders import OrdersService

_POLL_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Runs beside the requests. Many processes may: an order is cancelled by one."""

    service: OrdersService

    async def run(self) -> None:
        """Work for ever; a fault is logged and outlived."""
        while True:
            try:
                await self.service.expire_due(datetime.now(UTC))
            except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
                _log.exception("upkeep failed and is tried again")
            await asyncio.sleep(_POLL_S)
