"""Payments and refunds go on by themselves: whatever is lost, late or cut off, the money agrees with the order."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.payments.domain import PaymentMethod, PaymentStatus, RefundState
from subgraphs.payments.service import PaymentRequest, refunds
from subgraphs.payments.service.gateway import Charge
from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, cut_at, new_key, token_of
from tests.subgraph.payments.conftest import Payments

CANCEL = """mutation($id: ID!) { cancelPayment(id: $id) { payment { id status }
  errors { __typename ... on UserError { code path } ... on InvalidPaymentStateError { currentStatus } } } }"""
REFUND = """mutation($key: ID!, $input: RefundPaymentInput!) { refundPayment(idempotencyKey: $key, input: $input) {
  refund { id status reason amount { amount currency } completedAt payment { status refundableAmount { amount } } }
  errors { __typename ... on UserError { code path message } ... on RefundExceedsAmountError { refundable { amount } }
    ... on InvalidPaymentStateError { currentStatus } } } }"""
CLOSED = "com.marketplace.orders.order.closed.v1"


def treasurer(*scopes: str) -> str:
    return token_of(ADMIN, "payments:refund", "payments:read", *scopes, recent_mfa=True)


async def cancel(payments: Payments, payment_id: str, user: Any = ADA) -> dict[str, Any]:
    payload: dict[str, Any] = (await payments.ask(CANCEL, token_of(user), id=payment_id))["cancelPayment"]
    return payload


async def refund(
    payments: Payments,
    payment_id: str,
    amount: str | None = None,
    key: str | None = None,
    currency: str = "USD",
    **more: Any,
) -> dict[str, Any]:
    given: dict[str, Any] = {"paymentId": payment_id, "reason": "CUSTOMER_REQUEST", **more}
    if amount is not None:
        given["amount"] = {"amount": amount, "currency": currency}
    data = await payments.ask(REFUND, treasurer(), key=key or new_key(), input=given)
    payload: dict[str, Any] = data["refundPayment"]
    return payload


async def balances(payments: Payments) -> dict[str, int]:
    rows = await payments.rows(
        "SELECT account, sum(amount_minor)::bigint FROM ledger_entries GROUP BY account"
    )
    return {account: minor for account, minor in rows if minor}


async def check_books(payments: Payments) -> None:
    """The independent oracle: what is kept is what the orders that are paid cost, and the ledger says the same."""
    assert (await payments.rows("SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entries")) == [
        (0,)
    ]
    ((held,),) = await payments.rows(
        "SELECT coalesce(sum(amount_minor - refunded_minor), 0)::bigint FROM payments WHERE verified_at IS NOT NULL"
    )
    assert (await balances(payments)).get("GATEWAY", 0) == held


async def news(payments: Payments, event_type: str, subject: str, **more: str) -> int:
    body = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/marketplace/orders",
        "type": event_type,
        "subject": subject,
        "data": {},
        **more,
    }
    return (await payments.post_internal("/internal/events", body)).status_code


async def test_nobody_has_to_ask_for_a_payment_to_go_on(payments: Payments) -> None:
    begun = await payments.started()
    await payments.go_on()
    assert payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"
    assert await payments.rows("SELECT status, order_outcome, next_try_at FROM payments") == [
        ("SUCCEEDED", "ACCEPTED", None)
    ]
    assert await balances(payments) == {"GATEWAY": 1999, "SALES": -1999}


async def test_a_payment_that_nobody_can_go_on_with_waits_longer_and_longer(payments: Payments) -> None:
    await payments.started()
    payments.gateway.is_down = True
    waits = []
    for _ in range(10):
        await payments.go_on()
        waits.append(
            (await payments.rows("SELECT extract(epoch FROM next_try_at - now())::int FROM payments"))[0][0]
        )
    assert waits == sorted(waits)
    assert (waits[0] <= 30, 1800 < waits[-1] <= 3840) == (True, True)
    assert await payments.service.run_due() == 0


async def test_money_for_an_order_that_is_closed_goes_back_once(payments: Payments) -> None:
    begun = await payments.started()
    payments.orders.orders[begun["order"]["id"]] |= {"status": "CANCELLED", "isPayable": False}
    for _ in range(3):
        await payments.go_on()
    assert await payments.rows("SELECT status, order_outcome FROM payments") == [("REFUNDED", "REJECTED")]
    assert await payments.rows("SELECT status, reason, amount_minor FROM refunds") == [
        ("SUCCEEDED", "ORDER_CANCELLED", 1999)
    ]
    assert (await balances(payments), payments.orders.heard) == ({}, [])
    assert len(payments.gateway.refunded) == 1


async def test_nothing_that_is_owed_does_not_go_back(payments: Payments) -> None:
    begun = await payments.started(minor=0)
    payments.orders.orders[begun["order"]["id"]] |= {"status": "CANCELLED"}
    for _ in range(2):
        await payments.go_on()
    assert await payments.rows("SELECT status, order_outcome, next_try_at FROM payments") == [
        ("SUCCEEDED", "REJECTED", None)
    ]
    assert await payments.count("refunds") == [0]


async def test_a_cancelled_payment(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    for _ in range(2):
        payload = await cancel(payments, begun["id"])
        assert (payload["errors"], payload["payment"]["status"]) == ([], "CANCELLED")
    again = await payments.initiate(begun["order"]["id"])
    assert (again["errors"], again["payment"]["id"] != begun["id"]) == ([], True)


async def test_money_that_came_first_beats_the_cancellation(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    payments.gateway.answers = [Charge("g", PaymentStatus.SUCCEEDED)]
    (error,) = (await cancel(payments, begun["id"]))["errors"]
    assert (error["__typename"], error["currentStatus"]) == ("InvalidPaymentStateError", "SUCCEEDED")
    assert payments.orders.orders[begun["order"]["id"]]["status"] == "PAID"
    await check_books(payments)


async def test_a_cancellation_that_the_gateway_did_not_hear_is_repeated(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    payments.gateway.is_down = True
    assert await payments.refused(CANCEL, token_of(ADA), id=begun["id"]) == "SUBGRAPH_UNAVAILABLE"
    payments.gateway.is_down = False
    await payments.go_on()
    assert await payments.rows("SELECT status FROM payments") == [("CANCELLED",)]


async def test_who_may_cancel(payments: Payments) -> None:
    begun = await payments.started()
    for user in (BOB, ADMIN):
        assert (await cancel(payments, begun["id"], user))["errors"][0]["code"] == "NOT_FOUND"
    for payment_id in MALFORMED_IDS:
        assert (await cancel(payments, payment_id))["errors"][0]["code"] == "NOT_FOUND"
    assert await payments.refused(CANCEL, None, id=begun["id"]) == "UNAUTHENTICATED"


async def test_the_news_that_an_order_is_closed_ends_its_payment(payments: Payments) -> None:
    begun = await payments.started("VIRTUAL_ACCOUNT")
    other = await payments.started("VIRTUAL_ACCOUNT")
    for _ in range(2):
        assert await news(payments, CLOSED, begun["order"]["id"]) == 200
        assert await news(payments, "com.marketplace.something.else.v1", other["order"]["id"]) == 200
        assert await news(payments, CLOSED, "\U0001f600") == 200
    await payments.service.upkeep.run_once()
    assert await payments.rows("SELECT status FROM payments ORDER BY id") == [
        ("CANCELLED",),
        (other["status"],),
    ]


async def test_a_payment_that_is_begun_while_its_order_closes_does_not_stay_open(payments: Payments) -> None:
    """What orders said before it closed the order is old by then, and the news of it comes once."""
    order_ids = [payments.orders.add() for _ in range(10)]
    assert await news(payments, CLOSED, order_ids[0], sequence="1") == 200
    payload = await payments.initiate(order_ids[0], "VIRTUAL_ACCOUNT")
    assert payload["errors"][0]["__typename"] == "OrderNotPayableError"
    assert await payments.rows("SELECT * FROM payments") == []
    for order_id in order_ids[1:]:
        begun = payments.initiate(order_id, "VIRTUAL_ACCOUNT")
        await asyncio.gather(begun, news(payments, CLOSED, order_id, sequence="1"))
    await payments.go_on()
    assert {status for (status,) in await payments.rows("SELECT status FROM payments")} <= {"CANCELLED"}


async def test_a_payment_past_its_deadline_expires(payments: Payments) -> None:
    order_id = payments.orders.add(paymentDeadline="2020-01-01T00:00:00+00:00")
    assert (await payments.initiate(order_id, "BANK_TRANSFER"))["payment"]["status"] == "EXPIRED"


@pytest.mark.parametrize("has_another", [False, True])
async def test_money_that_comes_late_is_recorded_and_the_order_decides(
    payments: Payments, *, has_another: bool
) -> None:
    begun = await payments.started("BANK_TRANSFER")
    order_id = begun["order"]["id"]
    await cancel(payments, begun["id"])
    if has_another:
        await payments.verify((await payments.initiate(order_id))["payment"]["reference"])
    # Nobody tells: it is looked for.
    payments.gateway.answers = [Charge("g", PaymentStatus.SUCCEEDED)]
    for _ in range(2):
        await payments.go_on()
    rows = await payments.rows("SELECT status, is_late, order_outcome FROM payments ORDER BY id")
    late = ("REFUNDED", True, "REJECTED") if has_another else ("SUCCEEDED", True, "ACCEPTED")
    assert rows == [late, *[("SUCCEEDED", False, "ACCEPTED")] * has_another]
    assert await balances(payments) == {"GATEWAY": 1999, "SALES": -1999}
    await check_books(payments)


async def test_money_that_may_come_late_is_looked_for_once_a_day_for_a_month(payments: Payments) -> None:
    begun = await payments.started("BANK_TRANSFER")
    await cancel(payments, begun["id"])
    for _ in range(2):
        ((hours,),) = await payments.rows(
            "SELECT round(extract(epoch FROM next_try_at - now()) / 3600)::int FROM payments"
        )
        assert (hours, await payments.service.run_due()) == (24, 0)
        await payments.go_on()
    await payments.execute("ALTER TABLE payments DISABLE TRIGGER payments_guard")
    await payments.execute("UPDATE payments SET created_at = now() - interval '31 days'")
    await payments.execute("ALTER TABLE payments ENABLE TRIGGER payments_guard")
    await payments.go_on()
    assert await payments.rows("SELECT status, next_try_at FROM payments") == [("CANCELLED", None)]
    assert len(payments.gateway.looked_up) == 3


async def test_refunds_in_parts_and_then_the_rest(payments: Payments) -> None:
    paid = await payments.succeeded()
    first = (await refund(payments, paid["id"], "5.00"))["refund"]
    assert (first["status"], first["amount"]["amount"]) == ("SUCCEEDED", "5.00")
    assert first["payment"] == {"status": "PARTIALLY_REFUNDED", "refundableAmount": {"amount": "14.99"}}
    (error,) = (await refund(payments, paid["id"], "15.00"))["errors"]
    assert (error["__typename"], error["refundable"]) == ("RefundExceedsAmountError", {"amount": "14.99"})
    rest = (await refund(payments, paid["id"]))["refund"]
    assert rest["payment"] == {"status": "REFUNDED", "refundableAmount": {"amount": "0.00"}}
    (error,) = (await refund(payments, paid["id"]))["errors"]
    assert (error["__typename"], error["currentStatus"]) == ("InvalidPaymentStateError", "REFUNDED")
    await payments.go_on()
    told = [(event["subject"], event["data"]["refunded"]["minor"]) for event in payments.orders.heard]
    assert told == [(paid["id"], 500), (paid["id"], 1999)]
    back = [(one["id"], one["refundedMinor"]) for one in payments.orders.heard[1]["data"]["refunds"]]
    assert back == [(first["id"], 500), (rest["id"], 1999)]
    assert payments.orders.heard[0]["data"]["refunds"] == payments.orders.heard[1]["data"]["refunds"][:1]
    assert (payments.orders.heard[0]["specversion"], await payments.count("outbox")) == ("1.0", [0])
    assert await balances(payments) == {}


async def test_a_payment_goes_back_in_a_number_of_parts(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "REFUNDS_MAX", 3)
    paid = await payments.succeeded()
    payloads = await asyncio.gather(*(refund(payments, paid["id"], "0.01") for _ in range(6)))
    refused = [error["message"] for payload in payloads for error in payload["errors"]]
    assert refused == ["A payment is paid back in at most 3 parts."] * 3
    await check_books(payments)


async def test_two_refunds_at_once_never_pay_back_more_than_came(payments: Payments) -> None:
    paid = await payments.succeeded()
    payloads = await asyncio.gather(*(refund(payments, paid["id"], "8.00") for _ in range(6)))
    kinds = sorted(error["__typename"] for payload in payloads for error in payload["errors"])
    assert kinds == ["RefundExceedsAmountError"] * 4
    events = await payments.rows("SELECT from_status, to_status FROM payment_events ORDER BY id")
    assert [before for before, _ in events[1:]] == [after for _, after in events[:-1]]
    assert await payments.rows("SELECT refunding_minor, refunded_minor FROM payments") == [(1600, 1600)]
    await check_books(payments)


async def test_a_key_pays_back_once(payments: Payments) -> None:
    paid = await payments.succeeded()
    key = new_key()
    payloads = await asyncio.gather(*(refund(payments, paid["id"], "1.00", key) for _ in range(5)))
    assert {payload["refund"]["id"] for payload in payloads} == {payloads[0]["refund"]["id"]}
    assert await payments.count("refunds") == [1]
    (error,) = (await refund(payments, paid["id"], "2.00", key))["errors"]
    assert error["__typename"] == "IdempotencyError"


async def test_a_refund_that_the_gateway_has_not_decided(payments: Payments) -> None:
    paid = await payments.succeeded()
    payments.gateway.is_down = True
    waiting = (await refund(payments, paid["id"], "9.99"))["refund"]
    assert (waiting["status"], waiting["payment"]["refundableAmount"]) == ("PENDING", {"amount": "10.00"})
    payments.gateway.is_down = False
    payments.gateway.refunds = [RefundState.PENDING, RefundState.FAILED]
    await payments.go_on()
    assert await payments.rows("SELECT status FROM refunds") == [("PENDING",)]
    await payments.go_on()
    assert await payments.rows("SELECT status FROM refunds") == [("FAILED",)]
    # What did not go back can be asked for again.
    assert await payments.rows("SELECT status, refunding_minor FROM payments") == [("SUCCEEDED", 0)]
    assert (await refund(payments, paid["id"]))["refund"]["status"] == "SUCCEEDED"
    await check_books(payments)


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.001", "1e3", "\u0661", "NaN", "", "9" * 30])
async def test_amounts_that_are_none(payments: Payments, amount: str) -> None:
    paid = await payments.succeeded()
    given = {
        "paymentId": paid["id"],
        "reason": "OTHER",
        "amount": {"amount": amount, "currency": "USD"},
    }
    answer = (await payments.post(REFUND, treasurer(), key=new_key(), input=given)).json()
    if "errors" in answer:
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    else:
        assert answer["data"]["refundPayment"]["errors"][0]["__typename"] == "ValidationError"
    assert await payments.count("refunds") == [0]


async def test_another_currency_an_unknown_payment_and_money_that_is_not_here(payments: Payments) -> None:
    paid = await payments.succeeded()
    payload = await refund(payments, paid["id"], "1.00", currency="EUR")
    assert payload["errors"][0]["__typename"] == "ValidationError"
    for payment_id in (*MALFORMED_IDS, paid["order"]["id"]):
        assert (await refund(payments, payment_id))["errors"][0]["__typename"] == "NotFoundError"
    begun = await payments.started()
    assert (await refund(payments, begun["id"]))["errors"][0]["__typename"] == "InvalidPaymentStateError"


async def test_who_may_pay_back(payments: Payments) -> None:
    paid = await payments.succeeded()
    given = {"paymentId": paid["id"], "reason": "OTHER"}
    scope_only, mfa_only = token_of(ADMIN, "payments:refund"), token_of(ADA, recent_mfa=True)
    for token, code in ((None, "UNAUTHENTICATED"), (scope_only, "FORBIDDEN"), (mfa_only, "FORBIDDEN")):
        assert await payments.refused(REFUND, token, key="k", input=given) == code
    done = (await refund(payments, paid["id"], "1.00"))["refund"]
    fields = "id amount { amount } payment { id }"
    assert await payments.entities(token_of(BOB), "Refund", fields, done["id"]) == [None]
    (seen,) = await payments.entities(token_of(ADA), "Refund", fields, done["id"])
    assert seen == {"id": done["id"], "amount": {"amount": "1.00"}, "payment": {"id": paid["id"]}}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount_minor = 1",
        "DELETE FROM ledger_entries",
        (
            "INSERT INTO ledger_entries (posting, account, amount_minor, currency, payment_id)"
            " SELECT 'x', 'SALES', 1, 'USD', id FROM payments"
        ),
        (
            "INSERT INTO ledger_entries (posting, account, amount_minor, currency, payment_id)"
            " SELECT 'x', a, 1, 'USD', id FROM payments, (VALUES ('SALES'), ('OWED')) v (a)"
        ),
        "UPDATE payments SET refunding_minor = 2000",
        "UPDATE payments SET refunded_minor = 1",
    ],
)
async def test_what_the_database_does_not_let_pass(payments: Payments, statement: str) -> None:
    await payments.succeeded()
    with pytest.raises(DBAPIError):
        await payments.execute(statement)


async def test_the_ledger_takes_what_adds_up(payments: Payments) -> None:
    await payments.succeeded()
    await payments.execute(
        "INSERT INTO ledger_entries (posting, account, amount_minor, currency, payment_id)"
        " SELECT 'x', a, n, 'USD', id FROM payments, (VALUES ('SALES', 1), ('OWED', -1)) v (a, n)"
    )
    await check_books(payments)


async def _end_state(payments: Payments) -> tuple[Any, ...]:
    return (
        await payments.rows("SELECT status, order_outcome, refunded_minor FROM payments"),
        await payments.rows("SELECT status, amount_minor FROM refunds"),
        await payments.rows(
            "SELECT from_status, to_status FROM payment_events WHERE from_status <> to_status ORDER BY id"
        ),
        # In no order of their own.
        sorted((await balances(payments)).items()),
        [order["status"] for order in payments.orders.orders.values()],
    )


async def _clear(payments: Payments) -> None:
    async with payments.database.write() as session:
        await session.execute(
            text(
                "TRUNCATE payments, payment_attempts, payment_events, idempotency_keys, refunds, ledger_entries, outbox"
            )
        )
    payments.orders.orders.clear()
    payments.orders.heard.clear()


@pytest.mark.parametrize("is_closed", [False, True])
async def test_cut_off_at_every_statement_of_paying_it_ends_alike(
    payments: Payments, *, is_closed: bool
) -> None:
    ends = []
    number = 0
    is_cut = True
    while is_cut:
        number += 1
        await _clear(payments)
        begun = await payments.started()
        if is_closed:
            payments.orders.orders[begun["order"]["id"]] |= {"status": "CANCELLED"}
        await payments.execute("UPDATE payments SET next_try_at = now()")
        is_cut = await cut_at(payments, number, payments.service.upkeep.run_once)
        for _ in range(3):
            await payments.go_on()
        await check_books(payments)
        ends.append(await _end_state(payments))
    assert number > 10
    # The one thing that may differ: an answer of orders that was lost is ALREADY when it is asked again.
    told = {str(end).replace("ALREADY", "ACCEPTED") for end in ends}
    assert len(told) == 1, told


async def test_cut_off_at_every_statement_of_paying_back_it_goes_back_once(payments: Payments) -> None:
    number = 0
    is_cut = True
    while is_cut:
        number += 1
        await _clear(payments)
        paid = await payments.succeeded()
        payments.gateway.is_down = True
        await refund(payments, paid["id"], "4.00")
        payments.gateway.is_down = False
        await payments.execute("UPDATE refunds SET next_try_at = now()")
        is_cut = await cut_at(payments, number, payments.service.upkeep.run_once)
        for _ in range(2):
            await payments.go_on()
        await check_books(payments)
        assert await payments.rows("SELECT status, refunded_minor FROM payments") == [
            ("PARTIALLY_REFUNDED", 400)
        ]
        # Told at least once, and always the same state.
        assert {event["data"]["refunded"]["minor"] for event in payments.orders.heard} == {400}
        assert await balances(payments) == {"GATEWAY": 1599, "SALES": -1599}
    assert number > 8


async def test_cut_off_at_every_statement_of_beginning_it_begins_once(payments: Payments) -> None:
    number = 0
    is_cut = True
    while is_cut:
        number += 1
        await _clear(payments)
        order_id = UUID(payments.orders.add())
        request = PaymentRequest(ADA, "k", order_id, PaymentMethod.E_WALLET, None, None)
        is_cut = await cut_at(payments, number, lambda request=request: payments.service.initiate(request))
        again = await payments.service.initiate(request)
        assert (again.status, again.next_action is not None) == (PaymentStatus.REQUIRES_ACTION, True)
        assert await payments.count("payments", "idempotency_keys", "payment_attempts") == [1, 1, 1]
    assert number > 6


async def test_cut_off_at_every_statement_of_cancelling_it_is_cancelled(payments: Payments) -> None:
    number = 0
    is_cut = True
    while is_cut:
        number += 1
        await _clear(payments)
        begun = await payments.started("BANK_TRANSFER")
        async with payments.database.read() as session:
            (payment,) = await payments.service.find_payments(session, [UUID(begun["id"])])
        is_cut = await cut_at(payments, number, lambda payment=payment: payments.service.cancel(payment))
        assert (await cancel(payments, begun["id"]))["payment"]["status"] == "CANCELLED"
        assert await payments.rows(
            "SELECT status, next_try_at > now() + interval '23 hours' FROM payments"
        ) == [("CANCELLED", True)]
    assert number > 5
