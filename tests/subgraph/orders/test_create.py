"""createOrder: prices of now, refusals that write nothing, and one order however often it is asked for."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.orders.client import ADA, BOB, MALFORMED_IDS, new_key, token_of
from tests.subgraph.orders.conftest import CREATE, TABLES, Orders

WRITTEN = TABLES[:4]
NOTHING = [0] * 4


async def refusal(orders: Orders, *items: tuple[str, int], **more: Any) -> dict[str, Any]:
    """The one error of a createOrder that is refused and has written nothing."""
    payload = await orders.create(*items, **more)
    assert payload["order"] is None
    assert await orders.count(*WRITTEN) == NOTHING
    (error,) = payload["errors"]
    found: dict[str, Any] = error
    return found


async def test_an_order_copies_names_and_prices_from_products(orders: Orders) -> None:
    first, second = orders.products.add(1999, name="Editor"), orders.products.add(50, name="Notes")
    payload = await orders.create((first, 2), (second, 3))
    assert payload["errors"] == []
    order = payload["order"]
    assert re.fullmatch(r"PAM-20\d\d-\d{6}", order["number"])
    assert (order["status"], order["customer"], order["total"], order["subtotal"]) == (
        "PENDING",
        {"id": str(ADA)},
        {"amount": "41.48", "currency": "USD"},
        {"amount": "41.48"},
    )
    assert order["lines"] == [
        {
            "productName": "Editor",
            "quantity": 2,
            "unitPrice": {"amount": "19.99"},
            "total": {"amount": "39.98"},
            "product": {"id": first},
        },
        {
            "productName": "Notes",
            "quantity": 3,
            "unitPrice": {"amount": "0.50"},
            "total": {"amount": "1.50"},
            "product": {"id": second},
        },
    ]
    window = datetime.fromisoformat(order["paymentDeadline"]) - datetime.fromisoformat(order["createdAt"])
    assert timedelta(hours=23) < window < timedelta(hours=25)
    events = await orders.rows("SELECT type, from_status, to_status, actor_type, actor_id FROM order_events")
    assert events == [("CREATED", None, "PENDING", "CUSTOMER", ADA)]


async def test_a_later_price_does_not_change_an_order(orders: Orders) -> None:
    product = orders.products.add(1000)
    made = (await orders.create((product, 1)))["order"]
    orders.products.lines[product] |= {"unitPrice": {"minor": 9999, "currency": "USD"}, "name": "Renamed"}
    again = (
        await orders.entities(token_of(ADA), "Order", "total { amount } lines { productName }", made["id"])
    )[0]
    assert again == {"total": {"amount": "10.00"}, "lines": [{"productName": "App for 1000"}]}


async def test_a_currency_without_cents(orders: Orders) -> None:
    payload = await orders.create((orders.products.add(1500, "JPY"), 2))
    assert payload["order"]["total"] == {"amount": "3000", "currency": "JPY"}


async def test_a_product_named_twice_is_one_line(orders: Orders) -> None:
    product = orders.products.add(100)
    payload = await orders.create((product, 2), (product.upper(), 3))
    assert [line["quantity"] for line in payload["order"]["lines"]] == [5]
    assert payload["order"]["total"]["amount"] == "5.00"


async def test_fifty_lines_are_an_order(orders: Orders) -> None:
    payload = await orders.create(*((orders.products.add(n), 100) for n in range(1, 51)))
    assert len(payload["order"]["lines"]) == 50
    assert payload["order"]["total"]["amount"] == "1275.00"


async def test_the_expected_total(orders: Orders) -> None:
    product = orders.products.add(1999)
    for amount, currency in (("19.98", "USD"), ("19.99", "EUR"), ("0", "USD"), ("-19.99", "USD")):
        error = await refusal(orders, (product, 1), expectedTotal={"amount": amount, "currency": currency})
        assert error["__typename"] == "PriceChangedError"
        assert (error["code"], error["path"]) == ("PRICE_CHANGED", ["input", "expectedTotal"])
        assert error["currentTotal"] == {"amount": "19.99", "currency": "USD"}
    payload = await orders.create((product, 1), expectedTotal={"amount": "19.99", "currency": "USD"})
    assert payload["errors"] == []


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.999", "USD"), ("x", "USD"), ("1", "XXX"), ("1e3", "USD"), ("", "USD")]
)
async def test_an_expected_total_that_is_no_money(orders: Orders, amount: str, currency: str) -> None:
    product = orders.products.add()
    error = await refusal(orders, (product, 1), expectedTotal={"amount": amount, "currency": currency})
    assert (error["__typename"], error["path"]) == ("ValidationError", ["input", "expectedTotal"])


async def test_what_is_not_for_sale_is_not_found(orders: Orders) -> None:
    good = orders.products.add()
    for product in (
        str(uuid4()),
        orders.products.add(status="DRAFT"),
        orders.products.add(status="ARCHIVED"),
        *MALFORMED_IDS,
    ):
        error = await refusal(orders, (good, 1), (product, 1))
        assert (error["__typename"], error["path"]) == ("NotFoundError", ["input", "items", "1", "productId"])


async def test_what_cannot_be_had_now_is_out_of_stock(orders: Orders) -> None:
    product = orders.products.add(availability="SOLD_OUT")
    error = await refusal(orders, (product, 1))
    assert (error["__typename"], error["product"], error["available"]) == (
        "OutOfStockError",
        {"id": product},
        0,
    )


@pytest.mark.parametrize("quantity", [0, -1, 101, 2**31 - 1, -(2**31)])
async def test_a_quantity_out_of_bounds(orders: Orders, quantity: int) -> None:
    error = await refusal(orders, (orders.products.add(), quantity))
    assert (error["__typename"], error["path"]) == ("ValidationError", ["input", "items", "0", "quantity"])


async def test_no_items_and_too_many(orders: Orders) -> None:
    for items in ([], [(orders.products.add(), 1) for _ in range(51)]):
        error = await refusal(orders, *items)
        assert (error["__typename"], error["path"]) == ("ValidationError", ["input", "items"])
    assert orders.products.asked == []


async def test_two_currencies(orders: Orders) -> None:
    error = await refusal(orders, (orders.products.add(1, "USD"), 1), (orders.products.add(1, "EUR"), 1))
    assert (error["__typename"], error["path"]) == ("ValidationError", ["input", "items"])


async def test_a_sum_past_all_bounds(orders: Orders) -> None:
    error = await refusal(orders, (orders.products.add(2**62), 100))
    assert error["__typename"] == "ValidationError"


async def test_products_that_does_not_answer(orders: Orders) -> None:
    product = orders.products.add()
    orders.products.is_down = True
    given = {"items": [{"productId": product}]}
    response = await orders.post(CREATE, token_of(ADA), key="k", input=given)
    assert response.json()["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
    assert await orders.count(*WRITTEN) == NOTHING
    orders.products.is_down = False
    assert (await orders.create((product, 1), key="k"))["errors"] == []


async def test_who_may_order(orders: Orders) -> None:
    given = {"items": [{"productId": orders.products.add()}]}
    assert await orders.refused(CREATE, None, key="k", input=given) == "UNAUTHENTICATED"
    unverified = token_of(ADA, verified=False)
    assert await orders.refused(CREATE, unverified, key="k", input=given) == "FORBIDDEN"
    assert await orders.count(*WRITTEN) == NOTHING


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_out_of_bounds(orders: Orders, key: str) -> None:
    given = {"items": [{"productId": orders.products.add()}]}
    payload = (await orders.ask(CREATE, token_of(ADA), key=key, input=given))["createOrder"]
    assert payload["errors"][0]["path"] == ["idempotencyKey"]
    assert await orders.count(*WRITTEN) == NOTHING


async def test_the_same_key_gives_the_same_order_without_asking_for_prices_again(orders: Orders) -> None:
    product = orders.products.add(1999)
    first = await orders.create((product, 1), key="k")
    orders.products.lines[product]["unitPrice"]["minor"] = 1
    orders.products.is_down = True
    again = await orders.create((product, 1), key="k")
    assert again == first
    assert len(orders.products.asked) == 1
    assert await orders.count(*WRITTEN) == [1, 1, 1, 1]


async def test_the_same_key_for_something_else_is_refused(orders: Orders) -> None:
    product, other = orders.products.add(), orders.products.add()
    await orders.create((product, 1), key="k")
    total = {"amount": "19.99", "currency": "USD"}
    wishes: list[tuple[list[tuple[str, int]], dict[str, Any]]] = [
        ([(product, 2)], {}),
        ([(other, 1)], {}),
        ([(product, 1), (other, 1)], {}),
        ([(product, 1)], {"expectedTotal": total}),
    ]
    for items, more in wishes:
        payload = await orders.create(*items, key="k", **more)
        assert payload["order"] is None
        assert payload["errors"][0]["__typename"] == "IdempotencyError"
    assert await orders.count(*WRITTEN) == [1, 1, 1, 1]


async def test_a_key_belongs_to_its_user(orders: Orders) -> None:
    product = orders.products.add()
    made = [await orders.create((product, 1), key="k", customer=user) for user in (ADA, BOB)]
    assert [payload["order"]["customer"]["id"] for payload in made] == [str(ADA), str(BOB)]


async def test_a_refused_request_leaves_its_key_free(orders: Orders) -> None:
    product = orders.products.add()
    await refusal(orders, (product, 0), key="k")
    assert (await orders.create((product, 1), key="k"))["errors"] == []


async def test_ten_at_once_with_one_key_make_one_order(orders: Orders) -> None:
    product = orders.products.add()
    for _ in range(5):
        key = new_key()
        payloads = await asyncio.gather(*(orders.create((product, 1), key=key) for _ in range(10)))
        assert [payload["errors"] for payload in payloads] == [[]] * 10
        assert len({payload["order"]["id"] for payload in payloads}) == 1
    assert await orders.count(*WRITTEN) == [5, 5, 5, 5]


async def test_ten_at_once_with_one_key_and_ten_wishes_make_one_order(orders: Orders) -> None:
    product = orders.products.add()
    payloads = await asyncio.gather(*(orders.create((product, n), key="k") for n in range(1, 11)))
    refusals = [payload["errors"][0]["__typename"] for payload in payloads if payload["errors"]]
    assert refusals == ["IdempotencyError"] * 9
    assert await orders.count(*WRITTEN) == [1, 1, 1, 1]


async def test_numbers_are_never_given_twice(orders: Orders) -> None:
    product = orders.products.add()
    payloads = await asyncio.gather(*(orders.create((product, 1)) for _ in range(20)))
    assert len({payload["order"]["number"] for payload in payloads}) == 20


@pytest.mark.parametrize(
    "given",
    [
        {"items": [{"productId": "p", "quantity": 2**31}]},
        {"items": [{"productId": "p", "quantity": 1.5}]},
        {"items": [{"productId": "p", "quantity": "1"}]},
        {"items": [{"productId": "p", "quantity": None}]},
        {"items": [{"productId": None}]},
        {"items": [{"productId": "p\0"}]},
        {"items": [{"productId": ["p"]}]},
        {"items": None},
        {"items": [{"productId": "p", "unitPrice": "0.01"}]},
        {"items": [{"productId": "p"}], "expectedTotal": {"amount": 1.5, "currency": "USD"}},
        {"items": [{"productId": "p"}], "expectedTotal": {"amount": "1", "currency": "usd"}},
        {},
        None,
    ],
)
async def test_an_input_that_is_none(orders: Orders, given: Any) -> None:
    code = await orders.refused(CREATE, token_of(ADA), key="k", input=given)
    assert code in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert await orders.count(*WRITTEN) == NOTHING
