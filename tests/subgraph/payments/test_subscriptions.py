"""Subscriptions to payments, on a real socket: only who may see a payment is told what becomes of it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio

from subgraphs.payments.app import assemble
from tests.subgraph.orders.client import ADA, ADMIN, BOB, build_verifier, token_of
from tests.subgraph.payments.conftest import Payments, build_settings
from tests.support.subgraph_process import Served, serving_here

CHANGED = """subscription($id: ID!, $last: ID, $since: DateTime) {
  paymentStatusChanged(paymentId: $id, lastEventId: $last, since: $since) {
    id status updatedAt order { id } payer { id } } }"""
REFUND = """mutation($key: ID!, $input: RefundPaymentInput!) { refundPayment(idempotencyKey: $key, input: $input) {
  refund { id } errors { __typename } } }"""
READ = "query($id: ID) { payment(id: $id) { status updatedAt } }"


@pytest_asyncio.fixture
async def served(payments: Payments, payments_url: str) -> AsyncIterator[Served]:
    """Payments on a port."""
    async with serving_here(
        assemble(build_settings(payments_url), payments.service, build_verifier())
    ) as served:
        yield served


async def refund(payments: Payments, payment_id: str, amount: str) -> None:
    given = {
        "paymentId": payment_id,
        "reason": "OTHER",
        "amount": {"amount": amount, "currency": "USD"},
    }
    token = token_of(ADMIN, "payments:refund", "payments:read", recent_mfa=True)
    made = (await payments.ask(REFUND, token, key=f"key-{uuid4().hex}", input=given))["refundPayment"]
    assert made["errors"] == [], made
    await payments.go_on()


def statuses(payloads: list[dict[str, Any]]) -> list[str]:
    return [payload["data"]["paymentStatusChanged"]["status"] for payload in payloads]


async def test_a_payer_is_told_what_becomes_of_a_payment(payments: Payments, served: Served) -> None:
    payment = await payments.started()
    async with served.begin(token_of(ADA)) as socket:
        await socket.follow("1", CHANGED, id=payment["id"])
        await payments.verify(payment["reference"])
        first = await socket.take_data("1")
        assert statuses([first]) == ["SUCCEEDED"]
        await refund(payments, payment["id"], "5.00")
        second = await socket.take_data("1")
        await refund(payments, payment["id"], "14.99")
        third = await socket.take_data("1")
        assert statuses([second, third]) == ["PARTIALLY_REFUNDED", "REFUNDED"]
        await socket.subscribe("2", CHANGED, id=payment["id"], last=first["extensions"]["eventId"])
        again = [await socket.take_data("2") for _ in range(2)]
    # An event tells of the payment as it is when it is told.
    assert [each["extensions"] for each in again] == [second["extensions"], third["extensions"]]
    assert statuses(again) == ["REFUNDED"] * 2
    told = first["data"]["paymentStatusChanged"]
    assert (told["id"], told["payer"]) == (payment["id"], {"id": str(ADA)})


async def test_a_snapshot_goes_on_as_a_subscription(payments: Payments, served: Served) -> None:
    payment = await payments.succeeded()
    seen = (await payments.ask(READ, token_of(ADA), id=payment["id"]))["payment"]
    await refund(payments, payment["id"], "5.00")
    async with served.begin(token_of(ADA)) as socket:
        await socket.subscribe("1", CHANGED, id=payment["id"], since=seen["updatedAt"])
        assert statuses([await socket.take_data("1")]) == ["PARTIALLY_REFUNDED"]
        await refund(payments, payment["id"], "14.99")
        assert statuses([await socket.take_data("1")]) == ["REFUNDED"]


async def test_nobody_else_is_told_of_a_payment(payments: Payments, served: Served) -> None:
    payment = await payments.started()
    async with served.begin(token_of(BOB)) as socket:
        for wanted in (payment["id"], str(uuid4()), "nonsense", ""):
            await socket.subscribe("1", CHANGED, id=wanted)
            assert await socket.take_error("1") == "NOT_FOUND"
    async with served.begin() as socket:
        await socket.subscribe("1", CHANGED, id=payment["id"])
        assert await socket.take_error("1") == "UNAUTHENTICATED"
    async with served.begin(token_of(UUID(int=9), "payments:read")) as socket:
        await socket.follow("1", CHANGED, id=payment["id"])
        await payments.verify(payment["reference"])
        assert statuses([await socket.take_data("1")]) == ["SUCCEEDED"]
