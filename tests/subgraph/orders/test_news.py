"""What orders hears: of each payment the newest news counts, however it comes."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st

from subgraphs.common import purge
from subgraphs.orders.internal import REFUNDED
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid, state
from tests.support.drawing import draw_examples


async def tell(
    orders: Orders, order_id: str, payment_id: UUID, minor: int, sequence: Any, **more: Any
) -> int:
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/marketplace/payments",
        "type": REFUNDED,
        "subject": str(payment_id),
        "sequence": sequence,
        "data": {"orderId": order_id, "refunded": {"minor": minor, "currency": "USD"}} | more,
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


REFUNDS = st.tuples(
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.lists(st.integers(1, 5), max_size=8),
    st.integers(0, 5),
    st.booleans(),
)
"""How much goes back each time, which news comes besides that of the last refund, how much of it is told by an older release,
and whether all comes at once.
"""


async def test_each_refund_is_one_event_however_its_news_comes(orders: Orders) -> None:
    for amounts, drawn, old, is_at_once in draw_examples(REFUNDS, 12):
        await orders.execute("TRUNCATE orders CASCADE")
        order_id, payment_id = await paid(orders, minor=sum(amounts))
        totals = [*accumulate(amounts)]
        refunds = [
            {"id": str(uuid4()), "refundedMinor": total, "at": f"20{year}-01-01T00:00:00+00:00"}
            for total, year in zip(totals, (99, 99, 20, 21, 99), strict=False)
        ]
        news = [n for n in drawn if old < n <= len(totals)]
        told = [
            tell(orders, order_id, payment_id, totals[n - 1], f"{n:019d}", refunds=refunds[old:n])
            for n in [*range(1, old + 1), *news, len(totals)]
            if n <= len(totals)
        ]
        for one in told[:old]:
            assert await one == 200
        answers = await asyncio.gather(*told[old:]) if is_at_once else [await one for one in told[old:]]
        assert {*answers} <= {200}
        events = await orders.rows(
            """SELECT type, from_status, to_status, refund_id::text, message,
                at >= lag(at) OVER (ORDER BY sequence) AND at <= now()
            FROM order_events ORDER BY sequence OFFSET 2"""
        )
        ends = ["PAID"] * (len(totals) - 1) + ["REFUNDED"]
        assert events == [
            (
                "PARTLY_REFUNDED" if end == "PAID" else "STATUS_CHANGED",
                *("PAID", end, refund["id"] if n >= old else None),
                f"{total / 100:.2f} USD was paid back in all.",
                True,
            )
            for n, (end, refund, total) in enumerate(zip(ends, refunds, totals, strict=True))
        ]


async def test_an_event_of_a_refund_has_its_time(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    await orders.execute("ALTER TABLE order_events DISABLE TRIGGER order_events_guard")
    await orders.execute("UPDATE order_events SET at = now() - interval '9 days'")
    await orders.execute("ALTER TABLE order_events ENABLE TRIGGER order_events_guard")
    at = datetime.now(UTC) - timedelta(days=2)
    back = {"id": str(uuid4()), "refundedMinor": 5, "at": at.isoformat()}
    assert await tell(orders, order_id, payment_id, 5, "1", refunds=[back]) == 200
    assert await orders.rows("SELECT at FROM order_events ORDER BY sequence OFFSET 2") == [(at,)]


async def test_refunds_that_are_not_as_agreed_are_refused(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    good = {"id": str(uuid4()), "refundedMinor": 5, "at": "2026-01-01T00:00:00Z"}
    for bad in ({"id": "x"}, {"refundedMinor": "5"}, {"refundedMinor": 2**63}, {"at": "2026-01-01T00:00:00"}):
        assert await tell(orders, order_id, payment_id, 5, "1", refunds=[good | bad]) == 422
    assert await state(orders) == [("PAID", 0)]


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
