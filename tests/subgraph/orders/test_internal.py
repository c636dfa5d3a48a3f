"""The routes for payments: what an order costs, and that it is paid; signed, safe to repeat."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.subgraph.orders.client import ADA, BOB
from tests.subgraph.orders.conftest import Orders

FIRST, SECOND = UUID(int=1), UUID(int=2)


async def payable(orders: Orders, order_id: str, user: UUID) -> tuple[int, Any]:
    response = await orders.post_internal(f"/internal/orders/{order_id}/payable", {"userId": str(user)})
    return response.status_code, response.json()


async def test_what_a_customer_has_to_pay(orders: Orders) -> None:
    order = await orders.order(minor=1999, quantity=2)
    status, body = await payable(orders, order["id"], ADA)
    deadline = body.pop("paymentDeadline")
    assert (status, body) == (
        200,
        {
            "orderId": order["id"],
            "number": order["number"],
            "customerId": str(ADA),
            "status": "PENDING",
            "isPayable": True,
            "total": {"minor": 3998, "currency": "USD"},
        },
    )
    assert deadline[:19] == order["paymentDeadline"][:19]


async def test_only_a_pending_order_in_time_is_payable(orders: Orders) -> None:
    for status in ("PAID", "PROCESSING", "COMPLETED", "CANCELLED", "REFUNDED"):
        order = await orders.order(status=status)
        _, body = await payable(orders, order["id"], ADA)
        assert (body["isPayable"], body["status"]) == (False, status)
    order = await orders.order()
    await orders.execute("UPDATE orders SET payment_deadline = now() WHERE id = :id", id=order["id"])
    _, body = await payable(orders, order["id"], ADA)
    assert (body["isPayable"], body["status"]) == (False, "PENDING")


async def test_somebody_elses_order_is_not_there(orders: Orders) -> None:
    order = await orders.order()
    for order_id, user in ((order["id"], BOB), (str(uuid4()), ADA), ("nonsense", ADA)):
        status, _ = await payable(orders, order_id, user)
        assert status == 404


async def test_the_first_payment_pays_and_may_say_so_again(orders: Orders) -> None:
    order = await orders.order()
    answers = [
        (await orders.mark_paid(order["id"], payment)).json() for payment in (FIRST, FIRST, SECOND, FIRST)
    ]
    assert [answer["outcome"] for answer in answers] == ["ACCEPTED", "ALREADY", "REJECTED", "ALREADY"]
    rows = await orders.rows("SELECT status, paid_by FROM orders")
    assert rows == [("PAID", FIRST)]
    events = await orders.rows(
        "SELECT from_status, to_status, actor_type FROM order_events ORDER BY sequence"
    )
    assert events[1:] == [("PENDING", "PAID", "SYSTEM")]


async def test_a_payment_that_paid_stays_it_when_the_order_moves_along(orders: Orders) -> None:
    order = await orders.order()
    await orders.mark_paid(order["id"], FIRST)
    await orders.execute("UPDATE orders SET status = 'PROCESSING' WHERE id = :id", id=order["id"])
    answer = (await orders.mark_paid(order["id"], FIRST)).json()
    assert answer == {"outcome": "ALREADY", "status": "PROCESSING"}


@pytest.mark.parametrize(("minor", "currency"), [(1998, "USD"), (2000, "USD"), (1999, "EUR"), (-1999, "USD")])
async def test_another_amount_pays_nothing(orders: Orders, minor: int, currency: str) -> None:
    order = await orders.order(minor=1999)
    answer = (await orders.mark_paid(order["id"], FIRST, minor, currency)).json()
    assert answer == {"outcome": "REJECTED", "status": "PENDING"}
    assert await orders.count("order_events") == [1]


@pytest.mark.parametrize("status", ["CANCELLED", "PAID", "COMPLETED", "REFUNDED"])
async def test_an_order_that_does_not_wait_for_money_rejects_it(orders: Orders, status: str) -> None:
    order = await orders.order(status=status)
    answer = (await orders.mark_paid(order["id"], FIRST)).json()
    assert answer == {"outcome": "REJECTED", "status": status}


async def test_of_ten_payments_at_once_one_pays(orders: Orders) -> None:
    order = await orders.order()
    answers = await asyncio.gather(*(orders.mark_paid(order["id"], uuid4()) for _ in range(10)))
    outcomes = sorted(answer.json()["outcome"] for answer in answers)
    assert outcomes == ["ACCEPTED", *["REJECTED"] * 9]
    assert await orders.count("order_events") == [2]


async def test_one_payment_ten_times_at_once_pays_once(orders: Orders) -> None:
    order = await orders.order()
    answers = await asyncio.gather(*(orders.mark_paid(order["id"], FIRST) for _ in range(10)))
    assert sorted(answer.json()["outcome"] for answer in answers) == ["ACCEPTED", *["ALREADY"] * 9]
    assert await orders.count("order_events") == [2]


async def test_an_order_that_is_not_there_is_not_paid(orders: Orders) -> None:
    for order_id in (str(uuid4()), "nonsense"):
        assert (await orders.mark_paid(order_id, FIRST)).status_code == 404


async def test_nobody_without_the_secret_marks_an_order_paid(orders: Orders) -> None:
    order = await orders.order()
    path = f"/internal/orders/{order['id']}/mark-paid"
    body = {"paymentId": str(FIRST), "amount": {"minor": 1999, "currency": "USD"}}
    assert (await orders.http.post(path, json=body)).status_code == 401
    assert (await orders.post_internal(path, body, secret="a secret of somebody else's")).status_code == 401
    assert (await orders.http.post(f"/internal/orders/{order['id']}/payable", json={})).status_code == 401
    assert await orders.rows("SELECT status FROM orders") == [("PENDING",)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff",
        [],
        {},
        {"paymentId": "p"},
        {"paymentId": 5, "amount": {"minor": 1999, "currency": "USD"}},
        {"paymentId": str(FIRST), "amount": {"minor": "1999", "currency": "USD"}},
        {"paymentId": str(FIRST), "amount": {"minor": 19.99, "currency": "USD"}},
        {"paymentId": str(FIRST), "amount": {"minor": 1999, "currency": "XXX"}},
        {"paymentId": str(FIRST), "amount": {"minor": 2**63, "currency": "USD"}},
    ],
)
async def test_a_body_that_is_none_is_refused(orders: Orders, body: Any) -> None:
    order = await orders.order()
    response = await orders.post_internal(f"/internal/orders/{order['id']}/mark-paid", body)
    assert response.status_code in {400, 422}
    assert await orders.rows("SELECT status FROM orders") == [("PENDING",)]
