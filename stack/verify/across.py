"""What must hold between databases: read side by side, compared here.

What is on its way from one service to another (news in an outbox, a payment whose order has not answered) may differ for
a moment: it is counted apart, not called wrong.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type information

Connections = Mapping[str, asyncpg.Connection]
_SOLD = frozenset({"PAID", "PROCESSING", "COMPLETED"})
_OPEN = frozenset({"PENDING", "REQUIRES_ACTION", "PROCESSING"})
_HEARD = frozenset({"ACCEPTED", "ALREADY"})


@dataclass
class Findings:
    """Of each sentence, what it is not true of; `in_flight` is how much was on its way."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    in_flight: int = 0

    def expect(self, *, is_true: bool, sentence: str, of: object) -> None:
        """Note the sentence, and `of` what it is not true."""
        if is_true:
            self.wrong.setdefault(sentence, [])
        else:
            self.wrong[sentence].append(str(of))


async def compare(connections: Connections) -> Findings:
    """Compare the five, or those of them that are given."""
    findings = Findings()
    for names, comparison in (
        ({"orders", "payments"}, _compare_money),
        ({"auth", "users", "orders", "products"}, _compare_people),
        ({"orders", "products"}, _compare_products),
    ):
        if names <= {*connections}:
            await comparison(connections, findings)
    return findings


async def _compare_money(connections: Connections, findings: Findings) -> None:
    told = {
        row["subject"]
        for name in ("orders", "payments")
        for row in await connections[name].fetch("SELECT subject FROM outbox")
    }
    of_order = defaultdict[Any, list[asyncpg.Record]](list)
    for row in await connections["payments"].fetch(
        """SELECT id, order_id, order_number, payer_id, amount_minor, currency, status, order_outcome,
        verified_at IS NOT NULL AS came, refunded_minor, refunding_minor, reference FROM payments"""
    ):
        of_order[row["order_id"]].append(row)
    for order in await connections["orders"].fetch(
        "SELECT id, number, customer_id, status, total_minor, currency, refunded_minor, paid_by FROM orders"
    ):
        payments = of_order.pop(order["id"], [])
        if _is_in_flight(order, payments, told):
            findings.in_flight += 1
        else:
            for sentence, is_true in _judge(order, payments):
                findings.expect(is_true=is_true, sentence=sentence, of=order["number"])
    findings.expect(
        is_true=not of_order,
        sentence="each payment is of an order that there is",
        of=", ".join(row["reference"] for rows in [*of_order.values()][:5] for row in rows),
    )


def _is_in_flight(order: asyncpg.Record, payments: list[asyncpg.Record], told: set[Any]) -> bool:
    unheard = any(one["came"] and one["order_outcome"] is None for one in payments)
    going_back = any(one["refunding_minor"] != one["refunded_minor"] for one in payments)
    closing = order["status"] != "PENDING" and any(one["status"] in _OPEN for one in payments)
    return unheard or going_back or closing or bool(told & {order["id"], *(one["id"] for one in payments)})


def _judge(order: asyncpg.Record, payments: list[asyncpg.Record]) -> Iterator[tuple[str, bool]]:
    total, refunded = order["total_minor"], order["refunded_minor"]
    payers = [one["id"] for one in payments if one["order_outcome"] in _HEARD]
    yield (
        "an order says who paid it, and that payment says so too",
        payers == [one for one in (order["paid_by"],) if one is not None],
    )
    yield (
        "a payment has its order's number, customer, amount and currency",
        all(
            (one["order_number"], one["payer_id"], one["amount_minor"], one["currency"])
            == (order["number"], order["customer_id"], total, order["currency"])
            for one in payments
        ),
    )
    kept = sum(one["amount_minor"] - one["refunded_minor"] for one in payments if one["came"])
    expected = total - refunded if order["status"] in _SOLD else 0
    yield "the money that came and did not go back is what the order keeps", kept == expected
    back = sum(one["refunded_minor"] for one in payments if one["id"] in payers)
    yield "what an order says went back is what its payment says", back == refunded


async def _compare_people(connections: Connections, findings: Findings) -> None:
    accounts = {
        row["id"]: row
        for row in await connections["auth"].fetch("SELECT id, email, role, status, version FROM accounts")
    }
    for profile in await connections["users"].fetch(
        "SELECT id, email, role, status, account_version FROM profiles"
    ):
        account = accounts.get(profile["id"])
        findings.expect(
            is_true=account is not None,
            sentence="each profile is somebody's who has an account",
            of=profile["id"],
        )
        if account is not None and account["version"] == profile["account_version"]:
            same = all(account[name] == profile[name] for name in ("role", "status")) and (
                account["status"] == "DELETED" or account["email"] == profile["email"]
            )
            findings.expect(
                is_true=same, sentence="a profile copies its account as of the same version", of=profile["id"]
            )
    for name, query in (
        ("orders", "SELECT DISTINCT customer_id AS id FROM orders"),
        ("products", "SELECT DISTINCT author_id AS id FROM reviews"),
        ("products", "SELECT DISTINCT user_id AS id FROM wishes"),
    ):
        for row in await connections[name].fetch(query):
            sentence = "who orders, reviews or wishes has an account"
            findings.expect(is_true=row["id"] in accounts, sentence=sentence, of=row["id"])


async def _compare_products(connections: Connections, findings: Findings) -> None:
    products = {row["id"] for row in await connections["products"].fetch("SELECT id FROM products")}
    sold = await connections["orders"].fetch(
        """
        WITH sold AS (SELECT id FROM orders WHERE status IN ('PAID', 'PROCESSING', 'COMPLETED')),
        ordered AS (SELECT DISTINCT product_id FROM order_lines),
        units AS (SELECT product_id, sum(quantity) AS units FROM order_lines JOIN sold ON sold.id = order_id GROUP BY product_id),
        licensed AS (
            SELECT product_id, sum(activation_limit) AS licensed FROM licenses JOIN sold ON sold.id = order_id GROUP BY product_id)
        SELECT * FROM ordered LEFT JOIN units USING (product_id) LEFT JOIN licensed USING (product_id)
        """
    )
    for row in sold:
        findings.expect(
            is_true=row["product_id"] in products,
            sentence="what was ordered is in the catalogue",
            of=row["product_id"],
        )
        findings.expect(
            is_true=row["units"] == row["licensed"],
            sentence="as many units of a product are licensed as were sold",
            of=row["product_id"],
        )
    counted = dict(await connections["orders"].fetch("SELECT product_id, units FROM product_sales"))
    copied = await connections["products"].fetch("SELECT id, units_sold FROM products")
    heard = await connections["products"].fetchval("SELECT version FROM product_sales_heard")
    if heard == await connections["orders"].fetchval("SELECT version FROM product_sales_head"):
        for row in copied:
            findings.expect(
                is_true=row["units_sold"] == counted.get(row["id"], 0),
                sentence="a product's copy of what was sold is what orders has counted",
                of=row["id"],
            )
    owned = {
        (row["customer_id"], row["product_id"])
        for row in await connections["orders"].fetch("SELECT customer_id, product_id FROM licenses")
    }
    for row in await connections["products"].fetch("SELECT id, author_id, product_id FROM reviews"):
        findings.expect(
            is_true=(row["author_id"], row["product_id"]) in owned,
            sentence="a review is by somebody who bought the product",
            of=row["id"],
        )
