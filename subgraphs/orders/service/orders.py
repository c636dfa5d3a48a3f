"""Making, reading and moving orders.

`orders.status` decides every race: each move is one guarded UPDATE, and whoever comes second finds no row.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from subgraphs.common.changes import ChangeLog
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.delivery import Courier
from subgraphs.common.errors import IdempotencyMismatchError, ObjectNotFoundError
from subgraphs.common.inbox import Inbox
from subgraphs.common.internal import InternalPeer
from subgraphs.common.money import Money
from subgraphs.common.outbox import Outbox
from subgraphs.common.owners import group
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.purge import Purge, Purges
from subgraphs.common.upkeep import Upkeep
from subgraphs.orders.domain import (
    ADMIN_TRANSITIONS,
    SYSTEM,
    Actor,
    ActorType,
    CancelReason,
    Event,
    InvalidTransitionError,
    License,
    Line,
    Order,
    OrderFilter,
    OrderSortKey,
    OrderStatus,
    PaidOutcome,
    PriceChangedError,
    PricedItem,
    check_items,
    sum_up,
)
from subgraphs.orders.models import Base, IdempotencyRow
from subgraphs.orders.repository import listing, orders, people
from subgraphs.orders.repository.sales import COUNTED
from subgraphs.orders.service.coupons import Coupons
from subgraphs.orders.service.downloads import DownloadOptions, Downloads
from subgraphs.orders.service.fulfilment import Fulfilment
from subgraphs.orders.service.licenses import Licenses
from subgraphs.orders.service.messages import NOT_PAID_IN_TIME, PAID
from subgraphs.orders.service.order_request import OrderRequest
from subgraphs.orders.service.people import People
from subgraphs.orders.service.quoting import quote
from subgraphs.orders.service.sales import Sales
from subgraphs.orders.service.stock import Stock
from subgraphs.orders.settings import OrdersSettings

CREATE = "createOrder"
UNKNOWN = "There is no such order."
CLOSED = "com.marketplace.orders.order.closed.v1"
"""The news that payments takes: an order cannot be paid any more."""
KEYS_PURGE = Purge(
    Base.metadata.tables["idempotency_keys"], IdempotencyRow.created_at, keep=timedelta(days=30)
)
"""A key that comes again later is a new one."""
CANCELLED_AT_ONCE = 100
"""How many orders one transaction cancels."""


@dataclass(frozen=True, slots=True)
class OrdersService:
    """The orders in one database; prices come from `products`, `outbox` has the news for payments, `inbox` what was heard.

    What it does besides: `licenses` and their `downloads`, the `stock` of limited products, `fulfilment` of what is paid.
    """

    database: Database
    products: InternalPeer
    payment_window: timedelta
    outbox: Outbox
    inbox: Inbox
    licenses: Licenses
    downloads: Downloads
    stock: Stock
    coupons: Coupons
    fulfilment: Fulfilment

    async def find_orders(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Order]:
        """Those of the orders that exist, by id; callers decide who may see them."""
        return {order.id: order for order in await orders.find_orders(session, ids)}

    async def find_order_by_number(self, session: ReadSession, number: str) -> Order | None:
        """The order with a number."""
        return await orders.find_order_by_number(session, number)

    async def list_orders(
        self, session: ReadSession, wanted: OrderFilter, sort: OrderSortKey, request: PageRequest
    ) -> Page[Order]:
        """A page of the orders that are `wanted`.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        rows = await listing.list_orders(session, wanted, sort, request)
        return build_page(request, rows, lambda order: listing.build_cursor_values(sort, order))

    async def list_orders_of(
        self, session: ReadSession, customer_ids: Collection[UUID], wanted: OrderFilter, request: PageRequest
    ) -> dict[UUID, Page[Order]]:
        """The page `request` of each customer's orders, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        sort = OrderSortKey()
        found = await listing.list_orders_of(session, customer_ids, wanted, request)
        return {
            customer_id: build_page(request, rows, lambda order: listing.build_cursor_values(sort, order))
            for customer_id, rows in found.items()
        }

    async def count_orders(self, session: ReadSession, wanted: OrderFilter) -> int:
        """How many orders are `wanted`."""
        return await listing.count_orders(session, wanted)

    async def count_orders_of(
        self, session: ReadSession, customer_ids: Collection[UUID], wanted: OrderFilter
    ) -> dict[UUID, int]:
        """How many orders each customer has."""
        return await listing.count_orders_of(session, customer_ids, wanted)

    async def list_lines(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Line]]:
        """The lines of each order."""
        return group(ids, await orders.list_lines(session, ids), lambda line: line.order_id)

    async def list_events(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[Event]]:
        """What happened to each order, oldest first."""
        return group(ids, await orders.list_events(session, ids), lambda event: event.order_id)

    async def count_sold(self, session: ReadSession, product_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many of each product were sold."""
        return dict.fromkeys(product_ids, 0) | await orders.count_sold(session, product_ids)

    async def create_order(self, request: OrderRequest) -> Order:
        """Order at the prices of now; the same request with the same key gives the order that it made before.

        Raises:
            InvalidInputError: the items break a rule, the coupon cannot be used, or too many orders are not paid.
            ObjectNotFoundError: a product is not for sale.
            OutOfStockError: a product cannot be had now, or not so many of it without paying.
            PriceChangedError: the total is not the expected one.
            IdempotencyMismatchError: the key was used with other input.
            UnavailableError: products does not answer.
            ForbiddenError: the customer was forgotten.
        """
        items = check_items(request.items)
        async with self.database.read() as session:
            known = await self._find_made(session, request)
        if known is not None:
            return known
        # Asked outside of the transaction: no row is locked while another service is waited for.
        priced = await quote(self.products, items)
        subtotal = sum_up(priced)
        coupon, discount = await self.coupons.find(request.coupon_code, subtotal)
        total = subtotal - discount
        if request.expected_total is not None and request.expected_total != total:
            raise PriceChangedError(total)
        await self.stock.count(priced)
        try:
            async with self.database.write() as session:
                order = await self._insert(session, request, subtotal, discount)
                # Coupons before stock, as whoever cancels locks them: neither waits for the other.
                if coupon is not None:
                    await self.coupons.use(session, coupon, order.customer_id, order.id)
                await self._fill(session, order, priced)
                return order
        except _KeyTakenError:
            async with self.database.read() as session:
                known = await self._find_made(session, request)
            assert known is not None, "a key is stored together with its order"
            return known

    async def cancel_order(
        self, session: WriteSession, order: Order, actor: Actor, reason: CancelReason, note: str | None
    ) -> Order:
        """Cancel a pending order.

        Raises:
            InvalidTransitionError: it is not pending any more.
        """
        moved = await orders.move_order(
            session, order.id, OrderStatus.PENDING, OrderStatus.CANCELLED, cancel_reason=reason
        )
        if moved is None:
            raise await self._why_not(session, order.id, OrderStatus.CANCELLED)
        await self._close(session, moved, actor, note)
        return moved

    async def move_order(
        self, session: WriteSession, order_id: UUID, wanted: OrderStatus, actor: Actor, note: str | None
    ) -> Order:
        """Move an order as an administrator may.

        Raises:
            ObjectNotFoundError: no such order.
            InvalidTransitionError: the order, or the machine, does not allow the move.
        """
        before = ADMIN_TRANSITIONS.get(wanted)
        reason = CancelReason.ADMIN if wanted is OrderStatus.CANCELLED else None
        moved = (
            await orders.move_order(session, order_id, before, wanted, cancel_reason=reason)
            if before is not None
            else None
        )
        if moved is None:
            raise await self._why_not(session, order_id, wanted)
        if moved.status is OrderStatus.CANCELLED:
            await self._close(session, moved, actor, note)
        else:
            await orders.insert_event(session, moved, before, actor, note)
        return moved

    async def expire_due(self) -> int:
        """Cancel the orders that were not paid in time; return how many there were."""
        return await self._cancel_all(orders.expire_orders, NOT_PAID_IN_TIME)

    async def cancel_all_of(self, customer_id: UUID) -> int:
        """Cancel a customer's orders that wait for money, since the customer is forgotten; return how many there were."""

        async def cancel(session: WriteSession, limit: int) -> list[Order]:
            return await orders.cancel_orders_of(session, customer_id, limit)

        return await self._cancel_all(cancel, "The account was deleted.")

    async def _cancel_all(
        self, cancel: Callable[[WriteSession, int], Awaitable[list[Order]]], note: str
    ) -> int:
        count = 0
        while True:
            async with self.database.write() as session:
                cancelled = await cancel(session, CANCELLED_AT_ONCE)
                for order in cancelled:
                    await self._close(session, order, SYSTEM, note)
            count += len(cancelled)
            if len(cancelled) < CANCELLED_AT_ONCE:
                return count

    async def mark_paid(
        self, session: WriteSession, order_id: UUID, payment_id: UUID, amount: Money
    ) -> tuple[PaidOutcome, OrderStatus]:
        """Let a payment pay an order: ACCEPTED, ALREADY by this same payment, or REJECTED with the status it has.

        Raises:
            ObjectNotFoundError: no such order.
        """
        paid = await orders.pay_order(session, order_id, payment_id, amount)
        if paid is not None:
            await orders.insert_event(session, paid, OrderStatus.PENDING, SYSTEM, PAID)
            await self.licenses.issue(session, paid, await orders.list_lines(session, [order_id]))
            return PaidOutcome.ACCEPTED, paid.status
        order = await self._get(session, order_id)
        is_payer = await orders.find_payer(session, order_id) == payment_id
        return (PaidOutcome.ALREADY if is_payer else PaidOutcome.REJECTED), order.status

    async def revoke_license(self, license_id: UUID, actor: Actor, reason: str | None) -> License:
        """End a licence and note it with its order; one that was ended before stays so.

        Raises:
            ObjectNotFoundError: no such licence.
        """
        async with self.database.write() as session:
            # The order first, as whoever pays it back locks them; and it stays where the event says that it is.
            order = await orders.lock_order_of(session, license_id)
            license_, is_news = await self.licenses.revoke(session, license_id)
            if order is not None and is_news:
                await orders.insert_event(session, order, order.status, actor, reason, "LICENSE_REVOKED")
        return license_

    @property
    def changes(self) -> ChangeLog:
        """What subscriptions tell; kept until it was counted for the sales too."""
        return ChangeLog(self.database, COUNTED)

    @property
    def sales(self) -> Sales:
        """How many of each product were sold."""
        return Sales(self.database)

    @property
    def people(self) -> People:
        """What is known of one person."""
        return People(self.database, self.cancel_all_of)

    @property
    def upkeep(self) -> Upkeep:
        """What goes on beside the requests."""
        purges = Purges(self.database, (KEYS_PURGE, self.inbox.purge))
        return Upkeep(
            (self.expire_due, self.fulfilment.run_due, self.outbox.run_due, self.sales.count_due),
            hourly=(purges.run_due,),
        )

    async def _close(self, session: WriteSession, order: Order, actor: Actor, note: str | None) -> None:
        """Note that an order was cancelled, and have payments end what could still pay it."""
        await orders.insert_event(session, order, OrderStatus.PENDING, actor, note)
        data = {"status": order.status, "cancelReason": order.cancel_reason}
        await self.outbox.add(session, "payments", CLOSED, order.id, data)

    async def _find_made(self, session: ReadSession, request: OrderRequest) -> Order | None:
        stored = await orders.find_idempotent(session, request.customer_id, CREATE, request.key)
        if stored is None:
            return None
        digest, order_id = stored
        if digest != request.digest:
            raise IdempotencyMismatchError
        return (await orders.find_orders(session, [order_id]))[0]

    async def _insert(
        self, session: WriteSession, request: OrderRequest, subtotal: Money, discount: Money
    ) -> Order:
        deadline = datetime.now(UTC) + self.payment_window
        order = await orders.insert_order(session, request.customer_id, subtotal, discount, deadline)
        # After the order, with which the erasure waits: one that is not seen here sees the order.
        await people.ERASED.refuse(session, request.customer_id)
        if not await orders.claim_key(
            session, request.customer_id, CREATE, request.key, request.digest, order.id
        ):
            raise _KeyTakenError
        await self.stock.check_unpaid(session, request.customer_id)
        return order

    async def _fill(self, session: WriteSession, order: Order, items: Sequence[PricedItem]) -> None:
        await self.stock.check(session, order.customer_id, items)
        await orders.insert_lines(session, order.id, items)
        await orders.insert_event(session, order, None, Actor(ActorType.CUSTOMER, order.customer_id), None)

    async def _get(self, session: WriteSession, order_id: UUID) -> Order:
        found = await orders.find_orders(session, [order_id])
        if not found:
            raise ObjectNotFoundError(UNKNOWN, ("id",))
        return found[0]

    async def _why_not(
        self, session: WriteSession, order_id: UUID, wanted: OrderStatus
    ) -> InvalidTransitionError:
        return InvalidTransitionError((await self._get(session, order_id)).status, wanted)


class _KeyTakenError(Exception):
    """Somebody used the same idempotency key at the same moment; rolls the order back."""


def build_service(
    settings: OrdersSettings, database: Database, products: InternalPeer, courier: Courier
) -> OrdersService:
    """The service with what it keeps."""
    return OrdersService(
        database=database,
        products=products,
        payment_window=settings.payment_window,
        outbox=Outbox(database, Base.metadata.tables["outbox"], "orders", courier),
        inbox=Inbox(Base.metadata.tables["inbox"]),
        licenses=Licenses(database),
        downloads=Downloads(database, DownloadOptions(settings.public_url, settings.common.internal_secret)),
        stock=Stock(database),
        coupons=Coupons(database),
        fulfilment=Fulfilment(database),
    )
