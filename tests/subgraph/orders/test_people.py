"""What orders knows of one person: told, and forgotten."""

import asyncio
from uuid import UUID, uuid4

from sqlalchemy import text

from subgraphs.common.personal_data import PREFIX
from subgraphs.orders.repository import licenses
from tests.subgraph.orders.client import ADA, BOB, cut_at, token_of, until_somebody_waits
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid
from tests.subgraph.orders.test_licenses import DEACTIVATE, activate, bought

BOOKS = "SELECT id, number, customer_id, status, total_minor, paid_by FROM orders WHERE customer_id = :id ORDER BY id"
CANCEL = "mutation($id: ID!, $note: String) { cancelOrder(id: $id, note: $note) { order { status } errors { __typename } } }"


async def erase(orders: Orders, user: object = ADA) -> None:
    response = await orders.post_internal(f"{PREFIX}/{user}/erase", {})
    assert (response.status_code, response.json()) == (200, {"erased": True})


async def leave_traces(orders: Orders) -> None:
    """Ada has bought something and uses it, has called one order off with a note, and one waits for money."""
    await paid(orders)
    ((key,),) = await orders.rows("SELECT key FROM licenses WHERE status = 'ACTIVE'")
    assert (await activate(orders, key, "Ada's laptop"))["errors"] == []
    cancelled = await orders.order()
    await orders.ask(CANCEL, token_of(ADA), id=cancelled["id"], note="Ada, Berlin")
    await orders.order()


async def traces(orders: Orders) -> list[tuple[object, ...]]:
    return [
        (
            await orders.rows(
                "SELECT count(*) FROM order_events WHERE message IS NOT NULL AND actor_type <> 'SYSTEM'"
            )
        )[0],
        (await orders.rows("SELECT count(*) FROM license_activations"))[0],
        (await orders.rows("SELECT count(*) FROM licenses WHERE status = 'ACTIVE'"))[0],
        (await orders.rows("SELECT count(*) FROM idempotency_keys WHERE user_id = :id", id=ADA))[0],
        (await orders.rows("SELECT count(*) FROM orders WHERE status = 'PENDING'"))[0],
    ]


async def test_what_people_wrote_goes_and_the_books_stay(orders: Orders) -> None:
    await leave_traces(orders)
    before = await orders.rows(BOOKS, id=ADA)
    await erase(orders)
    assert await traces(orders) == [(0,)] * 5
    after = await orders.rows(BOOKS, id=ADA)
    assert [row[:3] + row[4:] for row in after] == [row[:3] + row[4:] for row in before]
    assert [row[3] for row in after] == ["PAID", "CANCELLED", "CANCELLED"]
    closed = await orders.rows("SELECT count(*) FROM outbox")
    await erase(orders)
    assert await orders.rows("SELECT count(*) FROM outbox") == closed, "who is forgotten is forgotten once"


async def test_who_was_killed_in_the_middle_goes_on(orders: Orders) -> None:
    number = 1
    while True:
        await orders.execute("TRUNCATE erased_customers")
        await leave_traces(orders)
        was_killed = await cut_at(orders, number, lambda: orders.service.people.erase(ADA))
        await orders.service.people.erase(ADA)
        assert await traces(orders) == [(0,)] * 5, number
        if not was_killed:
            break
        number += 1
    assert number > 8


async def test_nobody_orders_in_the_name_of_who_is_forgotten(orders: Orders) -> None:
    await erase(orders)
    item = orders.products.add()
    code = await orders.refused(
        """mutation($key: ID!, $id: ID!) { createOrder(idempotencyKey: $key, input: {items: [{productId: $id}]}) {
        order { id } errors { __typename } } }""",
        token_of(ADA),
        key="k",
        id=item,
    )
    assert code == "FORBIDDEN"
    assert await orders.count("orders") == [0]
    assert (await orders.order(customer=BOB))["status"] == "PENDING"


async def test_an_order_that_is_being_made_while_its_customer_is_forgotten_is_called_off(
    orders: Orders,
) -> None:
    item = orders.products.add()
    async with orders.database.write() as session:
        # Whoever orders has the order's row by now, and waits for the key.
        await session.execute(text("LOCK TABLE idempotency_keys IN EXCLUSIVE MODE"))
        ordering = asyncio.ensure_future(orders.create((item, 1)))
        await until_somebody_waits(orders)
        erasing = asyncio.ensure_future(orders.service.people.erase(ADA))
        await until_somebody_waits(orders, count=2)
    assert (await ordering)["errors"] == []
    await erasing
    assert await orders.rows("SELECT status FROM orders") == [("CANCELLED",)]
    assert await orders.count("idempotency_keys") == [0]


async def test_other_peoples_traces_stay(orders: Orders) -> None:
    await leave_traces(orders)
    before = await traces(orders)
    await erase(orders, BOB)
    await erase(orders, uuid4())
    assert await traces(orders) == before


async def test_an_export_has_everything_of_one_person(orders: Orders) -> None:
    await leave_traces(orders)
    await orders.order(customer=BOB)
    found = (await orders.post_internal(f"{PREFIX}/{ADA}/export", {})).json()["data"]
    assert [order["status"] for order in found["orders"]] == ["PENDING", "CANCELLED", "PAID"]
    assert [event["message"] for event in found["orders"][1]["events"]] == [None, "Ada, Berlin"]
    assert [license_["activations"] for license_ in found["licenses"]] == [["Ada's laptop"]]
    assert (await orders.post_internal(f"{PREFIX}/{uuid4()}/export", {})).json()["data"] == {
        "orders": [],
        "licenses": [],
    }


async def test_only_the_services_ask(orders: Orders) -> None:
    for what in ("erase", "export"):
        assert (await orders.post_internal(f"{PREFIX}/{ADA}/{what}", {}, secret="x" * 40)).status_code == 401
        assert (await orders.post_internal(f"{PREFIX}/nonsense/{what}", {})).status_code == 422


async def test_what_is_being_activated_or_ended_is_forgotten_too(orders: Orders) -> None:
    license_ = await bought(orders, quantity=2)
    used = (await activate(orders, license_["key"], "Ada's laptop"))["license"]["activations"][0]
    async with orders.database.write() as session:
        await licenses.lock_license(session, ADA, license_["key"])
        ending = asyncio.create_task(orders.ask(DEACTIVATE, token_of(ADA), l=license_["id"], a=used["id"]))
        await until_somebody_waits(orders, 1)
        erasing = asyncio.create_task(erase(orders))
        await until_somebody_waits(orders, 2)
        # Somebody who came before both: it is committed when this block ends.
        assert await licenses.take_seat(session, UUID(license_["id"]))
        await licenses.insert_activation(session, UUID(license_["id"]), "Ada's telephone")
    await erasing
    # Postgres lets in either of them first, as the row that both wait for has got another version.
    assert [error["code"] for error in (await ending)["deactivateLicense"]["errors"]] in ([], ["NOT_FOUND"])
    assert await orders.count("license_activations") == [0]
