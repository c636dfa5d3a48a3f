"""Giving money back: who may, how much, once; and what orders hears of it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from subgraphs.payments.domain import RefundState
from tests.subgraph.orders.client import ADA, ADMIN, BOB, new_key, token_of
from tests.subgraph.payments.conftest import Payments

REFUND = """mutation($key: ID!, $input: RefundPaymentInput!) { refundPayment(idempotencyKey: $key, input: $input) {
  refund { id status reason amount { amount currency } completedAt payment { id status refundableAmount { amount } } }
  errors { __typename ... on UserError { message code path } ... on InvalidPaymentStateError { currentStatus }
    ... on RefundExceedsAmountError { refundable { amount } } } } }"""
CANCEL = """mutation($id: ID!) { cancelPayment(id: $id) { payment { id status }
  errors { __typename ... on UserError { code } ... on InvalidPaymentStateError { currentStatus } } } }"""
STAFF = token_of(ADMIN, "payments:refund", "payments:read", mfa_age_s=5)


async def give_back(
    payments: Payments, payment_id: str, amount: str | None = None, key: str | None = None, **more: Any
) -> dict[str, Any]:
    """The payload of refundPayment."""
    given: dict[str, Any] = {"paymentId": payment_id, "reason": "CUSTOMER_REQUEST", **more}
    if amount is not None:
        given["amount"] = {"amount": amount, "currency": "USD"}
    data = await payments.ask(REFUND, STAFF, key=key or new_key(), input=given)
    payload: dict[str, Any] = data["refundPayment"]
    return payload


async def read_ledger(payments: Payments) -> dict[str, int]:
    rows = await payments.rows(
        "SELECT account, sum(amount_minor)::bigint FROM ledger_entries GROUP BY account"
    )
    return {account: int(total) for account, total in rows}


async def test_all_of_a_payment(payments: Payments) -> None:
    made = await payments.succeeded()
    refund = (await give_back(payments, made["id"]))["refund"]
    assert (refund["status"], refund["amount"]) == ("SUCCEEDED", {"amount": "19.99", "currency": "USD"})
    assert refund["payment"] == {
        "id": made["id"],
        "status": "REFUNDED",
        "refundableAmount": {"amount": "0.00"},
    }
    assert refund["completedAt"] is not None
    assert payments.orders.refunded == [
        {"paymentId": made["id"], "refunded": {"minor": 1999, "currency": "USD"}}
    ]
    assert await read_ledger(payments) == {"gateway:development": 0, "sales": 0}


async def test_in_parts_orders_hears_how_much_it_is_in_all(payments: Payments) -> None:
    made = await payments.succeeded()
    first = (await give_back(payments, made["id"], "5.00"))["refund"]
    assert (first["payment"]["status"], first["payment"]["refundableAmount"]) == (
        "PARTIALLY_REFUNDED",
        {"amount": "14.99"},
    )
    second = (await give_back(payments, made["id"], "14.98"))["refund"]
    assert second["payment"]["status"] == "PARTIALLY_REFUNDED"
    third = (await give_back(payments, made["id"]))["refund"]
    assert (third["amount"]["amount"], third["payment"]["status"]) == ("0.01", "REFUNDED")
    assert [told["refunded"]["minor"] for told in payments.orders.refunded] == [500, 1998, 1999]


@pytest.mark.parametrize(
    "amount", ["20.00", "19.9900001", "-1.00", "0.00", "NaN", "1e1000000", "999999999999"]
)
async def test_more_than_there_is_or_nothing(payments: Payments, amount: str) -> None:
    made = await payments.succeeded()
    answer = (
        await payments.post(
            REFUND,
            STAFF,
            key="k",
            input={
                "paymentId": made["id"],
                "reason": "OTHER",
                "amount": {"amount": amount, "currency": "USD"},
            },
        )
    ).json()
    assert answer.get("errors") or answer["data"]["refundPayment"]["errors"]
    assert await payments.count("refunds") == [0]
    assert (await read_ledger(payments))["gateway:development"] == 1999


async def test_another_currency(payments: Payments) -> None:
    made = await payments.succeeded()
    payload = await give_back(payments, made["id"], "1.00")
    assert payload["errors"] == []
    money = {"amount": "1.00", "currency": "EUR"}
    given = {"paymentId": made["id"], "reason": "OTHER", "amount": money}
    payload = (await payments.ask(REFUND, STAFF, key="k", input=given))["refundPayment"]
    assert payload["errors"][0]["path"] == ["input", "amount"]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "UNAUTHENTICATED"),
        (token_of(ADA), "FORBIDDEN"),
        (token_of(ADMIN, "payments:read", mfa_age_s=5), "FORBIDDEN"),
        (token_of(ADMIN, "payments:refund"), "FORBIDDEN"),
        (token_of(ADMIN, "payments:refund", mfa_age_s=3600), "FORBIDDEN"),
    ],
)
async def test_who_may_not(payments: Payments, token: str | None, code: str) -> None:
    made = await payments.succeeded()
    given = {"paymentId": made["id"], "reason": "OTHER"}
    assert await payments.refused(REFUND, token, key="k", input=given) == code
    assert await payments.count("refunds") == [0]


async def test_money_that_is_not_here(payments: Payments) -> None:
    begun = await payments.started()
    payload = await give_back(payments, begun["id"])
    assert payload["errors"][0]["currentStatus"] == "PROCESSING"
    assert (await give_back(payments, str(uuid4())))["errors"][0]["code"] == "NOT_FOUND"
    assert (await give_back(payments, "nonsense"))["errors"][0]["code"] == "NOT_FOUND"


async def test_the_same_key_is_the_same_refund(payments: Payments) -> None:
    made = await payments.succeeded()
    payloads = await asyncio.gather(*(give_back(payments, made["id"], "5.00", key="one") for _ in range(10)))
    assert len({payload["refund"]["id"] for payload in payloads}) == 1
    assert await payments.rows("SELECT amount_minor FROM refunds") == [(500,)]
    payload = await give_back(payments, made["id"], "6.00", key="one")
    assert payload["errors"][0]["__typename"] == "IdempotencyError"


async def test_many_at_once_give_back_no_more_than_came(payments: Payments) -> None:
    made = await payments.succeeded()
    payloads = await asyncio.gather(*(give_back(payments, made["id"], "3.00") for _ in range(12)))
    assert sum(payload["refund"] is not None for payload in payloads) == 6
    refused = [payload["errors"][0] for payload in payloads if payload["errors"]]
    assert {error["__typename"] for error in refused} == {"RefundExceedsAmountError"}
    assert await read_ledger(payments) == {"gateway:development": 199, "sales": -199}


async def test_a_refund_that_the_gateway_refuses_leaves_the_money(payments: Payments) -> None:
    made = await payments.succeeded()
    payments.gateway.refund_answers = [RefundState.FAILED]
    refund = (await give_back(payments, made["id"]))["refund"]
    assert (refund["status"], refund["payment"]["status"]) == ("FAILED", "SUCCEEDED")
    assert refund["payment"]["refundableAmount"] == {"amount": "19.99"}
    assert payments.orders.refunded == []


@pytest.mark.parametrize("who", ["gateway", "orders"])
async def test_nobody_answers_and_the_refund_is_there(payments: Payments, who: str) -> None:
    made = await payments.succeeded()
    getattr(payments, who).is_down = True
    refund = (await give_back(payments, made["id"], key="k"))["refund"]
    assert refund is not None
    getattr(payments, who).is_down = False
    again = (await give_back(payments, made["id"], key="k"))["refund"]
    assert (again["id"], again["status"]) == (refund["id"], "SUCCEEDED")
    assert [told["refunded"]["minor"] for told in payments.orders.refunded] == [1999]


async def test_others_do_not_see_it(payments: Payments) -> None:
    made = await payments.succeeded()
    refund = (await give_back(payments, made["id"]))["refund"]
    fields = "id reason payment { id }"
    for token, seen in ((token_of(ADA), True), (STAFF, True), (token_of(BOB), False), (None, False)):
        found = await payments.entities(token, "Refund", fields, refund["id"], str(uuid4()), "x")
        assert [item is not None for item in found] == [seen, False, False]


async def test_cancelling_an_open_payment(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    for token in (token_of(BOB), STAFF):
        payload = (await payments.ask(CANCEL, token, id=begun["id"]))["cancelPayment"]
        assert payload["errors"][0]["code"] == "NOT_FOUND"
    payload = (await payments.ask(CANCEL, token_of(ADA), id=begun["id"]))["cancelPayment"]
    assert payload == {"payment": {"id": begun["id"], "status": "CANCELLED"}, "errors": []}
    payload = (await payments.ask(CANCEL, token_of(ADA), id=begun["id"]))["cancelPayment"]
    assert payload["errors"][0]["currentStatus"] == "CANCELLED"
    # There is room for another try.
    assert (await payments.initiate(begun["order"]["id"]))["payment"]["id"] != begun["id"]


async def test_cancelling_too_late(payments: Payments) -> None:
    made = await payments.succeeded()
    payload = (await payments.ask(CANCEL, token_of(ADA), id=made["id"]))["cancelPayment"]
    assert payload["errors"][0]["currentStatus"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE refunds SET amount_minor = 1",
        "UPDATE refunds SET status = 'FAILED'",
        "INSERT INTO refunds (payment_id, amount_minor, currency, reason) SELECT id, 1, 'USD', 'OTHER' FROM payments",
        "UPDATE ledger_entries SET amount_minor = 0",
        "DELETE FROM ledger_entries",
        "INSERT INTO ledger_entries (booking_id, account, currency, amount_minor) VALUES (uuidv7(), 'mine', 'USD', 5)",
    ],
)
async def test_the_database_keeps_the_money_right(payments: Payments, change: str) -> None:
    made = await payments.succeeded()
    await give_back(payments, made["id"])
    with pytest.raises(DBAPIError):
        await payments.execute(change)
