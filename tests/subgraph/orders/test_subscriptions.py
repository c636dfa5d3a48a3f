"""Subscriptions to orders, on a real socket to a process of its own: who is told what, from where on, and never twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from subgraphs.common.revocation import Revocation, RevocationPage, Revocations
from subgraphs.orders.app import assemble
from tests.subgraph.orders.client import ADA, ADMIN, BOB, SECRET, build_verifier, keys, token_of
from tests.subgraph.orders.conftest import Orders, build_settings
from tests.subgraph.orders.test_after_payment import tell_refund
from tests.support.subgraph_process import Served, serving, serving_here

CHANGED = """subscription($id: ID, $last: ID, $since: DateTime) {
  orderStatusChanged(orderId: $id, lastEventId: $last, since: $since) {
    eventId from to at order { id status customer { id } lines { quantity } } } }"""
ALL = """subscription($statuses: [OrderStatus!], $since: DateTime) {
  allOrderStatusChanges(statuses: $statuses, since: $since) { eventId to order { id } } }"""
SNAPSHOT = "query($id: ID!) { order(id: $id) { status updatedAt events { id to } } }"
MOVE = "mutation($id: ID!, $status: OrderStatus!) { updateOrderStatus(id: $id, status: $status) { order { id } } }"
CANCEL = "mutation($id: ID!) { cancelOrder(id: $id) { order { id } } }"
READER = token_of(ADMIN, "orders:read", "orders:write")


@pytest_asyncio.fixture
async def served(orders: Orders, orders_url: str) -> AsyncIterator[Served]:
    """Orders on a port."""
    async with serving_here(assemble(build_settings(orders_url), orders.service, build_verifier())) as served:
        yield served


async def finish(orders: Orders, order_id: str) -> None:
    """Bring a pending order to its end, in three moves."""
    await orders.mark_paid(order_id, uuid4())
    for status in ("PROCESSING", "COMPLETED"):
        await orders.ask(MOVE, READER, id=order_id, status=status)


def moves(payloads: list[dict[str, Any]]) -> list[tuple[str | None, str]]:
    found = [payload["data"]["orderStatusChanged"] for payload in payloads]
    return [(each["from"], each["to"]) for each in found]


FINISHED = [("PENDING", "PAID"), ("PAID", "PROCESSING"), ("PROCESSING", "COMPLETED")]


async def test_each_move_is_told_once_in_its_order(orders: Orders, served: Served) -> None:
    order = await orders.order()
    async with served.begin(token_of(ADA)) as socket:
        await socket.follow("1", CHANGED, id=order["id"])
        await finish(orders, order["id"])
        told = [await socket.take_data("1") for _ in range(3)]
    assert moves(told) == FINISHED
    last = told[-1]["data"]["orderStatusChanged"]
    assert last["order"] == {
        "id": order["id"],
        "status": "COMPLETED",
        "customer": {"id": str(ADA)},
        "lines": [{"quantity": 1}],
    }
    assert told[-1]["extensions"] == {"eventId": last["eventId"]}
    events = (await orders.ask(SNAPSHOT, token_of(ADA), id=order["id"]))["order"]["events"]
    assert [each["id"] for each in events[1:]] == [
        payload["data"]["orderStatusChanged"]["eventId"] for payload in told
    ]


async def test_without_an_order_a_customer_is_told_of_all_of_the_own_and_of_no_other(
    orders: Orders, served: Served
) -> None:
    async with served.begin(token_of(ADA)) as socket:
        await socket.follow("1", CHANGED)
        await orders.order(BOB)
        own = await orders.order(ADA)
        other = await orders.order(BOB)
        for order in (other, own):
            await orders.ask(MOVE, READER, id=order["id"], status="CANCELLED")
        told = [await socket.take_data("1") for _ in range(2)]
    assert moves(told) == [(None, "PENDING"), ("PENDING", "CANCELLED")]
    assert {each["data"]["orderStatusChanged"]["order"]["id"] for each in told} == {own["id"]}


@pytest.mark.parametrize(
    "order_id", ["somebody else's", "01890000-0000-7000-8000-000000000000", "nonsense", "0" * 5000]
)
async def test_an_order_that_is_not_the_callers_is_not_there(
    orders: Orders, served: Served, order_id: str
) -> None:
    order = await orders.order(BOB)
    wanted = order["id"] if order_id == "somebody else's" else order_id
    async with served.begin(token_of(ADA)) as socket:
        await socket.subscribe("1", CHANGED, id=wanted)
        assert await socket.take_error("1") == "NOT_FOUND"


async def test_nobody_is_told_anything_without_signing_in(orders: Orders, served: Served) -> None:
    order = await orders.order()
    async with served.begin() as socket:
        for variables in ({}, {"id": order["id"]}):
            await socket.subscribe("1", CHANGED, **variables)
            assert await socket.take_error("1") == "UNAUTHENTICATED"
        await socket.subscribe("1", ALL)
        assert await socket.take_error("1") == "UNAUTHENTICATED"
    async with served.begin(token_of(ADA)) as socket:
        await socket.subscribe("1", ALL)
        assert await socket.take_error("1") == "FORBIDDEN"


async def test_an_administrator_is_told_of_everybodys_orders_by_status(
    orders: Orders, served: Served
) -> None:
    async with served.begin(READER) as socket:
        await socket.follow("1", ALL, statuses=["CANCELLED"])
        await socket.follow("2", ALL)
        order = await orders.order(BOB)
        await orders.ask(CANCEL, token_of(BOB), id=order["id"])
        (found,) = [(await socket.take_data("1"))["data"]["allOrderStatusChanges"]]
        both = [(await socket.take_data("2"))["data"]["allOrderStatusChanges"] for _ in range(2)]
    assert (found["to"], found["order"]["id"]) == ("CANCELLED", order["id"])
    assert [each["to"] for each in both] == ["PENDING", "CANCELLED"]


async def test_after_a_snapshot_nothing_is_lost_and_nothing_told_that_it_showed(
    orders: Orders, served: Served
) -> None:
    order = await orders.order()
    await orders.mark_paid(order["id"], uuid4())
    snapshot = (await orders.ask(SNAPSHOT, token_of(ADA), id=order["id"]))["order"]
    # Both moves come before the subscription does.
    for status in ("PROCESSING", "COMPLETED"):
        await orders.ask(MOVE, READER, id=order["id"], status=status)
    async with served.begin(token_of(ADA)) as socket:
        await socket.subscribe("1", CHANGED, id=order["id"], last=snapshot["events"][-1]["id"])
        await socket.subscribe("2", CHANGED, id=order["id"], since=snapshot["updatedAt"])
        for operation_id in ("1", "2"):
            assert moves([await socket.take_data(operation_id) for _ in range(2)]) == FINISHED[1:]


async def test_where_to_resume_from_has_to_be_known(orders: Orders, served: Served) -> None:
    order = await orders.order()
    async with served.begin(token_of(ADA)) as socket:
        for last in (str(uuid4()), "nonsense"):
            await socket.subscribe("1", CHANGED, id=order["id"], last=last)
            assert await socket.take_error("1") == "UNKNOWN_EVENT"
        await socket.subscribe("1", CHANGED, id=order["id"], since="2020-01-01T00:00:00Z")
        assert await socket.take_error("1") == "UNKNOWN_EVENT"
        await socket.subscribe("1", CHANGED, since="2020-01-01T00:00:00Z", last=str(uuid4()))
        assert await socket.take_error("1") == "BAD_USER_INPUT"


async def test_after_kill_9_and_a_new_process_the_rest_is_told(orders: Orders, orders_url: str) -> None:
    order = await orders.order()
    async with (
        serving("orders", orders_url, SECRET, keys) as served,
        served.begin(token_of(ADA)) as socket,
    ):
        await socket.follow("1", CHANGED, id=order["id"])
        await orders.mark_paid(order["id"], uuid4())
        first = await socket.take_data("1")
        await served.end(signal.SIGKILL)
    for status in ("PROCESSING", "COMPLETED"):
        await orders.ask(MOVE, READER, id=order["id"], status=status)
    async with (
        serving("orders", orders_url, SECRET, keys) as served,
        served.begin(token_of(ADA)) as socket,
    ):
        last = first["data"]["orderStatusChanged"]["eventId"]
        await socket.subscribe("1", CHANGED, id=order["id"], last=last)
        rest = [await socket.take_data("1") for _ in range(2)]
    assert moves([first, *rest]) == FINISHED


async def test_a_process_that_is_told_to_stop_says_so_and_ends(orders: Orders, orders_url: str) -> None:
    order = await orders.order()
    async with (
        serving("orders", orders_url, SECRET, keys) as served,
        served.begin(token_of(ADA)) as socket,
    ):
        await socket.follow("1", CHANGED, id=order["id"])
        served.process.send_signal(signal.SIGTERM)
        assert (await socket.closed())[0] == 1012
        async with asyncio.timeout(20):
            await served.process.wait()


async def test_two_processes_and_many_writers_tell_everybody_everything_once(
    orders: Orders, served: Served, orders_url: str
) -> None:
    made = [await orders.order(ADA) for _ in range(12)]
    async with (
        serving("orders", orders_url, SECRET, keys) as other,
        served.begin(token_of(ADA)) as one,
        other.begin(READER) as two,
    ):
        await one.follow("1", CHANGED)
        await two.follow("1", ALL)
        await asyncio.gather(*(finish(orders, order["id"]) for order in made))
        told = [(await one.take_data("1"))["data"]["orderStatusChanged"] for _ in range(36)]
        all_told = [(await two.take_data("1"))["data"]["allOrderStatusChanges"] for _ in range(36)]
        # Whoever comes in the middle of it gets the rest, and the same rest from either process.
        for socket in (one, two):
            await socket.subscribe("2", CHANGED, id=told[5]["order"]["id"], last=told[5]["eventId"])
    ids = [each["eventId"] for each in told]
    assert len({*ids}) == 36
    assert [each["eventId"] for each in all_told] == ids
    for order in made:
        assert [(each["from"], each["to"]) for each in told if each["order"]["id"] == order["id"]] == FINISHED


async def test_what_is_committed_late_is_told_though_others_were_told_before_it(
    orders: Orders, served: Served
) -> None:
    slow, fast = await orders.order(), await orders.order()
    note = """INSERT INTO order_events (order_id, type, from_status, to_status, actor_type)
        VALUES ('{}', 'STATUS_CHANGED', 'PENDING', 'PAID', 'SYSTEM')"""
    (event,) = (await orders.ask(SNAPSHOT, token_of(ADA), id=fast["id"]))["order"]["events"]
    async with served.begin(token_of(ADA)) as socket:
        await socket.subscribe("1", CHANGED, last=event["id"])
        async with orders.database.write() as session:
            # It has the lower sequence number, and is committed after the other has been told.
            await session.execute(text(note.format(slow["id"])))
            await orders.execute(note.format(fast["id"]))
            first = (await socket.take_data("1"))["data"]["orderStatusChanged"]
        second = (await socket.take_data("1"))["data"]["orderStatusChanged"]
        assert [first["order"]["id"], second["order"]["id"]] == [fast["id"], slow["id"]]
        await socket.subscribe("2", CHANGED, last=first["eventId"])
        again = (await socket.take_data("2"))["data"]["orderStatusChanged"]
    assert again["eventId"] == second["eventId"]


async def test_a_partial_refund_is_no_move(orders: Orders, served: Served) -> None:
    order, payment = await orders.order(), uuid4()
    await orders.mark_paid(order["id"], payment)
    async with served.begin(token_of(ADA)) as socket:
        await socket.follow("1", CHANGED, id=order["id"])
        for minor in (5, 1999):
            await tell_refund(orders, order["id"], payment, minor)
        told = await socket.take_data("1")
    assert moves([told]) == [("PAID", "REFUNDED")]


async def test_a_token_that_was_called_back_is_told_nothing_more(orders: Orders, orders_url: str) -> None:
    called_back = RevocationPage(revoked=[])

    async def read_revocations(_after: object) -> RevocationPage:
        return called_back

    revocations = Revocations(read_revocations)
    app = assemble(build_settings(orders_url), orders.service, build_verifier(revocations))
    order = await orders.order(ADA)
    async with serving_here(app) as served, served.begin(token_of(ADA)) as socket:
        await socket.follow("1", CHANGED, id=order["id"])
        entry = Revocation(subject=str(ADA), version=2, at=datetime.now(UTC))
        called_back = RevocationPage(revoked=[entry])
        await revocations.follow()
        await orders.ask(MOVE, READER, id=order["id"], status="CANCELLED")
        assert await socket.take_error("1") == "UNAUTHENTICATED"
        await socket.subscribe("2", CHANGED, id=order["id"])
        assert await socket.take_error("2") == "UNAUTHENTICATED"
        async with httpx.AsyncClient() as client:
            headers = {"authorization": f"Bearer {token_of(ADA)}"}
            response = await client.post(
                f"http://127.0.0.1:{served.port}/graphql", json={"query": "{ __typename }"}, headers=headers
            )
        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
