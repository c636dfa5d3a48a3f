"""One order at a time, or several by their ids: reading, making, moving along the state machine."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, case, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import lock_customer
from subgraphs.common.money import Money
from subgraphs.orders.domain import (
    SOLD,
    SYSTEM,
    Actor,
    ActorType,
    CancelReason,
    Event,
    Line,
    Order,
    OrderStatus,
    PricedItem,
)
from subgraphs.orders.domain.refunds import Refunded
from subgraphs.orders.models import EventRow, IdempotencyRow, LicenseRow, LineRow, OrderRow
from subgraphs.orders.repository import AnySession


async def find_orders(session: AnySession, ids: Collection[UUID]) -> list[Order]:
    """Those of the orders that exist."""
    rows = await session.scalars(select(OrderRow).where(OrderRow.id == any_(literal([*ids], ARRAY(Uuid)))))
    return [read_order(row) for row in rows]


async def find_order_by_number(session: AnySession, number: str) -> Order | None:
    """The order with a number."""
    row = (await session.scalars(select(OrderRow).where(OrderRow.number == number.upper()))).one_or_none()
    return None if row is None else read_order(row)


async def list_lines(session: AnySession, order_ids: Collection[UUID]) -> list[Line]:
    """The lines of the orders, in each order's own sequence."""
    statement = (
        select(LineRow, OrderRow.currency)
        .join(OrderRow, OrderRow.id == LineRow.order_id)
        .where(LineRow.order_id == any_(literal([*order_ids], ARRAY(Uuid))))
        .order_by(LineRow.order_id, LineRow.position)
    )
    return [
        Line(
            id=row.id,
            order_id=row.order_id,
            product_id=row.product_id,
            product_name=row.product_name,
            unit_price=Money(row.unit_price_minor, currency),
            quantity=row.quantity,
            total=Money(row.total_minor, currency),
        )
        for row, currency in await session.execute(statement)
    ]


async def list_events(session: AnySession, order_ids: Collection[UUID]) -> list[Event]:
    """What happened to the orders, oldest first."""
    statement = (
        select(EventRow)
        .where(EventRow.order_id == any_(literal([*order_ids], ARRAY(Uuid))))
        .order_by(EventRow.sequence)
    )
    return [
        Event(
            id=row.id,
            order_id=row.order_id,
            at=row.at,
            type=row.type,
            from_status=None if row.from_status is None else OrderStatus(row.from_status),
            to_status=None if row.to_status is None else OrderStatus(row.to_status),
            actor_type=ActorType(row.actor_type),
            message=row.message,
        )
        for row in await session.scalars(statement)
    ]


async def count_sold(session: AnySession, product_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many of each product were sold; one that never was is not there."""
    statement = (
        select(LineRow.product_id, func.sum(LineRow.quantity))
        .join(OrderRow, OrderRow.id == LineRow.order_id)
        .where(LineRow.product_id == any_(literal([*product_ids], ARRAY(Uuid))), OrderRow.status.in_(SOLD))
        .group_by(LineRow.product_id)
    )
    return {product_id: int(count) for product_id, count in await session.execute(statement)}


async def lock_order_of(session: WriteSession, license_id: UUID) -> Order | None:
    """The order that a licence is of; nobody else moves it until this transaction ends."""
    statement = (
        select(OrderRow)
        .join(LicenseRow, LicenseRow.order_id == OrderRow.id)
        .where(LicenseRow.id == license_id)
        .with_for_update(of=OrderRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_order(row)


async def insert_order(
    session: WriteSession, customer_id: UUID, subtotal: Money, discount: Money, payment_deadline: datetime
) -> Order:
    """Store a new, pending order; its customer makes no other, and is not noted as forgotten, until this transaction ends."""
    total = subtotal - discount
    statement = (
        insert(OrderRow)
        .values(
            customer_id=customer_id,
            currency=total.currency,
            subtotal_minor=subtotal.minor,
            discount_minor=discount.minor,
            total_minor=total.minor,
            payment_deadline=payment_deadline,
        )
        .returning(OrderRow, lock_customer(customer_id))
    )
    return read_order((await session.scalars(statement)).one())


async def count_unpaid(session: WriteSession, customer_id: UUID) -> int:
    """How many orders of a customer wait for money."""
    statement = (
        select(func.count())
        .select_from(OrderRow)
        .where(OrderRow.customer_id == customer_id, OrderRow.status == OrderStatus.PENDING)
    )
    return (await session.execute(statement)).scalar_one()


async def insert_lines(session: WriteSession, order_id: UUID, items: Sequence[PricedItem]) -> None:
    """Store the lines of an order, in the sequence given."""
    rows = [
        {
            "order_id": order_id,
            "position": position,
            "product_id": item.product_id,
            "product_name": item.name,
            "unit_price_minor": item.unit_price.minor,
            "quantity": item.quantity,
            "total_minor": item.total.minor,
        }
        for position, item in enumerate(items)
    ]
    await session.execute(insert(LineRow).values(rows))


async def insert_event(
    session: WriteSession,
    order: Order,
    before: OrderStatus | None,
    actor: Actor,
    message: str | None,
    name: str = "STATUS_CHANGED",
) -> None:
    """Store that an order came to the status that it has now, or what else happened to it."""
    await session.execute(
        insert(EventRow).values(
            order_id=order.id,
            type="CREATED" if before is None else name,
            from_status=before,
            to_status=order.status,
            actor_type=actor.type,
            actor_id=actor.id,
            message=message,
        )
    )


async def insert_refund_event(
    session: WriteSession, before: OrderStatus, order: Order, refund: Refunded, message: str
) -> None:
    """Store that money of an order went back, at the time of that: after what was stored before, and not in the future."""
    last = select(func.max(EventRow.at)).where(EventRow.order_id == order.id).scalar_subquery()
    await session.execute(
        insert(EventRow).values(
            order_id=order.id,
            at=func.now() if refund.at is None else func.greatest(last, func.least(refund.at, func.now())),
            type="PARTLY_REFUNDED" if before is order.status else "STATUS_CHANGED",
            from_status=before,
            to_status=order.status,
            actor_type=SYSTEM.type,
            message=message,
            refund_id=refund.refund_id,
        )
    )


async def move_order(
    session: WriteSession,
    order_id: UUID,
    before: OrderStatus,
    after: OrderStatus,
    *,
    cancel_reason: CancelReason | None = None,
) -> Order | None:
    """Move an order that is `before` to `after`; None if it is not `before` (any more)."""
    statement = (
        update(OrderRow)
        .where(OrderRow.id == order_id, OrderRow.status == before)
        .values(status=after, cancel_reason=cancel_reason)
        .returning(OrderRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_order(row)


async def pay_order(session: WriteSession, order_id: UUID, payment_id: UUID, amount: Money) -> Order | None:
    """Mark a pending order of just this amount as paid; None if there is no such pending order."""
    statement = (
        update(OrderRow)
        .where(
            OrderRow.id == order_id,
            OrderRow.status == OrderStatus.PENDING,
            OrderRow.total_minor == amount.minor,
            OrderRow.currency == amount.currency,
        )
        .values(status=OrderStatus.PAID, paid_by=payment_id)
        .returning(OrderRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_order(row)


async def expire_orders(session: WriteSession, limit: int) -> list[Order]:
    """Cancel pending orders past their deadline, those that nobody else is working on; gives those it cancelled."""
    due = (
        select(OrderRow.id)
        .where(OrderRow.status == OrderStatus.PENDING, OrderRow.payment_deadline <= func.now())
        .order_by(OrderRow.payment_deadline)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(OrderRow)
        .where(OrderRow.id.in_(due), OrderRow.status == OrderStatus.PENDING)
        .values(status=OrderStatus.CANCELLED, cancel_reason=CancelReason.EXPIRED)
        .returning(OrderRow)
        .execution_options(synchronize_session=False)
    )
    return [read_order(row) for row in await session.scalars(statement)]


async def fulfil_orders(
    session: WriteSession, before: OrderStatus, after: OrderStatus, limit: int
) -> list[Order]:
    """Move orders that are `before` to `after`, at most `limit`, those that nobody else is working on; gives those it moved.

    Each line has its licence by then.
    """
    lacks = exists().where(LineRow.order_id == OrderRow.id, ~exists().where(LicenseRow.line_id == LineRow.id))
    due = (
        select(OrderRow.id)
        .where(OrderRow.status == before, ~lacks)
        .order_by(OrderRow.updated_at, OrderRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OrderRow)
    )
    statement = (
        update(OrderRow)
        .where(OrderRow.id.in_(due), OrderRow.status == before)
        .values(status=after)
        .returning(OrderRow)
        .execution_options(synchronize_session=False)
    )
    return [read_order(row) for row in await session.scalars(statement)]


async def cancel_orders_of(session: WriteSession, customer_id: UUID, limit: int) -> list[Order]:
    """Cancel a customer's pending orders, at most `limit`; gives those it cancelled."""
    pending = (
        select(OrderRow.id)
        .where(OrderRow.customer_id == customer_id, OrderRow.status == OrderStatus.PENDING)
        .order_by(OrderRow.id)
        .limit(limit)
        .with_for_update()
    )
    statement = (
        update(OrderRow)
        .where(OrderRow.id.in_(pending), OrderRow.status == OrderStatus.PENDING)
        .values(status=OrderStatus.CANCELLED, cancel_reason=CancelReason.CUSTOMER)
        .returning(OrderRow)
        .execution_options(synchronize_session=False)
    )
    return [read_order(row) for row in await session.scalars(statement)]


async def refund_order(
    session: WriteSession, order_id: UUID, payment_id: UUID, refunded: Money
) -> tuple[Order, Order] | None:
    """Note how much of an order was paid back in all; gives the order before, and after.

    None if that is not more than was known, or another payment paid the order: news may come twice, or late.
    """
    before = (
        select(OrderRow)
        .where(
            OrderRow.id == order_id,
            OrderRow.paid_by == payment_id,
            OrderRow.currency == refunded.currency,
            OrderRow.refunded_minor < refunded.minor,
            OrderRow.total_minor >= refunded.minor,
        )
        .with_for_update()
    )
    row = (await session.scalars(before)).one_or_none()
    if row is None:
        return None
    found = read_order(row)
    statement = (
        update(OrderRow)
        .where(OrderRow.id == order_id)
        .values(
            refunded_minor=refunded.minor,
            status=case(
                (OrderRow.total_minor == refunded.minor, OrderStatus.REFUNDED.value), else_=OrderRow.status
            ),
        )
        .returning(OrderRow)
    )
    return found, read_order((await session.scalars(statement)).one())


async def find_payer(session: AnySession, order_id: UUID) -> UUID | None:
    """The payment that paid an order."""
    return (await session.scalars(select(OrderRow.paid_by).where(OrderRow.id == order_id))).one_or_none()


async def find_idempotent(
    session: AnySession, user_id: UUID, operation: str, key: str
) -> tuple[bytes, UUID] | None:
    """The hash of the input that a key was used with, and the order that it made."""
    statement = select(IdempotencyRow.request_sha256, IdempotencyRow.order_id).where(
        IdempotencyRow.user_id == user_id, IdempotencyRow.operation == operation, IdempotencyRow.key == key
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


async def claim_key(
    session: WriteSession, user_id: UUID, operation: str, key: str, request_sha256: bytes, order_id: UUID
) -> bool:
    """Take an idempotency key; False if somebody had it before. Waits for whoever is taking it right now."""
    statement = (
        postgres_insert(IdempotencyRow)
        .values(
            user_id=user_id, operation=operation, key=key, request_sha256=request_sha256, order_id=order_id
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.key)
    )
    return (await session.execute(statement)).one_or_none() is not None


def read_order(row: Any) -> Order:
    """The order in a row, or in anything with its columns."""
    currency = row.currency
    return Order(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        status=OrderStatus(row.status),
        cancel_reason=None if row.cancel_reason is None else CancelReason(row.cancel_reason),
        subtotal=Money(row.subtotal_minor, currency),
        discount_total=Money(row.discount_minor, currency),
        tax_total=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        refunded_total=Money(row.refunded_minor, currency),
        payment_deadline=row.payment_deadline,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
