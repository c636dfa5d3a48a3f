"""Payments in this process: GraphQL in, its own Postgres under it, orders and the gateway replaced at their ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from subgraphs.common.database import Database
from subgraphs.common.delivery import HttpCourier
from subgraphs.common.events import PATH
from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from subgraphs.payments.app import assemble
from subgraphs.payments.domain import Payment, Refund, RefundState, Taken
from subgraphs.payments.service import PaymentsService, build_service
from subgraphs.payments.service.gateway import Charge, DevelopmentGateway, GatewayError, PaymentGateway
from subgraphs.payments.settings import PaymentsSettings, read_payments_settings
from tests.subgraph.orders.client import ADA, SECRET, Client, build_verifier, new_key, run, token_of
from tests.support.postgres import DatabaseUrl, let_go_of_connections

MIGRATIONS = Path(__file__).parents[3] / "subgraphs" / "payments" / "migrations"
TABLES = (
    "payments",
    "payment_attempts",
    "payment_events",
    "idempotency_keys",
    "refunds",
    "ledger_entries",
    "gateway_events",
    "outbox",
    "inbox",
    "reconciliation_reports",
    "changes",
    "erased_customers",
)
GATEWAY_SECRET = "what the gateway signs with"
DEADLINE = datetime(2099, 1, 1, tzinfo=UTC)
PAYMENT = """payment { id reference status method gateway amount { amount currency } order { id number } payer { id }
  failure { code message retryable } verifiedAt expiresAt
  nextAction { __typename ... on RedirectAction { url }
    ... on BankTransferInstructions { bankName accountNumber transferNote deadline amount { amount } }
    ... on VirtualAccountInstructions { bankCode accountNumber deadline amount { amount } } } }"""
INITIATE = f"""mutation($key: ID!, $input: InitiatePaymentInput!) {{ initiatePayment(idempotencyKey: $key, input: $input) {{
  {PAYMENT} errors {{ __typename ... on UserError {{ message code path }}
    ... on OrderNotPayableError {{ order {{ id number }} }}
    ... on PaymentDeclinedError {{ declineCode retryable }} }} }} }}"""
VERIFY = f"""mutation($reference: String!) {{ verifyPayment(reference: $reference) {{
  {PAYMENT} errors {{ __typename ... on UserError {{ message code path }}
    ... on InvalidPaymentStateError {{ currentStatus }}
    ... on PaymentDeclinedError {{ declineCode retryable }} }} }} }}"""


@dataclass
class FakeOrders:
    """Orders at its port: knows orders, keeps the arbiter's rule, counts what it is told, can be down."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    is_down: bool = False

    def add(self, customer: UUID = ADA, minor: int = 1999, currency: str = "USD", **more: Any) -> str:
        """Make a pending order; gives its id."""
        order_id = str(uuid4())
        self.orders[order_id] = {
            "orderId": order_id,
            "number": f"PAM-2026-{len(self.orders) + 1:06}",
            "customerId": str(customer),
            "status": "PENDING",
            "isPayable": True,
            "total": {"minor": minor, "currency": currency},
            "paymentDeadline": DEADLINE.isoformat(),
            "paidBy": None,
        } | more
        return order_id

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_down:
            raise PeerError("orders is down")
        if path == PATH:
            self.heard.append(body)
            return {"accepted": True}
        _, _, _, order_id, use = path.split("/")
        order = self.orders.get(order_id)
        if use == "payable":
            return order if order is not None and order["customerId"] == body["userId"] else None
        assert use == "mark-paid"
        self.told.append(body)
        if order is None:
            return None
        if order["status"] == "PENDING" and order["total"] == body["amount"]:
            order |= {"status": "PAID", "isPayable": False, "paidBy": body["paymentId"]}
            return {"outcome": "ACCEPTED", "status": "PAID"}
        outcome = "ALREADY" if order["paidBy"] == body["paymentId"] else "REJECTED"
        return {"outcome": outcome, "status": order["status"]}


@dataclass
class FakeGateway:
    """The gateway at its port: the development one, unless the next answers are given; counts, can be down."""

    answers: list[Charge] = field(default_factory=list)
    created: list[UUID] = field(default_factory=list)
    looked_up: list[UUID] = field(default_factory=list)
    refunds: list[RefundState] = field(default_factory=list)
    refunded: list[UUID] = field(default_factory=list)
    is_down: bool = False
    name: str = "development"

    async def create(self, payment: Payment) -> Charge:
        self.created.append(payment.id)
        if self.is_down:
            raise GatewayError
        return self.answers.pop(0) if self.answers else await DevelopmentGateway().create(payment)

    async def look_up(self, payment: Payment) -> Charge:
        self.looked_up.append(payment.id)
        if self.is_down:
            raise GatewayError
        return self.answers.pop(0) if self.answers else await DevelopmentGateway().look_up(payment)

    async def cancel(self, payment: Payment) -> Charge:
        if self.is_down:
            raise GatewayError
        return self.answers.pop(0) if self.answers else await DevelopmentGateway().cancel(payment)

    async def list_taken(self, after: datetime, before: datetime) -> list[Taken] | None:
        return None

    async def refund(self, payment: Payment, refund: Refund) -> RefundState:
        self.refunded.append(refund.id)
        if self.is_down:
            raise GatewayError
        return self.refunds.pop(0) if self.refunds else await DevelopmentGateway().refund(payment, refund)


@dataclass
class Payments(Client):
    """Payments and a client of it."""

    orders: FakeOrders
    gateway: FakeGateway
    service: PaymentsService

    async def go_on(self) -> None:
        """Let time pass: everything that waits is due, and upkeep does it."""
        await self.execute("UPDATE payments SET next_try_at = now() WHERE next_try_at IS NOT NULL")
        await self.execute("UPDATE refunds SET next_try_at = now()")
        await self.execute("UPDATE outbox SET next_try_at = now()")
        await self.service.upkeep.run_once()

    async def initiate(
        self,
        order_id: str,
        method: str = "CREDIT_CARD",
        *,
        payer: UUID = ADA,
        key: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The payload of initiatePayment."""
        given = {"orderId": order_id, "method": method, **more}
        data = await self.ask(INITIATE, token_of(payer), key=key or new_key(), input=given)
        payload: dict[str, Any] = data["initiatePayment"]
        return payload

    async def verify(self, reference: str, payer: UUID = ADA, *scopes: str) -> dict[str, Any]:
        """The payload of verifyPayment."""
        data = await self.ask(VERIFY, token_of(payer, *scopes), reference=reference)
        payload: dict[str, Any] = data["verifyPayment"]
        return payload

    async def started(
        self, method: str = "CREDIT_CARD", *, payer: UUID = ADA, minor: int = 1999
    ) -> dict[str, Any]:
        """A payment of a new order."""
        payload = await self.initiate(self.orders.add(payer, minor), method, payer=payer)
        assert payload["errors"] == [], payload
        payment: dict[str, Any] = payload["payment"]
        return payment

    async def succeeded(self, *, payer: UUID = ADA, minor: int = 1999) -> dict[str, Any]:
        """A payment of a new order, verified."""
        payload = await self.verify((await self.started(payer=payer, minor=minor))["reference"], payer)
        assert payload["errors"] == [], payload
        payment: dict[str, Any] = payload["payment"]
        return payment


def build_settings(url: str) -> PaymentsSettings:
    environ = {"PAYMENTS_DATABASE_URL": url, "INTERNAL_SECRET": SECRET, "MARKETPLACE_PROFILE": "development"}
    environ["PAYMENTS_GATEWAY_SECRET"] = GATEWAY_SECRET
    return read_payments_settings(read_settings("payments", environ), environ)


@pytest.fixture(scope="session")
def payments_url(postgres_url: DatabaseUrl) -> str:
    """A migrated database, emptied before each test."""
    url = postgres_url("payments")
    run(migrate(url, MIGRATIONS))
    return url


@asynccontextmanager
async def serve(
    url: str, peer: InternalPeer, orders: FakeOrders, provider: PaymentGateway | None = None
) -> AsyncIterator[Payments]:
    """Payments with nothing in it, over a peer that stands for orders and a gateway that is the fake one if not given."""
    settings, gateway = build_settings(url), FakeGateway()
    service = build_service(Database(url), peer, provider or gateway, HttpCourier({"orders": peer}))
    transport = httpx.ASGITransport(
        app=assemble(settings, service, build_verifier()), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://payments") as client:
        payments = Payments(client, service.database, orders, gateway, service)
        await payments.execute("TRUNCATE " + ", ".join(TABLES))
        yield payments
    await service.database.close()
    await let_go_of_connections()


@pytest_asyncio.fixture
async def payments(payments_url: str) -> AsyncIterator[Payments]:
    """Payments with nothing in it, orders with nothing in it."""
    orders = FakeOrders()
    async with serve(payments_url, orders, orders) as payments:
        yield payments
