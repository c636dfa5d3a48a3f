"""What follows a payment, a refund and a deadline: licences issued once and ended, news told until it is heard."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from subgraphs.common.money import Money
from subgraphs.orders.domain import Item
from subgraphs.orders.service.order_request import OrderRequest
from subgraphs.orders.service.refunds import note_refund
from tests.subgraph.orders.client import ADA, cut_at
from tests.subgraph.orders.conftest import TABLES, Orders

PRICE = Money(1999, "USD")
REFUNDED = "com.marketplace.payments.payment.refunded.v1"


async def paid(orders: Orders, *, minor: int = 1999, quantity: int = 1) -> tuple[str, UUID]:
    """An order that a payment paid; gives the ids of both."""
    order = await orders.order(ADA, minor, quantity=quantity)
    payment_id = uuid4()
    response = await orders.mark_paid(order["id"], payment_id, minor * quantity)
    assert response.json()["outcome"] == "ACCEPTED"
    return order["id"], payment_id


async def tell_refund(
    orders: Orders, order_id: str, payment_id: UUID, minor: Any, currency: str = "USD"
) -> int:
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/marketplace/payments",
        "type": REFUNDED,
        "subject": str(payment_id),
        "data": {"orderId": order_id, "refunded": {"minor": minor, "currency": currency}},
    }
    return (await orders.post_internal("/internal/events", event)).status_code


async def state(orders: Orders) -> list[tuple[Any, ...]]:
    return await orders.rows("SELECT status, refunded_minor FROM orders")


async def test_a_licence_a_line_however_often_the_payment_is_told(orders: Orders) -> None:
    first, second = orders.products.add(100), orders.products.add(200)
    order = (await orders.create((first, 3), (second, 1)))["order"]
    assert await orders.count("licenses") == [0]
    payment_id = uuid4()
    await asyncio.gather(*(orders.mark_paid(order["id"], payment_id, 500) for _ in range(5)))
    rows = await orders.rows(
        "SELECT product_id::text, activation_limit, status, customer_id FROM licenses ORDER BY activation_limit"
    )
    assert rows == [(second, 1, "ACTIVE", ADA), (first, 3, "ACTIVE", ADA)]
    keys = {key for (key,) in await orders.rows("SELECT key FROM licenses")}
    assert {len(key) for key in keys} == {27}
    assert len(keys) == 2


async def test_refunds_told_twice_late_and_in_the_wrong_order(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    for minor in (500, 500, 1200, 700, 0):
        assert await tell_refund(orders, order_id, payment_id, minor) == 200
    assert await state(orders) == [("PAID", 1200)]
    assert await orders.rows("SELECT status FROM licenses") == [("ACTIVE",)]
    for minor in (1999, 1999, 1200):
        assert await tell_refund(orders, order_id, payment_id, minor) == 200
    assert await state(orders) == [("REFUNDED", 1999)]
    assert await orders.rows("SELECT status FROM licenses") == [("REVOKED",)]
    events = await orders.rows("SELECT type, from_status, to_status FROM order_events ORDER BY sequence")
    assert events[2:] == [
        ("PARTLY_REFUNDED", "PAID", "PAID"),
        ("PARTLY_REFUNDED", "PAID", "PAID"),
        ("STATUS_CHANGED", "PAID", "REFUNDED"),
    ]


@pytest.mark.parametrize(("minor", "currency"), [(2000, "USD"), (1999, "EUR"), (-1, "USD"), (2**62, "USD")])
async def test_refunds_that_cannot_be_change_nothing(orders: Orders, minor: int, currency: str) -> None:
    order_id, payment_id = await paid(orders)
    assert await tell_refund(orders, order_id, payment_id, minor, currency) == 200
    assert await tell_refund(orders, order_id, uuid4(), 1999) == 200
    assert await state(orders) == [("PAID", 0)]


@pytest.mark.parametrize("minor", ["1", 1.5, None, 2**63, True])
async def test_refunds_that_are_none(orders: Orders, minor: Any) -> None:
    order_id, payment_id = await paid(orders)
    assert await tell_refund(orders, order_id, payment_id, minor) in {400, 422}
    assert await state(orders) == [("PAID", 0)]


async def test_an_order_that_is_not_paid_in_time_is_cancelled_once(orders: Orders) -> None:
    late, paid_before, fresh = [await orders.order() for _ in range(3)]
    for order in (late, paid_before):
        await orders.execute(
            "UPDATE orders SET payment_deadline = now() - interval '1 second' WHERE id = :id", id=order["id"]
        )
    await orders.mark_paid(paid_before["id"], uuid4())
    counts = await asyncio.gather(*(orders.service.expire_due() for _ in range(4)))
    assert sum(counts) == 1
    rows = {
        str(order_id): (status, reason)
        for order_id, status, reason in await orders.rows("SELECT id, status, cancel_reason FROM orders")
    }
    assert rows == {
        late["id"]: ("CANCELLED", "EXPIRED"),
        paid_before["id"]: ("PAID", None),
        fresh["id"]: ("PENDING", None),
    }
    response = await orders.mark_paid(late["id"], uuid4())
    assert response.json() == {"outcome": "REJECTED", "status": "CANCELLED"}


async def test_paying_and_expiring_at_once_have_one_winner(orders: Orders) -> None:
    for _ in range(20):
        order = await orders.order()
        await orders.execute("UPDATE orders SET payment_deadline = now() WHERE id = :id", id=order["id"])
        response, expired = await asyncio.gather(
            orders.mark_paid(order["id"], uuid4()), orders.service.expire_due()
        )
        ((status, licences),) = await orders.rows(
            "SELECT status, (SELECT count(*) FROM licenses WHERE order_id = orders.id) FROM orders WHERE id = :id",
            id=order["id"],
        )
        assert (status, response.json()["outcome"], expired, licences) in {
            ("PAID", "ACCEPTED", 0, 1),
            ("CANCELLED", "REJECTED", 1, 0),
        }


async def test_payments_is_told_of_a_closed_order_until_it_hears(orders: Orders) -> None:
    order = await orders.order()
    await orders.execute("UPDATE orders SET payment_deadline = now()")
    orders.payments.is_down = True
    await orders.service.upkeep.run_once()
    assert await orders.rows("SELECT tries FROM outbox") == [(1,)]
    orders.payments.is_down = False
    await orders.service.upkeep.run_once()
    assert orders.payments.heard == []
    await orders.execute("UPDATE outbox SET next_try_at = now()")
    await orders.service.upkeep.run_once()
    (event,) = orders.payments.heard
    assert (event["specversion"], event["subject"]) == ("1.0", order["id"])
    assert event["data"] == {"status": "CANCELLED", "cancelReason": "EXPIRED"}
    assert await orders.count("outbox") == [0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licenses SET key = 'x'",
        "UPDATE licenses SET customer_id = uuidv7()",
        "UPDATE licenses SET activation_count = 2",
        "UPDATE licenses SET status = 'REVOKED'; UPDATE licenses SET status = 'ACTIVE'",
    ],
)
async def test_what_the_database_does_not_let_pass(orders: Orders, statement: str) -> None:
    await paid(orders)
    *before, last = statement.split("; ")
    for step in before:
        await orders.execute(step)
    with pytest.raises(DBAPIError):
        await orders.execute(last)


async def test_the_route_for_news_is_for_services(orders: Orders) -> None:
    assert (
        await orders.post_internal("/internal/events", {}, secret="another secret, long enough")
    ).status_code == 401
    for body in ({}, {"specversion": "0.3"}, [], b"{", {"specversion": "1.0", "type": "x" * 500}):
        assert (await orders.post_internal("/internal/events", body)).status_code == 422


async def _clear(orders: Orders) -> None:
    await orders.execute("TRUNCATE " + ", ".join(TABLES))


async def test_cut_off_at_every_statement_of_ordering_there_is_one_order(orders: Orders) -> None:
    items = (Item(UUID(orders.products.add(5)), 2, 0), Item(UUID(orders.products.add(7)), 1, 1))
    request = OrderRequest(ADA, "k", items, None)
    number = 0
    is_cut = True
    while is_cut:
        number += 1
        await _clear(orders)
        is_cut = await cut_at(orders, number, lambda: orders.service.create_order(request))
        written = await orders.count(*TABLES[:4])
        # All of it, or nothing.
        assert written in ([0, 0, 0, 0], [1, 2, 1, 1])
        assert (await orders.service.create_order(request)).total.minor == 17
        assert await orders.count(*TABLES[:4]) == [1, 2, 1, 1]
    assert number > 5


async def test_cut_off_at_every_statement_of_being_paid_and_paid_back(orders: Orders) -> None:
    for work_is_refund in (False, True):
        number = 0
        is_cut = True
        while is_cut:
            number += 1
            await _clear(orders)
            order = await orders.order()
            order_id, payment_id = UUID(order["id"]), uuid4()

            async def pay(order_id: UUID = order_id, payment_id: UUID = payment_id) -> None:
                async with orders.database.write() as session:
                    await orders.service.mark_paid(session, order_id, payment_id, PRICE)

            async def pay_back(order_id: UUID = order_id, payment_id: UUID = payment_id) -> None:
                async with orders.database.write() as session:
                    await note_refund(session, orders.service.licenses, order_id, payment_id, PRICE)

            if work_is_refund:
                await pay()
            work = pay_back if work_is_refund else pay
            is_cut = await cut_at(orders, number, work)
            await work()
            ends = await orders.rows(
                """SELECT status, refunded_minor, (SELECT string_agg(status, ',') FROM licenses),
                (SELECT count(*) FROM order_events) FROM orders"""
            )
            assert ends == [("REFUNDED", 1999, "REVOKED", 3) if work_is_refund else ("PAID", 0, "ACTIVE", 2)]
        assert number > 4
