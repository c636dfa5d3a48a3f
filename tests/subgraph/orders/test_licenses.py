"""Licences: issued once when an order is paid, used on devices, taken away when the money goes back."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, token_of
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_money import mark_paid, tell

FIELDS = (
    "id key status activationLimit expiresAt product { id isOwnedByMe } order { id } activations { id label }"
)
LIBRARY = f"""query($first: Int, $after: String) {{ _entities(representations: [{{__typename: "User", id: "{ADA}"}}]) {{
  ... on User {{ library(first: $first, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }}
    nodes {{ {FIELDS} }} }} }} }} }}"""
PAYLOAD = f"""license {{ {FIELDS} }} errors {{ __typename ... on UserError {{ message code path }} }}"""
ACTIVATE = f"mutation($key: String!, $label: String!) {{ activateLicense(key: $key, label: $label) {{ {PAYLOAD} }} }}"
DEACTIVATE = f"""mutation($license: ID!, $activation: ID!) {{
  deactivateLicense(licenseId: $license, activationId: $activation) {{ {PAYLOAD} }} }}"""
REVOKE = f"mutation($license: ID!, $reason: String) {{ revokeLicense(licenseId: $license, reason: $reason) {{ {PAYLOAD} }} }}"


async def buy(orders: Orders) -> tuple[str, str]:
    """A paid order of Ada's; gives its id and its payment's."""
    order_id = (await orders.order(minor=1999))["id"]
    return order_id, await mark_paid(orders, order_id)


async def read_library(orders: Orders, token: str | None = token_of(ADA), **page: Any) -> dict[str, Any]:
    """Ada's library."""
    ((found),) = (await orders.ask(LIBRARY, token, **page))["_entities"]
    library: dict[str, Any] = found["library"]
    return library


async def activate(orders: Orders, key: str, label: str, user: UUID = ADA) -> dict[str, Any]:
    payload: dict[str, Any] = (await orders.ask(ACTIVATE, token_of(user), key=key, label=label))[
        "activateLicense"
    ]
    return payload


async def test_a_licence_for_each_line_issued_once(orders: Orders) -> None:
    assert (await read_library(orders))["nodes"] == []
    order_id, payment_id = await buy(orders)
    body = {"paymentId": payment_id, "amount": {"minor": 1999, "currency": "USD"}}
    await orders.post_internal(f"/internal/orders/{order_id}/mark-paid", body)
    library = await read_library(orders)
    (held,) = library["nodes"]
    assert (library["totalCount"], held["status"], held["order"]["id"]) == (1, "ACTIVE", order_id)
    assert held["activationLimit"] == 3
    assert held["product"]["isOwnedByMe"] is True
    assert len(held["key"]) == 36


async def test_a_pending_order_has_none(orders: Orders) -> None:
    order_id = (await orders.order(minor=1999))["id"]
    (order,) = await orders.entities(token_of(ADA), "Order", "licenses { id }", order_id)
    assert order == {"licenses": []}


async def test_pages_of_a_library(orders: Orders) -> None:
    made = [(await buy(orders))[0] for _ in range(5)]
    seen: list[str] = []
    after = None
    while True:
        page = await read_library(orders, first=2, after=after)
        seen += [held["order"]["id"] for held in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == made[::-1]


async def test_whose_it_is_not(orders: Orders) -> None:
    order_id, _ = await buy(orders)
    (held,) = (await read_library(orders))["nodes"]
    assert await orders.refused(LIBRARY, token_of(BOB)) == "FORBIDDEN"
    assert await orders.refused(LIBRARY) == "UNAUTHENTICATED"
    assert len((await read_library(orders, token_of(ADMIN, "orders:read")))["nodes"]) == 1
    assert (
        await orders.entities(token_of(BOB), "License", "id key", held["id"], "x", str(uuid4())) == [None] * 3
    )
    assert await orders.entities(None, "License", "id key", held["id"]) == [None]
    for token in (token_of(BOB), None):
        (product,) = await orders.entities(token, "Product", "isOwnedByMe", held["product"]["id"])
        assert product == {"isOwnedByMe": False}
    assert await orders.entities(token_of(BOB), "Order", "licenses { key }", order_id) == [None]
    payload = await activate(orders, held["key"], "phone", BOB)
    assert payload["errors"][0]["code"] == "NOT_FOUND"


async def test_devices(orders: Orders) -> None:
    await buy(orders)
    (held,) = (await read_library(orders))["nodes"]
    for label in ("phone", "phone", "laptop", " desk "):
        assert (await activate(orders, held["key"], label))["errors"] == []
    full = await activate(orders, held["key"], "tablet")
    assert (full["license"], full["errors"][0]["code"]) == (None, "LIMIT_EXCEEDED")
    (held,) = (await read_library(orders))["nodes"]
    assert [device["label"] for device in held["activations"]] == ["phone", "laptop", "desk"]
    gone = {"license": held["id"], "activation": held["activations"][0]["id"]}
    payload = (await orders.ask(DEACTIVATE, token_of(BOB), **gone))["deactivateLicense"]
    assert payload["errors"][0]["code"] == "NOT_FOUND"
    payload = (await orders.ask(DEACTIVATE, token_of(ADA), **gone))["deactivateLicense"]
    assert len(payload["license"]["activations"]) == 2
    payload = (await orders.ask(DEACTIVATE, token_of(ADA), **gone))["deactivateLicense"]
    assert payload["errors"][0]["path"] == ["activationId"]
    assert (await activate(orders, held["key"], "tablet"))["errors"] == []


async def test_many_devices_at_once_get_no_more_than_the_limit(orders: Orders) -> None:
    await buy(orders)
    (held,) = (await read_library(orders))["nodes"]
    payloads = await asyncio.gather(*(activate(orders, held["key"], f"device {n}") for n in range(12)))
    assert sum(payload["errors"] == [] for payload in payloads) == 3
    assert await orders.count("license_activations") == [3]


@pytest.mark.parametrize("label", ["", "   ", "x" * 101])
async def test_a_label_that_is_none(orders: Orders, label: str) -> None:
    await buy(orders)
    (held,) = (await read_library(orders))["nodes"]
    assert (await activate(orders, held["key"], label))["errors"][0]["path"] == ["label"]


async def test_taken_away_by_staff(orders: Orders) -> None:
    await buy(orders)
    (held,) = (await read_library(orders))["nodes"]
    assert await orders.refused(REVOKE, token_of(ADA), license=held["id"]) == "FORBIDDEN"
    staff = token_of(ADMIN, "orders:write", "orders:read")
    for _ in range(2):
        payload = (await orders.ask(REVOKE, staff, license=held["id"], reason="fraud"))["revokeLicense"]
        assert payload["license"]["status"] == "REVOKED"
    assert (await activate(orders, held["key"], "phone"))["errors"][0]["code"] == "INVALID_STATE"
    (product,) = await orders.entities(token_of(ADA), "Product", "isOwnedByMe", held["product"]["id"])
    assert product == {"isOwnedByMe": False}
    for broken in MALFORMED_IDS:
        payload = (await orders.ask(REVOKE, staff, license=broken))["revokeLicense"]
        assert payload["errors"][0]["code"] == "NOT_FOUND"


async def test_taken_away_when_all_of_the_money_goes_back(orders: Orders) -> None:
    order_id, payment_id = await buy(orders)
    await tell(orders, order_id, payment_id, 500)
    assert (await read_library(orders))["nodes"][0]["status"] == "ACTIVE"
    await tell(orders, order_id, payment_id, 1999)
    assert (await read_library(orders))["nodes"][0]["status"] == "REVOKED"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE licenses SET customer_id = uuidv7()",
        "UPDATE licenses SET key = 'mine'",
        "UPDATE licenses SET status = 'EXPIRED'; UPDATE licenses SET status = 'ACTIVE'",
        "INSERT INTO license_activations (license_id, label) SELECT id, n::text FROM licenses, generate_series(1, 4) n",
    ],
)
async def test_the_database_keeps_licences_right(orders: Orders, change: str) -> None:
    await buy(orders)
    *before, last = change.split(";")
    for statement in before:
        await orders.execute(statement)
    with pytest.raises(DBAPIError):
        await orders.execute(last)
