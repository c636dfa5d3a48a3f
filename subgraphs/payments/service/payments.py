"""Starting, verifying and reading payments.

No transaction is open while another service or the gateway is waited for. Each step stores what it learnt before the
next one begins, and each can be repeated: `verify` goes on from wherever a payment stopped.
"""

import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import IdempotencyMismatchError, ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import InternalPeer
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.payments.domain import (
    OPEN,
    PAID,
    TRANSITIONS,
    Attempt,
    Failure,
    InvalidPaymentStateError,
    OrderNotPayableError,
    OrderOutcome,
    PayableOrder,
    Payment,
    PaymentDeclinedError,
    PaymentFilter,
    PaymentMethod,
    PaymentStatus,
)
from subgraphs.payments.repository import listing, payments
from subgraphs.payments.repository.records import write_action, write_failure
from subgraphs.payments.service.gateway import Charge, GatewayError, PaymentGateway
from subgraphs.payments.service.orders import get_payable, mark_paid
from subgraphs.payments.service.refunds import UNKNOWN, Refunds

_SILENT = "The payment gateway does not answer. Try again soon."
JOIN_ATTEMPTS = 3
"""How often a new payment gives way to one that is then gone."""
OWED = Failure(
    "ORDER_NOT_PAYABLE",
    "The money came when the order could not be paid any more. It goes back.",
    is_retryable=False,
)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What a customer wants to pay, and how; `key` makes repeating it harmless."""

    user_id: UUID
    key: str
    order_id: UUID
    method: PaymentMethod
    payment_token: str | None
    return_url: str | None

    @property
    def digest(self) -> bytes:
        """A hash that two requests share only if they want the same."""
        parts = (str(self.order_id), self.method, self.payment_token or "", self.return_url or "")
        return hashlib.sha256("\n".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class PaymentsService:
    """The payments in one database; amounts come from `orders`, money from `gateway`."""

    database: Database
    orders: InternalPeer
    gateway: PaymentGateway

    @property
    def refunds(self) -> Refunds:
        """Giving money back."""
        return Refunds(self.database, self.orders, self.gateway)

    async def find_payments(
        self, session: ReadSession, ids: Collection[UUID], references: Collection[str] = ()
    ) -> list[Payment]:
        """Those of the payments that exist; callers decide who may see them."""
        return await payments.find_payments(session, ids, references)

    async def list_of_orders(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Payment]]:
        """All payments of each order, oldest first."""
        found: dict[UUID, list[Payment]] = {order_id: [] for order_id in ids}
        for payment in await payments.list_of_orders(session, ids):
            found[payment.order_id].append(payment)
        return found

    async def list_attempts(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Attempt]]:
        """What the gateway answered for each payment, oldest first."""
        found: dict[UUID, list[Attempt]] = {payment_id: [] for payment_id in ids}
        for attempt in await payments.list_attempts(session, ids):
            found[attempt.payment_id].append(attempt)
        return found

    async def list_payments(
        self, session: ReadSession, wanted: PaymentFilter, request: PageRequest
    ) -> Page[Payment]:
        """A page of the payments that are `wanted`, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        rows = await listing.list_payments(session, wanted, request)
        return build_page(request, rows, listing.build_cursor_values)

    async def list_payments_of(
        self, session: ReadSession, payer_ids: Collection[UUID], wanted: PaymentFilter, request: PageRequest
    ) -> dict[UUID, Page[Payment]]:
        """The page `request` of each payer's payments, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        found = await listing.list_payments_of(session, payer_ids, wanted, request)
        return {
            payer_id: build_page(request, rows, listing.build_cursor_values)
            for payer_id, rows in found.items()
        }

    async def count_payments(self, session: ReadSession, wanted: PaymentFilter) -> int:
        """How many payments are `wanted`."""
        return await listing.count_payments(session, wanted)

    async def count_payments_of(
        self, session: ReadSession, payer_ids: Collection[UUID], wanted: PaymentFilter
    ) -> dict[UUID, int]:
        """How many payments each payer has."""
        return await listing.count_payments_of(session, payer_ids, wanted)

    async def get_payable(self, order_id: UUID, user_id: UUID) -> PayableOrder:
        """The order as its customer may pay it.

        Raises:
            ObjectNotFoundError: there is no such order of this user.
            UnavailableError: orders does not answer.
        """
        return await get_payable(self.orders, order_id, user_id)

    async def initiate(self, request: PaymentRequest) -> Payment:
        """Begin to pay an order; the order's running payment, if there is one.

        Raises:
            ObjectNotFoundError: there is no such order of this user.
            OrderNotPayableError: it does not wait for money.
            IdempotencyMismatchError: the key was used with other input.
            PaymentDeclinedError: the gateway said no.
            UnavailableError: orders or the gateway does not answer.
        """
        async with self.database.read() as session:
            known = await self._find_made(session, request)
        payment = known if known is not None else await self._store(request)
        if payment.status is PaymentStatus.PENDING:
            payment = await self._begin(payment)
        if payment.status is PaymentStatus.FAILED and payment.failure is not None:
            raise PaymentDeclinedError(payment.failure)
        return payment

    async def verify(self, payment: Payment) -> Payment:
        """Ask the gateway what a payment has come to, and tell orders if the money came. Safe to repeat.

        Raises:
            InvalidPaymentStateError: it is over, without money.
            PaymentDeclinedError: the gateway said no.
            UnavailableError: orders or the gateway does not answer; repeat it, nothing is lost.
        """
        if payment.status is PaymentStatus.PENDING:
            payment = await self._begin(payment)
        elif payment.status in OPEN:
            payment = await self._settle(payment, await self._look_up(payment))
        if payment.status is PaymentStatus.FAILED and payment.failure is not None:
            raise PaymentDeclinedError(payment.failure)
        if payment.status in PAID and payment.order_outcome is None:
            payment = await self._deliver(payment)
        if payment.status in {PaymentStatus.CANCELLED, PaymentStatus.EXPIRED}:
            payment = await self._settle(payment, await self._look_up(payment))
            if payment.status in PAID:
                payment = await self._deliver(payment)
        if payment.status not in {*OPEN, *PAID, PaymentStatus.REFUNDED}:
            raise InvalidPaymentStateError(payment.status)
        return payment

    async def cancel(self, payment: Payment) -> Payment:
        """Call a payment off, if the gateway can still do so.

        Raises:
            InvalidPaymentStateError: it is over, or its money has come meanwhile.
            UnavailableError: orders or the gateway does not answer.
        """
        if payment.status not in OPEN:
            raise InvalidPaymentStateError(payment.status, "cancelled")
        payment = await self.call_off(payment, PaymentStatus.CANCELLED)
        if payment.status is not PaymentStatus.CANCELLED:
            raise InvalidPaymentStateError(payment.status, "cancelled")
        return payment

    async def call_off(self, payment: Payment, wanted: PaymentStatus) -> Payment:
        """Have the gateway take no more money: the payment is `wanted` then, or what it has come to.

        Raises:
            UnavailableError: orders or the gateway does not answer.
        """
        try:
            charge = await self.gateway.cancel(payment)
        except GatewayError as error:
            raise UnavailableError(_SILENT) from error
        if charge.status is PaymentStatus.CANCELLED:
            charge = replace(charge, status=wanted)
        payment = await self._settle(payment, charge)
        if payment.status in PAID and payment.order_outcome is None:
            payment = await self._deliver(payment)
        return payment

    async def _find_made(self, session: ReadSession, request: PaymentRequest) -> Payment | None:
        stored = await payments.find_idempotent(session, request.user_id, request.key)
        if stored is None:
            return None
        digest, payment_id = stored
        if digest != request.digest:
            raise IdempotencyMismatchError
        return (await payments.find_payments(session, [payment_id]))[0]

    async def _store(self, request: PaymentRequest) -> Payment:
        order = await get_payable(self.orders, request.order_id, request.user_id)
        if not order.is_payable:
            raise OrderNotPayableError(order)
        try:
            async with self.database.write() as session:
                return await self._insert(session, order, request)
        except _KeyTakenError:
            async with self.database.read() as session:
                known = await self._find_made(session, request)
            assert known is not None, "a key that is taken is stored"
            return known

    async def _insert(self, session: WriteSession, order: PayableOrder, request: PaymentRequest) -> Payment:
        payment = await self._insert_or_join(session, order, request)
        if not await payments.claim_key(session, request.user_id, request.key, request.digest, payment.id):
            raise _KeyTakenError
        return payment

    async def _insert_or_join(
        self, session: WriteSession, order: PayableOrder, request: PaymentRequest
    ) -> Payment:
        """A new payment, or the running one of somebody who came first: two tabs pay once."""
        client = {"payment_token": request.payment_token, "return_url": request.return_url}
        for _ in range(JOIN_ATTEMPTS):
            made = await payments.insert_payment(session, order, request.method, self.gateway.name, client)
            if made is not None:
                await payments.insert_event(session, made, None, None)
                return made
            running = await payments.find_running(session, order.id)
            if running is not None and running.payer_id == request.user_id:
                return running
            # Between the two statements the running payment has failed: there is room for a new one.
        raise OrderNotPayableError(order)

    async def _begin(self, payment: Payment) -> Payment:
        try:
            charge = await self.gateway.create(payment)
        except GatewayError as error:
            raise UnavailableError(_SILENT) from error
        return await self._settle(payment, charge)

    async def _look_up(self, payment: Payment) -> Charge:
        try:
            return await self.gateway.look_up(payment)
        except GatewayError as error:
            raise UnavailableError(_SILENT) from error

    async def _settle(self, payment: Payment, charge: Charge) -> Payment:
        """Store what the gateway said; whoever stored something newer meanwhile is right."""
        if charge.status not in TRANSITIONS[payment.status]:
            return payment
        changes: dict[str, Any] = {
            "status": charge.status,
            "gateway_reference": charge.gateway_reference,
            "next_action": write_action(charge.next_action),
            "failure": write_failure(charge.failure),
            # A token is worth money until it is used, and nothing after: it is not kept.
            "payment_token": None,
        }
        if charge.status is PaymentStatus.SUCCEEDED:
            changes["verified_at"] = datetime.now(UTC)
        async with self.database.write() as session:
            moved = await payments.move_payment(session, payment.id, [payment.status], changes)
            if moved is not None:
                await payments.insert_attempt(session, payment.id, charge.gateway_reference, charge.status)
                await payments.insert_event(session, moved, payment.status, None)
                return moved
            return await self._get(session, payment.id)

    async def _deliver(self, payment: Payment) -> Payment:
        outcome = await mark_paid(self.orders, payment)
        failure = OWED if outcome is OrderOutcome.REJECTED else None
        async with self.database.write() as session:
            told = await payments.set_order_outcome(session, payment.id, outcome, write_failure(failure))
            if told is None:
                return await self._get(session, payment.id)
            await payments.insert_event(session, told, told.status, f"Orders answered {outcome.value}.")
            # In the same transaction, so that it is never forgotten; carried out now or by the upkeep.
            owed = await self.refunds.owe(session, told) if failure is not None else None
        if owed is None:
            return told
        with suppress(UnavailableError):
            await self.refunds.carry_out(owed)
        async with self.database.read() as session:
            return (await payments.find_payments(session, [payment.id]))[0]

    async def _get(self, session: WriteSession, payment_id: UUID) -> Payment:
        found = await payments.find_payments(session, [payment_id])
        if not found:
            raise ObjectNotFoundError(UNKNOWN)
        return found[0]


class _KeyTakenError(Exception):
    """Somebody used the same idempotency key at the same moment; rolls the payment back."""
