"""initiatePayment: what orders says is paid, two tabs pay once, refusals write nothing."""

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.subgraph.orders.client import ADA, BOB, MALFORMED_IDS, new_key, token_of
from tests.subgraph.payments.conftest import DEADLINE, INITIATE, TABLES, Payments

NOTHING = [0] * len(TABLES)
AT = "2099-01-01T00:00:00Z"


async def refusal(
    payments: Payments, order_id: str, *, written: list[int] | None = None, **more: Any
) -> dict[str, Any]:
    """The one error of an initiatePayment that is refused and has written nothing."""
    payload = await payments.initiate(order_id, **more)
    assert payload["payment"] is None
    assert await payments.count(*TABLES) == (written or NOTHING)
    (error,) = payload["errors"]
    found: dict[str, Any] = error
    return found


async def test_the_amount_and_the_number_are_what_orders_says(payments: Payments) -> None:
    order_id = payments.orders.add(ADA, 4250, "EUR")
    payload = await payments.initiate(order_id)
    assert payload["errors"] == []
    payment = payload["payment"]
    assert re.fullmatch(r"PAY-[0-9A-F]{32}", payment["reference"])
    assert (payment["amount"], payment["order"], payment["payer"], payment["expiresAt"]) == (
        {"amount": "42.50", "currency": "EUR"},
        {"id": order_id, "number": "PAM-2026-000001"},
        {"id": str(ADA)},
        AT,
    )
    assert (payment["failure"], payment["verifiedAt"]) == (None, None)
    assert AT[:10] == DEADLINE.date().isoformat()


@pytest.mark.parametrize(
    ("method", "status", "action"),
    [
        ("CREDIT_CARD", "PROCESSING", None),
        ("BANK_TRANSFER", "REQUIRES_ACTION", "BankTransferInstructions"),
        ("E_WALLET", "REQUIRES_ACTION", "RedirectAction"),
        ("VIRTUAL_ACCOUNT", "REQUIRES_ACTION", "VirtualAccountInstructions"),
    ],
)
async def test_each_method_has_its_own_next_action(
    payments: Payments, method: str, status: str, action: str | None
) -> None:
    payment = await payments.started(method, minor=500)
    assert (payment["method"], payment["status"]) == (method, status)
    following = payment["nextAction"]
    assert (following and following["__typename"]) == action
    if action in {"BankTransferInstructions", "VirtualAccountInstructions"}:
        assert (following["amount"], following["deadline"]) == ({"amount": "5.00"}, AT)
    if action == "BankTransferInstructions":
        assert following["transferNote"] == payment["reference"]
    events = await payments.rows("SELECT from_status, to_status FROM payment_events ORDER BY id")
    assert events == [(None, "PENDING"), ("PENDING", status)]
    attempts = await payments.rows("SELECT outcome, gateway_reference IS NOT NULL FROM payment_attempts")
    assert attempts == [(status, True)]


async def test_a_wallet_comes_back_to_where_the_client_says(payments: Payments) -> None:
    url = "https://shop.example/back"
    payload = await payments.initiate(payments.orders.add(), "E_WALLET", returnUrl=url)
    assert payload["payment"]["nextAction"]["url"] == url


async def test_a_token_is_forgotten_once_it_was_used(payments: Payments) -> None:
    await payments.initiate(payments.orders.add(), paymentToken="tok_4242")
    assert await payments.rows("SELECT payment_token FROM payments") == [(None,)]


async def test_an_order_of_somebody_else_is_not_there(payments: Payments) -> None:
    for order_id in (payments.orders.add(BOB), str(uuid4()), *MALFORMED_IDS):
        error = await refusal(payments, order_id)
        assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "orderId"])
    assert payments.gateway.created == []


async def test_an_order_that_does_not_wait_for_money(payments: Payments) -> None:
    for status in ("PAID", "CANCELLED", "PENDING"):
        order_id = payments.orders.add(status=status, isPayable=False)
        error = await refusal(payments, order_id)
        assert (error["__typename"], error["code"], error["path"]) == (
            "OrderNotPayableError",
            "INVALID_STATE",
            ["input", "orderId"],
        )
        assert error["order"] == {"id": order_id, "number": payments.orders.orders[order_id]["number"]}
    assert payments.gateway.created == []


async def test_orders_that_does_not_answer(payments: Payments) -> None:
    given = {"orderId": payments.orders.add(), "method": "CREDIT_CARD"}
    payments.orders.is_down = True
    assert await _code(payments, given) == "SUBGRAPH_UNAVAILABLE"
    assert await payments.count(*TABLES) == NOTHING


async def _code(payments: Payments, given: Any, key: str = "k") -> str:
    answer = (await payments.post(INITIATE, token_of(ADA), key=key, input=given)).json()
    code: str = answer["errors"][0]["extensions"]["code"]
    return code


async def test_a_gateway_that_does_not_answer_is_asked_again_by_the_same_key(payments: Payments) -> None:
    given = {"orderId": payments.orders.add(), "method": "CREDIT_CARD"}
    payments.gateway.is_down = True
    assert await _code(payments, given) == "SUBGRAPH_UNAVAILABLE"
    assert await payments.rows("SELECT status FROM payments") == [("PENDING",)]
    payments.gateway.is_down = False
    payload = (await payments.ask(INITIATE, token_of(ADA), key="k", input=given))["initiatePayment"]
    assert (payload["errors"], payload["payment"]["status"]) == ([], "PROCESSING")
    # The same payment, so the gateway makes the same charge of it.
    assert len({*payments.gateway.created}) == 1
    assert await payments.count("payments") == [1]


async def test_who_may_pay(payments: Payments) -> None:
    given = {"orderId": payments.orders.add(), "method": "CREDIT_CARD"}
    assert await payments.refused(INITIATE, None, key="k", input=given) == "UNAUTHENTICATED"
    admin = token_of(BOB, "payments:read", "payments:refund", "orders:read", "orders:write")
    payload = (await payments.ask(INITIATE, admin, key="k", input=given))["initiatePayment"]
    assert payload["errors"][0]["__typename"] == "NotFoundError"
    assert await payments.count(*TABLES) == NOTHING


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"paymentToken": "t" * 257}, ["input", "paymentToken"]),
        ({"returnUrl": "javascript:alert(1)"}, ["input", "returnUrl"]),
        ({"returnUrl": "http://localhost.evil.example"}, ["input", "returnUrl"]),
        ({"returnUrl": "https://[::1"}, ["input", "returnUrl"]),
        ({"key": "k" * 256}, ["idempotencyKey"]),
    ],
)
async def test_an_input_out_of_bounds(payments: Payments, more: dict[str, Any], path: list[str]) -> None:
    error = await refusal(payments, payments.orders.add(), **more)
    assert (error["__typename"], error["path"]) == ("ValidationError", path)


@pytest.mark.parametrize(
    "given",
    [
        {"orderId": "o"},
        {"orderId": "o", "method": "CASH"},
        {"orderId": "o", "method": "CREDIT_CARD", "amount": {"amount": "0.01", "currency": "USD"}},
        {"orderId": None, "method": "CREDIT_CARD"},
        {"orderId": "o\0", "method": "CREDIT_CARD"},
        {"orderId": ["o"], "method": "CREDIT_CARD"},
        {"orderId": "o", "method": "CREDIT_CARD", "paymentToken": 5},
        {},
        None,
    ],
)
async def test_an_input_that_is_none(payments: Payments, given: Any) -> None:
    code = await payments.refused(INITIATE, token_of(ADA), key="k", input=given)
    assert code in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert await payments.count(*TABLES) == NOTHING


async def test_a_declined_card_and_another_try(payments: Payments) -> None:
    order_id = payments.orders.add()
    for _ in range(2):
        payload = await payments.initiate(order_id, paymentToken="tok_declined", key="k")
        (error,) = payload["errors"]
        assert (error["__typename"], error["code"], error["declineCode"], error["retryable"]) == (
            "PaymentDeclinedError",
            "DECLINED",
            "card_declined",
            True,
        )
    assert len(payments.gateway.created) == 1
    again = await payments.initiate(order_id, paymentToken="tok_4242")
    assert (again["errors"], again["payment"]["status"]) == ([], "PROCESSING")
    statuses = await payments.rows("SELECT status FROM payments ORDER BY created_at")
    assert statuses == [("FAILED",), ("PROCESSING",)]


async def test_the_same_key_gives_the_same_payment(payments: Payments) -> None:
    order_id = payments.orders.add()
    first = await payments.initiate(order_id, "E_WALLET", key="k")
    payments.orders.is_down = True
    assert await payments.initiate(order_id, "E_WALLET", key="k") == first
    assert len(payments.gateway.created) == 1
    assert await payments.count("payments", "idempotency_keys") == [1, 1]


async def test_the_same_key_for_something_else_is_refused(payments: Payments) -> None:
    order_id, other = payments.orders.add(), payments.orders.add()
    await payments.initiate(order_id, key="k")
    written = await payments.count(*TABLES)
    for wanted, more in (
        (other, {}),
        (order_id, {"method": "E_WALLET"}),
        (order_id, {"paymentToken": "t"}),
        (order_id, {"returnUrl": "https://shop.example"}),
    ):
        error = await refusal(payments, wanted, written=written, key="k", **more)
        assert error["__typename"] == "IdempotencyError"


async def test_a_key_belongs_to_its_user(payments: Payments) -> None:
    for user in (ADA, BOB):
        payload = await payments.initiate(payments.orders.add(user), payer=user, key="k")
        assert payload["payment"]["payer"] == {"id": str(user)}


async def test_a_second_tab_gets_the_running_payment(payments: Payments) -> None:
    order_id = payments.orders.add()
    first = await payments.initiate(order_id, "BANK_TRANSFER")
    second = await payments.initiate(order_id, "CREDIT_CARD")
    assert second == first
    assert await payments.count("payments", "idempotency_keys") == [1, 2]


async def test_ten_tabs_at_once_pay_once(payments: Payments) -> None:
    for _ in range(5):
        order_id = payments.orders.add()
        payloads = await asyncio.gather(*(payments.initiate(order_id) for _ in range(10)))
        assert [payload["errors"] for payload in payloads] == [[]] * 10
        assert len({payload["payment"]["id"] for payload in payloads}) == 1
        assert {payload["payment"]["status"] for payload in payloads} == {"PROCESSING"}
    # Two events each: begun, and what the gateway said, however many heard it.
    assert await payments.count("payments", "payment_events", "payment_attempts") == [5, 10, 5]


async def test_ten_at_once_with_one_key_pay_once(payments: Payments) -> None:
    order_id, key = payments.orders.add(), new_key()
    payloads = await asyncio.gather(*(payments.initiate(order_id, key=key) for _ in range(10)))
    assert len({payload["payment"]["id"] for payload in payloads}) == 1
    assert await payments.count("payments", "idempotency_keys") == [1, 1]


async def test_one_key_for_ten_orders_at_once_pays_one_and_writes_no_other(payments: Payments) -> None:
    orders = [payments.orders.add() for _ in range(10)]
    payloads = await asyncio.gather(*(payments.initiate(order_id, key="k") for order_id in orders))
    refusals = [payload["errors"][0]["__typename"] for payload in payloads if payload["errors"]]
    assert refusals == ["IdempotencyError"] * 9
    assert await payments.count("payments", "idempotency_keys") == [1, 1]
    assert len({*payments.gateway.created}) == 1


async def test_a_running_payment_that_fails_meanwhile_makes_room(payments: Payments) -> None:
    order_id = payments.orders.add()
    first = (await payments.initiate(order_id))["payment"]
    async with payments.database.write() as session:
        await session.execute(
            text("UPDATE payments SET status = 'FAILED' WHERE id = :id"), {"id": UUID(first["id"])}
        )
        second = asyncio.create_task(payments.initiate(order_id))
        # Only at the end of this transaction is it known whether there is room: the second one waits for it.
        waiting = """SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'"""
        async with asyncio.timeout(10):
            while not await payments.rows(waiting):
                assert not second.done()
    payload = await second
    assert payload["errors"] == []
    assert payload["payment"]["id"] != first["id"]
