"""Limited products: never oversold, and what is not bought in the end is sold again."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from sqlalchemy import text

from subgraphs.orders.service.stock import HELD_MIN
from tests.subgraph.orders.client import ADA, BOB, token_of
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import tell_refund
from tests.subgraph.orders.test_people import erase
from tests.support.drawing import draw_examples

IN_ORDERS = """SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_id
  WHERE product_id = :id AND status NOT IN ('CANCELLED', 'REFUNDED')"""
CANCEL = "mutation($id: ID!) { cancelOrder(id: $id) { order { status } errors { __typename } } }"


async def check_count(orders: Orders, product: str, limit: int | None = None) -> int:
    """What is counted is what is in orders, and not above the limit; gives it."""
    ((in_orders,),) = await orders.rows(IN_ORDERS, id=product)
    assert await orders.rows("SELECT taken FROM stock WHERE product_id = :id", id=product) == [(in_orders,)]
    assert limit is None or in_orders <= limit
    return int(in_orders)


async def refusal(orders: Orders, *items: tuple[str, int]) -> Any:
    payload = await orders.create(*items)
    assert payload["order"] is None
    (error,) = payload["errors"]
    return error


async def test_the_last_ones(orders: Orders) -> None:
    product = orders.products.add(licenseLimit=5)
    assert (await orders.create((product, 3)))["errors"] == []
    error = await refusal(orders, (orders.products.add(), 1), (product, 3))
    assert (error["__typename"], error["code"], error["available"]) == (
        "OutOfStockError",
        "INSUFFICIENT_STOCK",
        2,
    )
    assert (error["product"], error["path"]) == ({"id": product}, ["input", "items", "1", "productId"])
    assert (await orders.create((product, 2)))["errors"] == []
    assert (await refusal(orders, (product, 1)))["available"] == 0
    assert await check_count(orders, product, 5) == 5


async def test_nobody_gets_what_somebody_else_got_at_the_same_moment(orders: Orders) -> None:
    first, second = (orders.products.add(licenseLimit=n) for n in (4, 7))
    # Both sequences, so that those who waited for each other would wait for ever.
    asked = [((first, 1), (second, 2)) if n % 2 else ((second, 2), (first, 1)) for n in range(20)]
    payloads = await asyncio.gather(*(orders.create(*items) for items in asked))
    made = [payload["order"] for payload in payloads if payload["order"]]
    assert len(made) == 3
    assert {payload["errors"][0]["__typename"] for payload in payloads if payload["errors"]} == {
        "OutOfStockError"
    }
    assert (await check_count(orders, first, 4), await check_count(orders, second, 7)) == (3, 6)


async def test_what_is_not_bought_is_sold_again(orders: Orders) -> None:
    product = orders.products.add(licenseLimit=1)
    order = (await orders.create((product, 1)))["order"]
    await orders.ask(CANCEL, token_of(ADA), id=order["id"])
    order = (await orders.create((product, 1)))["order"]
    await orders.execute("UPDATE orders SET payment_deadline = now() WHERE id = :id", id=order["id"])
    await orders.service.expire_due()
    order = (await orders.create((product, 1)))["order"]
    payment_id = uuid4()
    await orders.mark_paid(order["id"], payment_id)
    assert (await refusal(orders, (product, 1)))["available"] == 0
    await tell_refund(orders, order["id"], payment_id, 1999)
    order = (await orders.create((product, 1)))["order"]
    await erase(orders)
    assert await check_count(orders, product) == 0


async def test_a_part_that_is_paid_back_gives_no_licence_back(orders: Orders) -> None:
    product, payment_id = orders.products.add(licenseLimit=1), uuid4()
    order = (await orders.create((product, 1)))["order"]
    await orders.mark_paid(order["id"], payment_id)
    await tell_refund(orders, order["id"], payment_id, 500)
    assert await check_count(orders, product) == 1


async def test_the_same_key_again_takes_nothing_again(orders: Orders) -> None:
    product = orders.products.add(licenseLimit=2)
    payloads = await asyncio.gather(*(orders.create((product, 1), key="one key") for _ in range(5)))
    assert len({payload["order"]["id"] for payload in payloads}) == 1
    assert await check_count(orders, product) == 1


async def test_a_limit_that_comes_later_counts_what_was_sold_before(orders: Orders) -> None:
    product = orders.products.add()
    assert (await orders.create((product, 4)))["errors"] == []
    orders.products.lines[product]["licenseLimit"] = 5
    assert (await refusal(orders, (product, 2)))["available"] == 1
    orders.products.lines[product]["licenseLimit"] = None
    assert (await orders.create((product, 2)))["errors"] == []
    orders.products.lines[product]["licenseLimit"] = 5
    assert (await refusal(orders, (product, 1)))["available"] == 0
    assert await check_count(orders, product) == 6


async def test_an_order_that_is_being_made_when_the_counting_begins_is_counted(orders: Orders) -> None:
    product = orders.products.add()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def order_slowly() -> None:
        async with orders.database.write() as session:
            order = "INSERT INTO orders (customer_id, currency, subtotal_minor, total_minor) VALUES (:id, 'USD', 2, 2) RETURNING id"
            order_id = (await session.execute(text(order), {"id": ADA})).scalar_one()
            line = """INSERT INTO order_lines (order_id, position, product_id, product_name, unit_price_minor, quantity, total_minor)
                VALUES (:id, 0, :product, 'An app', 1, 2, 2)"""
            await session.execute(text(line), {"id": order_id, "product": UUID(product)})
            begun.set()
            await may_end.wait()

    slow = asyncio.create_task(order_slowly())
    await begun.wait()
    orders.products.lines[product]["licenseLimit"] = 2
    quick = asyncio.create_task(orders.create((product, 1)))
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation IN ('orders'::regclass, 'order_lines'::regclass)"
    while not await orders.rows(waiting):
        assert not quick.done()
        await asyncio.sleep(0)
    may_end.set()
    await slow
    assert (await quick)["errors"][0]["available"] == 0


@pytest.mark.parametrize(("limit", "held_max"), [(19, HELD_MIN), (60, 30)])
async def test_nobody_takes_all_of_a_product_without_paying(
    orders: Orders, limit: int, held_max: int
) -> None:
    product = orders.products.add(licenseLimit=limit)
    asked = [orders.create((product, held_max // 2)) for _ in range(4)]
    payloads = await asyncio.gather(*asked)
    made = [payload["order"] for payload in payloads if payload["order"]]
    assert len(made) == 2
    assert (await refusal(orders, (product, 1)))["available"] == 0
    assert (await orders.create((product, 1), customer=BOB))["errors"] == []
    await orders.mark_paid(made[0]["id"], uuid4(), 1999 * (held_max // 2))
    error = await refusal(orders, (product, held_max))
    assert error["available"] == held_max // 2
    assert "before others of it are paid" in error["message"]
    await orders.ask(CANCEL, token_of(ADA), id=made[1]["id"])
    assert (await orders.create((product, held_max)))["errors"] == []
    await check_count(orders, product, limit)


async def test_so_many_orders_of_one_customer_wait_for_money(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.orders.service.stock.UNPAID_MAX", 2)
    product = orders.products.add()
    payloads = await asyncio.gather(*(orders.create((product, 1)) for _ in range(4)))
    made = [payload["order"] for payload in payloads if payload["order"]]
    assert len(made) == 2
    (error,) = (await orders.create((product, 1)))["errors"]
    assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["input"])
    assert (await orders.create((product, 1), customer=BOB))["errors"] == []
    await orders.ask(CANCEL, token_of(ADA), id=made[0]["id"])
    assert (await orders.create((product, 1)))["errors"] == []


@pytest.mark.parametrize("limit", [1, 3])
async def test_one_order_may_take_all_of_a_product(orders: Orders, limit: int) -> None:
    product = orders.products.add(licenseLimit=limit)
    assert (
        await orders.create((product, 1), (product, limit - 1))
        if limit > 1
        else await orders.create((product, 1))
    )["errors"] == []
    assert await check_count(orders, product, limit) == limit


async def test_whatever_happens_what_is_counted_is_what_is_in_orders(orders: Orders) -> None:
    products = [orders.products.add(licenseLimit=limit) for limit in (3, 6)]
    for product in products:
        await orders.create((product, 1))
    step = st.one_of(
        st.tuples(st.just("create"), st.sampled_from(products), st.integers(1, 3)),
        st.tuples(st.just("cancel"), st.integers(0, 9), st.none()),
        st.tuples(st.just("expire"), st.integers(0, 9), st.none()),
        st.tuples(st.just("pay"), st.integers(0, 9), st.none()),
        st.tuples(st.just("refund"), st.integers(0, 9), st.none()),
    )
    for steps in draw_examples(st.lists(step, min_size=4, max_size=12), 15):
        # All at once: whoever comes first comes first.
        await asyncio.gather(*(take(orders, *each) for each in steps))
        for product, limit in zip(products, (3, 6), strict=True):
            await check_count(orders, product, limit)


async def take(orders: Orders, name: str, what: Any, quantity: int | None) -> None:
    if name == "create":
        await orders.create((what, quantity or 1))
        return
    rows = await orders.rows(
        "SELECT id::text, total_minor, paid_by FROM orders ORDER BY created_at DESC LIMIT 10"
    )
    order_id, minor, payer = rows[what % len(rows)]
    match name:
        case "cancel":
            await orders.ask(CANCEL, token_of(ADA), id=order_id)
        case "expire":
            await orders.execute("UPDATE orders SET payment_deadline = now() WHERE id = :id", id=order_id)
            await orders.service.expire_due()
        case "pay":
            await orders.mark_paid(order_id, uuid4(), minor)
        case "refund" if payer is not None:
            await tell_refund(orders, order_id, payer, minor)
