"""Lists of orders: conditions, sort and keyset pages."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from subgraphs.common.keyset import (
    KeysetColumn,
    id_column,
    minor_column,
    select_page,
    text_column,
    time_column,
)
from subgraphs.common.owners import read_counts, read_pages
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.orders.domain import Order, OrderFilter, OrderSortField, OrderSortKey
from subgraphs.orders.models import LineRow, OrderRow
from subgraphs.orders.repository import AnySession
from subgraphs.orders.repository.orders import read_order

_COLUMNS = OrderRow.__table__.c


async def list_orders(
    session: AnySession, wanted: OrderFilter, sort: OrderSortKey, request: PageRequest
) -> list[Order]:
    """At most `request.limit` orders, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    return [read_order(row) for row in await session.execute(_page(wanted, sort, request))]


async def list_orders_of(
    session: AnySession, customer_ids: Collection[UUID], wanted: OrderFilter, request: PageRequest
) -> dict[UUID, list[Order]]:
    """The newest orders of each customer: at most `request.limit`, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    page = _page(wanted, OrderSortKey(), request)
    return await read_pages(session, OrderRow.customer_id, customer_ids, page, read_order)


async def count_orders(session: AnySession, wanted: OrderFilter) -> int:
    """How many orders the whole list holds."""
    statement = select(func.count()).select_from(OrderRow).where(*_conditions(wanted))
    return (await session.execute(statement)).scalar_one()


async def count_orders_of(
    session: AnySession, customer_ids: Collection[UUID], wanted: OrderFilter
) -> dict[UUID, int]:
    """How many orders each customer has; 0 for one who has none."""
    statement = (
        select(OrderRow.customer_id, func.count())
        .where(OrderRow.customer_id.in_(customer_ids), *_conditions(wanted))
        .group_by(OrderRow.customer_id)
    )
    return await read_counts(session, customer_ids, statement)


def build_cursor_values(sort: OrderSortKey, order: Order) -> CursorValues:
    """What a cursor of the list says of an order."""
    match sort.field:
        case OrderSortField.CREATED_AT:
            return (order.created_at.isoformat(), str(order.id))
        case OrderSortField.TOTAL:
            return (order.total.minor, str(order.id))
        case OrderSortField.NUMBER:
            return (order.number, str(order.id))


def _page(wanted: OrderFilter, sort: OrderSortKey, request: PageRequest) -> Any:
    statement = select(*_COLUMNS).where(*_conditions(wanted))
    return select_page(statement, _sorted_by(sort), request, descending=sort.descending)


def _sorted_by(sort: OrderSortKey) -> list[KeysetColumn]:
    match sort.field:
        case OrderSortField.CREATED_AT:
            first = time_column(OrderRow.created_at)
        case OrderSortField.TOTAL:
            first = minor_column(OrderRow.total_minor)
        case OrderSortField.NUMBER:
            first = text_column(OrderRow.number)
    return [first, id_column(OrderRow.id)]


def _conditions(wanted: OrderFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.customer_id is not None:
        conditions.append(OrderRow.customer_id == wanted.customer_id)
    if wanted.statuses is not None:
        conditions.append(OrderRow.status.in_(wanted.statuses))
    if wanted.created_from is not None:
        conditions.append(OrderRow.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        conditions.append(OrderRow.created_at < wanted.created_to)
    if wanted.number is not None:
        conditions.append(OrderRow.number == wanted.number.upper())
    if wanted.product_id is not None:
        has_product = exists().where(LineRow.order_id == OrderRow.id, LineRow.product_id == wanted.product_id)
        conditions.append(has_product)
    return conditions
