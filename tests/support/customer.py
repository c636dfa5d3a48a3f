"""A customer who repeats everything until it is answered, with the same keys, and an auditor who looks at what came of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from stack.verify.verify import check, connected
from subgraphs.common.internal import SIGNATURE_HEADER, sign
from tests.subgraph.orders.client import ADMIN, SECRET, token_of
from tests.support.shop import SERVICES, Shop

PATIENCE_S = 180.0
OURS = {"SUBGRAPH_UNAVAILABLE", "GATEWAY_TIMEOUT"}
"""The codes of errors after which a client tries again."""
ERRORS = "errors { __typename ... on UserError { message } }"
CREATE = f"""mutation($key: ID!, $input: CreateOrderInput!) {{ createOrder(idempotencyKey: $key, input: $input) {{
  order {{ id status }} {ERRORS} }} }}"""
CANCEL = f"mutation($id: ID!) {{ cancelOrder(id: $id) {{ order {{ status }} {ERRORS} }} }}"
PAY = f"""mutation($key: ID!, $input: InitiatePaymentInput!) {{ initiatePayment(idempotencyKey: $key, input: $input) {{
  payment {{ id reference status }} {ERRORS} }} }}"""
VERIFY = f"mutation($reference: String!) {{ verifyPayment(reference: $reference) {{ payment {{ status }} {ERRORS} }} }}"
CANCEL_PAYMENT = f"mutation($id: ID!) {{ cancelPayment(id: $id) {{ payment {{ status }} {ERRORS} }} }}"
REFUND = f"""mutation($key: ID!, $input: RefundPaymentInput!) {{ refundPayment(idempotencyKey: $key, input: $input) {{
  refund {{ id status }} {ERRORS} }} }}"""


@dataclass
class Customer:
    """Somebody who buys, and an administrator who pays back."""

    shop: Shop
    id: UUID = field(default_factory=uuid4)
    asked: list[tuple[tuple[str, str, str | None], dict[str, Any], Any]] = field(default_factory=list)
    """What was asked with a key, and the id in the answer."""

    async def order(self, lines: int = 2, key: str | None = None, **more: Any) -> str:
        items = [{"productId": str(UUID(int=n + 1)), "quantity": n + 1} for n in range(lines)]
        given = {"items": items} | more
        payload = await self.insist("orders", CREATE, key=key or uuid4().hex, input=given)
        assert payload["errors"] == [], payload
        return str(payload["order"]["id"])

    async def cancel(self, order_id: str) -> bool:
        """Whether it was cancelled, now or when this was tried before."""
        payload = await self.insist("orders", CANCEL, id=order_id)
        ((status,),) = await self.shop.rows("orders", "SELECT status FROM orders WHERE id = $1", order_id)
        assert payload["errors"] == [] or payload["errors"][0]["__typename"] == "InvalidTransitionError"
        return bool(status == "CANCELLED")

    async def pay(self, order_id: str, method: str = "CREDIT_CARD", card: str = "tok_visa") -> Any:
        given = {"orderId": order_id, "method": method}
        if method == "CREDIT_CARD":
            given["paymentToken"] = card
        return await self.insist("payments", PAY, key=uuid4().hex, input=given)

    async def verify(self, reference: str) -> Any:
        return await self.insist("payments", VERIFY, reference=reference)

    async def cancel_payment(self, payment_id: str) -> Any:
        return await self.insist("payments", CANCEL_PAYMENT, id=payment_id)

    async def refund(self, payment_id: str, amount: str | None = None) -> Any:
        given: dict[str, Any] = {"paymentId": payment_id, "reason": "CUSTOMER_REQUEST"}
        if amount is not None:
            given["amount"] = {"amount": amount, "currency": "USD"}
        token = token_of(ADMIN, "payments:refund", "payments:read", recent_mfa=True)
        return await self.insist("payments", REFUND, token, key=uuid4().hex, input=given)

    async def be_forgotten(self) -> None:
        for service in SERVICES:
            await self.insist_on(service, f"/internal/people/{self.id}/erase", b"{}")

    async def ask(self, service: str) -> Any:
        """The answer to something that only the database knows, whatever it is."""
        name = {"orders": "myOrders", "payments": "myPayments"}[service]
        body = {"query": f"{{ {name}(first: 1) {{ nodes {{ id }} }} }}"}
        headers = {"authorization": f"Bearer {token_of(self.id)}"}
        url = f"http://127.0.0.1:{self.shop.port(service)}/graphql"
        return (await self.shop.http.post(url, json=body, headers=headers)).json()

    async def insist(self, service: str, operation: str, token: str | None = None, **variables: Any) -> Any:
        """The payload of a mutation, repeated until there is one."""
        body = orjson.dumps({"query": operation, "variables": variables})
        bearer = token_of(self.id) if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        answer = await self.insist_on(service, "/graphql", body, headers)
        assert not answer.get("errors"), answer
        (payload,) = answer["data"].values()
        if "key" in variables:
            self.asked.append(((service, operation, token), variables, _id_in(payload)))
        return payload

    async def repeat(self) -> None:
        """Ask for everything once more that was asked for with a key: it is there already."""
        for (service, operation, token), variables, known in [*self.asked]:
            payload = await self.insist(service, operation, token, **variables)
            assert _id_in(payload) == known, (operation, known, payload)

    async def insist_on(
        self, service: str, path: str, content: bytes, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The answer of a service, asked until there is one."""
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            signed = {
                "content-type": "application/json",
                SIGNATURE_HEADER: sign(SECRET, "POST", path, content, int(time.time())),
                **(headers or {}),
            }
            url = f"http://127.0.0.1:{self.shop.port(service)}{path}"
            try:
                response = await self.shop.http.post(url, content=content, headers=signed)
                answer = response.json() if response.status_code < 500 else None
            except (httpx.TransportError, ValueError):
                answer = None
            if answer is not None and not _is_ours(answer):
                return answer
            assert time.monotonic() < ends_at, f"{service} does not answer {path}: {answer}"
            await asyncio.sleep(0.02)
            await self.shop.revive()


def _id_in(payload: dict[str, Any]) -> Any:
    """The id of the thing in a payload, if it has one."""
    return next((thing["id"] for thing in payload.values() if isinstance(thing, dict)), None)


def _is_ours(answer: dict[str, Any]) -> bool:
    return any(error["extensions"]["code"] in OURS for error in answer.get("errors") or ())


_WAITING = """next_try_at IS NOT NULL AND (
    status NOT IN ('CANCELLED', 'EXPIRED') OR tries > 0 OR next_try_at <= now())"""
"""Payments that somebody goes on with; one that was given up is looked at once a day besides."""


async def settle(shop: Shop) -> None:
    """Let everything that waits be done: time passes more quickly, so nobody waits for a lease."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        await (shop.drive() if shop.is_driven else shop.revive())
        await shop.rows("orders", "UPDATE outbox SET next_try_at = now()")
        await shop.rows("payments", "UPDATE outbox SET next_try_at = now()")
        await shop.rows("payments", "UPDATE refunds SET next_try_at = now() WHERE status = 'PENDING'")
        await shop.rows("payments", f"UPDATE payments SET next_try_at = now() WHERE {_WAITING}")
        left = await _list_unfinished(shop)
        if not left:
            return
        assert time.monotonic() < ends_at, f"this is never done: {left}"
        # News over a bus comes by itself, and so does upkeep where nobody drives it.
        await asyncio.sleep(0.01 if shop.is_driven else 0.1)


async def _list_unfinished(shop: Shop) -> list[tuple[Any, ...]]:
    return [
        *await shop.rows("orders", "SELECT 'orders', type FROM outbox"),
        *await shop.rows("payments", "SELECT 'payments', type FROM outbox"),
        *await shop.rows("orders", "SELECT id, status FROM orders WHERE status IN ('PAID', 'PROCESSING')"),
        *await shop.rows("payments", f"SELECT id, status FROM payments WHERE {_WAITING}"),
        *await shop.rows("payments", "SELECT id, status FROM refunds WHERE status = 'PENDING'"),
        # News over a bus has left its outbox before it is heard.
        *await _list_disagreeing(shop),
    ]


async def _list_disagreeing(shop: Shop) -> list[tuple[Any, ...]]:
    """Orders of which the money that is kept is not what they cost, less what they say was paid back."""
    orders = {
        order_id: (total - refunded if status in {"PAID", "PROCESSING", "COMPLETED"} else 0)
        for order_id, status, total, refunded in await shop.rows(
            "orders", "SELECT id, status, total_minor, refunded_minor FROM orders"
        )
    }
    kept = dict.fromkeys(orders, 0)
    for order_id, minor in await shop.rows(
        "payments",
        "SELECT order_id, (amount_minor - refunded_minor)::bigint FROM payments WHERE verified_at IS NOT NULL",
    ):
        kept[order_id] = kept.get(order_id, 0) + minor
    return [
        (order_id, kept[order_id], orders.get(order_id))
        for order_id in kept
        if kept[order_id] != orders.get(order_id)
    ]


async def audit(shop: Shop) -> None:
    """Nothing lost, nothing twice: orders, payments, ledger, licences, stock, coupons and the provider's own book agree.

    What `stack verify` looks at holds too.
    """
    async with connected(shop.urls) as connections:
        findings = await check(connections)
    assert {sentence: wrong for sentence, wrong in findings.wrong.items() if wrong} == {}
    assert await _list_disagreeing(shop) == []
    assert (
        await shop.rows(
            "payments",
            "SELECT posting FROM ledger_entries GROUP BY posting, currency HAVING sum(amount_minor) <> 0",
        )
        == []
    )
    balances = dict(
        await shop.rows(
            "payments", "SELECT account, sum(amount_minor)::bigint FROM ledger_entries GROUP BY account"
        )
    )
    assert balances.get("OWED", 0) == 0
    assert balances.get("GATEWAY", 0) == -balances.get("SALES", 0) == _count_provider(shop)
    await _audit_events(shop)
    await _audit_refund_events(shop)
    await _audit_licenses(shop)
    await _audit_what_is_taken(shop)


def _count_provider(shop: Shop) -> int:
    """What the provider holds for us, by its own book."""
    book = shop.provider.book
    charges = [charge for charge in book.list_charges(0, float("inf")) if charge["status"] == "SUCCEEDED"]
    refunds = [orjson.loads(body) for (body,) in book._database.execute("SELECT body FROM refunds")]
    back: int = sum(refund["minor"] for refund in refunds if refund["status"] == "SUCCEEDED")
    taken: int = sum(charge["minor"] for charge in charges)
    return taken - back


async def _audit_events(shop: Shop) -> None:
    """Each order is where its events lead to."""
    at: dict[UUID, Any] = {}
    for order_id, before, after in await shop.rows(
        "orders", "SELECT order_id, from_status, to_status FROM order_events ORDER BY sequence"
    ):
        assert at.get(order_id) == before, order_id
        at[order_id] = after
    assert at == dict(await shop.rows("orders", "SELECT id, status FROM orders"))


async def _audit_refund_events(shop: Shop) -> None:
    """An order has one event for each refund of the payment that paid it, in their order."""
    told = await shop.rows(
        "orders", "SELECT order_id, refund_id FROM order_events WHERE refund_id IS NOT NULL ORDER BY sequence"
    )
    back = await shop.rows(
        "payments",
        """SELECT order_id, refunds.id FROM refunds JOIN payments ON payments.id = payment_id
        WHERE refunds.status = 'SUCCEEDED' AND order_outcome <> 'REJECTED' ORDER BY running_total_minor""",
    )
    assert _group(told) == _group(back)


def _group(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[Any]]:
    """What there is of each key, in its order."""
    groups = defaultdict[Any, list[Any]](list)
    for key, value in rows:
        groups[key].append(value)
    return groups


async def _audit_licenses(shop: Shop) -> None:
    """A licence for each line of what was paid, and one that may be used only while it is."""
    wrong = await shop.rows(
        "orders",
        """SELECT orders.id, orders.status, count(order_lines.id), count(licenses.id),
            count(*) FILTER (WHERE licenses.status = 'ACTIVE')
        FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        LEFT JOIN licenses ON licenses.line_id = order_lines.id
        GROUP BY orders.id
        HAVING count(licenses.id) <> CASE WHEN paid_by IS NULL THEN 0 ELSE count(order_lines.id) END
            OR (orders.status = 'REFUNDED' AND count(*) FILTER (WHERE licenses.status = 'ACTIVE') > 0)""",
    )
    assert wrong == []


async def _audit_what_is_taken(shop: Shop) -> None:
    """Stock and coupons count what orders have that were neither cancelled nor, of stock, paid back."""
    taken = await shop.rows(
        "orders",
        """SELECT product_id FROM stock WHERE taken <> (SELECT coalesce(sum(quantity), 0) FROM order_lines
            JOIN orders ON orders.id = order_id
            WHERE order_lines.product_id = stock.product_id AND status NOT IN ('CANCELLED', 'REFUNDED'))""",
    )
    used = await shop.rows(
        "orders",
        """SELECT coupons.code FROM coupons LEFT JOIN coupon_uses USING (code)
            LEFT JOIN orders ON orders.id = order_id AND status <> 'CANCELLED'
        GROUP BY coupons.code HAVING uses <> count(orders.id) OR uses <> count(order_id)""",
    )
    assert (taken, used) == ([], [])
