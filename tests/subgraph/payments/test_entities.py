"""Who sees which payment, by every way there is, and how many statements that takes."""

from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.orders.client import ADA, ADMIN, BOB, MALFORMED_IDS, token_of
from tests.subgraph.payments.conftest import PAYMENT, Payments

WHOLE = PAYMENT.removeprefix("payment {").rpartition("}")[0]
READER = token_of(ADMIN, "payments:read")
TOTAL = {"amount": "19.99", "currency": "USD"}


def order_of(order_id: str, **more: Any) -> dict[str, Any]:
    return {"__typename": "Order", "id": order_id, "total": TOTAL, **more}


async def test_the_service_tells_its_schema(payments: Payments) -> None:
    sdl = (await payments.ask("{ _service { sdl } }"))["_service"]["sdl"]
    assert 'url: "https://specs.apollo.dev/federation/v2.9"' in sdl
    assert 'type Payment implements Node @key(fields: "id") @key(fields: "reference")' in sdl
    assert 'order: Order! @provides(fields: "number")' in sdl
    assert 'amountDue: Money! @authenticated @requires(fields: "total { amount currency }")' in sdl
    assert "assumedSize: null" not in sdl


async def test_who_sees_a_payment_by_each_way(payments: Payments) -> None:
    made = await payments.started()
    keys = ({"id": made["id"]}, {"reference": made["reference"]})
    for token, sees in (
        (token_of(ADA), True),
        (READER, True),
        (token_of(BOB), False),
        (token_of(BOB, "orders:read", "users:read", "payments:refund"), False),
    ):
        expected = {"id": made["id"], "order": {"number": made["order"]["number"]}} if sees else None
        fields = "id order { number }"
        assert await payments.entities(token, "Payment", fields, *keys) == [expected, expected]
        for key, kind in (("id", "ID"), ("reference", "String")):
            found = await payments.ask(
                f"query($k: {kind}) {{ payment({key}: $k) {{ {fields} }} }}", token, k=made[key]
            )
            assert found["payment"] == expected
    assert await payments.entities(None, "Payment", "id", *keys) == [None, None]
    operation = "query($k: ID) { payment(id: $k) { id } }"
    assert await payments.refused(operation, k=made["id"]) == "UNAUTHENTICATED"


async def test_a_payment_is_named_by_its_id_or_its_reference(payments: Payments) -> None:
    made, token = await payments.started(), token_of(ADA)
    for arguments in ("", "(id: null)", '(id: "", reference: "")', f'(id: "{made["id"]}", reference: "x")'):
        assert await payments.refused(f"{{ payment{arguments} {{ id }} }}", token) == "BAD_USER_INPUT"
    for malformed in MALFORMED_IDS[1:]:
        for key, kind in (("id", "ID"), ("reference", "String")):
            found = await payments.ask(
                f"query($k: {kind}) {{ payment({key}: $k) {{ id }} }}", token, k=malformed
            )
            assert found["payment"] is None


async def test_a_thousand_payments_take_one_statement_whatever_names_them(payments: Payments) -> None:
    known = [await payments.started() for _ in range(5)]
    other = await payments.started(payer=BOB)
    asked: list[dict[str, str]] = [{"id": str(uuid4())} for _ in range(993)]
    asked[100:100] = [{"id": item["id"]} for item in known[:3]]
    asked[500:500] = [{"reference": item["reference"]} for item in known[3:]]
    asked += [{"id": other["id"]}, {"reference": "PAY-NONE"}]
    assert len(asked) == 1000
    with payments.database.record_statements() as statements:
        found = await payments.entities(token_of(ADA), "Payment", WHOLE, *asked)
    assert len(statements) == 1
    assert [item and item["id"] for item in found] == [
        *[None] * 100,
        *(item["id"] for item in known[:3]),
        *[None] * 397,
        *(item["id"] for item in known[3:]),
        *[None] * 498,
    ]
    with payments.database.record_statements() as statements:
        found = await payments.entities(
            READER, "Payment", "id attempts { outcome gatewayReference at id }", *asked
        )
    assert len(statements) == 2
    assert [item["attempts"][0]["outcome"] for item in found if item] == ["PROCESSING"] * 6


async def test_what_the_gateway_answered_is_only_for_who_reads_payments(payments: Payments) -> None:
    made = await payments.succeeded()
    (found,) = await payments.entities(READER, "Payment", "attempts { outcome }", made["id"])
    assert found["attempts"] == [{"outcome": "PROCESSING"}, {"outcome": "SUCCEEDED"}]
    operation = "query($k: ID) { payment(id: $k) { attempts { outcome } } }"
    assert await payments.refused(operation, token_of(ADA), k=made["id"]) == "FORBIDDEN"


async def test_an_orders_payments_and_what_is_due(payments: Payments) -> None:
    order_id = payments.orders.add()
    fields = "payments { status } amountDue { amount currency }"

    async def seen(token: str) -> Any:
        return (await payments.entities(token, "Order", fields, order_of(order_id)))[0]

    await payments.initiate(order_id, paymentToken="tok_declined")
    payment = (await payments.initiate(order_id))["payment"]
    begun = {"payments": [{"status": "FAILED"}, {"status": "PROCESSING"}], "amountDue": TOTAL}
    assert await seen(token_of(ADA)) == await seen(READER) == begun
    await payments.verify(payment["reference"])
    paid = {
        "payments": [{"status": "FAILED"}, {"status": "SUCCEEDED"}],
        "amountDue": {"amount": "0.00", "currency": "USD"},
    }
    assert await seen(token_of(ADA)) == await seen(READER) == paid
    # Somebody else learns nothing: the answer is made of what the request itself said.
    nothing = {"payments": [], "amountDue": TOTAL}
    assert await seen(token_of(BOB)) == await seen(token_of(BOB, "orders:read")) == nothing
    (unknown,) = await payments.entities(token_of(BOB), "Order", fields, order_of(str(uuid4())))
    assert unknown == nothing


async def test_what_is_due_is_for_nobody_who_is_not_signed_in(payments: Payments) -> None:
    for field in ("payments { id }", "amountDue { amount }"):
        operation = f"query($asked: [_Any!]!) {{ _entities(representations: $asked) {{ ... on Order {{ {field} }} }} }}"
        assert await payments.refused(operation, None, asked=[order_of(str(uuid4()))]) == "UNAUTHENTICATED"


async def test_a_thousand_orders_take_one_statement(payments: Payments) -> None:
    made = await payments.succeeded()
    asked = [order_of(str(uuid4())) for _ in range(999)] + [order_of(made["order"]["id"])]
    with payments.database.record_statements() as statements:
        found = await payments.entities(
            token_of(ADA),
            "Order",
            "payments { id order { number } payer { id } } amountDue { amount }",
            *asked,
        )
    assert len(statements) == 1
    assert {item["amountDue"]["amount"] for item in found[:-1]} == {"19.99"}
    assert found[-1]["amountDue"] == {"amount": "0.00"}
    assert found[-1]["payments"][0]["id"] == made["id"]


@pytest.mark.parametrize(
    "total",
    [
        None,
        "19.99",
        5,
        [],
        {},
        {"amount": "19.99"},
        {"amount": 19.99, "currency": "USD"},
        {"amount": "x", "currency": "USD"},
        {"amount": "1", "currency": "XXX"},
        {"amount": "1", "currency": ["USD"]},
        {"amount": "1.999", "currency": "USD"},
        {"amount": "-92233720368547758.07", "currency": "USD"},
        {"amount": "92233720368547758.08", "currency": "USD"},
        {"amount": "9" * 1000, "currency": "USD"},
    ],
)
async def test_a_total_that_is_none(payments: Payments, total: Any) -> None:
    made = await payments.succeeded()
    operation = """query($asked: [_Any!]!) { _entities(representations: $asked) {
        ... on Order { FIELD { amount currency } } } }"""
    asked = [order_of(made["order"]["id"], total=total)]
    for field in ("amountDue", "total"):
        code = await payments.refused(operation.replace("FIELD", field), token_of(ADA), asked=asked)
        assert code == "BAD_USER_INPUT"


async def test_more_or_other_money_than_the_total_leaves_nothing_odd(payments: Payments) -> None:
    made = await payments.succeeded(minor=1999)
    for total, due in (
        ({"amount": "5.00", "currency": "USD"}, {"amount": "0.00", "currency": "USD"}),
        ({"amount": "20.00", "currency": "USD"}, {"amount": "0.01", "currency": "USD"}),
        ({"amount": "20", "currency": "JPY"}, {"amount": "20", "currency": "JPY"}),
    ):
        asked = order_of(made["order"]["id"], total=total)
        (found,) = await payments.entities(token_of(ADA), "Order", "amountDue { amount currency }", asked)
        assert found["amountDue"] == due


async def test_an_orders_number_is_known_from_its_payments_or_from_the_representation(
    payments: Payments,
) -> None:
    order_id = str(uuid4())
    operation = "query($asked: [_Any!]!) { _entities(representations: $asked) { ... on Order { number } } }"
    given = {"__typename": "Order", "id": order_id}
    data = await payments.ask(operation, token_of(ADA), asked=[given | {"number": "PAM-2026-000001"}])
    assert data["_entities"] == [{"number": "PAM-2026-000001"}]
    for number in (None, 5, {"a": 1}):
        asked = [given if number is None else given | {"number": number}]
        assert await payments.refused(operation, token_of(ADA), asked=asked) == "BAD_USER_INPUT"


async def test_a_users_payments_are_for_the_user_and_for_who_reads_payments(payments: Payments) -> None:
    made = await payments.started()
    fields = "payments { totalCount nodes { id } }"
    for token in (token_of(ADA), READER):
        (user,) = await payments.entities(token, "User", fields, ADA)
        assert user["payments"] == {"totalCount": 1, "nodes": [{"id": made["id"]}]}
    operation = (
        f"query($asked: [_Any!]!) {{ _entities(representations: $asked) {{ ... on User {{ {fields} }} }} }}"
    )
    refusals: list[tuple[str | None, object, str]] = [
        (None, ADA, "UNAUTHENTICATED"),
        (token_of(BOB), ADA, "FORBIDDEN"),
        (token_of(BOB, "orders:read", "users:read"), ADA, "FORBIDDEN"),
        (token_of(BOB), "nonsense", "FORBIDDEN"),
    ]
    for caller, user_id, code in refusals:
        asked = [{"__typename": "User", "id": str(user_id)}]
        assert await payments.refused(operation, caller, asked=asked) == code


async def test_the_payments_of_a_thousand_users_take_one_statement(payments: Payments) -> None:
    made = {user: [(await payments.started(payer=user))["id"] for _ in range(3)] for user in (ADA, BOB)}
    keys = [ADA, *(uuid4() for _ in range(998)), BOB]
    fields = "payments(first: 2) { nodes { id } pageInfo { hasNextPage } }"
    with payments.database.record_statements() as statements:
        found = await payments.entities(READER, "User", fields, *keys)
    assert len(statements) == 1
    for user, place in ((ADA, 0), (BOB, -1)):
        assert [node["id"] for node in found[place]["payments"]["nodes"]] == made[user][:0:-1]
    assert found[1]["payments"] == {"nodes": [], "pageInfo": {"hasNextPage": False}}


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Payment", "id": "nonsense"},
        {"__typename": "Payment", "id": 5},
        {"__typename": "Payment", "id": ["a", {"b": None}]},
        {"__typename": "Payment", "id": {"$ne": None}},
        {"__typename": "Payment", "reference": 5},
        {"__typename": "Payment", "reference": True},
        {"__typename": "Payment", "reference": "x" * 100_000},
        {"__typename": "Payment", "reference": "' OR 1=1 --"},
        {"__typename": "Payment", "id": "nonsense", "info": 1, "cls": 2, "record": 3},
    ],
)
async def test_a_representation_of_nothing_is_null(
    payments: Payments, representation: dict[str, Any]
) -> None:
    made = await payments.started()
    found = await payments.entities(token_of(ADA), "Payment", "id", representation, made["id"])
    assert found == [None, {"id": made["id"]}]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "RedirectAction", "url": "x"},
        {"__typename": "Payment"},
        {"__typename": "Payment", "id": None},
        {"__typename": "Order"},
        {"__typename": 5},
        {"id": "x"},
        "Payment",
        7,
    ],
)
async def test_an_unusable_representation_is_an_error_of_its_own(
    payments: Payments, representation: Any
) -> None:
    made = await payments.started()
    operation = "query($asked: [_Any!]!) { _entities(representations: $asked) { ... on Payment { id } } }"
    asked = [representation, {"__typename": "Payment", "id": made["id"]}]
    answer = (await payments.post(operation, token_of(ADA), asked=asked)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert answer["data"]["_entities"][1] == {"id": made["id"]}
