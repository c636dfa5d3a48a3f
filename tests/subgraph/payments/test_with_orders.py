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


async def test_money_for_a_cancelled_order_goes_back_and_the_order_stays_cancelled(
    orders: Orders, payments: Payments
) -> None:
    order = await orders.order()
    payment = (await payments.initiate(order["id"]))["payment"]
    assert (await cancel(orders, order["id"]))["errors"] == []
    verified = (await payments.verify(payment["reference"]))["payment"]
    assert (verified["status"], verified["failure"]["code"]) == ("REFUNDED", "ORDER_NOT_PAYABLE")
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
