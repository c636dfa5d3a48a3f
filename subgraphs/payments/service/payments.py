"""Starting, verifying, ending and reading payments; what goes on in between is `paying`."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.delivery import Courier
from subgraphs.common.errors import IdempotencyMismatchError, UnavailableError
from subgraphs.common.inbox import Inbox
from subgraphs.common.internal import InternalPeer
from subgraphs.common.outbox import Outbox
from subgraphs.common.owners import group
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.purge import Purge, Purges
from subgraphs.common.upkeep import Upkeep
from subgraphs.payments.domain import (
    OPEN,
    PAID,
    Attempt,
    InvalidPaymentStateError,
    OrderNotPayableError,
    PayableOrder,
    Payment,
    PaymentDeclinedError,
    PaymentFilter,
    PaymentMethod,
    PaymentStatus,
)
from subgraphs.payments.models import Base, GatewayEventRow, IdempotencyRow, PaymentRow
from subgraphs.payments.repository import listing, payments, people
from subgraphs.payments.service.gateway import PaymentGateway
from subgraphs.payments.service.orders import get_payable
from subgraphs.payments.service.paying import Paying
from subgraphs.payments.service.people import People
from subgraphs.payments.service.reconciliation import Reconciliation
from subgraphs.payments.service.refunds import Refunds

OPERATION = "initiatePayment"
ORDERS = "/marketplace/orders"
ORDER_CLOSED = "com.marketplace.orders.order.closed.v1"
"""The news that an order cannot be paid any more: it was cancelled, or has expired."""
KEYS_PURGE = Purge(
    Base.metadata.tables["idempotency_keys"], IdempotencyRow.created_at, keep=timedelta(days=30)
)
"""A key that comes again later is a new one."""
MESSAGES_PURGE = Purge(
    Base.metadata.tables["gateway_events"], GatewayEventRow.received_at, keep=timedelta(days=30)
)
"""The gateway's messages; older ones do not come again."""
JOIN_ATTEMPTS = 3
"""How often a new payment gives way to one that is then gone."""

_log = logging.getLogger(__name__)


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
    """The payments in one database; amounts come from `orders`, money from `gateway`.

    `paying` is the workflow of a payment, `refunds` that of a refund, `outbox` has the news of both, `inbox` what was heard, and `reconciliation`
    compares them with the gateway.
    """

    database: Database
    orders: InternalPeer
    gateway: PaymentGateway
    outbox: Outbox
    inbox: Inbox
    paying: Paying
    refunds: Refunds
    reconciliation: Reconciliation

    async def find_payments(
        self, session: ReadSession, ids: Collection[UUID], references: Collection[str] = ()
    ) -> list[Payment]:
        """Those of the payments that exist; callers decide who may see them."""
        return await payments.find_payments(session, ids, references)

    async def list_of_orders(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Payment]]:
        """All payments of each order, oldest first."""
        return group(ids, await payments.list_of_orders(session, ids), lambda payment: payment.order_id)

    async def list_attempts(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Attempt]]:
        """What the gateway answered for each payment, oldest first."""
        return group(ids, await payments.list_attempts(session, ids), lambda attempt: attempt.payment_id)

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
            ForbiddenError: the payer was forgotten.
        """
        async with self.database.read() as session:
            known = await self._find_made(session, request)
        payment = known if known is not None else await self._store(request)
        if payment.status is PaymentStatus.PENDING:
            payment = await self.paying.advance(payment)
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
        payment = await self.paying.advance(payment)
        if payment.status is PaymentStatus.FAILED and payment.failure is not None:
            raise PaymentDeclinedError(payment.failure)
        if payment.status not in {*OPEN, *PAID, PaymentStatus.REFUNDED}:
            raise InvalidPaymentStateError(payment.status)
        return payment

    async def cancel(self, payment: Payment) -> Payment:
        """End an open payment; one that was cancelled before stays so.

        Raises:
            InvalidPaymentStateError: it is over, or the money came first.
            UnavailableError: the gateway does not answer; it is cancelled as soon as it does.
        """
        async with self.database.write() as session:
            asked = await payments.request_cancel(session, PaymentRow.id, payment.id)
        if asked is not None:
            payment = await self.paying.advance(asked)
        if payment.status is not PaymentStatus.CANCELLED:
            raise InvalidPaymentStateError(payment.status)
        return payment

    async def close_order(self, session: WriteSession, order_id: UUID) -> None:
        """End what may still pay an order that cannot be paid any more; upkeep does it. After the news is noted."""
        await payments.lock_order(session, order_id)
        await payments.request_cancel(session, PaymentRow.order_id, order_id)

    async def hear_gateway(self, event_id: str, event_type: str, payment_id: UUID | None) -> None:
        """Have a payment looked up that the gateway has told of; a message that was heard before does nothing."""
        async with self.database.write() as session:
            is_news = await payments.insert_gateway_event(
                session, self.gateway.name, event_id, event_type, payment_id
            )
            if is_news and payment_id is not None:
                await payments.wake_payment(session, payment_id)

    @property
    def people(self) -> People:
        """What is known of one person."""
        return People(self.database)

    @property
    def upkeep(self) -> Upkeep:
        """What goes on beside the requests."""
        often = (self.run_due, self.refunds.run_due, self.outbox.run_due)
        purges = Purges(self.database, (KEYS_PURGE, MESSAGES_PURGE, self.inbox.purge))
        return Upkeep(often, hourly=(self.reconciliation.run_due, purges.run_due))

    async def run_due(self) -> int:
        """Go on with every payment that is due; return how many were tried."""
        count = 0
        while True:
            async with self.database.write_alone(is_news=False) as session:
                payment = await payments.take_due_payment(session)
            if payment is None:
                return count
            count += 1
            try:
                await self.paying.look_again(payment)
            except UnavailableError as error:
                # Its own back-off is running; the next payment may have more luck.
                _log.warning("payment %s has to wait: %s", payment.reference, error)

    async def _find_made(self, session: ReadSession, request: PaymentRequest) -> Payment | None:
        stored = await payments.find_idempotent(session, request.user_id, OPERATION, request.key)
        if stored is None:
            return None
        if stored.request_sha256 != request.digest:
            raise IdempotencyMismatchError
        return (await payments.find_payments(session, [stored.payment_id]))[0]

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
        is_ours = await payments.claim_key(
            session,
            user_id=request.user_id,
            operation=OPERATION,
            key=request.key,
            request_sha256=request.digest,
            payment_id=payment.id,
        )
        if not is_ours:
            raise _KeyTakenError
        await people.ERASED.refuse(session, request.user_id)
        return payment

    async def _insert_or_join(
        self, session: WriteSession, order: PayableOrder, request: PaymentRequest
    ) -> Payment:
        """A new payment, or the running one of somebody who came first: two tabs pay once."""
        client = {"payment_token": request.payment_token, "return_url": request.return_url}
        for _ in range(JOIN_ATTEMPTS):
            made = await payments.insert_payment(session, order, request.method, self.gateway.name, client)
            if made is not None:
                # Closed since orders was asked: that news has passed, and this payment would stay open.
                if await self.inbox.has_heard(session, ORDERS, ORDER_CLOSED, str(order.id)):
                    raise OrderNotPayableError(order)
                await payments.insert_event(session, made, None, None)
                return made
            running = await payments.find_running(session, order.id)
            if running is not None and running.payer_id == request.user_id:
                return running
            # Between the two statements the running payment has failed: there is room for a new one.
        raise OrderNotPayableError(order)


class _KeyTakenError(Exception):
    """Somebody used the same idempotency key at the same moment; rolls the payment back."""


def build_service(
    database: Database, orders: InternalPeer, gateway: PaymentGateway, courier: Courier
) -> PaymentsService:
    """The service with its workflows."""
    outbox = Outbox(database, Base.metadata.tables["outbox"], "payments", courier)
    return PaymentsService(
        database=database,
        orders=orders,
        gateway=gateway,
        outbox=outbox,
        inbox=Inbox(Base.metadata.tables["inbox"]),
        paying=Paying(database, orders, gateway),
        refunds=Refunds(database, gateway, outbox),
        reconciliation=Reconciliation(database, gateway, lambda: datetime.now(UTC)),
    )
