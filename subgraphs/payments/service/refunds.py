"""Paying back: a refund is a row that goes on by itself until the gateway has said yes or no.

The money is set aside on the payment's row before the gateway is asked, by one guarded UPDATE: two refunds at once never
pay back more than came. The gateway is told the refund's id, so that asking twice pays back once.
"""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import IdempotencyMismatchError, InvalidInputError, ObjectNotFoundError
from subgraphs.common.money import Money
from subgraphs.common.outbox import LEASE, Outbox
from subgraphs.common.owners import group
from subgraphs.payments.domain import (
    PAID,
    InvalidPaymentStateError,
    OrderOutcome,
    Payment,
    Refund,
    RefundExceedsAmountError,
    RefundReason,
    RefundState,
)
from subgraphs.payments.repository import payments, people, refunds
from subgraphs.payments.service.gateway import GatewayError, PaymentGateway
from subgraphs.payments.service.ledger import book_refund

OPERATION = "refundPayment"
REFUNDED = "com.marketplace.payments.payment.refunded.v1"
"""The news that orders takes; `data` has the order's id, all that was paid back of this payment, and with which refunds."""
REFUNDS_MAX = 100
"""How many refunds a payment has at most: the news of each tells of those before it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What is to go back, all that is left when `amount` is None; `key` makes repeating it harmless."""

    requested_by: UUID
    key: str
    payment_id: UUID
    amount: Money | None
    reason: RefundReason
    note: str | None

    @property
    def digest(self) -> bytes:
        """A hash that two requests share only if they want the same."""
        amount = "" if self.amount is None else f"{self.amount.minor} {self.amount.currency}"
        parts = (str(self.payment_id), amount, self.reason, self.note or "")
        return hashlib.sha256("\n".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Refunds:
    """The refunds in one database."""

    database: Database
    gateway: PaymentGateway
    outbox: Outbox

    async def find(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Refund]:
        """Those of the refunds that exist, by id."""
        return {refund.id: refund for refund in await refunds.list_refunds(session, [], ids)}

    async def list_of(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Refund]]:
        """The refunds of each payment, oldest first."""
        return group(ids, await refunds.list_refunds(session, ids), lambda refund: refund.payment_id)

    async def refund(self, request: RefundRequest) -> Refund:
        """Pay back; the refund is PENDING while the gateway works on it, or does not answer.

        Raises:
            ObjectNotFoundError: there is no such payment.
            InvalidInputError: the amount is not above zero, or in another currency.
            InvalidPaymentStateError: its money is not here, or its order has not heard of it yet.
            RefundExceedsAmountError: so much is not left.
            IdempotencyMismatchError: the key was used with other input.
            ForbiddenError: who asks for it was forgotten.
        """
        async with self.database.read() as session:
            known = await self._find_made(session, request)
        if known is None:
            try:
                async with self.database.write() as session:
                    known = await self._store(session, request)
            except _KeyTakenError:
                async with self.database.read() as session:
                    known = await self._find_made(session, request)
                assert known is not None, "a key that is taken is stored"
        return await self._advance(known)

    async def run_due(self) -> int:
        """Go on with every refund that is due; return how many were tried."""
        count = 0
        while True:
            async with self.database.write(is_news=False) as session:
                refund_id = await refunds.take_due_refund(session)
                found = [] if refund_id is None else await refunds.list_refunds(session, [], [refund_id])
            if not found:
                return count
            count += 1
            await self._advance(found[0])

    async def _find_made(self, session: ReadSession, request: RefundRequest) -> Refund | None:
        stored = await payments.find_idempotent(session, request.requested_by, OPERATION, request.key)
        if stored is None:
            return None
        if stored.request_sha256 != request.digest or stored.refund_id is None:
            raise IdempotencyMismatchError
        return (await refunds.list_refunds(session, [], [stored.refund_id]))[0]

    async def _store(self, session: WriteSession, request: RefundRequest) -> Refund:
        found = await payments.find_payments(session, [request.payment_id])
        if not found:
            raise ObjectNotFoundError("There is no such payment.", ("input", "paymentId"))
        payment = found[0]
        amount = request.amount or payment.refundable
        if amount.currency != payment.amount.currency:
            raise InvalidInputError("A payment is paid back in its own currency.", ("input", "amount"))
        if request.amount is not None and amount.minor <= 0:
            raise InvalidInputError("An amount to pay back is above zero.", ("input", "amount"))
        _check_refundable(payment, amount)
        # What was read above may be old by now: this decides.
        if await refunds.reserve_refund(session, payment.id, amount) is None:
            (payment,) = await payments.find_payments(session, [request.payment_id])
            _check_refundable(payment, amount)
            raise RefundExceedsAmountError(payment.refundable)
        # The payment is locked by now, so nobody else counts.
        if await refunds.count_refunds(session, payment.id) >= REFUNDS_MAX:
            raise InvalidInputError(
                f"A payment is paid back in at most {REFUNDS_MAX} parts.", ("input", "paymentId")
            )
        refund = await refunds.insert_refund(
            session,
            payment.id,
            amount,
            request.reason,
            note=request.note,
            requested_by=request.requested_by,
            next_try_at=datetime.now(UTC) + LEASE,
        )
        is_ours = await payments.claim_key(
            session,
            user_id=request.requested_by,
            operation=OPERATION,
            key=request.key,
            request_sha256=request.digest,
            payment_id=payment.id,
            refund_id=refund.id,
        )
        if not is_ours:
            raise _KeyTakenError
        await people.ERASED.refuse(session, request.requested_by)
        return refund

    async def _advance(self, refund: Refund) -> Refund:
        if refund.status is not RefundState.PENDING:
            return refund
        async with self.database.read() as session:
            (payment,) = await payments.find_payments(session, [refund.payment_id])
        try:
            state = await self.gateway.refund(payment, refund)
        except GatewayError as error:
            _log.warning("refund %s has to wait: %s", refund.id, error)
            return refund
        if state is RefundState.PENDING:
            return refund
        async with self.database.write() as session:
            if await refunds.finish_refund(session, refund.id, state):
                await self._book(session, refund, state)
            return (await refunds.list_refunds(session, [], [refund.id]))[0]

    async def _book(self, session: WriteSession, refund: Refund, state: RefundState) -> None:
        before, payment = await refunds.settle_refund(session, refund, state)
        await payments.insert_event(session, payment, before, tell_refund(state))
        if state is not RefundState.SUCCEEDED:
            return
        await book_refund(session, payment, refund)
        await refunds.note_total(session, refund.id, payment)
        if payment.order_outcome is not OrderOutcome.REJECTED:
            # All of them: whichever news is heard first, the order has an event for each.
            back = await refunds.list_totals(session, payment.id)
            data = {
                "orderId": str(payment.order_id),
                "refunded": {"minor": payment.refunded_minor, "currency": payment.amount.currency},
                "refunds": [
                    {"id": str(refund_id), "refundedMinor": minor, "at": at.isoformat()}
                    for refund_id, minor, at in back
                ],
            }
            await self.outbox.add(session, "orders", REFUNDED, payment.id, data)


def tell_refund(state: RefundState) -> str:
    """What the event of a payment says of a refund that ended."""
    return f"A refund has {state.value}."


def _check_refundable(payment: Payment, amount: Money) -> None:
    if payment.status not in PAID or payment.order_outcome is None:
        raise InvalidPaymentStateError(payment.status)
    if amount.minor <= 0 or amount.minor > payment.refundable.minor:
        raise RefundExceedsAmountError(payment.refundable)


class _KeyTakenError(Exception):
    """Somebody used the same idempotency key at the same moment; rolls the refund back."""
