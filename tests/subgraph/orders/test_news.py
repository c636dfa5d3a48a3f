"""What orders hears: of each payment the newest news counts, however it comes."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st

from subgraphs.common import purge
from subgraphs.orders.internal import REFUNDED
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid, state
from tests.support.drawing import draw_examples


async def tell(orders: Orders, order_id: str, payment_id: UUID, minor: int, sequence: Any) -> int:
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/marketplace/payments",
        "type": REFUNDED,
        "subject": str(payment_id),
        "sequence": sequence,
        "data": {"orderId": order_id, "refunded": {"minor": minor, "currency": "USD"}},
    }
    return (await orders.post_internal("/internal/events", event)).status_code


ORDERS = st.tuples(st.permutations(range(1, 6)), st.lists(st.integers(1, 5), max_size=5)).map(
    lambda drawn: [*drawn[0], *drawn[1]]
)
"""Every piece of news once, and some of them again."""


async def test_in_whatever_order_and_however_often_the_newest_counts(orders: Orders) -> None:
    for drawn in draw_examples(ORDERS, 12):
        await orders.execute("TRUNCATE orders CASCADE")
        order_id, payment_id = await paid(orders)
        statuses = await asyncio.gather(
            *(tell(orders, order_id, payment_id, n * 100, f"{n:019d}") for n in drawn)
        )
        assert {*statuses} == {200}
        assert await state(orders) == [("PAID", max(drawn) * 100)]
        versions = "SELECT version FROM inbox WHERE subject = :id"
        assert await orders.rows(versions, id=str(payment_id)) == [(max(drawn),)]


async def test_old_news_changes_nothing_even_if_it_says_more(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    assert await tell(orders, order_id, payment_id, 300, "7") == 200
    for late in ("7", "6", "0" * 18 + "1"):
        assert await tell(orders, order_id, payment_id, 900, late) == 200
    assert await state(orders) == [("PAID", 300)]
    assert await tell(orders, order_id, payment_id, 900, "8") == 200
    assert await state(orders) == [("PAID", 900)]


async def test_news_of_an_older_release_has_no_sequence(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    for minor in (500, 300):
        assert await tell(orders, order_id, payment_id, minor, None) == 200
    assert await state(orders) == [("PAID", 500)]


@pytest.mark.parametrize("sequence", ["", "-1", "1e3", "9" * 19, "9" * 40, "\u0661", "1\n", 7, ["1"]])
async def test_a_sequence_that_is_none(orders: Orders, sequence: Any) -> None:
    order_id, payment_id = await paid(orders)
    assert await tell(orders, order_id, payment_id, 500, sequence) == 422
    assert await state(orders) == [("PAID", 0)]


async def test_what_is_old_is_forgotten_a_little_at_a_time(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH", 3)
    monkeypatch.setattr(purge, "BATCHES_MAX", 2)
    await orders.order()
    for table, columns, values, at in (
        ("inbox", "source, type, subject, version", "'s', 't', n::text, 1", "at"),
        (
            "idempotency_keys",
            "user_id, operation, key, request_sha256, order_id",
            "uuidv7(), 'createOrder', n::text, '', (SELECT id FROM orders LIMIT 1)",
            "created_at",
        ),
    ):
        await orders.execute(
            f"INSERT INTO {table} ({columns}, {at}) SELECT {values}, now() - make_interval(days => n * 10)"
            " FROM generate_series(1, 20) n"
        )
    await orders.service.upkeep.run_once()
    assert await orders.count("inbox", "idempotency_keys") == [14, 15]
    await asyncio.gather(*(orders.service.upkeep.run_once() for _ in range(3)))
    # Nine tens of days are still worth keeping of the one, three of the other.
    await orders.service.upkeep.run_once()
    assert await orders.count("inbox", "idempotency_keys") == [8, 3]
