"""Payments' part of the demo story: how the people paid, and what went back to them."""

import logging
from collections.abc import Iterator

from subgraphs.common.bulk import split
from subgraphs.common.demo.events import Charge, Purchase, Return
from subgraphs.common.demo.people import ADMIN
from subgraphs.common.demo.purchases import tell_purchases
from subgraphs.common.demo.scope import Scope
from subgraphs.common.money import Money
from subgraphs.payments.domain import Failure, OrderOutcome, PaymentMethod, PaymentStatus, RefundReason
from subgraphs.payments.service import PaymentsService
from subgraphs.payments.service.history import PastPayment, PastRefund, import_payments

_log = logging.getLogger(__name__)


async def seed(service: PaymentsService, scope: Scope) -> None:
    """Store what is not there yet of the story."""
    done = 0
    for part in split(tell_purchases(scope)):
        past = [payment for purchase in part for payment in build_past(purchase)]
        await import_payments(service.database, past)
        done += len(part)
        _log.info("the payments of %d of %d orders", done, scope.orders)


def build_past(purchase: Purchase) -> Iterator[PastPayment]:
    """The payments of a purchase."""
    amount = Money(purchase.total_minor, purchase.currency)
    for charge in purchase.charges:
        told = charge.told
        yield PastPayment(
            id=charge.id,
            reference=f"PAY-{charge.id.hex.upper()}",
            order_id=purchase.id,
            order_number=purchase.number,
            payer_id=purchase.customer_id,
            amount=amount,
            method=PaymentMethod(charge.method),
            gateway="development",
            gateway_reference=f"dev_{charge.id.hex}",
            created_at=charge.begun_at,
            expires_at=purchase.pay_until,
            steps=tuple((at, PaymentStatus(status)) for at, status in charge.steps),
            failure=None if charge.failure is None else Failure(*charge.failure, is_retryable=True),
            told=None if told is None else (told[0], OrderOutcome(told[1])),
            refunds=tuple(_build_refund(charge, one, amount.currency) for one in charge.returns),
        )


def _build_refund(charge: Charge, one: Return, currency: str) -> PastRefund:
    goes_by_itself = charge.told is not None and charge.told[1] == OrderOutcome.REJECTED
    return PastRefund(
        id=one.id,
        amount=Money(one.minor, currency),
        reason=RefundReason(one.reason),
        requested_by=None if goes_by_itself else ADMIN.id,
        created_at=one.at,
        completed_at=one.completed_at,
    )
