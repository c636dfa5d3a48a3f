"""Orders with their past, many at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from subgraphs.common.bulk import copy_rows, find_stored, update_rows
from subgraphs.common.database import WriteSession
from subgraphs.orders.models import Base, OrderRow

Rows = Sequence[Mapping[str, Any]]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


async def find_numbers(session: WriteSession, numbers: Collection[str]) -> set[str]:
    """Those of the numbers that orders have."""
    return await find_stored(session, OrderRow.number, numbers)


async def insert_orders(session: WriteSession, rows: Rows) -> None:
    """Store pending orders."""
    await copy_rows(session, _table("orders"), rows)


async def insert_lines(session: WriteSession, rows: Rows) -> None:
    """Store all the lines of orders."""
    await copy_rows(session, _table("order_lines"), rows)


async def insert_licenses(session: WriteSession, rows: Rows) -> None:
    """Store licences."""
    await copy_rows(session, _table("licenses"), rows)


async def insert_events(session: WriteSession, rows: Rows) -> None:
    """Store events; those of an order in their sequence."""
    await copy_rows(session, _table("order_events"), rows)


async def move_orders(session: WriteSession, rows: Rows) -> None:
    """Give each order its row's columns."""
    await update_rows(session, _table("orders"), rows)
