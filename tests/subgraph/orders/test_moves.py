"""Cancelling and moving orders: who may, from where, and what the database itself refuses."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.orders.domain import ADMIN_TRANSITIONS, TRANSITIONS, OrderStatus
from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, token_of
from tests.subgraph.orders.conftest import MOVE_ERRORS, MOVES, Orders

ORDER = "order { id status cancelReason allowedActions events { type from to actorType message } }"
CANCEL = (
    f"mutation($id: ID!, $note: String) {{ cancelOrder(id: $id, note: $note) {{ {ORDER} {MOVE_ERRORS} }} }}"
)
MOVE = f"""mutation($id: ID!, $to: OrderStatus!, $note: String) {{
  updateOrderStatus(id: $id, status: $to, note: $note) {{ {ORDER} {MOVE_ERRORS} }} }}"""
WRITER = token_of(ADMIN, "orders:write")
READER = token_of(ADMIN, "orders:read")


async def cancel(orders: Orders, token: str, order_id: str, **more: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await orders.ask(CANCEL, token, id=order_id, **more))["cancelOrder"]
    return payload


async def move(orders: Orders, order_id: str, to: str, **more: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await orders.ask(MOVE, WRITER, id=order_id, to=to, **more))[
        "updateOrderStatus"
    ]
    return payload


async def state_of(orders: Orders, order_id: str) -> tuple[str, int]:
    """An order's status, and how many events it has."""
    rows = await orders.rows(
        "SELECT status, (SELECT count(*) FROM order_events WHERE order_id = orders.id) FROM orders WHERE id = :id",
        id=order_id,
    )
    return (rows[0][0], rows[0][1])


@pytest.mark.parametrize(
    ("token", "actor", "note"),
    [(token_of(ADA), "CUSTOMER", "Changed my mind"), (WRITER, "ADMIN", None)],
    ids=["customer", "admin"],
)
async def test_the_customer_and_an_administrator_may_cancel(
    orders: Orders, token: str, actor: str, note: str | None
) -> None:
    order = await orders.order()
    payload = await cancel(orders, token, order["id"], note=note)
    assert payload["errors"] == []
    assert payload["order"] == {
        "id": order["id"],
        "status": "CANCELLED",
        "cancelReason": actor,
        "allowedActions": [],
        "events": [
            {"type": "CREATED", "from": None, "to": "PENDING", "actorType": "CUSTOMER", "message": None},
            {
                "type": "STATUS_CHANGED",
                "from": "PENDING",
                "to": "CANCELLED",
                "actorType": actor,
                "message": note,
            },
        ],
    }


async def test_an_order_of_somebody_else_is_not_there(orders: Orders) -> None:
    order = await orders.order()
    for token in (token_of(BOB), READER):
        for order_id in (order["id"], str(uuid4()), *MALFORMED_IDS):
            payload = await cancel(orders, token, order_id)
            assert payload["order"] is None
            assert [error["__typename"] for error in payload["errors"]] == ["NotFoundError"]
    assert await orders.refused(CANCEL, None, id=order["id"]) == "UNAUTHENTICATED"
    assert await state_of(orders, order["id"]) == ("PENDING", 1)


@pytest.mark.parametrize("status", ["PAID", "PROCESSING", "COMPLETED", "CANCELLED", "REFUNDED"])
async def test_what_is_not_pending_cannot_be_cancelled(orders: Orders, status: str) -> None:
    order = await orders.order(status=status)
    payload = await cancel(orders, token_of(ADA), order["id"])
    (error,) = payload["errors"]
    assert (error["__typename"], error["code"], error["currentStatus"]) == (
        "InvalidTransitionError",
        "INVALID_STATE",
        status,
    )
    assert await state_of(orders, order["id"]) == (status, 1)


async def test_a_note_that_is_too_long(orders: Orders) -> None:
    order = await orders.order()
    payload = await cancel(orders, token_of(ADA), order["id"], note="x" * 501)
    assert payload["errors"][0]["path"] == ["note"]
    assert (await move(orders, order["id"], "CANCELLED", note="x" * 501))["errors"][0]["path"] == ["note"]
    assert await state_of(orders, order["id"]) == ("PENDING", 1)
    assert (await cancel(orders, token_of(ADA), order["id"], note="x" * 500))["errors"] == []


async def test_a_note_is_kept_composed_and_turns_no_text_around(orders: Orders) -> None:
    order = await orders.order()
    turning = await cancel(orders, token_of(ADA), order["id"], note="abc\u202ecba")
    assert turning["errors"][0]["path"] == ["note"]
    payload = await cancel(orders, token_of(ADA), order["id"], note=" Zoe\u0308\n ")
    assert payload["order"]["events"][-1]["message"] == "Zo\u00eb"


async def test_an_administrator_moves_a_paid_order_along(orders: Orders) -> None:
    order = await orders.order(status="PAID")
    for to in ("PROCESSING", "COMPLETED"):
        payload = await move(orders, order["id"], to, note="On its way")
        assert (payload["errors"], payload["order"]["status"]) == ([], to)
    events = await orders.rows(
        "SELECT from_status, to_status, actor_type, actor_id FROM order_events ORDER BY sequence"
    )
    assert events[1:] == [("PAID", "PROCESSING", "ADMIN", ADMIN), ("PROCESSING", "COMPLETED", "ADMIN", ADMIN)]


@pytest.mark.parametrize("before", [*OrderStatus])
async def test_an_administrator_makes_no_other_move(orders: Orders, before: OrderStatus) -> None:
    order = await orders.order(status=before)
    for wanted in OrderStatus:
        if ADMIN_TRANSITIONS.get(wanted) is before:
            continue
        payload = await move(orders, order["id"], wanted)
        assert payload["order"] is None
        (error,) = payload["errors"]
        assert (error["__typename"], error["currentStatus"]) == ("InvalidTransitionError", before)
    assert await state_of(orders, order["id"]) == (before, 1)


async def test_moving_needs_its_scope_and_an_order(orders: Orders) -> None:
    order = await orders.order()
    for token, code in ((None, "UNAUTHENTICATED"), (token_of(ADA), "FORBIDDEN"), (READER, "FORBIDDEN")):
        assert await orders.refused(MOVE, token, id=order["id"], to="CANCELLED") == code
    for order_id in (str(uuid4()), *MALFORMED_IDS):
        payload = await move(orders, order_id, "CANCELLED")
        assert [error["__typename"] for error in payload["errors"]] == ["NotFoundError"]
    assert await state_of(orders, order["id"]) == ("PENDING", 1)


async def test_each_of_two_moves_in_one_request_shows_what_it_made(orders: Orders) -> None:
    order = await orders.order(status="PAID")
    data = await orders.ask(
        """mutation($id: ID!) {
          a: updateOrderStatus(id: $id, status: PROCESSING) { order { status events { to } } }
          b: updateOrderStatus(id: $id, status: COMPLETED) { order { status events { to } } } }""",
        token_of(ADMIN, "orders:write", "orders:read"),
        id=order["id"],
    )
    assert [event["to"] for event in data["a"]["order"]["events"]] == ["PENDING", "PROCESSING"]
    assert [event["to"] for event in data["b"]["order"]["events"]] == ["PENDING", "PROCESSING", "COMPLETED"]


async def test_cancelling_ten_times_at_once_cancels_once(orders: Orders) -> None:
    order = await orders.order()
    payloads = await asyncio.gather(*(cancel(orders, token_of(ADA), order["id"]) for _ in range(10)))
    assert sum(payload["errors"] == [] for payload in payloads) == 1
    assert await state_of(orders, order["id"]) == ("CANCELLED", 2)


async def test_of_cancelling_and_paying_at_once_just_one_happens(orders: Orders) -> None:
    won = {"PAID": 0, "CANCELLED": 0}

    async def pay_after(pings: int, order_id: str) -> Any:
        # Cancelling reads the order first; a few statements before paying let either side win.
        for _ in range(pings):
            await orders.database.ping()
        return await orders.mark_paid(order_id, uuid4())

    async def race(order_id: str, pings: int) -> None:
        payload, paid = await asyncio.gather(
            cancel(orders, token_of(ADA), order_id), pay_after(pings, order_id)
        )
        outcome = paid.json()
        status, events = await state_of(orders, order_id)
        assert events == 2
        won[status] += 1
        if status == "PAID":
            assert outcome == {"outcome": "ACCEPTED", "status": "PAID"}
            assert payload["errors"][0]["currentStatus"] == "PAID"
        else:
            assert outcome == {"outcome": "REJECTED", "status": "CANCELLED"}
            assert payload["errors"] == []

    made = [(await orders.order())["id"] for _ in range(50)]
    for i in range(0, 50, 5):
        group = enumerate(made[i : i + 5])
        await asyncio.gather(*(race(order_id, pings) for pings, order_id in group))
    assert won["PAID"] + won["CANCELLED"] == 50


async def refused_by_the_database(orders: Orders, *statements: str, **parameters: Any) -> str:
    """What the database says to the last statement; nothing is kept of any of them."""
    async with orders.database.engine.connect() as session:
        for statement in statements[:-1]:
            await session.execute(text(statement), parameters if ":id" in statement else {})
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text(statements[-1]), parameters if ":id" in statements[-1] else {})
        return str(caught.value.orig)


@pytest.mark.parametrize("before", [*OrderStatus])
async def test_the_database_knows_the_same_machine(orders: Orders, before: OrderStatus) -> None:
    order = await orders.order()
    for after in OrderStatus:
        statement = f"""UPDATE orders SET status = '{after}',
            cancel_reason = CASE WHEN '{after}' = 'CANCELLED' THEN 'ADMIN' END,
            paid_by = CASE WHEN '{after}' IN ('PENDING', 'CANCELLED') THEN NULL ELSE coalesce(paid_by, uuidv7()) END
            WHERE id = :id"""
        if after is before or after in TRANSITIONS[before]:
            async with orders.database.engine.connect() as session:
                for step in (*MOVES[before], statement):
                    await session.execute(text(step), {"id": order["id"]})
        else:
            said = await refused_by_the_database(orders, *MOVES[before], statement, id=order["id"])
            assert f"cannot go from {before} to {after}" in said


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders SET total_minor = 1, subtotal_minor = 1 WHERE id = :id",
        "UPDATE orders SET discount_minor = 1, tax_minor = 1 WHERE id = :id",
        "UPDATE orders SET customer_id = uuidv7() WHERE id = :id",
        "UPDATE orders SET number = 'PAM-1' WHERE id = :id",
        "UPDATE orders SET currency = 'EUR' WHERE id = :id",
        "UPDATE orders SET refunded_minor = total_minor + 1 WHERE id = :id",
        "UPDATE orders SET status = 'PAID' WHERE id = :id",
        "UPDATE orders SET status = 'CANCELLED' WHERE id = :id",
        "UPDATE order_lines SET quantity = 2, total_minor = 3998 WHERE order_id = :id",
        "DELETE FROM order_lines WHERE order_id = :id",
        """INSERT INTO order_lines (order_id, position, product_id, product_name, unit_price_minor, quantity, total_minor)
            VALUES (:id, 9, uuidv7(), 'Slipped in', 0, 1, 0)""",
        "UPDATE order_events SET message = 'It never happened' WHERE order_id = :id",
        "DELETE FROM order_events WHERE order_id = :id",
        "DELETE FROM orders WHERE id = :id",
    ],
)
async def test_what_was_ordered_cannot_be_changed(orders: Orders, change: str) -> None:
    order = await orders.order()
    await refused_by_the_database(orders, change, id=order["id"])


async def test_an_order_is_paid_by_one_payment_for_good(orders: Orders) -> None:
    order = await orders.order()
    said = await refused_by_the_database(
        orders, *MOVES["PAID"], "UPDATE orders SET paid_by = uuidv7() WHERE id = :id", id=order["id"]
    )
    assert "paid once" in said


_NEW = "INSERT INTO orders (id, customer_id, currency, subtotal_minor, discount_minor, total_minor{}) VALUES (:id, :id, 'USD', 5, 0, {}{})"


@pytest.mark.parametrize(
    "statements",
    [
        (_NEW.format("", "4", ""),),
        (_NEW.format(", status, paid_by", "5", ", 'PAID', uuidv7()"),),
        (_NEW.format("", "5", ""), "SET CONSTRAINTS ALL IMMEDIATE"),
        (
            _NEW.format("", "5", ""),
            """INSERT INTO order_lines (order_id, position, product_id, product_name, unit_price_minor, quantity,
                total_minor) VALUES (:id, 0, uuidv7(), 'It', 2, 2, 4)""",
        ),
        (
            _NEW.format("", "5", ""),
            """INSERT INTO order_lines (order_id, position, product_id, product_name, unit_price_minor, quantity,
                total_minor) VALUES (:id, 0, uuidv7(), 'It', 2, 2, 5)""",
        ),
    ],
    ids=["total", "born paid", "no lines", "lines do not add up", "line does not add up"],
)
async def test_an_order_that_does_not_add_up_cannot_be_stored(
    orders: Orders, statements: tuple[str, ...]
) -> None:
    await refused_by_the_database(orders, *statements, id=uuid4())
