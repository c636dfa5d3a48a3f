"""Payments beside the sandbox provider: the real client, a real socket, and messages as bad as messages get."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
import uvicorn

from stack.provider.app import Provider, create_app
from stack.provider.book import Book
from stack.provider.messages import SIGNATURE_HEADER, Manners, Messages, sign
from subgraphs.payments.service.gateway import GatewayError
from subgraphs.payments.service.provider import ProviderGateway
from tests.subgraph.orders.client import ADA, ADMIN, MALFORMED_IDS, token_of
from tests.subgraph.payments.conftest import GATEWAY_SECRET, FakeOrders, Payments, serve
from tests.subgraph.payments.test_durable import cancel, check_books, refund
from tests.support.json_server import running
from tests.support.ports import free_ports

KEY = "the shop's key"
WEBHOOK = "/webhooks/gateway"


@dataclass
class Shop:
    """Payments and its provider; nothing is delivered until `deliver`."""

    payments: Payments
    provider: Provider
    payer: httpx.AsyncClient

    async def deliver(self) -> None:
        await self.provider.messages.deliver()

    async def at_the_page(self, payment: dict[str, Any], action: str) -> int:
        """Do what the payer does at the provider's page, or at the bank; gives the status."""
        ((reference,),) = await self.payments.rows(
            "SELECT gateway_reference FROM payments WHERE id = :id", id=payment["id"]
        )
        return (await self.payer.post(f"/pay/{reference}/{action}")).status_code

    async def statuses(self) -> list[str]:
        return [status for (status,) in await self.payments.rows("SELECT status FROM payments ORDER BY id")]


@asynccontextmanager
async def shop_with(payments_url: str, manners: Manners, settle_s: float = 0.0) -> AsyncIterator[Shop]:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    gateway, orders = ProviderGateway(url, KEY), FakeOrders()
    async with serve(payments_url, orders, orders, gateway) as payments:

        async def post(body: bytes, signature: str) -> int:
            return (
                await payments.http.post(WEBHOOK, content=body, headers={SIGNATURE_HEADER: signature})
            ).status_code

        provider = Provider(url, KEY, Book(":memory:", settle_s), Messages(post, GATEWAY_SECRET, manners))
        config = uvicorn.Config(
            create_app(provider), host="127.0.0.1", port=port, lifespan="off", log_level="error"
        )
        with closing(provider.book):
            async with running(config), httpx.AsyncClient(base_url=url) as payer:
                try:
                    yield Shop(payments, provider, payer)
                finally:
                    await gateway.close()


@pytest_asyncio.fixture
async def shop(payments_url: str) -> AsyncIterator[Shop]:
    async with shop_with(payments_url, Manners()) as shop:
        yield shop


async def test_a_card_is_paid_without_anybody_asking(shop: Shop) -> None:
    begun = await shop.payments.started()
    assert begun["gateway"] == "sandbox"
    await shop.deliver()
    await shop.payments.service.upkeep.run_once()
    assert await shop.statuses() == ["SUCCEEDED"]
    assert shop.payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"


@pytest.mark.parametrize(
    ("token", "code", "is_retryable"),
    [
        ("tok_declined", "card_declined", True),
        ("tok_insufficient", "insufficient_funds", True),
        ("tok_stolen", "stolen_card", False),
    ],
)
async def test_declines(shop: Shop, token: str, code: str, *, is_retryable: bool) -> None:
    order_id = shop.payments.orders.add()
    (error,) = (await shop.payments.initiate(order_id, paymentToken=token))["errors"]
    assert (error["declineCode"], error["retryable"]) == (code, is_retryable)
    assert (await shop.payments.initiate(order_id))["errors"] == []


@pytest.mark.parametrize(
    ("method", "token", "action"),
    [
        ("CREDIT_CARD", "tok_3ds", "RedirectAction"),
        ("E_WALLET", None, "RedirectAction"),
        ("BANK_TRANSFER", None, "BankTransferInstructions"),
        ("VIRTUAL_ACCOUNT", None, "VirtualAccountInstructions"),
    ],
)
async def test_a_payer_who_has_to_do_something(
    shop: Shop, method: str, token: str | None, action: str
) -> None:
    payload = await shop.payments.initiate(shop.payments.orders.add(), method, paymentToken=token)
    payment = payload["payment"]
    assert (payment["status"], payment["nextAction"]["__typename"]) == ("REQUIRES_ACTION", action)
    assert (await shop.payments.verify(payment["reference"]))["payment"]["status"] == "REQUIRES_ACTION"
    if action == "RedirectAction":
        assert (await shop.payer.get(payment["nextAction"]["url"])).status_code == 200
    assert await shop.at_the_page(payment, "approve") == 200
    verified = (await shop.payments.verify(payment["reference"]))["payment"]
    assert (verified["status"], verified["nextAction"]) == ("SUCCEEDED", None)
    await check_books(shop.payments)


async def test_a_payer_who_says_no(shop: Shop) -> None:
    payment = (await shop.payments.initiate(shop.payments.orders.add(), "E_WALLET"))["payment"]
    await shop.at_the_page(payment, "decline")
    (error,) = (await shop.payments.verify(payment["reference"]))["errors"]
    assert error["declineCode"] == "declined_by_payer"


async def test_a_charge_whose_answer_was_lost_is_the_same_charge(shop: Shop) -> None:
    order_id = shop.payments.orders.add()
    answer = await shop.payments.post(
        """mutation($o: ID!) { initiatePayment(idempotencyKey: "k", input: {orderId: $o, method: CREDIT_CARD,
        paymentToken: "tok_silent"}) { payment { id } } }""",
        token_of(ADA),
        o=order_id,
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
    assert await shop.statuses() == ["PENDING"]
    # Its message comes before its answer does.
    await shop.deliver()
    payment_id = (await shop.payments.rows("SELECT id::text FROM payments"))[0][0]
    await shop.payments.execute("UPDATE payments SET payment_token = 'tok_visa'")
    for _ in range(2):
        await shop.payments.go_on()
    assert await shop.statuses() == ["SUCCEEDED"]
    charges = shop.provider.book.list_charges(0, time.time() + 60)
    assert [charge["id"] for charge in charges] == [payment_id]


async def test_late_money_of_a_cancelled_transfer(shop: Shop) -> None:
    payment = (await shop.payments.initiate(shop.payments.orders.add(), "BANK_TRANSFER"))["payment"]
    assert (await cancel(shop.payments, payment["id"]))["errors"] == []
    shop.payments.orders.orders[payment["order"]["id"]] |= {"status": "CANCELLED"}
    await shop.deliver()
    await shop.at_the_page(payment, "approve")
    await shop.deliver()
    for _ in range(2):
        await shop.payments.service.upkeep.run_once()
    assert await shop.statuses() == ["REFUNDED"]
    await check_books(shop.payments)


async def test_refunds_are_the_providers_word(shop: Shop) -> None:
    payload = await shop.payments.initiate(shop.payments.orders.add(), paymentToken="tok_closed")
    await shop.payments.verify(payload["payment"]["reference"])
    failed = (await refund(shop.payments, payload["payment"]["id"], "5.00"))["refund"]
    assert (failed["status"], failed["payment"]["refundableAmount"]["amount"]) == ("FAILED", "19.99")
    paid = await shop.payments.succeeded()
    done = (await refund(shop.payments, paid["id"], "5.00"))["refund"]
    assert done["status"] == "SUCCEEDED"
    await check_books(shop.payments)


@pytest.mark.parametrize(
    "manners",
    [
        Manners(lose_every=1),
        Manners(lose_every=2),
        Manners(double_every=1),
        Manners(is_reversed=True, double_every=2, lose_every=3),
    ],
)
async def test_however_messages_come_everything_ends_alike(payments_url: str, manners: Manners) -> None:
    async with shop_with(payments_url, manners) as shop:
        methods = ["CREDIT_CARD", "E_WALLET", "BANK_TRANSFER", "VIRTUAL_ACCOUNT", "E_WALLET", "BANK_TRANSFER"]
        begun = [await shop.payments.started(method) for method in methods]
        for payment in begun[1:4]:
            await shop.at_the_page(payment, "approve")
        await shop.at_the_page(begun[4], "decline")
        assert (await cancel(shop.payments, begun[5]["id"]))["errors"] == []
        await shop.deliver()
        await shop.payments.service.upkeep.run_once()
        for _ in range(2):
            await shop.payments.go_on()
        assert await shop.statuses() == ["SUCCEEDED"] * 4 + ["FAILED", "CANCELLED"]
        assert len(shop.payments.orders.told) == 4
        await check_books(shop.payments)


async def test_a_message_that_comes_twice_is_heard_once(shop: Shop) -> None:
    begun = await shop.payments.started()
    body = orjson.dumps({"id": "e1", "type": "charge.updated", "data": {"chargeId": begun["id"]}})
    for _ in range(3):
        headers = {SIGNATURE_HEADER: sign(GATEWAY_SECRET, body, int(time.time()))}
        response = await shop.payments.http.post(WEBHOOK, content=body, headers=headers)
        assert response.json() == {"received": True}
    assert await shop.payments.count("gateway_events") == [1]


async def test_messages_that_are_none(shop: Shop) -> None:
    begun = await shop.payments.started()
    good = orjson.dumps({"id": "e1", "type": "charge.updated", "data": {"chargeId": begun["id"]}})
    now_s = int(time.time())
    unsigned = [
        "",
        "nonsense",
        sign("another secret", good, now_s),
        sign(GATEWAY_SECRET, good + b" ", now_s),
        sign(GATEWAY_SECRET, good, now_s - 301),
        sign(GATEWAY_SECRET, good, now_s + 400),
        sign(GATEWAY_SECRET, good, now_s).replace("t=", "t=0"),
        "t=" + "9" * 400 + ",v1=00",
    ]
    for header in unsigned:
        response = await shop.payments.http.post(WEBHOOK, content=good, headers={SIGNATURE_HEADER: header})
        assert response.status_code == 401, header
    signed = [
        b"",
        b"[]",
        b"{",
        b'{"id": 1}',
        good.replace(b"e1", b""),
        good.replace(b"e1", b"e" * 129),
        b" " * 20_000,
    ]
    signed.append(good.replace(b"e1", b"\\u0000"))
    for body in signed:
        headers = {SIGNATURE_HEADER: sign(GATEWAY_SECRET, body, now_s)}
        response = await shop.payments.http.post(WEBHOOK, content=body, headers=headers)
        assert response.status_code in {401, 422}, body
    for charge_id in ("", "nonsense", "\U0001f600", begun["order"]["id"]):
        body = orjson.dumps({"id": f"x{charge_id}", "type": "t", "data": {"chargeId": charge_id}})
        headers = {SIGNATURE_HEADER: sign(GATEWAY_SECRET, body, now_s)}
        assert (await shop.payments.http.post(WEBHOOK, content=body, headers=headers)).status_code == 200
    assert await shop.statuses() == ["PROCESSING"]


async def test_a_wrong_key_and_a_provider_that_lies(shop: Shop) -> None:
    begun = await shop.payments.started()
    charge = shop.provider.book.find(begun["id"])
    assert charge is not None
    shop.provider.book.pay_late(charge | {"minor": 1})
    answer = await shop.payments.post(
        "mutation($r: String!) { verifyPayment(reference: $r) { payment { status } } }",
        token_of(ADA),
        r=begun["reference"],
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
    assert await shop.statuses() == ["PROCESSING"]
    for headers in ({}, {"authorization": "Bearer x"}):
        assert (await shop.payer.get(f"/v1/charges/{begun['id']}", headers=headers)).status_code == 401


REPORTS = """query($first: Int, $after: String) { reconciliationReports(first: $first, after: $after) {
  id gateway from to matched missingHere missingAtGateway amountMismatch } }"""


async def test_comparing_with_the_provider_finds_what_was_missed(shop: Shop) -> None:
    book = shop.provider.book
    agreed, missed, lost, changed = [await shop.payments.started() for _ in range(4)]
    for payment in (agreed, lost, changed):
        await shop.payments.verify(payment["reference"])
    # Missed: the money came, and nobody looked. Lost and changed: the provider says something else than it did.
    await shop.payments.execute(
        "UPDATE payments SET next_try_at = now() + interval '1 day' WHERE verified_at IS NULL"
    )
    for payment, change in ((lost, {"status": "CANCELLED"}), (changed, {"minor": 1})):
        record = book.find(payment["id"])
        assert record is not None
        book._save(record | change)
    book.charge({**book.list_charges(0, time.time() + 60)[0], "id": "nobody's", "method": "CREDIT_CARD"})
    now = datetime.now(UTC)
    report = await shop.payments.service.reconciliation.compare(
        now - timedelta(hours=1), now + timedelta(hours=1)
    )
    assert report is not None
    counts = (report.matched, report.missing_here, report.missing_at_gateway, report.amount_mismatch)
    assert counts == (1, 2, 1, 1)
    await shop.payments.service.upkeep.run_once()
    missed_status = await shop.payments.rows("SELECT status FROM payments WHERE id = :id", id=missed["id"])
    assert missed_status == [("SUCCEEDED",)]


async def test_days_without_an_answer_are_compared_when_there_is_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    reported = "SELECT from_time, to_time FROM reconciliation_reports ORDER BY from_time"

    async def refuse(*_: object) -> None:
        raise GatewayError("silent")

    async def run(days_later: int) -> list[Any]:
        reconciliation = shop.payments.service.reconciliation
        await replace(reconciliation, clock=lambda: now + timedelta(days=days_later)).run_due()
        return await shop.payments.rows(reported)

    assert len(await run(0)) == 1
    with monkeypatch.context() as silent:
        silent.setattr(ProviderGateway, "list_taken", refuse)
        assert len(await run(2)) == 1
    reports = await run(3)
    assert len(reports) == 4
    assert all(before[1] == after[0] for before, after in pairwise(reports))
    assert len(await run(300)) == 4 + 31


async def test_yesterday_is_compared_once_and_told(shop: Shop) -> None:
    await asyncio.gather(*(shop.payments.service.reconciliation.run_due() for _ in range(3)))
    await shop.payments.service.reconciliation.run_due()
    reader = token_of(ADMIN, "payments:read")
    (report,) = (await shop.payments.ask(REPORTS, reader))["reconciliationReports"]
    assert (report["gateway"], report["matched"], report["from"] < report["to"]) == ("sandbox", 0, True)
    assert (await shop.payments.ask(REPORTS, reader, after=report["id"]))["reconciliationReports"] == []
    for after in MALFORMED_IDS[1:]:
        assert await shop.payments.refused(REPORTS, reader, after=after) == "BAD_USER_INPUT"
    assert await shop.payments.refused(REPORTS, token_of(ADA)) == "FORBIDDEN"
    assert await shop.payments.refused(REPORTS, None) == "UNAUTHENTICATED"
