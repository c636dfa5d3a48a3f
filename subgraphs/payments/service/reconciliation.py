"""Comparing each day's payments with the gateway's list: what was missed until then is found, and gone after."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.common.database import Database, ReadSession
from subgraphs.common.pagination import PageRequest
from subgraphs.payments.domain import Payment, ReconciliationReport, Taken
from subgraphs.payments.repository import payments
from subgraphs.payments.repository import reconciliation as repository
from subgraphs.payments.service.gateway import GatewayError, PaymentGateway

DAY = timedelta(days=1)
SETTLED_AFTER = timedelta(hours=1)
"""How long after midnight a day is compared: what was under way then is over."""

CAUGHT_UP_MAX = timedelta(days=31)
"""How far back days are compared that had no turn."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The reports in one database; `clock` gives the time in UTC."""

    database: Database
    gateway: PaymentGateway
    clock: Callable[[], datetime]

    async def run_due(self) -> None:
        """Compare each day (UTC) that is over, once; a gateway that does not answer is asked again next time."""
        midnight = (self.clock() - SETTLED_AFTER).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self.database.read() as session:
            compared_to = await repository.find_end(session, self.gateway.name)
        # Nothing ran for a while, or the gateway was silent: those days have their turn now.
        day = midnight - DAY if compared_to is None else max(compared_to, midnight - CAUGHT_UP_MAX)
        try:
            while day < midnight and await self.compare(day, day + DAY) is not None:
                day += DAY
        except GatewayError as error:
            _log.warning("the gateway's list cannot be read: %s", error)

    async def compare(self, from_time: datetime, to_time: datetime) -> ReconciliationReport | None:
        """Compare the payments begun between two times, and have those looked up that do not agree.

        None if the gateway keeps no list.

        Raises:
            GatewayError: the gateway does not answer.
        """
        # Its clock is not ours: what it noted somewhat earlier or later may be of this time too.
        taken = await self.gateway.list_taken(from_time - SETTLED_AFTER, to_time + SETTLED_AFTER)
        if taken is None:
            return None
        by_id = {charge.payment_id: charge for charge in taken if charge.payment_id is not None}
        async with self.database.write() as session:
            ours = await repository.list_of_gateway(session, self.gateway.name, from_time, to_time)
            elsewhere = await payments.find_payments(session, [*by_id])
            odd = [payment for payment in ours if _judge(payment, by_id.get(payment.id)) != "matched"]
            for payment in odd:
                await payments.wake_payment(session, payment.id)
            known = {payment.id for payment in elsewhere}
            strange = [charge for charge in taken if charge.amount and charge.payment_id not in known]
            report = _sum_up(self.gateway.name, (from_time, to_time), ours, by_id, len(strange))
            await repository.insert_report(session, report)
        for payment in odd:
            _log.error("payment %s does not agree with the gateway's list", payment.reference)
        return report

    async def list_reports(
        self, session: ReadSession, request: PageRequest
    ) -> Sequence[ReconciliationReport]:
        """A page of the reports, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        return (await repository.list_reports(session, request))[: request.size]


def _judge(payment: Payment, charge: Taken | None) -> str:
    """How a payment compares with the gateway's word, None if the gateway does not know it."""
    is_here = payment.verified_at is not None
    at_gateway = charge.amount if charge is not None else None
    if at_gateway is None:
        return "missing_at_gateway" if is_here else "matched"
    if not is_here:
        return "missing_here"
    return "matched" if at_gateway == payment.amount else "amount_mismatch"


def _sum_up(
    gateway: str,
    window: tuple[datetime, datetime],
    ours: Sequence[Payment],
    by_id: dict[UUID, Taken],
    strange: int,
) -> ReconciliationReport:
    verdicts = [_judge(payment, by_id.get(payment.id)) for payment in ours]
    return ReconciliationReport(
        id=repository.NEW,
        gateway=gateway,
        from_time=window[0],
        to_time=window[1],
        matched=verdicts.count("matched"),
        missing_here=verdicts.count("missing_here") + strange,
        missing_at_gateway=verdicts.count("missing_at_gateway"),
        amount_mismatch=verdicts.count("amount_mismatch"),
    )
