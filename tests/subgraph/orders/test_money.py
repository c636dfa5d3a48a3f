"""What orders does about money by itself: orders expire, and what is paid back is noted."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from subgraphs.orders.service.orders import EXPIRED_AT_ONCE, OrdersService
from tests.subgraph.orders.conftest import Orders


@pytest.fixture
def service(orders: Orders) -> OrdersService:
    return OrdersService(orders.database, orders.products, timedelta(hours=24))


async def mark_paid(orders: Orders, order_id: str, minor: int = 1999) -> str:
    payment_id = str(uuid4())
    body = {"paymentId": payment_id, "amount": {"minor": minor, "currency": "USD"}}
    answer = await orders.post_internal(f"/internal/orders/{order_id}/mark-paid", body)
    assert answer.json()["outcome"] == "ACCEPTED", answer.text
    return payment_id


async def tell(orders: Orders, order_id: str, payment_id: str, minor: int, currency: str = "USD") -> str:
    body = {"paymentId": payment_id, "refunded": {"minor": minor, "currency": currency}}
    answer = await orders.post_internal(f"/internal/orders/{order_id}/refunded", body)
    assert answer.status_code == 200, answer.text
    status: str = answer.json()["status"]
    return status


async def read_state(orders: Orders, order_id: str) -> tuple[str, int]:
    ((status, refunded),) = await orders.rows(
        "SELECT status, refunded_minor FROM orders WHERE id = :id", id=order_id
    )
    return status, refunded


async def test_what_is_paid_back_is_noted_whatever_the_order_in_which_it_is_told(orders: Orders) -> None:
    order_id = (await orders.order(minor=1999))["id"]
    payment_id = await mark_paid(orders, order_id)
    for minor, status, noted in (
        (500, "PAID", 500),
        (500, "PAID", 500),
        (300, "PAID", 500),
        (1999, "REFUNDED", 1999),
        (500, "REFUNDED", 1999),
    ):
        assert await tell(orders, order_id, payment_id, minor) == status
        assert await read_state(orders, order_id) == (status, noted)
    events = await orders.rows("SELECT from_status, to_status, message FROM order_events ORDER BY sequence")
    assert events[-2:] == [
        ("PAID", "PAID", "5.00 USD paid back in all."),
        ("PAID", "REFUNDED", "19.99 USD paid back in all."),
    ]


async def test_another_payment_or_too_much_changes_nothing(orders: Orders) -> None:
    order_id = (await orders.order(minor=1999))["id"]
    assert await tell(orders, order_id, str(uuid4()), 500) == "PENDING"
    payment_id = await mark_paid(orders, order_id)
    assert await tell(orders, order_id, str(uuid4()), 500) == "PAID"
    assert await tell(orders, order_id, payment_id, 2000) == "PAID"
    assert await tell(orders, order_id, payment_id, 500, "EUR") == "PAID"
    assert await read_state(orders, order_id) == ("PAID", 0)
    answer = await orders.post_internal(
        f"/internal/orders/{uuid4()}/refunded",
        {"paymentId": payment_id, "refunded": {"minor": 1, "currency": "USD"}},
    )
    assert answer.status_code == 404


async def test_orders_that_nobody_pays_in_time_are_cancelled(orders: Orders, service: OrdersService) -> None:
    late, paid = (await orders.order(minor=1999))["id"], (await orders.order(minor=1999))["id"]
    await mark_paid(orders, paid)
    assert await service.expire_due(datetime.now(UTC)) == 0
    assert await service.expire_due(datetime.now(UTC) + timedelta(hours=25)) == 1
    rows = await orders.rows("SELECT status, cancel_reason FROM orders WHERE id = :id", id=late)
    assert rows == [("CANCELLED", "EXPIRED")]
    assert (await read_state(orders, paid))[0] == "PAID"
    events = await orders.rows("SELECT to_status, message FROM order_events WHERE order_id = :id", id=late)
    assert ("CANCELLED", "It was not paid in time.") in events


async def test_many_expire_in_more_than_one_go(orders: Orders, service: OrdersService) -> None:
    await orders.order(minor=1999)
    count = EXPIRED_AT_ONCE + 5
    async with orders.database.write() as session:
        await session.execute(
            text(
                """WITH made AS (
                    INSERT INTO orders (customer_id, currency, subtotal_minor, total_minor, payment_deadline)
                    SELECT uuidv7(), 'USD', 1, 1, now() FROM generate_series(1, :count) RETURNING id)
                INSERT INTO order_lines
                    (order_id, position, product_id, product_name, unit_price_minor, quantity, total_minor)
                SELECT id, 0, uuidv7(), 'Thing', 1, 1, 1 FROM made"""
            ),
            {"count": count},
        )
    assert await service.expire_due(datetime.now(UTC) + timedelta(minutes=1)) == count
