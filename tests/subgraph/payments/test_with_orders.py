"""Payments beside the real orders: what one side says is what the other side understands."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from subgraphs.common.internal import PeerError
from tests.subgraph.orders.client import ADA, token_of
from tests.subgraph.orders.conftest import MOVE_ERRORS, Orders
from tests.subgraph.orders.conftest import orders as orders  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.conftest import orders_url as orders_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.payments.conftest import FakeOrders, Payments, serve
from tests.subgraph.payments.test_durable import refund


class OrdersPeer:
    """The other side of `InternalClient`, without a socket between."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        response = await self._orders.post_internal(path, body)
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise PeerError(response.text)
        answer: dict[str, Any] = response.json()
        return answer


@pytest_asyncio.fixture
async def payments(payments_url: str, orders: Orders) -> AsyncIterator[Payments]:
    async with serve(payments_url, OrdersPeer(orders), FakeOrders()) as payments:
        yield payments


async def cancel(orders: Orders, order_id: str) -> dict[str, Any]:
    operation = f"mutation($id: ID!) {{ cancelOrder(id: $id) {{ order {{ status }} {MOVE_ERRORS} }} }}"
    payload: dict[str, Any] = (await orders.ask(operation, token_of(ADA), id=order_id))["cancelOrder"]
    return payload


async def test_a_purchase(orders: Orders, payments: Payments) -> None:
    order = await orders.order(minor=4250)
    payment = (await payments.initiate(order["id"], "BANK_TRANSFER"))["payment"]
    assert (payment["amount"], payment["order"]["number"]) == (order["total"], order["number"])
    assert payment["expiresAt"] == order["paymentDeadline"]
    verified = (await payments.verify(payment["reference"]))["payment"]
    assert (verified["status"], verified["failure"]) == ("SUCCEEDED", None)
    assert await orders.rows("SELECT status, paid_by::text FROM orders") == [("PAID", payment["id"])]
    assert (await cancel(orders, order["id"]))["errors"][0]["currentStatus"] == "PAID"
    again = await payments.initiate(order["id"])
    assert again["errors"][0]["__typename"] == "OrderNotPayableError"


async def test_money_for_a_cancelled_order_is_owed_and_the_order_stays_cancelled(
    orders: Orders, payments: Payments
) -> None:
    order = await orders.order()
    payment = (await payments.initiate(order["id"]))["payment"]
    assert (await cancel(orders, order["id"]))["errors"] == []
    verified = (await payments.verify(payment["reference"]))["payment"]
    assert (verified["status"], verified["failure"]["code"]) == ("SUCCEEDED", "ORDER_NOT_PAYABLE")
    assert await orders.rows("SELECT status FROM orders") == [("CANCELLED",)]


async def test_cancelling_and_verifying_at_once_end_alike_on_both_sides(
    orders: Orders, payments: Payments
) -> None:
    for n in range(20):
        order = await orders.order()
        payment = (await payments.initiate(order["id"]))["payment"]

        async def cancel_after(pings: int, order_id: str = order["id"]) -> dict[str, Any]:
            # Verifying takes more statements before it gets there; a few here let either side win.
            for _ in range(pings):
                await orders.database.ping()
            return await cancel(orders, order_id)

        cancelled, verified = await asyncio.gather(
            cancel_after(n % 10), payments.verify(payment["reference"])
        )
        ((status,),) = await orders.rows("SELECT status FROM orders WHERE id = :id", id=order["id"])
        is_owed = verified["payment"]["failure"] is not None
        assert (status, cancelled["errors"] == [], is_owed) in {
            ("CANCELLED", True, True),
            ("PAID", False, False),
        }


async def test_whoever_wins_the_money_kept_is_what_the_paid_orders_cost(
    orders: Orders, payments: Payments
) -> None:
    order_ids = []
    for n in range(60):
        order = await orders.order(minor=100 + n)
        order_ids.append(order["id"])
        payment = (await payments.initiate(order["id"], "BANK_TRANSFER"))["payment"]
        if n % 5 == 0:
            await orders.execute("UPDATE orders SET payment_deadline = now() WHERE id = :id", id=order["id"])

        async def cancel_after(pings: int, order_id: str = order["id"]) -> None:
            for _ in range(pings):
                await orders.database.ping()
            await cancel(orders, order_id)

        await asyncio.gather(
            cancel_after(n % 12),
            payments.verify(payment["reference"]),
            orders.service.expire_due(),
            return_exceptions=True,
        )
    for _ in range(4):
        await _quiet_down(orders, payments)
    kept = {
        str(order_id): minor
        for order_id, minor in await payments.rows(
            """SELECT order_id, sum(CASE WHEN verified_at IS NULL THEN 0 ELSE amount_minor - refunded_minor END)::bigint
            FROM payments GROUP BY order_id"""
        )
    }
    owed = {
        str(order_id): minor if status in {"PAID", "PROCESSING", "COMPLETED"} else 0
        for order_id, status, minor in await orders.rows("SELECT id, status, total_minor FROM orders")
    }
    assert kept == owed
    assert 0 < sum(1 for minor in owed.values() if minor) < len(order_ids)
    (books,) = await payments.rows(
        """SELECT coalesce(sum(amount_minor) FILTER (WHERE account = 'GATEWAY'), 0)::bigint,
            coalesce(sum(amount_minor) FILTER (WHERE account = 'OWED'), 0)::bigint, sum(amount_minor)::bigint
            FROM ledger_entries"""
    )
    assert books == (sum(owed.values()), 0, 0)


async def _quiet_down(orders: Orders, payments: Payments) -> None:
    """Let both services do what is left, and hear each other."""
    await orders.execute("UPDATE outbox SET next_try_at = now()")
    await orders.service.upkeep.run_once()
    while orders.payments.heard:
        response = await payments.post_internal("/internal/events", orders.payments.heard.pop(0))
        assert response.status_code == 200
    await payments.go_on()


async def test_a_refund_reaches_the_order(orders: Orders, payments: Payments) -> None:
    order = await orders.order(minor=4250)
    payment = (await payments.initiate(order["id"]))["payment"]
    await payments.verify(payment["reference"])
    for amount, expected in (("42.00", ("COMPLETED", 4200)), ("0.50", ("REFUNDED", 4250))):
        payload = await refund(payments, payment["id"], amount)
        assert payload["errors"] == []
        await _quiet_down(orders, payments)
        assert await orders.rows("SELECT status, refunded_minor FROM orders") == [expected]
    assert await orders.rows("SELECT status FROM licenses") == [("REVOKED",)]
