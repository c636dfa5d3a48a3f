"""What payments does by itself: goes on with payments and refunds whose client, messenger or process has gone.

Each is a row with the time at which it is looked at again. Who looks has it for a while; so many processes may, and
after a crash the next one takes it up.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from subgraphs.common.errors import DomainError, UnavailableError
from subgraphs.payments.domain import OPEN, PAID, Payment, PaymentStatus
from subgraphs.payments.repository import payments, refunds
from subgraphs.payments.service.payments import PaymentsService

_POLL_S = 1.0
_LEASE = timedelta(seconds=60)
"""Longer than any step: a call of a peer or of the gateway ends after seconds."""
_WAIT_MIN, _WAIT_MAX = timedelta(seconds=30), timedelta(hours=1)
LATE_FOR = timedelta(days=3)
"""How long money may still come for what was called off or has expired."""

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Runs beside the requests."""

    service: PaymentsService
    clock: Callable[[], datetime] = _now

    async def run(self) -> None:
        """Work for ever; a fault is logged and outlived."""
        while True:
            try:
                await self.run_once()
            except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
                _log.exception("upkeep failed and is tried again")
            await asyncio.sleep(_POLL_S)

    async def run_once(self) -> None:
        """Do everything that is due now."""
        database = self.service.database
        while True:
            async with database.write() as session:
                now = self.clock()
                payment = await payments.take_due(session, now, now + _LEASE)
            if payment is None:
                break
            await self._look_after(payment)
        while True:
            async with database.write() as session:
                now = self.clock()
                refund = await refunds.take_due(session, now, now + _LEASE)
            if refund is None:
                return
            try:
                await self.service.refunds.carry_out(refund)
            except UnavailableError as error:
                _log.warning("refund %s has to wait: %s", refund.id, error)

    async def _look_after(self, payment: Payment) -> None:
        try:
            payment = await self._go_on(payment)
        except UnavailableError as error:
            _log.warning("payment %s has to wait: %s", payment.id, error)
        except DomainError:
            # Declined, or over: that is stored, and looked at below.
            async with self.service.database.read() as session:
                (payment,) = await self.service.find_payments(session, [payment.id])
        async with self.service.database.write() as session:
            await payments.set_next_check(session, payment.id, self._find_next_check(payment))

    async def _go_on(self, payment: Payment) -> Payment:
        is_late = payment.expires_at is not None and self.clock() >= payment.expires_at
        if payment.status in OPEN and is_late:
            return await self.service.call_off(payment, PaymentStatus.EXPIRED)
        return await self.service.verify(payment)

    def _find_next_check(self, payment: Payment) -> datetime | None:
        now = self.clock()
        is_open = payment.status in OPEN or (payment.status in PAID and payment.order_outcome is None)
        if payment.status in {PaymentStatus.CANCELLED, PaymentStatus.EXPIRED}:
            is_open = now - payment.updated_at < LATE_FOR
        if not is_open:
            return None
        # The older, the more patiently: a hundred looks at a transfer of a week.
        wait = min(max((now - payment.created_at) / 4, _WAIT_MIN), _WAIT_MAX)
        if payment.status in OPEN and payment.expires_at is not None:
            wait = max(min(wait, payment.expires_at - now), timedelta(seconds=1))
        return now + wait
