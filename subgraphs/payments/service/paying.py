"""The workflow of one payment: from its row alone, whoever was killed where.

No transaction is open while another service or the gateway is waited for. Each step stores what it learnt before the
next one begins, each can be repeated, and each ends in a guarded UPDATE: of two who do the same step, the second finds
no row. A row with a `next_try_at` is not done, or was given up and is looked up for money that comes late; upkeep takes
it when it is due.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import InternalPeer
from subgraphs.common.outbox import LEASE
from subgraphs.payments.domain import (
    GIVEN_UP,
    OPEN,
    PAID,
    TRANSITIONS,
    Failure,
    OrderOutcome,
    Payment,
    PaymentStatus,
    RefundReason,
)
from subgraphs.payments.models import PaymentRow
from subgraphs.payments.repository import payments, refunds
from subgraphs.payments.repository.records import write_action, write_failure
from subgraphs.payments.service.gateway import Charge, GatewayError, PaymentGateway
from subgraphs.payments.service.ledger import book_capture, book_sale
from subgraphs.payments.service.orders import mark_paid

UNKNOWN = "There is no such payment."
SILENT = "The payment gateway does not answer. Try again soon."
OWED = Failure(
    "ORDER_NOT_PAYABLE",
    "The money came when the order could not be paid any more. It is owed back.",
    is_retryable=False,
)
LATE_LOOK = timedelta(days=1)
"""How often a payment that was given up is looked up all the same: nobody may tell of money that comes late."""
LATE_MAX = timedelta(days=30)
"""How long after a payment was begun its money may come without being told."""
_FIRST_LOOK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Paying:
    """Takes payments as far as they go now."""

    database: Database
    orders: InternalPeer
    gateway: PaymentGateway

    async def advance(self, payment: Payment) -> Payment:
        """Ask the gateway what a payment has come to, and tell orders if the money came. Safe to repeat.

        Raises:
            UnavailableError: orders or the gateway does not answer; repeat it, nothing is lost.
        """
        if payment.is_given_up(datetime.now(UTC)):
            payment = await self._give_up(payment)
        elif payment.status is PaymentStatus.PENDING:
            payment = await self._begin(payment)
        elif payment.status in OPEN:
            payment = await self._settle(payment, await self._look_up(payment))
        return await self.deliver(payment)

    async def look_again(self, payment: Payment) -> Payment:
        """As `advance`, and asks the gateway of a payment that was given up too: its money may have come late.

        Raises:
            UnavailableError: as with `advance`.
        """
        if payment.status in GIVEN_UP:
            payment = await self._settle(payment, await self._look_up(payment))
        payment = await self.advance(payment)
        if payment.status not in OPEN:
            next_look = {"next_try_at": _plan_late_look(payment, datetime.now(UTC)), "tries": 0}
            async with self.database.write() as session:
                await payments.move_payment(session, payment.id, [payment.status], next_look)
        return payment

    async def deliver(self, payment: Payment) -> Payment:
        """Tell orders of a payment that succeeded, unless orders has answered already."""
        if payment.status not in PAID or payment.order_outcome is not None:
            return payment
        outcome = await mark_paid(self.orders, payment)
        failure = OWED if outcome is OrderOutcome.REJECTED else None
        async with self.database.write() as session:
            told = await payments.set_order_outcome(session, payment.id, outcome, write_failure(failure))
            if told is None:
                return await self._get(session, payment)
            await payments.insert_event(session, told, told.status, tell_outcome(outcome))
            if outcome is not OrderOutcome.REJECTED:
                await book_sale(session, told)
                # Late money has paid what another payment was begun for.
                await payments.request_cancel(session, PaymentRow.order_id, told.order_id)
            elif told.amount.minor > 0 and await refunds.reserve_refund(session, told.id, told.amount):
                await refunds.insert_refund(session, told.id, told.amount, RefundReason.ORDER_CANCELLED)
                return await self._get(session, told)
            return told

    async def _begin(self, payment: Payment) -> Payment:
        try:
            charge = await self.gateway.create(payment)
        except GatewayError as error:
            raise UnavailableError(SILENT) from error
        return await self._settle(payment, charge)

    async def _look_up(self, payment: Payment) -> Charge:
        try:
            return await self.gateway.look_up(payment)
        except GatewayError as error:
            raise UnavailableError(SILENT) from error

    async def _give_up(self, payment: Payment) -> Payment:
        """Have the gateway end a payment; if the money came first, it came."""
        try:
            charge = await self.gateway.cancel(payment)
        except GatewayError as error:
            raise UnavailableError(SILENT) from error
        if charge.status is PaymentStatus.CANCELLED and not payment.is_cancel_requested:
            charge = replace(charge, status=PaymentStatus.EXPIRED)
        return await self._settle(payment, charge)

    async def _settle(self, payment: Payment, charge: Charge) -> Payment:
        """Store what the gateway said; whoever stored something newer meanwhile is right."""
        if charge.status not in TRANSITIONS[payment.status]:
            return payment
        now = datetime.now(UTC)
        changes: dict[str, Any] = {
            "status": charge.status,
            "gateway_reference": charge.gateway_reference,
            "next_action": write_action(charge.next_action),
            "failure": write_failure(charge.failure),
            # A token is worth money until it is used, and nothing after: it is not kept.
            "payment_token": None,
            "next_try_at": None,
            "tries": 0,
        }
        if charge.status is PaymentStatus.SUCCEEDED:
            # Whoever stores this tells orders next; after the lease anybody may.
            changes |= {"verified_at": now, "next_try_at": now + LEASE, "is_late": payment.status in GIVEN_UP}
        elif charge.status in OPEN:
            changes["next_try_at"] = now + _FIRST_LOOK
        elif charge.status in GIVEN_UP:
            changes["next_try_at"] = now + LATE_LOOK
        async with self.database.write() as session:
            moved = await payments.move_payment(session, payment.id, [payment.status], changes)
            if moved is not None:
                await payments.insert_attempt(session, payment.id, charge.gateway_reference, charge.status)
                await payments.insert_event(session, moved, payment.status, None)
                if moved.status is PaymentStatus.SUCCEEDED:
                    await book_capture(session, moved)
                return moved
            return await self._get(session, payment)

    async def _get(self, session: WriteSession, payment: Payment) -> Payment:
        found = await payments.find_payments(session, [payment.id])
        if not found:
            raise ObjectNotFoundError(UNKNOWN)
        return found[0]


def _plan_late_look(payment: Payment, now: datetime) -> datetime | None:
    is_late_possible = payment.status in GIVEN_UP and now < payment.created_at + LATE_MAX
    return now + LATE_LOOK if is_late_possible else None


def tell_outcome(outcome: OrderOutcome) -> str:
    """What the event of a payment says of the answer of orders."""
    return f"Orders answered {outcome.value}."
