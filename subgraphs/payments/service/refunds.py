"""Giving money back: asked for once, carried out by the gateway, told to orders.

A refund is a row before the gateway hears of it, and stays due until orders has been told; so whoever is killed, the
upkeep goes on with it. The gateway knows a refund by its id and gives it once.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid5

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import (
    IdempotencyMismatchError,
    InvalidInputError,
    ObjectNotFoundError,
    UnavailableError,
)
from subgraphs.common.internal import InternalPeer
from subgraphs.common.money import Money
from subgraphs.payments.domain import (
    PAID,
    InvalidPaymentStateError,
    OrderOutcome,
    Payment,
    PaymentStatus,
    Refund,
    RefundExceedsAmountError,
    RefundReason,
    RefundState,
)
from subgraphs.payments.repository import payments, refunds
from subgraphs.payments.service.gateway import GatewayError, PaymentGateway, RefundAnswer
from subgraphs.payments.service.orders import tell_refunded

UNKNOWN = "There is no such payment."
_TAKEN = (RefundState.PENDING, RefundState.SUCCEEDED)
_LATE = UUID("6f1b0c52-5a0e-4d0f-8f0e-5a3f6c1d2b7e")
"""The space of the ids of refunds of money that came too late: one for each payment."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What is to be given back, by whom; `key` makes repeating it harmless. No amount: all that is left."""

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
        return hashlib.sha256(
            "\n".join((str(self.payment_id), amount, self.reason, self.note or "")).encode()
        ).digest()


@dataclass(frozen=True, slots=True)
class Refunds:
    """The refunds in one database."""

    database: Database
    orders: InternalPeer
    gateway: PaymentGateway

    async def find_refunds(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Refund]:
        """Those of the refunds that exist, by id; callers decide who may see them."""
        return {refund.id: refund for refund in await refunds.find_refunds(session, ids)}

    async def list_of_payments(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Refund]]:
        """All refunds of each payment, oldest first."""
        found: dict[UUID, list[Refund]] = {payment_id: [] for payment_id in ids}
        for refund in await refunds.list_of_payments(session, ids):
            found[refund.payment_id].append(refund)
        return found

    async def refund(self, request: RefundRequest) -> Refund:
        """Give money back; the same request with the same key gives the refund that it led to before.

        The refund is pending where the gateway does not answer: it is carried out as soon as it does.

        Raises:
            ObjectNotFoundError: no such payment.
            InvalidPaymentStateError: its money is not here.
            RefundExceedsAmountError: more than is left of it.
            InvalidInputError: another currency, or nothing.
            IdempotencyMismatchError: the key was used with other input.
            UnavailableError: orders has not been told of the payment yet.
        """
        async with self.database.read() as session:
            refund = await self._find_made(session, request)
        if refund is None:
            try:
                async with self.database.write() as session:
                    refund = await self._store(session, request)
            except _KeyTakenError:
                async with self.database.read() as session:
                    refund = await self._find_made(session, request)
                assert refund is not None, "a key that is taken is stored"
        try:
            return await self.carry_out(refund)
        except UnavailableError:
            return refund

    async def carry_out(self, refund: Refund) -> Refund:
        """Have the gateway give the money, and tell orders. Safe to repeat.

        Raises:
            UnavailableError: the gateway or orders does not answer.
        """
        async with self.database.read() as session:
            (payment,) = await payments.find_payments(session, [refund.payment_id])
        if refund.status is RefundState.PENDING:
            try:
                answer = await self.gateway.refund(payment, refund)
            except GatewayError as error:
                raise UnavailableError("The payment gateway does not answer. Try again soon.") from error
            if answer.status is RefundState.PENDING:
                return refund
            refund = await self._complete(refund, answer)
        if refund.status is RefundState.SUCCEEDED and payment.order_outcome is not OrderOutcome.REJECTED:
            async with self.database.read() as session:
                given = await refunds.sum_refunds(session, payment.id, [RefundState.SUCCEEDED])
            await tell_refunded(self.orders, payment, Money(given, payment.amount.currency))
        async with self.database.write() as session:
            await refunds.rest(session, refund.id)
        return refund

    async def owe(self, session: WriteSession, payment: Payment) -> Refund | None:
        """Ask for the refund of all of a payment that its order did not take; None if there is none to ask for."""
        if payment.amount.minor == 0:
            return None
        return await refunds.insert_refund(
            session,
            payment.id,
            payment.amount,
            RefundReason.ORDER_CANCELLED,
            refund_id=uuid5(_LATE, payment.id.hex),
        )

    async def _find_made(self, session: ReadSession, request: RefundRequest) -> Refund | None:
        stored = await refunds.find_idempotent(session, request.requested_by, request.key)
        if stored is None:
            return None
        digest, refund_id = stored
        if digest != request.digest:
            raise IdempotencyMismatchError
        return (await refunds.find_refunds(session, [refund_id]))[0]

    async def _store(self, session: WriteSession, request: RefundRequest) -> Refund:
        payment = await refunds.lock_payment(session, request.payment_id)
        if payment is None:
            raise ObjectNotFoundError(UNKNOWN, ("input", "paymentId"))
        # Again, now that nobody else can: whoever came first with the key may have taken what was left.
        if await refunds.find_idempotent(session, request.requested_by, request.key) is not None:
            raise _KeyTakenError
        if payment.status not in PAID:
            raise InvalidPaymentStateError(payment.status, "given back")
        if payment.order_outcome is None:
            raise UnavailableError("The order does not know of this payment yet. Try again soon.")
        left = payment.amount.minor - await refunds.sum_refunds(session, payment.id, _TAKEN)
        refundable = Money(left, payment.amount.currency)
        amount = request.amount or refundable
        if amount.currency != refundable.currency or (amount.minor <= 0 and left > 0):
            raise InvalidInputError(
                f"An amount to give back is positive and in {refundable.currency}.", ("input", "amount")
            )
        if amount.minor > left or left <= 0:
            raise RefundExceedsAmountError(refundable)
        refund = await refunds.insert_refund(
            session,
            payment.id,
            amount,
            request.reason,
            note=request.note,
            requested_by=request.requested_by,
        )
        assert refund is not None, "its id is new"
        if not await refunds.claim_key(session, request.requested_by, request.key, request.digest, refund):
            raise _KeyTakenError
        return refund

    async def _complete(self, refund: Refund, answer: RefundAnswer) -> Refund:
        async with self.database.write() as session:
            payment = await refunds.lock_payment(session, refund.payment_id)
            assert payment is not None, "a refund is of a payment"
            done = await refunds.complete_refund(session, refund.id, answer.status, answer.gateway_reference)
            if done is None:
                return (await refunds.find_refunds(session, [refund.id]))[0]
            if done.status is RefundState.SUCCEEDED:
                given = await refunds.sum_refunds(session, payment.id, [RefundState.SUCCEEDED])
                is_whole = given >= payment.amount.minor
                status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
                moved = await refunds.mark_refunded(session, payment, status)
                message = f"{done.amount.amount} {done.amount.currency} given back."
                await payments.insert_event(session, moved, payment.status, message)
            return done


class _KeyTakenError(Exception):
    """Somebody used the same idempotency key at the same moment; rolls the refund back."""
