"""verifyPayment: the gateway's truth, told to orders until orders has answered; nothing is lost, nothing is told twice."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.payments.domain import TRANSITIONS, Failure, PaymentStatus, Redirect
from subgraphs.payments.service.gateway import Charge
from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, token_of
from tests.subgraph.payments.conftest import VERIFY, Payments

METHODS = ["CREDIT_CARD", "BANK_TRANSFER", "E_WALLET", "VIRTUAL_ACCOUNT"]


async def code_of(payments: Payments, reference: str) -> str:
    answer = (await payments.post(VERIFY, token_of(ADA), reference=reference)).json()
    code: str = answer["errors"][0]["extensions"]["code"]
    return code


async def events_of(payments: Payments) -> list[tuple[Any, ...]]:
    return await payments.rows("SELECT from_status, to_status, message FROM payment_events ORDER BY id")


@pytest.mark.parametrize("method", METHODS)
async def test_a_payment_by_each_method_pays_the_order_once(payments: Payments, method: str) -> None:
    begun = await payments.started(method)
    for _ in range(3):
        payload = await payments.verify(begun["reference"])
        assert payload["errors"] == []
        payment = payload["payment"]
        assert (payment["status"], payment["nextAction"], payment["failure"]) == ("SUCCEEDED", None, None)
        assert payment["verifiedAt"] is not None
    assert payments.orders.told == [{"paymentId": begun["id"], "amount": {"minor": 1999, "currency": "USD"}}]
    assert payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"
    assert len(payments.gateway.looked_up) == 1
    assert (await events_of(payments))[2:] == [
        (begun["status"], "SUCCEEDED", None),
        ("SUCCEEDED", "SUCCEEDED", "Orders answered ACCEPTED."),
    ]


async def test_ten_at_once_pay_once(payments: Payments) -> None:
    begun = await payments.started()
    payloads = await asyncio.gather(*(payments.verify(begun["reference"]) for _ in range(10)))
    assert {payload["payment"]["status"] for payload in payloads} == {"SUCCEEDED"}
    assert [payload["errors"] for payload in payloads] == [[]] * 10
    assert await payments.count("payment_events", "payment_attempts") == [4, 2]
    assert (
        len(
            await payments.rows(
                "SELECT 1 FROM payments WHERE order_outcome = 'ACCEPTED' OR order_outcome = 'ALREADY'"
            )
        )
        == 1
    )


async def test_money_for_an_order_that_was_cancelled_is_owed_back(payments: Payments) -> None:
    begun = await payments.started()
    payments.orders.orders[begun["order"]["id"]] |= {"status": "CANCELLED", "isPayable": False}
    for _ in range(2):
        payload = await payments.verify(begun["reference"])
        assert payload["errors"] == []
        payment = payload["payment"]
        assert payment["status"] == "SUCCEEDED"
        assert (payment["failure"]["code"], payment["failure"]["retryable"]) == ("ORDER_NOT_PAYABLE", False)
    assert await payments.rows("SELECT order_outcome, amount_minor FROM payments") == [("REJECTED", 1999)]
    assert (await events_of(payments))[-1] == ("SUCCEEDED", "SUCCEEDED", "Orders answered REJECTED.")
    assert len(payments.orders.told) == 1


async def test_an_order_that_is_gone_is_owed_its_money_too(payments: Payments) -> None:
    begun = await payments.started()
    payments.orders.orders.clear()
    payload = await payments.verify(begun["reference"])
    assert payload["payment"]["failure"]["code"] == "ORDER_NOT_PAYABLE"


async def test_orders_that_does_not_answer_is_told_later(payments: Payments) -> None:
    begun = await payments.started()
    payments.orders.is_down = True
    assert await code_of(payments, begun["reference"]) == "SUBGRAPH_UNAVAILABLE"
    assert await payments.rows("SELECT status, order_outcome FROM payments") == [("SUCCEEDED", None)]
    payments.orders.is_down = False
    payload = await payments.verify(begun["reference"])
    assert payload["payment"]["status"] == "SUCCEEDED"
    assert payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"
    assert len(payments.gateway.looked_up) == 1


async def test_an_answer_of_orders_that_was_lost_is_asked_for_again(payments: Payments) -> None:
    begun = await payments.started()
    # Orders has heard of it, but this side ended before it could store the answer.
    payments.orders.orders[begun["order"]["id"]] |= {"status": "PAID", "paidBy": begun["id"]}
    payload = await payments.verify(begun["reference"])
    assert (payload["errors"], payload["payment"]["failure"]) == ([], None)
    assert await payments.rows("SELECT order_outcome FROM payments") == [("ALREADY",)]


async def test_a_gateway_that_does_not_answer(payments: Payments) -> None:
    begun = await payments.started()
    payments.gateway.is_down = True
    assert await code_of(payments, begun["reference"]) == "SUBGRAPH_UNAVAILABLE"
    assert await payments.rows("SELECT status FROM payments") == [("PROCESSING",)]
    assert payments.orders.told == []


async def test_a_gateway_that_is_not_done_yet(payments: Payments) -> None:
    begun = await payments.started("E_WALLET")
    url = Redirect("https://wallet.example")
    payments.gateway.answers = [
        Charge("g", PaymentStatus.REQUIRES_ACTION, url),
        Charge("g", PaymentStatus.PROCESSING),
        # An answer that is older than what is known changes nothing.
        Charge("g", PaymentStatus.REQUIRES_ACTION, url),
    ]
    statuses = []
    for _ in range(4):
        payload = await payments.verify(begun["reference"])
        assert payload["errors"] == []
        statuses.append(payload["payment"]["status"])
    assert statuses == ["REQUIRES_ACTION", "PROCESSING", "PROCESSING", "SUCCEEDED"]
    assert len(payments.orders.told) == 1


async def test_a_payment_that_fails_in_the_end_leaves_room_for_another(payments: Payments) -> None:
    begun = await payments.started()
    failure = Failure("insufficient_funds", "There is not enough money.", is_retryable=True)
    payments.gateway.answers = [Charge("g", PaymentStatus.FAILED, failure=failure)]
    for _ in range(2):
        payload = await payments.verify(begun["reference"])
        assert payload["payment"] is None
        (error,) = payload["errors"]
        assert (error["__typename"], error["declineCode"]) == ("PaymentDeclinedError", "insufficient_funds")
    assert payments.orders.told == []
    again = await payments.initiate(begun["order"]["id"])
    assert again["payment"]["id"] != begun["id"]


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED"])
async def test_what_is_over_cannot_be_verified(payments: Payments, status: str) -> None:
    begun = await payments.started()
    await payments.execute(f"UPDATE payments SET status = '{status}'")
    payload = await payments.verify(begun["reference"])
    (error,) = payload["errors"]
    assert (error["__typename"], error["currentStatus"]) == ("InvalidPaymentStateError", status)


async def test_a_payment_that_never_began_begins(payments: Payments) -> None:
    order_id = payments.orders.add()
    payments.gateway.is_down = True
    operation = 'mutation($o: ID!) { initiatePayment(idempotencyKey: "k", input: { orderId: $o, method: E_WALLET }) { errors { __typename } } }'
    await payments.post(operation, token_of(ADA), o=order_id)
    payments.gateway.is_down = False
    (reference,) = (await payments.rows("SELECT reference FROM payments"))[0]
    payload = await payments.verify(reference)
    assert payload["payment"]["status"] == "REQUIRES_ACTION"
    assert (await payments.verify(reference))["payment"]["status"] == "SUCCEEDED"


async def test_who_may_verify(payments: Payments) -> None:
    begun = await payments.started()
    for user, scopes in ((BOB, ()), (BOB, ("orders:read", "orders:write"))):
        payload = await payments.verify(begun["reference"], user, *scopes)
        (error,) = payload["errors"]
        assert (error["__typename"], error["path"]) == ("NotFoundError", ["reference"])
    assert await payments.refused(VERIFY, None, reference=begun["reference"]) == "UNAUTHENTICATED"
    for reference in (*MALFORMED_IDS, begun["id"], str(uuid4()), begun["reference"].lower()):
        assert (await payments.verify(reference))["errors"][0]["__typename"] == "NotFoundError"
    assert payments.gateway.looked_up == []
    payload = await payments.verify(begun["reference"], ADMIN, "payments:read")
    assert payload["payment"]["status"] == "SUCCEEDED"


async def test_each_of_two_verifications_in_one_request_shows_what_it_made(payments: Payments) -> None:
    begun = await payments.started("E_WALLET")
    payments.gateway.answers = [Charge("g", PaymentStatus.PROCESSING)]
    fields = "payment { status order { payments { status } } }"
    data = await payments.ask(
        f"mutation($r: String!) {{ a: verifyPayment(reference: $r) {{ {fields} }} b: verifyPayment(reference: $r) {{ {fields} }} }}",
        token_of(ADA),
        r=begun["reference"],
    )
    for field, status in (("a", "PROCESSING"), ("b", "SUCCEEDED")):
        payment = data[field]["payment"]
        assert payment == {"status": status, "order": {"payments": [{"status": status}]}}


PATHS: dict[PaymentStatus, list[str]] = {
    PaymentStatus.PENDING: [],
    PaymentStatus.REQUIRES_ACTION: ["REQUIRES_ACTION"],
    PaymentStatus.PROCESSING: ["PROCESSING"],
    PaymentStatus.SUCCEEDED: ["SUCCEEDED"],
    PaymentStatus.FAILED: ["FAILED"],
    PaymentStatus.CANCELLED: ["CANCELLED"],
    PaymentStatus.EXPIRED: ["EXPIRED"],
    PaymentStatus.PARTIALLY_REFUNDED: ["SUCCEEDED", "PARTIALLY_REFUNDED"],
    PaymentStatus.REFUNDED: ["SUCCEEDED", "REFUNDED"],
}
INSERT = """INSERT INTO payments (id, order_id, order_number, payer_id, amount_minor, currency, method, gateway{})
    VALUES (:id, :id, 'PAM-1', :id, {}, {}, {}, 'g'{})"""
GOOD = INSERT.format("", "5", "'USD'", "'E_WALLET'", "")


def move(status: str) -> str:
    has_money = status in {"SUCCEEDED", "PARTIALLY_REFUNDED", "REFUNDED"}
    return f"UPDATE payments SET status = '{status}', verified_at = {'now()' if has_money else 'NULL'} WHERE id = :id"


async def tried(payments: Payments, *statements: str) -> str | None:
    """What the database says to the last statement, None if it is content; nothing is kept of any of them."""
    parameters = {"id": uuid4()}
    async with payments.database.read() as session:
        for statement in statements[:-1]:
            await session.execute(text(statement), parameters)
        try:
            await session.execute(text(statements[-1]), parameters)
        except DBAPIError as error:
            return str(error.orig)
    return None


@pytest.mark.parametrize("before", [*PaymentStatus])
async def test_the_database_knows_the_same_machine(payments: Payments, before: PaymentStatus) -> None:
    for after in PaymentStatus:
        said = await tried(payments, GOOD, *(move(status) for status in PATHS[before]), move(after))
        if after is before or after in TRANSITIONS[before]:
            assert said is None, (after, said)
        else:
            assert said is not None
            assert f"cannot go from {before} to {after}" in said


@pytest.mark.parametrize(
    "statements",
    [
        (INSERT.format("", "-1", "'USD'", "'E_WALLET'", ""),),
        (INSERT.format("", "5", "'usd'", "'E_WALLET'", ""),),
        (INSERT.format("", "5", "'USD'", "'CASH'", ""),),
        (INSERT.format(", status, verified_at", "5", "'USD'", "'E_WALLET'", ", 'SUCCEEDED', now()"),),
        (GOOD, GOOD.replace("(:id, :id,", "(uuidv7(), :id,")),
        (GOOD, move("SUCCEEDED"), GOOD.replace("(:id, :id,", "(uuidv7(), :id,")),
        (GOOD, "UPDATE payments SET status = 'SUCCEEDED' WHERE id = :id"),
        (GOOD, "UPDATE payments SET order_outcome = 'ACCEPTED' WHERE id = :id"),
        (
            GOOD,
            move("SUCCEEDED"),
            "UPDATE payments SET order_outcome = 'REJECTED' WHERE id = :id",
            "UPDATE payments SET order_outcome = 'ACCEPTED' WHERE id = :id",
        ),
        (GOOD, "UPDATE payments SET amount_minor = 1 WHERE id = :id"),
        (GOOD, "UPDATE payments SET currency = 'EUR' WHERE id = :id"),
        (GOOD, "UPDATE payments SET order_id = uuidv7() WHERE id = :id"),
        (GOOD, "UPDATE payments SET payer_id = uuidv7() WHERE id = :id"),
        (GOOD, "UPDATE payments SET reference = 'x' WHERE id = :id"),
        (GOOD, "UPDATE payments SET method = 'CREDIT_CARD' WHERE id = :id"),
        (
            GOOD,
            "INSERT INTO payment_events (payment_id, to_status) VALUES (:id, 'PENDING')",
            "DELETE FROM payment_events WHERE payment_id = :id",
        ),
        (
            GOOD,
            "INSERT INTO payment_attempts (payment_id, outcome) VALUES (:id, 'FAILED')",
            "UPDATE payment_attempts SET outcome = 'SUCCEEDED' WHERE payment_id = :id",
        ),
    ],
)
async def test_what_the_database_itself_refuses(payments: Payments, statements: tuple[str, ...]) -> None:
    assert await tried(payments, *statements) is not None


async def test_a_failed_payment_leaves_room_in_the_database(payments: Payments) -> None:
    assert await tried(payments, GOOD, move("FAILED"), GOOD.replace("(:id, :id,", "(uuidv7(), :id,")) is None
