"""What payments knows of one person: told, and forgotten."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from subgraphs.common.personal_data import PREFIX
from tests.subgraph.orders.client import ADA, BOB, token_of, until_somebody_waits
from tests.subgraph.payments.conftest import INITIATE, Payments
from tests.subgraph.payments.test_durable import refund

BOOKS = """SELECT p.id, p.payer_id, p.amount_minor, p.refunded_minor, l.posting, l.account, l.amount_minor
  FROM payments p LEFT JOIN ledger_entries l ON l.payment_id = p.id ORDER BY 1, 5, 6"""


async def leave_traces(payments: Payments) -> str:
    """Ada has paid and got some of it back, and begins to pay something else; gives the open payment's id."""
    done = await payments.succeeded()
    assert (await refund(payments, done["id"], "5.00", note="Ada wrote"))["errors"] == []
    payload = await payments.initiate(
        payments.orders.add(ADA, 700), "E_WALLET", returnUrl="https://ada.example/?session=1"
    )
    return str(payload["payment"]["id"])


async def traces(payments: Payments) -> tuple[object, ...]:
    (row,) = await payments.rows(
        """SELECT (SELECT count(*) FROM payments WHERE return_url IS NOT NULL OR payment_token IS NOT NULL
            OR next_action IS NOT NULL), (SELECT count(*) FROM refunds WHERE note IS NOT NULL),
            (SELECT count(*) FROM idempotency_keys WHERE user_id = :id)""",
        id=ADA,
    )
    return row


async def test_what_is_only_the_payers_goes_and_the_books_stay(payments: Payments) -> None:
    open_id = await leave_traces(payments)
    before = await payments.rows(BOOKS)
    assert await traces(payments) == (1, 1, 2)
    for _ in range(2):
        response = await payments.post_internal(f"{PREFIX}/{ADA}/erase", {})
        assert (response.status_code, response.json()) == (200, {"erased": True})
        assert await traces(payments) == (0, 0, 0)
        assert await payments.rows(BOOKS) == before
    await payments.go_on()
    assert await payments.rows("SELECT status FROM payments WHERE id = :id", id=open_id) == [("CANCELLED",)]


async def test_nobody_pays_in_the_name_of_who_is_forgotten(payments: Payments) -> None:
    orders = [payments.orders.add(ADA) for _ in range(2)]
    async with payments.database.write() as session:
        # Whoever pays has the payment and the key by now, and waits to look whether the payer is forgotten.
        await session.execute(text("LOCK TABLE erased_customers IN ACCESS EXCLUSIVE MODE"))
        paying = asyncio.ensure_future(
            payments.initiate(orders[0], "E_WALLET", returnUrl="https://ada.example/")
        )
        await until_somebody_waits(payments)
        erasing = asyncio.ensure_future(payments.service.people.erase(ADA))
        await until_somebody_waits(payments, count=2)
    await asyncio.gather(paying, erasing)
    await payments.execute("UPDATE payments SET next_try_at = now()")
    await payments.go_on()
    assert (await payments.rows("SELECT status FROM payments"), await traces(payments)) == (
        [("CANCELLED",)],
        (0, 0, 0),
    )
    given = {"orderId": orders[1], "method": "E_WALLET"}
    assert await payments.refused(INITIATE, token_of(ADA), key="k", input=given) == "FORBIDDEN"
    assert (await payments.count("payments"), await traces(payments)) == ([1], (0, 0, 0))


async def test_other_peoples_traces_stay(payments: Payments) -> None:
    await leave_traces(payments)
    before = await traces(payments)
    await payments.post_internal(f"{PREFIX}/{BOB}/erase", {})
    assert await traces(payments) == before


async def test_an_export_has_everything_of_one_person(payments: Payments) -> None:
    await leave_traces(payments)
    await payments.succeeded(payer=BOB)
    found = (await payments.post_internal(f"{PREFIX}/{ADA}/export", {})).json()["data"]["payments"]
    assert [payment["amount"]["amount"] for payment in found] == ["7.00", "19.99"]
    (refund,) = found[1]["refunds"]
    assert (refund["amount"]["amount"], refund["note"]) == ("5.00", "Ada wrote")
    assert (await payments.post_internal(f"{PREFIX}/{uuid4()}/export", {})).json()["data"] == {"payments": []}


async def test_only_the_services_ask(payments: Payments) -> None:
    for what in ("erase", "export"):
        assert (
            await payments.post_internal(f"{PREFIX}/{ADA}/{what}", {}, secret="x" * 40)
        ).status_code == 401
