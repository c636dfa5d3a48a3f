"""Who sees which order, by every way there is, and how many statements that takes."""

from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, token_of
from tests.subgraph.orders.conftest import MOVES, Orders

WHOLE = """id number status cancelReason customer { id } subtotal { amount } discountTotal { amount } taxTotal { amount }
  total { amount currency } refundedTotal { amount } refundStatus allowedActions paymentDeadline createdAt updatedAt
  lines { id productName quantity product { id unitsSold } } events { id type from to actorType at message }"""
READER = token_of(ADMIN, "orders:read")


async def test_the_service_tells_its_schema(orders: Orders) -> None:
    sdl = (await orders.ask("{ _service { sdl } }"))["_service"]["sdl"]
    assert 'url: "https://specs.apollo.dev/federation/v2.9"' in sdl
    assert 'type Order implements Node @key(fields: "id")' in sdl
    assert "number: String! @shareable" in sdl
    assert "orders(first: Int = 20" in sdl
    assert "assumedSize: null" not in sdl


async def test_who_sees_an_order_by_each_way(orders: Orders) -> None:
    order = await orders.order()
    for token, sees in (
        (token_of(ADA), True),
        (READER, True),
        (token_of(BOB), False),
        (token_of(BOB, "payments:read", "users:read", "orders:write"), False),
    ):
        by_id = await orders.ask("query($k: ID) { order(id: $k) { id } }", token, k=order["id"])
        by_number = await orders.ask(
            "query($k: String) { order(number: $k) { id } }", token, k=order["number"]
        )
        expected = {"id": order["id"]} if sees else None
        assert by_id["order"] == by_number["order"] == expected
        assert await orders.entities(token, "Order", "id", order["id"]) == [expected]
    assert await orders.refused("query($k: ID) { order(id: $k) { id } }", k=order["id"]) == "UNAUTHENTICATED"
    assert await orders.entities(None, "Order", "id", order["id"]) == [None]


async def test_a_new_order_as_its_customer_and_as_an_administrator(orders: Orders) -> None:
    order = await orders.order(minor=250, quantity=2)
    (mine,) = await orders.entities(token_of(ADA), "Order", WHOLE, order["id"])
    assert mine["allowedActions"] == ["PAY", "CANCEL"]
    assert (mine["refundStatus"], mine["refundedTotal"], mine["discountTotal"], mine["taxTotal"]) == (
        "NONE",
        {"amount": "0.00"},
        {"amount": "0.00"},
        {"amount": "0.00"},
    )
    assert mine["total"] == {"amount": "5.00", "currency": "USD"}
    (theirs,) = await orders.entities(READER, "Order", WHOLE, order["id"])
    assert theirs == mine | {"allowedActions": []}
    writer = token_of(ADMIN, "orders:read", "orders:write")
    assert (await orders.entities(writer, "Order", "allowedActions", order["id"])) == [
        {"allowedActions": ["CANCEL"]}
    ]


async def test_an_order_is_named_by_its_id_or_its_number(orders: Orders) -> None:
    order, token = await orders.order(), token_of(ADA)
    for arguments in ("", "(id: null)", '(id: "", number: "")', f'(id: "{order["id"]}", number: "x")'):
        assert await orders.refused(f"{{ order{arguments} {{ id }} }}", token) == "BAD_USER_INPUT"
    for malformed in MALFORMED_IDS[1:]:
        assert (await orders.ask("query($k: ID) { order(id: $k) { id } }", token, k=malformed))[
            "order"
        ] is None
        found = await orders.ask("query($k: String) { order(number: $k) { id } }", token, k=malformed)
        assert found["order"] is None


async def test_a_thousand_orders_with_all_that_is_in_them_take_one_statement_a_type(orders: Orders) -> None:
    known = [(await orders.order())["id"] for _ in range(5)]
    other = (await orders.order(customer=BOB))["id"]
    asked = [known[i // 200] if i % 200 == 0 else str(uuid4()) for i in range(999)] + [other]
    with orders.database.record_statements() as statements:
        found = await orders.entities(token_of(ADA), "Order", WHOLE, *asked)
    assert [order and order["id"] for order in found] == [key if key in known else None for key in asked]
    # Orders, their lines, their events, and how often the products of the lines were sold.
    assert len(statements) == 4, statements
    with orders.database.record_statements() as statements:
        assert sum(order is not None for order in await orders.entities(READER, "Order", "id", *asked)) == 6
    assert len(statements) == 1


async def test_how_often_a_product_was_sold_is_for_everybody(orders: Orders) -> None:
    product, unsold = orders.products.add(100), orders.products.add(100)
    for status, n in (
        ("PAID", 1),
        ("PROCESSING", 2),
        ("COMPLETED", 4),
        ("PENDING", 8),
        ("CANCELLED", 16),
        ("REFUNDED", 32),
    ):
        order = (await orders.create((product, n)))["order"]
        for statement in MOVES[status]:
            await orders.execute(statement, id=order["id"])
    keys = [product, unsold, "nonsense", *(str(uuid4()) for _ in range(997))]
    with orders.database.record_statements() as statements:
        found = await orders.entities(None, "Product", "id unitsSold", *keys)
    assert [item["unitsSold"] for item in found] == [7, 0, *[0] * 998]
    assert [item["id"] for item in found] == keys
    assert len(statements) == 1


async def test_a_users_orders_are_for_the_user_and_for_who_reads_orders(orders: Orders) -> None:
    order = await orders.order()
    fields = "orders { totalCount nodes { id } }"
    for token in (token_of(ADA), READER):
        (user,) = await orders.entities(token, "User", fields, ADA)
        assert user["orders"] == {"totalCount": 1, "nodes": [{"id": order["id"]}]}
    operation = (
        f"query($asked: [_Any!]!) {{ _entities(representations: $asked) {{ ... on User {{ {fields} }} }} }}"
    )
    refusals: list[tuple[str | None, object, str]] = [
        (None, ADA, "UNAUTHENTICATED"),
        (token_of(BOB), ADA, "FORBIDDEN"),
        (token_of(BOB, "orders:write", "users:read"), ADA, "FORBIDDEN"),
        (token_of(BOB), "nonsense", "FORBIDDEN"),
    ]
    for caller, user_id, code in refusals:
        asked = [{"__typename": "User", "id": str(user_id)}]
        assert await orders.refused(operation, caller, asked=asked) == code


async def test_the_orders_of_a_thousand_users_take_one_statement(orders: Orders) -> None:
    made = {user: [(await orders.order(customer=user))["id"] for _ in range(3)] for user in (ADA, BOB)}
    keys = [ADA, *(uuid4() for _ in range(998)), BOB]
    with orders.database.record_statements() as statements:
        found = await orders.entities(
            READER, "User", "orders(first: 2) { nodes { id } pageInfo { hasNextPage } }", *keys
        )
    assert len(statements) == 1
    for user, place in ((ADA, 0), (BOB, -1)):
        assert [node["id"] for node in found[place]["orders"]["nodes"]] == made[user][:0:-1]
        assert found[place]["orders"]["pageInfo"]["hasNextPage"] is True
    assert found[1]["orders"] == {"nodes": [], "pageInfo": {"hasNextPage": False}}
    with orders.database.record_statements() as statements:
        found = await orders.entities(READER, "User", "orders { totalCount }", *keys)
    assert [item["orders"]["totalCount"] for item in (found[0], found[1], found[-1])] == [3, 0, 3]
    assert len(statements) == 2


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Order", "id": "nonsense"},
        {"__typename": "Order", "id": 5},
        {"__typename": "Order", "id": True},
        {"__typename": "Order", "id": ["a", {"b": None}]},
        {"__typename": "Order", "id": {"$ne": None}},
        {"__typename": "Order", "id": "' OR 1=1 --"},
        {"__typename": "Order", "id": None},
        {"__typename": "Order", "id": "nonsense", "info": 1, "cls": 2, "record": 3},
    ],
)
async def test_a_representation_of_nothing_is_null(orders: Orders, representation: dict[str, Any]) -> None:
    order = await orders.order()
    found = await orders.entities(token_of(ADA), "Order", "id", representation, order["id"])
    assert found == [None, {"id": order["id"]}]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "OrderLine", "id": "x"},
        {"__typename": "Query"},
        {"__typename": 5},
        {"__typename": "Order"},
        {"__typename": "Product"},
        {"id": "x"},
        "Order",
        7,
        None,
    ],
)
async def test_an_unusable_representation_is_an_error_of_its_own(orders: Orders, representation: Any) -> None:
    order = await orders.order()
    operation = "query($asked: [_Any!]!) { _entities(representations: $asked) { ... on Order { id } } }"
    asked = [representation, {"__typename": "Order", "id": order["id"]}]
    answer = (await orders.post(operation, token_of(ADA), asked=asked)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    if representation is not None:
        assert answer["data"]["_entities"][1] == {"id": order["id"]}


async def test_a_bad_token_is_no_token(orders: Orders) -> None:
    order = await orders.order()
    response = await orders.post("query($k: ID) { order(id: $k) { id } }", "nonsense", k=order["id"])
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
