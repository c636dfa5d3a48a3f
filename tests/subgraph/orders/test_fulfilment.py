"""What is paid is completed by itself, and downloaded by who holds the licence."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.subgraph.orders.client import ADA, ADMIN, BOB, cut_at, token_of
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid, tell_refund

FIELDS = "status allowedActions licenses { id status downloadUrl } events { from to actorType }"
REVOKE = "mutation($id: ID!) { revokeLicense(licenseId: $id) { license { status downloadUrl } errors { __typename } } }"


async def seen(orders: Orders, order_id: str, token: str) -> Any:
    (found,) = await orders.entities(token, "Order", FIELDS, order_id)
    return found


async def fetch(orders: Orders, url: str) -> httpx.Response:
    parts = urlsplit(url)
    return await orders.http.get(f"{parts.path}?{parts.query}")


async def test_a_paid_order_is_completed_by_itself(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    await orders.service.upkeep.run_once()
    found = await seen(orders, order_id, token_of(ADA))
    assert [(event["from"], event["to"], event["actorType"]) for event in found["events"]] == [
        (None, "PENDING", "CUSTOMER"),
        ("PENDING", "PAID", "SYSTEM"),
        ("PAID", "PROCESSING", "SYSTEM"),
        ("PROCESSING", "COMPLETED", "SYSTEM"),
    ]
    assert found["allowedActions"] == ["REQUEST_REFUND", "DOWNLOAD", "REVIEW"]
    assert await orders.service.fulfilment.run_due() == 0


async def test_of_many_workers_one_moves_an_order(orders: Orders) -> None:
    for _ in range(5):
        await paid(orders)
    moves = await asyncio.gather(*(orders.service.fulfilment.run_due() for _ in range(4)))
    assert sum(moves) <= 10
    while await orders.service.fulfilment.run_due():
        pass
    assert await orders.rows("SELECT status, count(*) FROM orders GROUP BY 1") == [("COMPLETED", 5)]
    assert await orders.rows("SELECT count(*) FROM order_events WHERE to_status = 'COMPLETED'") == [(5,)]


async def test_killed_anywhere_it_goes_on(orders: Orders) -> None:
    number = 1
    while True:
        order_id, _ = await paid(orders)
        was_killed = await cut_at(orders, number, orders.service.fulfilment.run_due)
        await orders.service.fulfilment.run_due()
        events = await orders.rows(
            "SELECT to_status FROM order_events WHERE order_id = :id ORDER BY sequence", id=order_id
        )
        assert [to for (to,) in events] == ["PENDING", "PAID", "PROCESSING", "COMPLETED"], number
        if not was_killed:
            break
        number += 1
    assert number > 6


async def test_more_orders_than_one_transaction_moves(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.orders.service.fulfilment.AT_ONCE", 2)
    for _ in range(5):
        await paid(orders)
    assert await orders.service.fulfilment.run_due() == 10


@pytest.mark.parametrize("status", ["PENDING", "CANCELLED", "REFUNDED", "COMPLETED"])
async def test_nothing_else_is_moved(orders: Orders, status: str) -> None:
    await orders.order(status=status)
    assert await orders.service.fulfilment.run_due() == 0


async def test_a_refund_while_it_is_worked_on_is_one_or_the_other(orders: Orders) -> None:
    order_id, payment_id = await paid(orders)
    await asyncio.gather(orders.service.fulfilment.run_due(), tell_refund(orders, order_id, payment_id, 1999))
    await orders.service.fulfilment.run_due()
    found = await seen(orders, order_id, token_of(ADA))
    assert (found["status"], found["allowedActions"]) == ("REFUNDED", [])
    assert [license_["downloadUrl"] for license_ in found["licenses"]] == [None]


async def test_the_holder_downloads(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    (license_,) = (await seen(orders, order_id, token_of(ADA)))["licenses"]
    response = await fetch(orders, license_["downloadUrl"])
    ((key,),) = await orders.rows("SELECT key FROM licenses")
    assert (response.status_code, response.json()["key"]) == (200, key)
    assert response.headers["cache-control"] == "private, no-store"
    assert "attachment" in response.headers["content-disposition"]


async def test_nobody_else_gets_a_link(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    for token in (token_of(ADMIN, "orders:read", "orders:write"),):
        found = await seen(orders, order_id, token)
        assert [each["downloadUrl"] for each in found["licenses"]] == [None]
        assert found["allowedActions"] == []
    ((license_id,),) = await orders.rows("SELECT id::text FROM licenses")
    assert await orders.entities(token_of(BOB), "License", "downloadUrl", license_id) == [None]


async def test_a_link_is_for_one_licence_and_a_few_minutes(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    (license_,) = (await seen(orders, order_id, token_of(ADA)))["licenses"]
    url = license_["downloadUrl"]
    other_id, _ = await paid(orders)
    (other,) = (await seen(orders, other_id, token_of(ADA)))["licenses"]
    later = url.replace("expires=", "expires=9")
    for wrong in (
        url.replace(license_["id"], other["id"]),
        url[:-1],
        later,
        url.split("?")[0],
        f"{url[:-3]}é",
    ):
        assert (await fetch(orders, wrong)).status_code == 404, wrong
    for broken in (url.replace("expires=", "expires=x"), url.replace(license_["id"], "nonsense")):
        assert (await fetch(orders, broken)).status_code == 422
    downloads = replace(orders.service.downloads, clock=lambda: datetime.now(UTC) + timedelta(minutes=5))
    query = dict(pair.split("=") for pair in urlsplit(url).query.split("&"))
    assert await downloads.read(license_["id"], int(query["expires"]), query["signature"]) is None


async def test_a_link_dies_with_its_licence(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    (license_,) = (await seen(orders, order_id, token_of(ADA)))["licenses"]
    payload = await orders.ask(REVOKE, token_of(ADMIN, "orders:write"), id=license_["id"])
    assert payload["revokeLicense"]["license"] == {"status": "REVOKED", "downloadUrl": None}
    assert (await fetch(orders, license_["downloadUrl"])).status_code == 404
    found = await seen(orders, order_id, token_of(ADA))
    assert found["allowedActions"] == ["REQUEST_REFUND"], "nothing to download, nothing to review"


async def test_a_licence_that_has_expired_gives_no_link(orders: Orders) -> None:
    order_id, _ = await paid(orders)
    await orders.execute("UPDATE licenses SET expires_at = now()")
    (license_,) = (await seen(orders, order_id, token_of(ADA)))["licenses"]
    assert license_["downloadUrl"] is None


async def test_a_licence_that_never_was_gives_nothing(orders: Orders) -> None:
    assert (await orders.http.get(f"/downloads/{uuid4()}?expires=1&signature=00")).status_code == 404
