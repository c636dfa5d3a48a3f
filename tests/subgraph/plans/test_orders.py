"""Every list of orders is read along an index: each filter, alone and with each other, in each sort, from each place."""

from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.common.database import Database
from subgraphs.common.pagination import PageRequest
from subgraphs.orders.domain import OrderFilter, OrderSortField, OrderSortKey, OrderStatus
from subgraphs.orders.repository import licenses, listing
from subgraphs.orders.repository import orders as rows
from subgraphs.orders.service import build_service as build_orders
from tests.support.places import combine, pages
from tests.support.query_plans import expect_indexed, fill
from tests.support.shops import COURIER, NOBODY_THERE, ORDERS_SETTINGS

STATUSES = (
    (OrderStatus.REFUNDED,),
    (OrderStatus.COMPLETED,),
    (OrderStatus.PAID, OrderStatus.PENDING),
    (OrderStatus.COMPLETED, OrderStatus.CANCELLED),
)


async def some_order(orders: Database, place: str = "created_at OFFSET 3000") -> Any:
    async with orders.read() as session:
        return rows.read_order(
            (await session.execute(text(f"SELECT * FROM orders ORDER BY {place} LIMIT 1"))).one()
        )


async def busiest(orders: Database, table: str, column: str, count: int = 1) -> list[Any]:
    """The values of a column that most rows have."""
    statement = f"SELECT {column} FROM {table} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {count}"
    async with orders.read() as session:
        return [*await session.scalars(text(statement))]


@pytest.mark.parametrize("field", OrderSortField)
@pytest.mark.parametrize("descending", [False, True])
async def test_lists_of_orders(orders: Database, field: OrderSortField, descending: bool) -> None:
    order = await some_order(orders)
    (customer,), (product,) = (
        await busiest(orders, "orders", "customer_id"),
        await busiest(orders, "order_lines", "product_id"),
    )
    conditions: dict[str, tuple[Any, ...]] = {
        "customer_id": (customer,),
        "statuses": STATUSES,
        "created_from": (order.created_at,),
        "created_to": (order.created_at,),
        "number": (order.number,),
        "product_id": (product,),
    }
    sort = OrderSortKey(field, descending)
    requests = pages(listing.build_cursor_values(sort, order))
    for values in combine(conditions, 3):
        for request in requests:

            async def read(values: dict[str, Any] = values, request: PageRequest = request) -> None:
                async with orders.read() as session:
                    await listing.list_orders(session, OrderFilter(**values), sort, request)

            await expect_indexed(orders, read, f"{values} {request}")


async def test_pages_of_many_customers_and_their_licences(orders: Database) -> None:
    order = await some_order(orders)
    customers = await busiest(orders, "orders", "customer_id", 20)
    cursor = (order.created_at.isoformat(), str(order.id))
    for request in pages(cursor):
        for wanted in (OrderFilter(), *(OrderFilter(statuses=statuses) for statuses in STATUSES)):

            async def read(wanted: OrderFilter = wanted, request: PageRequest = request) -> None:
                async with orders.read() as session:
                    await listing.list_orders_of(session, customers, wanted, request)
                    await listing.count_orders_of(session, customers, wanted)

            await expect_indexed(orders, read, f"{wanted} {request}")

        async def read_library(request: PageRequest = request) -> None:
            async with orders.read() as session:
                await licenses.list_libraries(session, customers, request)
                await licenses.count_libraries(session, customers)

        await expect_indexed(orders, read_library, str(request))


async def test_what_belongs_to_a_page_of_orders(orders: Database) -> None:
    products = await busiest(orders, "order_lines", "product_id", 20)
    async with orders.read() as session:
        statement = text("SELECT id FROM orders ORDER BY created_at LIMIT 20")
        ids = [*await session.scalars(statement)]
        found = await licenses.list_of_orders(session, ids)

    async def read() -> None:
        async with orders.read() as session:
            await rows.find_orders(session, ids)
            await rows.list_lines(session, ids)
            await rows.list_events(session, ids)
            await rows.count_sold(session, products[10:])
            await licenses.find_licenses(session, [one.id for one in found])
            await licenses.list_of_orders(session, ids)
            await licenses.list_activations(session, [one.id for one in found])
            await licenses.list_owned(session, found[0].customer_id, products, found[0].created_at)
            await rows.find_order_by_number(session, "PAM-2026-000001")

    await expect_indexed(orders, read, "a page")


async def test_what_upkeep_asks_again_and_again(orders: Database) -> None:
    service = build_orders(ORDERS_SETTINGS, orders, NOBODY_THERE, COURIER)
    await service.upkeep.run_once()
    await service.changes.place()
    await fill(
        orders,
        """INSERT INTO idempotency_keys (user_id, operation, key, request_sha256, order_id)
        SELECT customer_id, 'createOrder', id::text, sha256(id::text::bytea), id FROM orders""",
        "INSERT INTO inbox (source, type, subject, version) SELECT 'payments', 'paid', id::text, 1 FROM orders",
        """INSERT INTO outbox (peer, type, subject, data, next_try_at)
        SELECT 'payments', 'closed', id, '{}', now() + interval '1 day' FROM orders""",
        "UPDATE changes SET at = now()",
        # What is still to be placed and counted is little.
        "UPDATE product_sales_head SET position = (SELECT max(position) - 5 FROM changes)",
        """INSERT INTO changes (id, subject, at, data)
        SELECT uuidv7(), id, now(), '{"from": "PENDING", "to": "PAID"}' FROM orders ORDER BY id LIMIT 5""",
    )

    async def work() -> None:
        await service.changes.place()
        await service.upkeep.run_once()
        await service.changes.purge()

    await expect_indexed(orders, work, "upkeep")


async def test_without_its_index_a_list_is_found_out(orders: Database) -> None:
    """The law above would be empty if these tables were too small to tell."""
    async with orders.write() as session:
        # Enough that the planner does not ask for an index: nothing of it is committed.
        await session.execute(text("DROP INDEX orders_by_created_at, orders_by_status"))
        plan = await session.execute(
            text("EXPLAIN SELECT * FROM orders WHERE status = 'REFUNDED' ORDER BY created_at, id LIMIT 20")
        )
        said = "\n".join(plan.scalars())
        await session.rollback()
    assert "Seq Scan" in said
