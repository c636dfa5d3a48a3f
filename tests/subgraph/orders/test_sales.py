"""How many of each product were sold, as products is told: counted once, whoever counts and however often."""

import asyncio
from typing import Any
from uuid import uuid4

from subgraphs.common.changes import ChangeLog
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import tell_refund

PATH = "/internal/orders/sales"


async def ask(orders: Orders, after: int = 0) -> list[dict[str, Any]]:
    response = await orders.post_internal(PATH, {"after": after})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["sales"]
    return found


async def count(orders: Orders) -> None:
    await ChangeLog(orders.database).place()
    await asyncio.gather(*(orders.service.sales.count_due() for _ in range(3)))


async def test_what_is_paid_counts_and_what_is_paid_back_does_not(orders: Orders) -> None:
    product, other = orders.products.add(), orders.products.add()
    made = [(await orders.create((product, 3), (other, 1)))["order"]["id"] for _ in range(3)]
    await count(orders)
    assert await ask(orders) == []
    payment = uuid4()
    for order_id, paid_by in ((made[0], payment), (made[1], uuid4())):
        assert (await orders.mark_paid(order_id, paid_by, 4 * 1999)).json()["outcome"] == "ACCEPTED"
    await count(orders)
    await count(orders)
    found = await ask(orders)
    assert {each["productId"]: each["units"] for each in found} == {product: 6, other: 2}
    last = found[-1]["version"]
    assert await ask(orders, last) == []
    await tell_refund(orders, made[0], payment, 4 * 1999)
    await count(orders)
    found = await ask(orders, last)
    assert {each["productId"]: each["units"] for each in found} == {product: 3, other: 1}
    sold = await orders.entities(None, "Product", "unitsSold", product)
    assert sold == [{"unitsSold": 3}]


async def test_what_was_not_counted_is_not_forgotten_however_old_it_is(orders: Orders) -> None:
    product = orders.products.add()
    made = (await orders.create((product, 2)))["order"]["id"]
    await orders.mark_paid(made, uuid4(), 2 * 1999)
    await orders.execute("UPDATE changes SET at = at - interval '1 year'")
    await ChangeLog(orders.database).place()
    assert await orders.service.changes.purge() == 0
    await count(orders)
    assert await orders.service.changes.purge() > 0
    (found,) = await ask(orders)
    assert found["units"] == 2


async def test_many_at_once_are_all_counted(orders: Orders) -> None:
    product = orders.products.add()
    made = [(await orders.create((product, 1)))["order"]["id"] for _ in range(10)]
    work = [orders.mark_paid(order_id, uuid4()) for order_id in made]
    await asyncio.gather(*work, *(count(orders) for _ in range(3)))
    await count(orders)
    (found,) = await ask(orders)
    assert found["units"] == 10


async def test_only_signed_and_sensible_requests_are_answered(orders: Orders) -> None:
    assert (await orders.post_internal(PATH, {"after": 0}, secret="another one")).status_code == 401
    for body in ({}, {"after": -1}, {"after": 2**63}, {"after": "0"}, []):
        assert (await orders.post_internal(PATH, body)).status_code == 422
