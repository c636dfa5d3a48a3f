"""Licences as their owner sees them: the library, the places of use, who may see and end them."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.subgraph.orders.client import (
    ADA,
    ADMIN,
    BOB,
    BROKEN_CURSORS,
    MALFORMED_IDS,
    token_of,
    until_somebody_waits,
)
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid, tell_refund

LICENSE = "license { id key status activationLimit activations { id label } product { id } order { number } }"
ERRORS = "errors { __typename ... on UserError { code path } }"
ACTIVATE = f"mutation($key: String!, $label: String!) {{ activateLicense(key: $key, label: $label) {{ {LICENSE} {ERRORS} }} }}"
DEACTIVATE = f"""mutation($l: ID!, $a: ID!) {{ deactivateLicense(licenseId: $l, activationId: $a) {{ {LICENSE} {ERRORS} }} }}"""
REVOKE = f'mutation($l: ID!) {{ revokeLicense(licenseId: $l, reason: "fraud") {{ {LICENSE} {ERRORS} }} }}'
LIBRARY = "library(first: $first, after: $after) { totalCount nodes { id key } edges { cursor } pageInfo { hasNextPage endCursor } }"


async def bought(orders: Orders, quantity: int = 1) -> dict[str, Any]:
    """The licence of an order that Ada has paid."""
    order_id, _ = await paid(orders, quantity=quantity)
    (order,) = await orders.entities(
        token_of(ADA), "Order", "licenses { id key status activationLimit product { id } }", order_id
    )
    (found,) = order["licenses"]
    license_: dict[str, Any] = found
    return license_


async def activate(orders: Orders, key: str, label: str = "laptop", user: Any = ADA) -> dict[str, Any]:
    payload: dict[str, Any] = (await orders.ask(ACTIVATE, token_of(user), key=key, label=label))[
        "activateLicense"
    ]
    return payload


async def library(orders: Orders, user: Any, token: str | None, **page: Any) -> Any:
    operation = f"""query($user: ID!, $first: Int, $after: String) {{
      _entities(representations: [{{__typename: "User", id: $user}}]) {{ ... on User {{ {LIBRARY} }} }} }}"""
    return await orders.post(operation, token, user=str(user), **page)


async def test_a_library_in_pages(orders: Orders) -> None:
    made = [(await bought(orders))["id"] for _ in range(3)]
    found, after = [], None
    for _ in range(3):
        answer = (await library(orders, ADA, token_of(ADA), first=1, after=after)).json()
        page = answer["data"]["_entities"][0]["library"]
        assert page["totalCount"] == 3
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (found, page["pageInfo"]["hasNextPage"]) == (made[::-1], False)
    for cursor in BROKEN_CURSORS[1:]:
        answer = (await library(orders, ADA, token_of(ADA), after=cursor)).json()
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_who_sees_a_library_and_a_licence(orders: Orders) -> None:
    license_ = await bought(orders)
    for token, code in ((None, "UNAUTHENTICATED"), (token_of(BOB), "FORBIDDEN")):
        answer = (await library(orders, ADA, token)).json()
        assert answer["errors"][0]["extensions"]["code"] == code
        assert await orders.entities(token, "License", "key", license_["id"]) == [None]
    for token in (token_of(ADA), token_of(ADMIN, "orders:read")):
        assert await orders.entities(token, "License", "key", license_["id"]) == [{"key": license_["key"]}]
    assert await orders.entities(token_of(ADA), "License", "key", *MALFORMED_IDS) == [None] * len(
        MALFORMED_IDS
    )


async def test_what_the_caller_owns(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    ((product_id,),) = await orders.rows("SELECT product_id FROM licenses")
    fields = "unitsSold isOwnedByMe"
    for token, is_mine in ((token_of(ADA), True), (token_of(BOB), False), (None, False)):
        found = await orders.entities(token, "Product", fields, product_id, uuid4())
        assert [product["isOwnedByMe"] for product in found] == [is_mine, False]
        assert found[0]["unitsSold"] == 1
    await tell_refund(orders, order_id, payment_id, 1999)
    (product,) = await orders.entities(token_of(ADA), "Product", fields, product_id)
    assert product == {"unitsSold": 0, "isOwnedByMe": False}


async def test_uses_up_to_the_number_that_was_bought(orders: Orders) -> None:
    license_ = await bought(orders, quantity=2)
    payloads = await asyncio.gather(*(activate(orders, license_["key"], f"place {n}") for n in range(6)))
    codes = sorted(error["code"] for payload in payloads for error in payload["errors"])
    assert codes == ["LIMIT_EXCEEDED"] * 4
    (found,) = await orders.entities(token_of(ADA), "License", "activations { id label }", license_["id"])
    first, _ = found["activations"]
    for _ in range(2):
        payload = (await orders.ask(DEACTIVATE, token_of(ADA), l=license_["id"], a=first["id"]))[
            "deactivateLicense"
        ]
    assert payload["errors"][0]["code"] == "NOT_FOUND"
    assert await orders.rows("SELECT activation_count FROM licenses") == [(1,)]
    payload = await activate(orders, license_["key"], "Zoe\u0308")
    assert payload["errors"] == []
    assert [each["label"] for each in payload["license"]["activations"]][-1] == "Zo\u00eb"


async def test_a_place_that_is_named_again_is_the_same_place(orders: Orders) -> None:
    license_ = await bought(orders, quantity=2)
    payloads = await asyncio.gather(*(activate(orders, license_["key"]) for _ in range(4)))
    assert {activation["id"] for each in payloads for activation in each["license"]["activations"]} == {
        payloads[0]["license"]["activations"][0]["id"]
    }
    assert await orders.rows("SELECT activation_count FROM licenses") == [(1,)]
    assert (await activate(orders, license_["key"], "another"))["errors"] == []
    # All are taken, and a place that is one of them says so again.
    assert (await activate(orders, license_["key"]))["errors"] == []
    assert (await activate(orders, license_["key"], "a third"))["errors"][0]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("label", ["", " ", "x" * 101, "a\nb", "\u202e"])
async def test_labels_that_are_none(orders: Orders, label: str) -> None:
    license_ = await bought(orders)
    (error,) = (await activate(orders, license_["key"], label))["errors"]
    assert (error["__typename"], error["path"]) == ("ValidationError", ["label"])


async def test_a_key_is_worth_nothing_to_others(orders: Orders) -> None:
    license_ = await bought(orders)
    assert (await activate(orders, license_["key"], user=BOB))["errors"][0]["code"] == "NOT_FOUND"
    for key in (*MALFORMED_IDS, license_["key"].lower(), license_["id"]):
        assert (await activate(orders, key))["errors"][0]["code"] == "NOT_FOUND"
    use = (await activate(orders, license_["key"]))["license"]["activations"][0]
    for user, license_id in ((BOB, license_["id"]), (ADA, str(uuid4())), (ADMIN, license_["id"])):
        answer = await orders.ask(DEACTIVATE, token_of(user), l=license_id, a=use["id"])
        assert answer["deactivateLicense"]["errors"][0]["code"] == "NOT_FOUND"
    assert await orders.count("license_activations") == [1]


async def test_a_revoked_licence(orders: Orders) -> None:
    license_ = await bought(orders)
    assert await orders.refused(REVOKE, token_of(ADA), l=license_["id"]) == "FORBIDDEN"
    writer = token_of(ADMIN, "orders:write", "orders:read")
    for _ in range(2):
        payload = (await orders.ask(REVOKE, writer, l=license_["id"]))["revokeLicense"]
        assert (payload["errors"], payload["license"]["status"]) == ([], "REVOKED")
    for license_id in (*MALFORMED_IDS, str(uuid4())):
        payload = (await orders.ask(REVOKE, writer, l=license_id))["revokeLicense"]
        assert payload["errors"][0]["code"] == "NOT_FOUND"
    assert (await activate(orders, license_["key"]))["errors"][0]["code"] == "INVALID_STATE"
    events = await orders.rows(
        "SELECT to_status, actor_id, message FROM order_events WHERE type = 'LICENSE_REVOKED'"
    )
    assert events == [("PAID", ADMIN, "fraud")]


async def test_a_licence_that_ends_while_its_order_moves_is_noted_where_the_order_is(orders: Orders) -> None:
    license_ = await bought(orders)
    writer = token_of(ADMIN, "orders:write", "orders:read")
    async with orders.database.write() as session:
        await session.execute(text("UPDATE orders SET status = 'PROCESSING'"))
        revoking = asyncio.ensure_future(orders.ask(REVOKE, writer, l=license_["id"]))
        await until_somebody_waits(orders)
    assert (await revoking)["revokeLicense"]["errors"] == []
    events = await orders.rows(
        "SELECT from_status, to_status FROM order_events WHERE type = 'LICENSE_REVOKED'"
    )
    assert events == [("PROCESSING", "PROCESSING")]
