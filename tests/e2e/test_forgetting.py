"""What the five databases know of one person: all of it is in the person's export, and an erasure leaves the books.

Each thing that somebody writes, or that is noted of them, has the same mark in it, and every row of every table is looked at.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import httpx

from stack.cluster import reached_databases
from stack.settings import read_settings
from tests.support.deadline import eventually
from tests.support.marketplace import Marketplace

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
ERRORS = "errors { ... on UserError { message path } }"
REGISTER = f"""mutation($input: RegisterInput!) {{ register(input: $input) {{
  user {{ id }} tokens {{ accessToken }} {ERRORS} }} }}"""
PROFILE = f"mutation($input: UpdateProfileInput!) {{ updateProfile(input: $input) {{ {ERRORS} }} }}"
ORDER = f"""mutation($key: ID!, $input: CreateOrderInput!) {{ createOrder(idempotencyKey: $key, input: $input) {{
  order {{ id }} {ERRORS} }} }}"""
PAY = f"""mutation($key: ID!, $input: InitiatePaymentInput!) {{ initiatePayment(idempotencyKey: $key, input: $input) {{
  payment {{ id reference }} {ERRORS} }} }}"""
VERIFY = f"mutation($reference: String!) {{ verifyPayment(reference: $reference) {{ {ERRORS} }} }}"
REFUND = f"""mutation($key: ID!, $input: RefundPaymentInput!) {{ refundPayment(idempotencyKey: $key, input: $input) {{
  {ERRORS} }} }}"""
LICENSES = "query($id: ID!) { order(id: $id) { licenses { key } } }"
ACTIVATE = (
    f"mutation($key: String!, $label: String!) {{ activateLicense(key: $key, label: $label) {{ {ERRORS} }} }}"
)
REVIEW = f"mutation($input: CreateReviewInput!) {{ createReview(input: $input) {{ {ERRORS} }} }}"
CANCEL = f"mutation($id: ID!, $note: String) {{ cancelOrder(id: $id, note: $note) {{ {ERRORS} }} }}"
EXPORT = f"mutation {{ requestDataExport {{ export {{ downloadUrl }} {ERRORS} }} }}"
DELETE = f"mutation($id: ID!) {{ deleteUser(id: $id) {{ request {{ status }} {ERRORS} }} }}"
PRODUCT = """{ products(first: 1, filter: {minPrice: {amount: "1", currency: "USD"}}) { nodes { id } } }"""

LEFT = {"products.reviews"}
"""Where what a person wrote stays: published reviews, by "Deleted user"."""


def find_tables_with(marketplace: Marketplace, mark: str) -> set[str]:
    environment = dict(os.environ) | {"MARKETPLACE_PROFILE": "development"}
    with reached_databases(read_settings(environment, marketplace.data), environment) as (environments, _):
        return asyncio.run(_find_tables_with(environments.database_urls, mark))


async def _find_tables_with(urls: Mapping[str, str], mark: str) -> set[str]:
    found = set()
    for name, url in urls.items():
        connection = await asyncpg.connect(url)
        for (table,) in await connection.fetch(TABLES):
            rows = f'SELECT 1 FROM "{table}" AS whole WHERE whole::text ILIKE $1 LIMIT 1'
            if await connection.fetch(rows, f"%{mark}%"):
                found.add(f"{name}.{table}")
        await connection.close()
    return found


@dataclass
class Person:
    """Somebody who writes the same mark into everything."""

    url: str
    client: httpx.Client
    mark: str
    written: list[str] = field(default_factory=list)

    def write(self, what: str) -> str:
        self.written.append(f"{what}-{self.mark}")
        return self.written[-1]

    def do(self, document: str, token: str | None = None, **variables: Any) -> Any:
        """The payload of an operation that has to succeed."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        answer = self.client.post(self.url, json=body, headers=headers).json()
        assert "errors" not in answer, answer
        (payload,) = answer["data"].values()
        assert not payload.get("errors"), payload
        return payload

    def register(self) -> tuple[str, str]:
        """The person's id and token, with a profile."""
        email, name = self.write("mail") + "@example.com", self.write("name")
        who = self.do(
            REGISTER, input={"email": email, "password": "a long enough phrase 9", "fullName": name}
        )
        lines = {part: self.write(part) for part in ("line1", "line2", "city", "region")}
        address = {**lines, "postalCode": "10115", "countryCode": "DE"}
        token: str = who["tokens"]["accessToken"]
        self.do(PROFILE, token, input={"displayName": self.write("shown"), "address": address})
        return who["user"]["id"], token

    def shop(self, token: str, admin: str) -> None:
        """Buy, use, review, get something back, and cancel another order."""
        product = self.do(PRODUCT)["nodes"][0]["id"]
        wanted = {"items": [{"productId": product}]}
        keys = (f"{number}-{self.mark}" for number in range(2))
        bought, left = (self.do(ORDER, token, key=key, input=wanted)["order"]["id"] for key in keys)
        paying = {
            "orderId": bought,
            "method": "CREDIT_CARD",
            "returnUrl": f"https://shop.example/{self.mark}",
        }
        payment = self.do(PAY, token, key=self.mark, input=paying)["payment"]
        self.do(VERIFY, token, reference=payment["reference"])
        eventually(lambda: bool(self.do(LICENSES, token, id=bought)["licenses"]))
        (license_,) = self.do(LICENSES, token, id=bought)["licenses"]
        self.do(ACTIVATE, token, key=license_["key"], label=self.write("laptop"))
        review = {"productId": product, "rating": 4, "title": self.write("title"), "body": self.write("body")}
        self.do(REVIEW, token, input=review)
        self.do(CANCEL, token, id=left, note=self.write("note"))
        some = {"amount": "0.50", "currency": "USD"}
        refund = {"paymentId": payment["id"], "amount": some, "reason": "OTHER", "note": self.write("refund")}
        self.do(REFUND, admin, key=uuid4().hex, input=refund)


def test_an_export_is_whole_and_an_erasure_leaves_nothing_that_somebody_wrote(
    marketplace: Marketplace,
) -> None:
    mark = uuid4().hex
    admin = marketplace.log_in("admin@marketplace.test", "admin-password-1")
    with httpx.Client(timeout=30, headers={"user-agent": f"agent-{mark}"}) as client:
        person = Person(marketplace.url(), client, mark, [f"agent-{mark}"])
        user_id, token = person.register()
        person.shop(token, admin)
        export = client.get(person.do(EXPORT, token)["export"]["downloadUrl"]).text
        assert [text for text in person.written if text not in export] == []
        assert find_tables_with(marketplace, mark) > LEFT
        done = person.do(DELETE, admin, id=user_id)["request"]["status"]
    assert (done, find_tables_with(marketplace, mark)) == ("COMPLETED", LEFT)
