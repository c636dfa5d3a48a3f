"""A customer's way through the shop, and who sees what of it: everything over HTTP, through the router."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.support.marketplace import Marketplace

_REGISTER = """
mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user { id }
    tokens { accessToken }
    errors { ... on UserError { message code path } }
  }
}
"""
_SEARCH = """
query Search($text: String!) {
  products(first: 5, filter: { search: $text }) {
    totalCount
    nodes { id name slug price { amount currency } }
  }
}
"""
_ORDER = """
mutation Order($key: ID!, $input: CreateOrderInput!) {
  createOrder(idempotencyKey: $key, input: $input) {
    order { id number status total { amount currency } lines { productName quantity product { slug } } }
    errors { ... on UserError { message code path } }
  }
}
"""
_PAY = """
mutation Pay($key: ID!, $input: InitiatePaymentInput!) {
  initiatePayment(idempotencyKey: $key, input: $input) {
    payment {
      reference
      status
      method
      nextAction {
        __typename
        ... on RedirectAction { url }
        ... on BankTransferInstructions { accountNumber transferNote }
        ... on VirtualAccountInstructions { accountNumber }
      }
    }
    errors { ... on UserError { message code path } }
  }
}
"""
_VERIFY = """
mutation Verify($reference: String!) {
  verifyPayment(reference: $reference) {
    payment { status amount { amount currency } order { id number } }
    errors { ... on UserError { message code path } }
  }
}
"""
_WHOLE_ORDER = """
query WholeOrder($id: ID!) {
  order(id: $id) {
    number
    status
    total { amount currency }
    amountDue { amount currency }
    customer { id email fullName }
    lines { productName quantity unitPrice { amount } product { name category { name } } }
    payments { reference status method amount { amount currency } order { number } payer { fullName } }
  }
}
"""
_PASSWORD = "a-long-enough-passphrase-9"
_NEXT_ACTIONS = {
    "CREDIT_CARD": {None, "RedirectAction"},
    "E_WALLET": {"RedirectAction"},
    "BANK_TRANSFER": {"BankTransferInstructions"},
    "VIRTUAL_ACCOUNT": {"VirtualAccountInstructions"},
}


@dataclass(frozen=True)
class Customer:
    """Somebody who has just registered."""

    id: str
    email: str
    token: str


def register(marketplace: Marketplace, name: str) -> Customer:
    email = f"{uuid4().hex}@example.test"
    given = {"email": email, "password": _PASSWORD, "fullName": name}
    payload = marketplace.ask(_REGISTER, {"input": given})["register"]
    assert payload["errors"] == []
    token = payload["tokens"]["accessToken"]
    me = marketplace.ask("{ me { id fullName } }", token=token)["me"]
    assert me["fullName"] == name
    return Customer(me["id"], email, token)


def order_two_products(marketplace: Marketplace, customer: Customer) -> Any:
    found = marketplace.ask(_SEARCH, {"text": "editor"})["products"]
    assert found["totalCount"] >= 2
    items = [
        {"productId": product["id"], "quantity": quantity}
        for product, quantity in zip(found["nodes"], (1, 2), strict=False)
    ]
    given = {"key": str(uuid4()), "input": {"items": items}}
    payload = marketplace.ask(_ORDER, given, token=customer.token)["createOrder"]
    assert payload["errors"] == []
    assert payload["order"]["status"] == "PENDING"
    assert {line["quantity"] for line in payload["order"]["lines"]} == {1, 2}
    return payload["order"]


def pay(marketplace: Marketplace, customer: Customer, order: Any, method: str) -> Any:
    given: dict[str, Any] = {"orderId": order["id"], "method": method}
    if method == "CREDIT_CARD":
        given["paymentToken"] = "tok_visa"
    variables = {"key": str(uuid4()), "input": given}
    payload = marketplace.ask(_PAY, variables, token=customer.token)["initiatePayment"]
    assert payload["errors"] == []
    return payload["payment"]


@pytest.mark.parametrize("method", ["CREDIT_CARD", "BANK_TRANSFER", "E_WALLET", "VIRTUAL_ACCOUNT"])
def test_a_new_customer_buys_two_products(marketplace: Marketplace, method: str) -> None:
    customer = register(marketplace, "Ada Buyer")
    order = order_two_products(marketplace, customer)
    payment = pay(marketplace, customer, order, method)
    action = payment["nextAction"]
    assert (action and action["__typename"]) in _NEXT_ACTIONS[method]

    verified = marketplace.ask(_VERIFY, {"reference": payment["reference"]}, token=customer.token)

    assert verified["verifyPayment"]["errors"] == []
    assert verified["verifyPayment"]["payment"]["status"] == "SUCCEEDED"
    whole = marketplace.ask(_WHOLE_ORDER, {"id": order["id"]}, token=customer.token)["order"]
    assert whole["status"] in {"PAID", "PROCESSING", "COMPLETED"}, "it goes on by itself"
    assert whole["number"] == order["number"]
    assert whole["customer"] == {"id": customer.id, "email": customer.email, "fullName": "Ada Buyer"}
    assert all(line["product"]["name"] == line["productName"] for line in whole["lines"])
    assert [(paid["method"], paid["status"], paid["amount"]) for paid in whole["payments"]] == [
        (method, "SUCCEEDED", whole["total"])
    ]
    assert whole["payments"][0]["order"]["number"] == order["number"]
    assert float(whole["amountDue"]["amount"]) == 0


def test_verifying_twice_pays_once(marketplace: Marketplace) -> None:
    customer = register(marketplace, "Grace Twice")
    order = order_two_products(marketplace, customer)
    payment = pay(marketplace, customer, order, "E_WALLET")

    for _ in range(2):
        verified = marketplace.ask(_VERIFY, {"reference": payment["reference"]}, token=customer.token)
        assert verified["verifyPayment"]["payment"]["status"] == "SUCCEEDED"

    whole = marketplace.ask(_WHOLE_ORDER, {"id": order["id"]}, token=customer.token)["order"]
    assert [paid["status"] for paid in whole["payments"]] == ["SUCCEEDED"]


def test_anybody_may_look_and_nobody_may_order_without_logging_in(marketplace: Marketplace) -> None:
    product = marketplace.ask(_SEARCH, {"text": "editor"})["products"]["nodes"][0]
    given = {"key": str(uuid4()), "input": {"items": [{"productId": product["id"], "quantity": 1}]}}

    response = marketplace.post(_ORDER, given)

    assert response["data"] is None or response["data"]["createOrder"] is None
    assert response["errors"]
    assert marketplace.ask("{ viewer { user { id } } }")["viewer"] is None


def test_an_order_is_seen_by_its_owner_and_by_an_admin_only(marketplace: Marketplace) -> None:
    customer = register(marketplace, "Owen Owner")
    order = order_two_products(marketplace, customer)
    other = marketplace.log_in("other@marketplace.test", "other-password-1")
    admin = marketplace.log_in("admin@marketplace.test", "admin-password-1")
    document = "query One($id: ID!) { order(id: $id) { number customer { email } } }"

    seen = {
        who: (marketplace.post(document, {"id": order["id"]}, token=token).get("data") or {}).get("order")
        for who, token in {"owner": customer.token, "other": other, "admin": admin, "anybody": None}.items()
    }

    expected = {"number": order["number"], "customer": {"email": customer.email}}
    assert seen == {"owner": expected, "other": None, "admin": expected, "anybody": None}


def test_an_admin_lists_the_orders_of_all_and_a_customer_may_not(marketplace: Marketplace) -> None:
    customer = register(marketplace, "Lina Listed")
    order = order_two_products(marketplace, customer)
    admin = marketplace.log_in("admin@marketplace.test", "admin-password-1")
    document = "{ orders(first: 100) { nodes { number } } }"

    numbers = [each["number"] for each in marketplace.ask(document, token=admin)["orders"]["nodes"]]
    refused = marketplace.post(document, token=customer.token)

    assert order["number"] in numbers
    assert refused["errors"]
    assert order["number"] not in str(refused.get("data"))


def test_a_hand_written_entities_call_to_a_subgraph_sees_no_more(marketplace: Marketplace) -> None:
    customer = register(marketplace, "Sid Sidedoor")
    order = order_two_products(marketplace, customer)
    other = marketplace.log_in("other@marketplace.test", "other-password-1")
    document = """
        query Entities($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on Order { number } ... on User { email } }
        }
    """
    wanted = {
        "orders": {"__typename": "Order", "id": order["id"]},
        "auth": {"__typename": "User", "id": customer.id},
    }
    for subgraph, representation in wanted.items():
        variables = {"representations": [representation]}
        for token in (None, other):
            response = marketplace.post(
                document.replace(_other_type(subgraph), ""), variables, token=token, to=subgraph
            )
            assert order["number"] not in str(response)
            assert customer.email not in str(response)


def _other_type(subgraph: str) -> str:
    return "... on User { email }" if subgraph == "orders" else "... on Order { number }"
