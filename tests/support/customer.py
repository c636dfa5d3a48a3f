"""A customer who repeats everything until it is answered, with the same keys, and an auditor who looks at what came of it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

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
REFUND = f"""mutation($key: ID!, $input: RefundPaymentInput!) {{ refundPayment(idempotencyKey: $key, input: $input) {{
  refund {{ id status }} {ERRORS} }} }}"""


@dataclass
class Customer:
    """Somebody who buys, and an administrator who pays back."""

    shop: Shop
    id: UUID = field(default_factory=uuid4)

    async def order(self, lines: int = 2, key: str | None = None) -> str:
        items = [{"productId": str(UUID(int=n + 1)), "quantity": n + 1} for n in range(lines)]
        payload = await self.insist("orders", CREATE, key=key or uuid4().hex, input={"items": items})
        assert payload["errors"] == [], payload
        return str(payload["order"]["id"])

    async def cancel(self, order_id: str) -> bool:
        """Whether it was cancelled, now or when this was tried before."""
        payload = await self.insist("orders", CANCEL, id=order_id)
        ((status,),) = await self.shop.rows("orders", "SELECT status FROM orders WHERE id = $1", order_id)
        assert payload["errors"] == [] or payload["errors"][0]["__typename"] == "InvalidTransitionError"
        return bool(status == "CANCELLED")

    async def pay(self, order_id: str, method: str = "CREDIT_CARD") -> Any:
        given = {"orderId": order_id, "method": method}
        if method == "CREDIT_CARD":
            given["paymentToken"] = "tok_visa"
        return await self.insist("payments", PAY, key=uuid4().hex, input=given)

    async def verify(self, reference: str) -> Any:
        return await self.insist("payments", VERIFY, reference=reference)

    async def refund(self, payment_id: str, amount: str | None = None) -> Any:
        given: dict[str, Any] = {"paymentId": payment_id, "reason": "CUSTOMER_REQUEST"}
        if amount is not None:
            given["amount"] = {"amount": amount, "currency": "USD"}
        token = token_of(ADMIN, "payments:refund", "payments:read", recent_mfa=True)
        return await self.insist("payments", REFUND, token, key=uuid4().hex, input=given)

    async def be_forgotten(self) -> None:
        for service in SERVICES:
            await self._insist_on(service, f"/internal/people/{self.id}/erase", {})

    async def ask(self, service: str) -> Any:
        """The answer to something that only the database knows, whatever it is."""
        name = {"orders": "myOrders", "payments": "myPayments"}[service]
        body = {"query": f"{{ {name}(first: 1) {{ nodes {{ id }} }} }}"}
        headers = {"authorization": f"Bearer {token_of(self.id)}"}
        url = f"http://127.0.0.1:{self.shop.port(service)}/graphql"
        return (await self.shop.http.post(url, json=body, headers=headers)).json()

    async def insist(self, service: str, operation: str, token: str | None = None, **variables: Any) -> Any:
        """The payload of a mutation, repeated until there is one."""
        body = {"query": operation, "variables": variables}
        answer = await self._insist_on(
            service, "/graphql", body, token_of(self.id) if token is None else token
        )
        assert not answer.get("errors"), answer
        (payload,) = answer["data"].values()
        return payload

    async def _insist_on(self, service: str, path: str, body: Any, token: str = "") -> Any:
        content = orjson.dumps(body)
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            headers = {
                "content-type": "application/json",
                **({"authorization": f"Bearer {token}"} if token else {}),
                SIGNATURE_HEADER: sign(SECRET, "POST", path, content, int(time.time())),
            }
            url = f"http://127.0.0.1:{self.shop.port(service)}{path}"
            try:
                response = await self.shop.http.post(url, content=content, headers=headers)
                answer = response.json() if response.status_code < 500 else None
            except (httpx.TransportError, ValueError):
                answer = None
            if answer is not None and not _is_ours(answer):
                return answer
            assert time.monotonic() < ends_at, f"{service} does not answer {path}: {answer}"
            await asyncio.sleep(0.02)
            await self.shop.revive()


def _is_ours(answer: dict[str, Any]) -> bool:
    return any(error["extensions"]["code"] in OURS for error in answer.get("errors") or ())


async def settle(shop: Shop) -> None:
    """Let everything that waits be done: time passes more quickly, so nobody waits for a lease."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        await shop.revive()
        await shop.rows("orders", "UPDATE outbox SET next_try_at = now()")
        await shop.rows("payments", "UPDATE outbox SET next_try_at = now()")
        await shop.rows("payments", "UPDATE refunds SET next_try_at = now() WHERE status = 'PENDING'")
        await shop.rows("payments", "UPDATE payments SET next_try_at = now() WHERE next_try_at IS NOT NULL")
        left = await _list_unfinished(shop)
        if not left:
            return
        assert time.monotonic() < ends_at, f"this is never done: {left}"
        await asyncio.sleep(0.1)


async def _list_unfinished(shop: Shop) -> list[tuple[Any, ...]]:
    return [
        *await shop.rows("orders", "SELECT 'orders', type FROM outbox"),
        *await shop.rows("payments", "SELECT 'payments', type FROM outbox"),
        *await shop.rows("orders", "SELECT id, status FROM orders WHERE status IN ('PAID', 'PROCESSING')"),
        *await shop.rows("payments", "SELECT id, status FROM payments WHERE next_try_at IS NOT NULL"),
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
    """Nothing lost, nothing twice: orders, payments, ledger, licences and the provider's own book agree."""
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
    await _audit_licenses(shop)


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
