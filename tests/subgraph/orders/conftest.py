"""Orders in this process: GraphQL in, its own Postgres under it, products replaced at its port."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from subgraphs.common.database import Database
from subgraphs.common.delivery import HttpCourier
from subgraphs.common.events import PATH
from subgraphs.common.internal import PeerError
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from subgraphs.orders.app import assemble
from subgraphs.orders.service import OrdersService, build_service
from subgraphs.orders.settings import OrdersSettings, read_orders_settings
from tests.subgraph.orders.client import ADA, SECRET, Client, build_verifier, new_key, run, token_of
from tests.support.postgres import DatabaseUrl, let_go_of_connections

MIGRATIONS = Path(__file__).parents[3] / "subgraphs" / "orders" / "migrations"
TABLES = (
    "orders",
    "order_lines",
    "order_events",
    "idempotency_keys",
    "licenses",
    "license_activations",
    "outbox",
    "changes",
    "product_sales",
    "inbox",
    "erased_customers",
    "stock",
    "coupons",
    "coupon_uses",
)
CREATE_ERRORS = """errors { __typename ... on UserError { message code path }
  ... on PriceChangedError { currentTotal { amount currency } } ... on OutOfStockError { product { id } available } }"""
MOVE_ERRORS = """errors { __typename ... on UserError { message code path }
  ... on InvalidTransitionError { currentStatus } }"""
CREATE = f"""mutation($key: ID!, $input: CreateOrderInput!) {{ createOrder(idempotencyKey: $key, input: $input) {{
  order {{ id number status customer {{ id }} total {{ amount currency }} subtotal {{ amount }} paymentDeadline createdAt
    lines {{ productName quantity unitPrice {{ amount }} total {{ amount }} product {{ id }} }} }}
  {CREATE_ERRORS} }} }}"""


@dataclass
class FakeProducts:
    """Products at its port: quotes what it has, counts what it is asked, can be down."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[list[dict[str, Any]]] = field(default_factory=list)
    is_down: bool = False

    def add(self, minor: int = 1999, currency: str = "USD", **more: Any) -> str:
        """Make a product; gives its id."""
        product_id = str(uuid4())
        self.lines[product_id] = {
            "productId": product_id,
            "name": f"App for {minor}",
            "slug": product_id,
            "status": "PUBLISHED",
            "availability": "AVAILABLE",
            "unitPrice": {"minor": minor, "currency": currency},
            "licenseLimit": None,
        } | more
        return product_id

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        assert path == "/internal/products/quote"
        self.asked.append(body["items"])
        if self.is_down:
            raise PeerError("products is down")
        return {"lines": [self.lines.get(item["productId"]) for item in body["items"]]}


@dataclass
class FakePayments:
    """Payments at its port: hears the news, can be down."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    is_down: bool = False

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        assert path == PATH
        if self.is_down:
            raise PeerError("payments is down")
        self.heard.append(body)
        return {"accepted": True}


@dataclass
class Orders(Client):
    """Orders and a client of it."""

    products: FakeProducts
    payments: FakePayments
    service: OrdersService

    async def create(
        self, *items: tuple[str, int], customer: UUID = ADA, key: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """The payload of createOrder."""
        given = {"items": [{"productId": product, "quantity": n} for product, n in items], **more}
        token = token_of(customer)
        payload: dict[str, Any] = (await self.ask(CREATE, token, key=key or new_key(), input=given))[
            "createOrder"
        ]
        return payload

    async def order(
        self, customer: UUID = ADA, minor: int = 1999, status: str = "PENDING", quantity: int = 1
    ) -> dict[str, Any]:
        """An order of one new product, brought to a status."""
        payload = await self.create((self.products.add(minor), quantity), customer=customer)
        assert payload["errors"] == [], payload
        order: dict[str, Any] = payload["order"]
        for statement in MOVES[status]:
            await self.execute(statement, id=order["id"])
        return order

    async def mark_paid(
        self, order_id: str, payment_id: UUID, minor: int = 1999, currency: str = "USD"
    ) -> httpx.Response:
        body = {"paymentId": str(payment_id), "amount": {"minor": minor, "currency": currency}}
        return await self.post_internal(f"/internal/orders/{order_id}/mark-paid", body)


def _move(status: str, more: str = "") -> str:
    return f"UPDATE orders SET status = '{status}'{more} WHERE id = :id"


_PAID = _move("PAID", ", paid_by = uuidv7()")
MOVES: dict[str, list[str]] = {
    "PENDING": [],
    "CANCELLED": [_move("CANCELLED", ", cancel_reason = 'ADMIN'")],
    "PAID": [_PAID],
    "PROCESSING": [_PAID, _move("PROCESSING")],
    "COMPLETED": [_PAID, _move("PROCESSING"), _move("COMPLETED")],
    "REFUNDED": [_PAID, _move("REFUNDED")],
}
"""The statements that bring a pending order to each status."""


def build_settings(url: str) -> OrdersSettings:
    environ = {"ORDERS_DATABASE_URL": url, "INTERNAL_SECRET": SECRET}
    return read_orders_settings(read_settings("orders", environ), environ)


@pytest.fixture(scope="session")
def orders_url(postgres_url: DatabaseUrl) -> str:
    """A migrated database, emptied before each test."""
    url = postgres_url("orders")
    run(migrate(url, MIGRATIONS))
    return url


@pytest_asyncio.fixture
async def orders(orders_url: str) -> AsyncIterator[Orders]:
    """Orders with nothing in it, and products with nothing in it."""
    products = FakeProducts()
    settings = build_settings(orders_url)
    payments = FakePayments()
    service = build_service(settings, Database(orders_url), products, HttpCourier({"payments": payments}))
    transport = httpx.ASGITransport(
        app=assemble(settings, service, build_verifier()), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://orders") as client:
        orders = Orders(client, service.database, products, payments, service)
        await orders.execute("TRUNCATE " + ", ".join(TABLES))
        yield orders
    await service.database.close()
    await let_go_of_connections()
