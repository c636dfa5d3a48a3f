"""What a customer of the bulk data does."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

_WORDS = ("editor", "music", "note taking", "clipboard", "chat", "password", "terminal", "photo")
_PASSWORD = "demo-password-1"  # noqa: S105 -- everybody's in the demo story
_LOGIN = "mutation($e: String!, $p: String!) { login(input: {email: $e, password: $p}) { tokens { accessToken } } }"
_SEARCH = """query($text: String) { products(first: 20, filter: {search: $text}, sort: [{field: RELEVANCE}]) { totalCount
  nodes { id slug name price { amount currency } rating { average count } category { name } } } }"""
_HISTORY = """query($after: String) { myOrders(first: 20, after: $after) { totalCount pageInfo { endCursor hasNextPage }
  nodes { id number status createdAt total { amount currency } lines { productName quantity product { slug } }
    payments { method status } } } }"""
_ORDER = """query($id: ID!) { order(id: $id) { number status total { amount currency } amountDue { amount }
  customer { fullName email } events { at type from to message } licenses { key status }
  payments { reference method status refunds { amount { amount } status } }
  lines { productName quantity total { amount } product { name unitsSold rating { average }
    reviews(first: 3) { nodes { rating title author { displayName } } } } } } }"""
_CREATE = """mutation($key: ID!, $input: CreateOrderInput!) { createOrder(idempotencyKey: $key, input: $input) {
  order { id total { amount } } errors { ... on UserError { message } } } }"""
_PAY = """mutation($key: ID!, $input: InitiatePaymentInput!) { initiatePayment(idempotencyKey: $key, input: $input) {
  payment { reference } errors { ... on UserError { message } } } }"""
_VERIFY = """mutation($reference: String!) { verifyPayment(reference: $reference) {
  payment { status } errors { ... on UserError { message } } } }"""


@dataclass
class Shop:
    """The router as one customer sees it; `story` is the name of the bulk data."""

    client: httpx.AsyncClient
    story: str
    token: str = ""
    orders: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Log in, and look up what the others need."""
        given = {"e": f"{self.story}.0@marketplace.test", "p": _PASSWORD}
        self.token = (await self.ask(_LOGIN, given))["login"]["tokens"]["accessToken"]
        self.orders = [node["id"] for node in (await self.ask(_HISTORY, {}))["myOrders"]["nodes"]]
        self.products = [
            node["id"] for node in (await self.ask(_SEARCH, {"text": "editor"}))["products"]["nodes"]
        ]

    async def ask(self, document: str, variables: dict[str, Any]) -> Any:
        """The data of an answer without errors."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        response = await self.client.post(
            "/graphql", json={"query": document, "variables": variables}, headers=headers
        )
        answer = response.json()
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        return answer["data"]


async def search(shop: Shop, number: int) -> None:
    """One of some words."""
    await shop.ask(_SEARCH, {"text": _WORDS[number % len(_WORDS)]})


async def history(shop: Shop, _number: int) -> None:
    """The first page of one's orders."""
    await shop.ask(_HISTORY, {})


async def order(shop: Shop, number: int) -> None:
    """One of the last orders with everything: all five subgraphs have a part in it."""
    await shop.ask(_ORDER, {"id": shop.orders[number % len(shop.orders)]})


async def purchase(shop: Shop, number: int) -> None:
    """From the order to the verified payment: three requests."""
    item = {"productId": shop.products[number % len(shop.products)], "quantity": 1}
    made = (await shop.ask(_CREATE, {"key": str(uuid4()), "input": {"items": [item]}}))["createOrder"]
    given = {"orderId": made["order"]["id"], "method": "CREDIT_CARD", "paymentToken": "tok_visa"}
    paid = (await shop.ask(_PAY, {"key": str(uuid4()), "input": given}))["initiatePayment"]
    reference = paid["payment"]["reference"]
    verified = (await shop.ask(_VERIFY, {"reference": reference}))["verifyPayment"]
    if verified["payment"]["status"] != "SUCCEEDED":
        raise RuntimeError(verified)
