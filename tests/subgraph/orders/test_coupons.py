"""Coupons: what they take off, how often, and that a cancelled order gives its use back."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from subgraphs.common.money import MINOR_MAX, Money
from subgraphs.orders.domain import Coupon
from tests.subgraph.orders.client import ADA, BOB, token_of, until_somebody_waits
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_stock import CANCEL

SUMS = (
    """query($id: ID!) { order(id: $id) { subtotal { amount } discountTotal { amount } total { amount } } }"""
)


async def make(orders: Orders, code: str = "SPRING", **columns: str) -> None:
    """A coupon of 10 percent, unless said otherwise; columns are SQL."""
    given = {"percent": "10"} | columns
    names, values = ", ".join(given), ", ".join(given.values())
    await orders.execute(f"INSERT INTO coupons (code, {names}) VALUES (:code, {values})", code=code)


async def order(orders: Orders, code: Any = "SPRING", customer: UUID = ADA, **more: Any) -> Any:
    return await orders.create((orders.products.add(1999), 1), customer=customer, couponCode=code, **more)


async def sums(orders: Orders, payload: Any, customer: UUID = ADA) -> list[str]:
    assert payload["errors"] == [], payload
    found = (await orders.ask(SUMS, token_of(customer), id=payload["order"]["id"]))["order"]
    return [found[name]["amount"] for name in ("subtotal", "discountTotal", "total")]


async def check_uses(orders: Orders) -> int:
    """What is counted is what is noted; gives it."""
    (row,) = await orders.rows(
        "SELECT (SELECT sum(uses)::int FROM coupons), (SELECT count(*)::int FROM coupon_uses)"
    )
    assert row[0] == row[1]
    return int(row[0])


async def test_a_percentage_is_rounded_down_and_an_amount_takes_all_at_most(orders: Orders) -> None:
    await make(orders)
    await make(orders, "FIVE", percent="NULL", amount_minor="500", currency="'USD'")
    await make(orders, "ALL", percent="NULL", amount_minor="999999", currency="'USD'")
    assert await sums(orders, await order(orders)) == ["19.99", "1.99", "18.00"]
    assert await sums(orders, await order(orders, " five ")) == ["19.99", "5.00", "14.99"]
    assert await sums(orders, await order(orders, "ALL")) == ["19.99", "19.99", "0.00"]
    assert await check_uses(orders) == 3


@given(minor=st.integers(0, MINOR_MAX), percent=st.integers(1, 100))
def test_no_percentage_takes_more_than_there_is(minor: int, percent: int) -> None:
    discount = Coupon("C", percent, None).discount(Money(minor, "JPY"))
    assert discount is not None
    assert 0 <= discount.minor <= minor
    assert abs(discount.minor * 100 - minor * percent) < 100


@pytest.mark.parametrize(
    "columns",
    [
        {"valid_from": "now() + interval '1 hour'"},
        {"valid_from": "now() - interval '2 hours'", "valid_until": "now() - interval '1 hour'"},
        {"percent": "NULL", "amount_minor": "500", "currency": "'EUR'"},
        {"uses_max": "1", "uses": "1"},
    ],
)
async def test_one_that_cannot_be_used(orders: Orders, columns: dict[str, str]) -> None:
    await make(orders, **columns)
    payload = await order(orders)
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"]) == ("ValidationError", ["input", "couponCode"])
    assert await orders.count("orders", "coupon_uses") == [0, 0]


@pytest.mark.parametrize("code", ["NOBODY", "x", "' OR 1=1 --", "\u0130", "A" * 10_000, "A\nB"])
async def test_codes_that_are_none_are_answered_as_those_that_are_over(orders: Orders, code: str) -> None:
    await make(orders, uses_max="1", uses="1")
    assert (await order(orders, code))["errors"] == (await order(orders))["errors"]


async def test_no_code_is_no_coupon(orders: Orders) -> None:
    for code in (None, ""):
        assert (await sums(orders, await order(orders, code)))[1] == "0.00"


async def test_the_last_uses_at_once(orders: Orders) -> None:
    await make(orders, uses_max="3")
    payloads = await asyncio.gather(*(order(orders, customer=uuid4()) for _ in range(10)))
    assert sum(payload["order"] is not None for payload in payloads) == 3
    assert (await check_uses(orders), await orders.count("orders")) == (3, [3])


async def test_a_customer_uses_it_once_and_again_after_cancelling(orders: Orders) -> None:
    await make(orders)
    payloads = await asyncio.gather(*(order(orders) for _ in range(4)))
    (made,) = [payload["order"] for payload in payloads if payload["order"]]
    assert (await order(orders, customer=BOB))["errors"] == []
    await orders.ask(CANCEL, token_of(ADA), id=made["id"])
    assert await check_uses(orders) == 1
    again = await order(orders)
    assert again["errors"] == []
    await orders.execute("UPDATE orders SET payment_deadline = now()")
    await orders.service.expire_due()
    assert await check_uses(orders) == 0


async def test_a_use_is_given_back_where_rounding_left_nothing_to_take_off(orders: Orders) -> None:
    await make(orders, percent="1")
    payload = await orders.create((orders.products.add(99), 1), couponCode="SPRING")
    assert await sums(orders, payload) == ["0.99", "0.00", "0.99"]
    await orders.ask(CANCEL, token_of(ADA), id=payload["order"]["id"])
    assert await check_uses(orders) == 0


async def test_who_orders_locks_as_who_cancels_does(orders: Orders) -> None:
    """Coupons before stock: the other way round, an order and a cancellation would wait for each other."""
    await make(orders)
    product = orders.products.add(licenseLimit=5)
    await orders.create((product, 1), customer=BOB)
    async with orders.database.write() as session:
        await session.execute(text("SELECT FROM coupons FOR UPDATE"))
        ordering = asyncio.ensure_future(orders.create((product, 1), couponCode="SPRING"))
        await until_somebody_waits(orders)
        await session.execute(text("SELECT FROM stock FOR UPDATE NOWAIT"))
    assert (await ordering)["errors"] == []


async def test_the_same_key_uses_it_once_and_another_code_is_another_request(orders: Orders) -> None:
    await make(orders)
    item = (orders.products.add(), 1)
    payloads = await asyncio.gather(*(orders.create(item, key="k", couponCode="SPRING") for _ in range(4)))
    assert len({payload["order"]["id"] for payload in payloads}) == 1
    assert await check_uses(orders) == 1
    (error,) = (await orders.create(item, key="k"))["errors"]
    assert error["__typename"] == "IdempotencyError"


async def test_the_expected_total_is_that_with_the_coupon(orders: Orders) -> None:
    await make(orders)
    wrong = await order(orders, expectedTotal={"amount": "19.99", "currency": "USD"})
    assert wrong["errors"][0]["currentTotal"] == {"amount": "18.00", "currency": "USD"}
    assert await check_uses(orders) == 0
    right = await order(orders, expectedTotal={"amount": "18.00", "currency": "USD"})
    assert right["errors"] == []
