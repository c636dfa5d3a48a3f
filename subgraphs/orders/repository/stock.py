"""How many of each limited product are taken; the database counts (see the migration), here it is asked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import WriteSession
from subgraphs.orders.domain import OrderStatus
from subgraphs.orders.models import LineRow, OrderRow, StockRow
from subgraphs.orders.repository import AnySession


async def list_counted(session: AnySession, product_ids: Collection[UUID]) -> set[UUID]:
    """Those of the products that are counted."""
    return {*await session.scalars(select(StockRow.product_id).where(_is_one_of(product_ids)))}


async def stop_ordering(session: WriteSession) -> None:
    """Wait for who is making or ending orders, and let nobody do so until this transaction ends."""
    await session.execute(text("LOCK TABLE orders, order_lines IN SHARE MODE"))


async def start_counting(session: WriteSession, product_ids: Collection[UUID]) -> None:
    """Count the products from now on, beginning with what is taken; those that are counted stay as they are.

    After `stop_ordering`: an order that is being made would not be seen.
    """
    wanted = (
        func.unnest(literal([*product_ids], ARRAY(Uuid)))
        .table_valued(column("id", Uuid), name="wanted")
        .render_derived()
    )
    ended = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)
    taken = (
        select(func.coalesce(func.sum(LineRow.quantity), 0))
        .join(OrderRow, OrderRow.id == LineRow.order_id)
        .where(LineRow.product_id == wanted.c.id, OrderRow.status.not_in(ended))
        .correlate(wanted)
        .scalar_subquery()
    )
    statement = insert(StockRow).from_select(["product_id", "taken"], select(wanted.c.id, taken))
    await session.execute(statement.on_conflict_do_nothing())


async def lock_taken(session: WriteSession, product_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many of each counted product are taken; it stays so until this transaction ends, but for what it does itself."""
    statement = (
        select(StockRow.product_id, StockRow.taken)
        .where(_is_one_of(product_ids))
        .order_by(StockRow.product_id)
        .with_for_update()
    )
    return {row.product_id: row.taken for row in await session.execute(statement)}


async def count_held(
    session: WriteSession, customer_id: UUID, product_ids: Collection[UUID]
) -> dict[UUID, int]:
    """How many of the products the customer has in orders that are not paid; one of which that is none is not there."""
    statement = (
        select(LineRow.product_id, func.sum(LineRow.quantity))
        .join(OrderRow, OrderRow.id == LineRow.order_id)
        .where(
            OrderRow.customer_id == customer_id,
            OrderRow.status == OrderStatus.PENDING,
            LineRow.product_id == any_(literal([*product_ids], ARRAY(Uuid))),
        )
        .group_by(LineRow.product_id)
    )
    return {product_id: int(held) for product_id, held in await session.execute(statement)}


def _is_one_of(product_ids: Collection[UUID]) -> ColumnElement[bool]:
    return StockRow.product_id == any_(literal([*product_ids], ARRAY(Uuid)))
