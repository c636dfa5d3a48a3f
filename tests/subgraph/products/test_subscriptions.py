"""Subscriptions to prices, and what every subgraph with subscriptions does with sockets, tokens and bad messages."""

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from subgraphs.common import live, socket
from subgraphs.common.auth import LEEWAY_S
from subgraphs.common.errors import UnavailableError
from tests.subgraph.products.conftest import ADMIN, CUSTOMER, Products, make_token
from tests.support.subgraph_process import Served, serving_here

CHANGED = """subscription($ids: [ID!]!, $last: ID, $since: DateTime) {
  productPriceChanged(productIds: $ids, lastEventId: $last, since: $since) { id slug version price { amount } } }"""
UPDATE = """mutation($id: ID!, $input: UpdateProductInput!) { updateProduct(id: $id, input: $input) {
  product { updatedAt version } errors { __typename } } }"""


@pytest_asyncio.fixture
async def served(products: Products) -> AsyncIterator[Served]:
    """Products on a port."""
    async with serving_here(products.app) as served:
        yield served


async def reprice(products: Products, product_id: str, amount: str) -> dict[str, Any]:
    given = {"price": {"amount": amount, "currency": "USD"}}
    found = (await products.ask(UPDATE, ADMIN, id=product_id, input=given))["updateProduct"]["product"]
    assert found is not None
    return dict(found)


def prices(payloads: list[dict[str, Any]]) -> list[str]:
    return [payload["data"]["productPriceChanged"]["price"]["amount"] for payload in payloads]


async def test_everybody_is_told_of_the_prices_of_the_products_named(
    products: Products, served: Served
) -> None:
    one, two, other = [(await products.create(name))["id"] for name in ("A", "B", "C")]
    async with served.begin() as client:
        await client.follow("1", CHANGED, ids=[one, two, one, "nonsense", str(uuid4())])
        await reprice(products, other, "1.00")
        await reprice(products, one, "2.00")
        # What leaves the price as it is tells nobody anything.
        await products.ask(UPDATE, ADMIN, id=one, input={"name": "Renamed"})
        await reprice(products, one, "2.00")
        await reprice(products, two, "3.00")
        told = [await client.take_data("1") for _ in range(2)]
    assert prices(told) == ["2.00", "3.00"]


async def test_after_a_snapshot_and_after_an_event_nothing_is_lost_or_told_twice(
    products: Products, served: Served
) -> None:
    product = (await products.create("A"))["id"]
    seen = (await reprice(products, product, "1.00"))["updatedAt"]
    async with served.begin() as client:
        await client.subscribe("1", CHANGED, ids=[product], since=seen)
        for amount in ("2.00", "3.00"):
            await reprice(products, product, amount)
        first, second = [await client.take_data("1") for _ in range(2)]
        await client.subscribe("2", CHANGED, ids=[product], last=first["extensions"]["eventId"])
        again = await client.take_data("2")
    assert again["extensions"] == second["extensions"]
    assert second["data"]["productPriceChanged"]["price"]["amount"] == "3.00"


async def test_a_draft_tells_nobody_what_it_costs_but_who_writes_the_catalogue(
    products: Products, served: Served
) -> None:
    draft = (await products.create("Draft", status="DRAFT"))["id"]
    shown = (await products.create("Shown"))["id"]
    async with served.begin(CUSTOMER) as customer, served.begin(ADMIN) as admin:
        for client in (customer, admin):
            await client.follow("1", CHANGED, ids=[draft, shown])
        for product in (draft, shown):
            await reprice(products, product, "5.00")
        assert (await customer.take_data("1"))["data"]["productPriceChanged"]["id"] == shown
        assert (await admin.take_data("1"))["data"]["productPriceChanged"]["id"] == draft


@pytest.mark.parametrize("ids", [[], ["x"] * 101])
async def test_too_many_products_or_none_are_refused(
    products: Products, served: Served, ids: list[str]
) -> None:
    async with served.begin() as client:
        await client.subscribe("1", CHANGED, ids=ids)
        assert await client.take_error("1") == "BAD_USER_INPUT"


async def test_an_expired_token_ends_its_subscriptions_and_lets_no_new_one_begin(
    products: Products, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = (await products.create("A"))["id"]
    token = make_token(exp=int(time.time()) - LEEWAY_S + 2)
    async with served.begin(token) as client:
        await client.follow("1", CHANGED, ids=[product])
        assert await client.take_error("1") == "UNAUTHENTICATED"
        await client.follow("2", CHANGED, ids=[product])
        assert await client.take_error("2") == "UNAUTHENTICATED"


async def test_the_token_of_connection_init_counts(products: Products, served: Served) -> None:
    draft = (await products.create("Draft", status="DRAFT"))["id"]
    query = "query($id: ID) { product(id: $id) { id } }"
    for name in ("authorization", "Authorization"):
        async with served.connect(CUSTOMER) as client:
            await client.begin({name: f"Bearer {ADMIN}"})
            await client.subscribe("1", query, id=draft)
            assert (await client.take_data("1"))["data"]["product"] == {"id": draft}
            assert (await client.take("1"))["type"] == "complete"


@pytest.mark.parametrize("token", ["nonsense", "x" * 9000, make_token(exp=1), make_token(aud="other")])
async def test_a_token_that_does_not_hold_is_not_let_in(served: Served, token: str) -> None:
    async with served.connect() as client:
        await client.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert (await client.closed())[0] == 4403


async def test_who_does_not_introduce_itself_is_sent_away(
    products: Products, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "INIT_TIMEOUT", timedelta(milliseconds=50))
    async with serving_here(products.build_app()) as impatient, impatient.connect() as client:
        assert (await client.closed())[0] == 4408
    async with served.connect() as client:
        await client.subscribe("1", CHANGED, ids=["x"])
        assert (await client.closed())[0] == 4401


@pytest.mark.parametrize(
    "message",
    [
        b"no json",
        b"5",
        b"[]",
        b"{}",
        b'{"type": 5}',
        b'{"type": "sing"}',
        b'{"type": "subscribe"}',
        b'{"type": "subscribe", "id": 5, "payload": {"query": "{ __typename }"}}',
        b'{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        b'{"type": "subscribe", "id": "1", "payload": []}',
        b'{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        b'{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        b'{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 5}}',
        b'{"type": "complete"}',
        b'{"type": "complete", "id": {}}',
        b"[" * 100_000,
        b'{"type": "subscribe", "id": "' + b"x" * 200 + b'", "payload": {"query": "{ __typename }"}}',
    ],
)
async def test_what_is_no_message_closes_the_connection(served: Served, message: bytes) -> None:
    async with served.begin() as client:
        await client.connection.send(message.decode())
        assert (await client.closed())[0] == 4400
    async with served.begin() as client:
        await client.connection.send(message)
        assert (await client.closed())[0] == 4400


async def test_a_second_introduction_and_an_id_in_use_close_the_connection(
    products: Products, served: Served
) -> None:
    async with served.begin() as client:
        await client.send(type="connection_init")
        assert (await client.closed())[0] == 4429
    async with served.begin() as client:
        for _ in range(2):
            await client.follow("1", CHANGED, ids=["x"])
        assert (await client.closed())[0] == 4409


async def test_other_protocols_and_hosts_of_other_pages_are_refused(served: Served) -> None:
    async with served.connect(subprotocols=[Subprotocol("graphql-ws")]) as client:
        assert (await client.closed())[0] == 4406
    with pytest.raises(InvalidStatus):
        async with served.connect(origin="https://elsewhere.example"):
            pass


async def test_pings_are_answered_also_before_the_introduction(served: Served) -> None:
    async with served.connect() as client:
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}
        await client.send(type="pong")
        await client.begin()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { productPriceChanged { id } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { a: productPriceChanged(productIds: []) { id } b: __typename }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ products(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
        ("", "BAD_USER_INPUT"),
    ],
)
async def test_an_operation_that_is_none_is_answered_and_the_connection_goes_on(
    served: Served, query: str, code: str
) -> None:
    async with served.begin() as client:
        await client.subscribe("1", query)
        message = await client.take("1")
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == code, message
        await client.subscribe("2", "{ __typename }")
        assert (await client.take_data("2"))["data"] == {"__typename": "Query"}


async def test_a_subscription_that_is_completed_ends_and_its_id_is_free(
    products: Products, served: Served
) -> None:
    product = (await products.create("A"))["id"]
    async with served.begin() as client:
        await client.follow("1", CHANGED, ids=["x"])
        await client.send(type="complete", id="1")
        await client.send(type="complete", id="never there")
        await client.follow("1", CHANGED, ids=[product])
        await reprice(products, product, "7.00")
        assert prices([await client.take_data("1")]) == ["7.00"]


async def test_a_connection_and_a_user_have_so_many_subscriptions_and_no_more(
    products: Products, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_PER_USER_MAX", 2)
    token = make_token()
    async with served.begin(token) as one, served.begin(token) as two, served.begin() as anybody:
        for client, operation_id in ((one, "1"), (two, "1")):
            # What is missed is told at once, so an answer tells that the subscription has begun.
            product = (await products.create("A"))["id"]
            await client.follow(operation_id, CHANGED, ids=[product])
            await reprice(products, product, "2.00")
            await client.take_data(operation_id)
        await two.follow("2", CHANGED, ids=["x"])
        assert await two.take_error("2") == "RATE_LIMITED"
        await one.send(type="complete", id="1")
        for n in range(socket.OPERATIONS_MAX):
            await anybody.follow(str(n), CHANGED, ids=["x"])
        await anybody.follow("more", CHANGED, ids=["x"])
        message = await anybody.take("more")
        assert message["type"] == "error", message


async def test_too_many_connections_are_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "CONNECTIONS_MAX", 1)
    async with served.begin():
        with pytest.raises(InvalidStatus):
            async with served.connect():
                pass


async def test_who_does_not_take_the_events_is_ended_and_can_come_back_for_them(
    products: Products, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUEUE_MAX", 3)
    product = (await products.create("A"))["id"]
    async with served.begin() as client:
        await client.follow("1", CHANGED, ids=[product])
        await reprice(products, product, "1.00")
        first = await client.take_data("1")
        # All in one transaction, so they come all at once.
        async with products.service.database.write() as session:
            for n in range(20):
                await session.execute(
                    text(
                        "UPDATE products SET price_minor = :n, updated_at = clock_timestamp() WHERE id = :id"
                    ),
                    {"n": 1000 + n, "id": product},
                )
        messages = []
        while (message := await client.take("1"))["type"] == "next":
            messages.append(message)
        assert message["payload"][0]["extensions"]["code"] == "SLOW_CONSUMER"
        last = messages[-1]["payload"] if messages else first
        await client.subscribe("2", CHANGED, ids=[product], last=last["extensions"]["eventId"])
        rest = [await client.take_data("2") for _ in range(20 - len(messages))]
    assert len({each["extensions"]["eventId"] for each in rest}) == 20 - len(messages)


async def test_old_changes_are_deleted_and_cannot_be_resumed_from(products: Products, served: Served) -> None:
    product = (await products.create("A"))["id"]
    async with served.begin() as client:
        await client.follow("1", CHANGED, ids=[product])
        await reprice(products, product, "1.00")
        first = await client.take_data("1")
        await products.execute("UPDATE changes SET at = now() - interval '8 days'")
        # Whether it is this one that deletes them, or the one that has just begun to run beside the requests.
        await live.ChangeLog(products.service.database).purge()
        await client.subscribe("2", CHANGED, ids=[product], last=first["extensions"]["eventId"])
        assert await client.take_error("2") == "UNKNOWN_EVENT"


async def test_a_notice_that_gets_lost_costs_time_and_nothing_else(
    products: Products, served: Served
) -> None:
    product = (await products.create("A"))["id"]
    async with served.begin() as client:
        await client.follow("1", CHANGED, ids=[product])
        await reprice(products, product, "1.00")
        await client.take_data("1")
        # Ends every connection of the process, the listening one too.
        await products.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND usename = current_user""")
        # Ours too, and some do not know it yet; the pool has fifteen.
        for _ in range(16):
            with suppress(UnavailableError):
                await products.execute(
                    f"UPDATE products SET price_minor = 200, updated_at = clock_timestamp() WHERE id = '{product}'"
                )
                break
        assert prices([await client.take_data("1")]) == ["2.00"]


async def test_a_plain_request_is_told_that_subscriptions_are_not_answered(products: Products) -> None:
    response = await products.post(CHANGED, ids=["x"])
    assert response.status_code == 400, response.text
    assert "subscriptions are not allowed" in response.text
