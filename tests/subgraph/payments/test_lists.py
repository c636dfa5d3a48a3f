"""Lists of payments and ways to pay: pages, filters, and arguments that are none."""

from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.orders.client import ADA, ADMIN, BOB, BROKEN_CURSORS, MALFORMED_IDS, token_of
from tests.subgraph.payments.conftest import Payments

PAGE = "nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
MINE = f"""query($first: Int, $after: String, $filter: PaymentFilter) {{
  list: myPayments(first: $first, after: $after, filter: $filter) {{ {PAGE} }} }}"""
ALL = f"""query($first: Int, $after: String, $last: Int, $before: String, $filter: PaymentFilter) {{
  list: payments(first: $first, after: $after, last: $last, before: $before, filter: $filter) {{ {PAGE} }} }}"""
METHODS = "query($id: ID!) { paymentMethods(orderId: $id) { method label minAmount { amount } maxAmount { amount } } }"
READER = token_of(ADMIN, "payments:read")


async def ids_of(payments: Payments, operation: str, token: str, **more: Any) -> list[str]:
    page = (await payments.ask(operation, token, **more))["list"]
    return [node["id"] for node in page["nodes"]]


async def test_my_payments_are_mine_newest_first(payments: Payments) -> None:
    mine = [(await payments.started())["id"] for _ in range(5)]
    await payments.started(payer=BOB)
    first = (await payments.ask(MINE, token_of(ADA), first=3))["list"]
    assert [node["id"] for node in first["nodes"]] == mine[:1:-1]
    assert first["pageInfo"]["hasNextPage"] is True
    assert [edge["cursor"] for edge in first["edges"]][-1] == first["pageInfo"]["endCursor"]
    second = (await payments.ask(MINE, token_of(ADA), first=3, after=first["pageInfo"]["endCursor"]))["list"]
    assert [node["id"] for node in second["nodes"]] == mine[1::-1]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert await ids_of(payments, MINE, READER) == []
    assert await payments.refused(MINE) == "UNAUTHENTICATED"


async def test_only_who_reads_payments_reads_all_forward_and_backward(payments: Payments) -> None:
    made = [(await payments.started(payer=(ADA, BOB)[i % 2]))["id"] for i in range(5)]
    assert await ids_of(payments, ALL, READER) == made[::-1]
    last = (await payments.ask(ALL, READER, last=2))["list"]
    assert [node["id"] for node in last["nodes"]] == made[1::-1]
    before = (await payments.ask(ALL, READER, last=2, before=last["pageInfo"]["startCursor"]))["list"]
    assert [node["id"] for node in before["nodes"]] == made[3:1:-1]
    assert (before["pageInfo"]["hasPreviousPage"], before["pageInfo"]["hasNextPage"]) == (True, True)
    assert await payments.refused(ALL) == "UNAUTHENTICATED"
    for token in (token_of(ADA), token_of(ADA, "orders:read", "payments:refund")):
        assert await payments.refused(ALL, token) == "FORBIDDEN"


async def test_the_filters(payments: Payments) -> None:
    paid = await payments.succeeded()
    wallet = await payments.started("E_WALLET", payer=BOB)
    rows = await payments.rows("SELECT created_at FROM payments ORDER BY created_at")
    between = rows[1][0].isoformat()
    for wanted, expected in (
        ({"statuses": ["SUCCEEDED"]}, [paid]),
        ({"statuses": ["SUCCEEDED", "REQUIRES_ACTION"]}, [wallet, paid]),
        ({"statuses": ["SUCCEEDED"] * 33_000}, [paid]),
        ({"statuses": []}, []),
        ({"methods": ["E_WALLET"]}, [wallet]),
        ({"methods": ["E_WALLET"], "statuses": ["SUCCEEDED"]}, []),
        ({"orderId": paid["order"]["id"]}, [paid]),
        ({"orderId": str(uuid4())}, []),
        ({"reference": wallet["reference"]}, [wallet]),
        ({"reference": ""}, []),
        ({"createdFrom": between}, [wallet]),
        ({"createdTo": between}, [paid]),
        *(({"orderId": malformed}, []) for malformed in MALFORMED_IDS),
        *(({"reference": malformed}, []) for malformed in MALFORMED_IDS),
        ({"statuses": None, "orderId": None, "reference": None, "createdFrom": None}, [wallet, paid]),
    ):
        found = await ids_of(payments, ALL, READER, filter=wanted)
        assert found == [payment["id"] for payment in expected], wanted
    # No filter shows what is not the caller's.
    assert await ids_of(payments, MINE, token_of(ADA), filter={"reference": wallet["reference"]}) == []


async def test_counting_takes_a_statement_only_when_asked_for(payments: Payments) -> None:
    await payments.started()
    await payments.succeeded()
    for field, token in (("myPayments", token_of(ADA)), ("payments", READER)):
        with payments.database.record_statements() as statements:
            await payments.ask(f"{{ {field} {{ nodes {{ id }} }} }}", token)
        assert len(statements) == 1
        operation = f"{{ {field}(first: 1, filter: {{ statuses: [SUCCEEDED] }}) {{ totalCount }} }}"
        with payments.database.record_statements() as statements:
            assert (await payments.ask(operation, token))[field]["totalCount"] == 1
        assert len(statements) == 2


@pytest.mark.parametrize(
    "arguments", [{"first": -1}, {"first": 101}, *({"after": cursor} for cursor in BROKEN_CURSORS[1:])]
)
async def test_a_page_that_is_none(payments: Payments, arguments: dict[str, Any]) -> None:
    await payments.started()
    assert await payments.refused(MINE, token_of(ADA), **arguments) == "BAD_USER_INPUT"
    assert await payments.refused(ALL, READER, **arguments) == "BAD_USER_INPUT"


async def test_the_ways_to_pay_an_order(payments: Payments) -> None:
    order_id = payments.orders.add()
    options = (await payments.ask(METHODS, token_of(ADA), id=order_id))["paymentMethods"]
    assert [option["method"] for option in options] == [
        "CREDIT_CARD",
        "BANK_TRANSFER",
        "E_WALLET",
        "VIRTUAL_ACCOUNT",
    ]
    assert all(option["label"] for option in options)
    paid = payments.orders.add(isPayable=False)
    for token, wanted in (
        (token_of(ADA), paid),
        (token_of(BOB), order_id),
        (READER, order_id),
        *((token_of(ADA), malformed) for malformed in MALFORMED_IDS),
    ):
        assert (await payments.ask(METHODS, token, id=wanted))["paymentMethods"] == []
    assert await payments.refused(METHODS, id=order_id) == "UNAUTHENTICATED"
