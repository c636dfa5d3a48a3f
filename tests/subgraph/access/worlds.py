"""Each subgraph with something of Ada's in it, and callers of every sort."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from starlette.routing import WebSocketRoute

from subgraphs.auth.domain import Role
from subgraphs.auth.schema import schema as auth_schema
from subgraphs.auth.service import SeedPerson
from subgraphs.common.database import Database
from subgraphs.common.socket import Connection
from subgraphs.orders.schema import schema as orders_schema
from subgraphs.payments.schema import schema as payments_schema
from subgraphs.products.schema import schema as products_schema
from subgraphs.users.schema import schema as users_schema
from tests.subgraph.auth.conftest import PASSWORD, Auth
from tests.subgraph.orders.client import ADA, ADMIN, BOB, token_of
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.test_after_payment import paid
from tests.subgraph.payments.conftest import Payments
from tests.subgraph.payments.test_durable import refund
from tests.subgraph.products.conftest import Products, make_token
from tests.subgraph.products.test_reviews import WISH, say
from tests.subgraph.products.test_subscriptions import reprice
from tests.subgraph.users import conftest as users_world
from tests.subgraph.users.conftest import Users
from tests.support.access import Walk

READ = ("orders:read", "payments:read", "users:read", "audit:read", "analytics:read")
NOT_COMPARED = {"throttles", "audit_log", "alembic_version"}
"""Tables in which a refusal leaves its trace, and must."""


@dataclass(frozen=True, slots=True)
class World:
    """One subgraph with something of Ada's in it, and the keys of every entity of hers."""

    name: str
    walk: Walk
    keys: Mapping[str, list[dict[str, Any]]]
    database: Database
    http: httpx.AsyncClient
    root: str
    """The token of somebody whose the things are, and who may do everything."""
    watched: Mapping[str, Any] = field(default_factory=dict)
    """Values for arguments of subscriptions."""

    async def take_first(self, operation: str, variables: Mapping[str, Any], token: str | None) -> Any:
        """The first result of a subscription, with data or with the errors that end it; then it is left."""
        # Every world is asked without a network.
        routes = self.http._transport.app.routes  # type: ignore[attr-defined]
        (socket_app,) = (route.app for route in routes if isinstance(route, WebSocketRoute))
        connection: Connection[Any] = Connection(socket_app._live, f"Bearer {token}" if token else None)
        await connection.verify()
        stream = await socket_app.schema.stream(operation, variables, context_value=connection)
        async with aclosing(stream):
            return await anext(stream)

    async def fingerprint(self) -> dict[str, Any]:
        """What is in every table."""
        async with self.database.read() as session:
            tables = await session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            )
            found = {}
            for table in sorted({*tables} - NOT_COMPARED):
                rows = f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
                found[table] = await session.scalar(text(rows))
            return found


def tokens(make: Any = token_of) -> dict[str, str | None]:
    return {"anonymous": None, "other": make(BOB), "owner": make(ADA), "admin": make(ADMIN, *READ)}


def make_root(user_id: UUID) -> str:
    scopes = (*READ, "orders:write", "payments:refund")
    return token_of(user_id, *scopes, recent_mfa=True)


async def make_orders_world(orders: Orders) -> World:
    order_id, _ = await paid(orders)
    ((license_id, key, product_id),) = await orders.rows(
        "SELECT id::text, key, product_id::text FROM licenses"
    )
    await orders.execute(
        "INSERT INTO license_activations (license_id, label) VALUES (:id, 'laptop')", id=license_id
    )
    ((activation_id,),) = await orders.rows("SELECT id::text FROM license_activations")

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return dict((await orders.post(operation, token, **variables)).json())

    known = {
        "id": order_id,
        "key": key,
        "licenseId": license_id,
        "activationId": activation_id,
        "productId": product_id,
        "quantity": 1,
        "idempotencyKey": "a key",
    }
    keys = {
        "Order": [{"id": order_id}],
        "License": [{"id": license_id}],
        "Product": [{"id": product_id}],
        "User": [{"id": str(ADA)}],
    }
    walk = Walk(orders_schema._schema, ask, tokens(), known)
    return World("orders", walk, keys, orders.database, orders.http, make_root(ADA), {"orderId": order_id})


async def make_payments_world(payments: Payments) -> World:
    payment = await payments.succeeded()
    refunded = (await refund(payments, payment["id"], "1.00"))["refund"]
    open_order = payments.orders.add(ADA, 700)
    await payments.execute(
        """INSERT INTO reconciliation_reports
            (gateway, from_time, to_time, matched, missing_here, missing_at_gateway, amount_mismatch)
            VALUES ('development', now(), now(), 1, 0, 0, 0)"""
    )

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        # Either key names a payment, and never both.
        if "reference" in variables and "id" in variables:
            operation = operation.replace("reference: $reference", "").replace(", $reference: String", "")
            operation = operation.replace("$reference: String", "")
            variables = {name: value for name, value in variables.items() if name != "reference"}
        return dict((await payments.post(operation, token, **variables)).json())

    known = {
        "id": payment["id"],
        "reference": payment["reference"],
        "paymentId": payment["id"],
        "orderId": open_order,
        "method": "CREDIT_CARD",
        "idempotencyKey": "a key",
    }
    paid_order = payment["order"]["id"]
    total = {"amount": "19.99", "currency": "USD"}
    keys = {
        "Payment": [{"id": payment["id"]}, {"reference": payment["reference"]}],
        "Refund": [{"id": refunded["id"]}],
        "Order": [{"id": paid_order, "number": "PAM-1", "total": total}],
        "User": [{"id": str(ADA)}],
    }
    walk = Walk(payments_schema._schema, ask, tokens(), known)
    return World("payments", walk, keys, payments.database, payments.http, make_root(ADA))


async def make_users_world(users: Users) -> World:
    def make(user_id: UUID, *scopes: str) -> str:
        own = {ADA: users_world.ADA, BOB: users_world.BOB, ADMIN: users_world.ADMIN}[user_id]
        return users_world.token_of(own, " ".join(scopes), mfa_at=time.time())

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return await users.ask(operation, token, **variables)

    for user_id in (ADA, BOB, ADMIN):
        await ask("{ me { id } }", make(user_id), {})
    address = '{line1: "1 Way", city: "London", postalCode: "N1", countryCode: "GB"}'
    change = f'mutation {{ updateProfile(input: {{phone: "+49 30 1234567", address: {address}}}) {{ user {{ id }} }} }}'
    await ask(change, make(ADA), {})
    known = {"id": str(users_world.ADA), "password": "wrong", "fullName": "Mallory"}
    walk = Walk(users_schema._schema, ask, tokens(make), known)
    own = {"User": [{"id": str(users_world.ADA)}]}
    return World(
        "users", walk, own, users.service.database, users.client, make(ADA, "users:read", "users:write")
    )


async def make_auth_world(auth: Auth) -> World:
    ada = await auth.register("ada@example.com")
    bob = await auth.register("bob@example.com")
    given: dict[str, str | None] = {
        "anonymous": None,
        "other": bob["tokens"]["accessToken"],
        "owner": ada["tokens"]["accessToken"],
        "admin": await _make_reader(auth),
    }

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return await auth.ask(operation, token, **variables)

    async with auth.service.database.read() as session:
        statement = "SELECT id::text FROM sessions WHERE account_id = :id"
        found = await session.execute(text(statement), {"id": ada["user"]["id"]})
        session_id = found.scalars().first()
    known = {
        "id": ada["user"]["id"],
        "userId": ada["user"]["id"],
        "sessionId": session_id,
        "email": "ada@example.com",
        "currentPassword": "wrong",
        "password": "wrong",
    }
    walk = Walk(auth_schema._schema, ask, given, known)
    own = {"User": [{"id": ada["user"]["id"]}]}
    return World("auth", walk, own, auth.service.database, auth.client, await auth.make_admin())


async def _make_reader(auth: Auth) -> str:
    """The token of somebody who may read everything, and change nothing."""
    person = SeedPerson("support@example.com", PASSWORD, "Support", Role.SUPPORT, datetime.now(UTC))
    await auth.service.seed_accounts({UUID(int=0x0189_0000_0000_7000_8000_0000_0000_00AA): person})
    token: str = (await auth.login("support@example.com"))["tokens"]["accessToken"]
    return token


async def make_products_world(products: Products) -> World:
    def make(user_id: UUID, *scopes: str) -> str:
        return make_token(*scopes, sub=str(user_id), email_verified=True)

    shelf = await products.create_category("Shelf")
    product = await products.create("Editor", slug="editor", categoryId=shelf["id"])
    other = await products.create("Viewer", categoryId=shelf["id"])
    review = (await say(products, product["id"], user=str(ADA), title="Good", body="It edits."))["review"]
    await products.ask(WISH, make(ADA), id=product["id"])
    await reprice(products, product["id"], "29.99")

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        # Either key names a product, and never both.
        if "slug" in variables and "id" in variables:
            operation = operation.replace("slug: $slug", "").replace(", $slug: String", "")
            variables = {name: value for name, value in variables.items() if name != "slug"}
        return dict((await products.post(operation, token, **variables)).json())

    known = {
        "id": product["id"],
        "slug": shelf["slug"],
        "productId": product["id"],
        "productIds": [product["id"]],
        "categoryId": shelf["id"],
        "rating": 5,
        "text": "edit",
    }
    keys = {
        "Product": [{"id": product["id"]}, {"slug": "editor"}, {"id": other["id"]}],
        "Category": [{"id": shelf["id"]}],
        "Review": [{"id": review["id"]}],
        "User": [{"id": str(ADA)}],
    }
    walk = Walk(products_schema._schema, ask, tokens(make), known)
    root = make(ADA, "catalog:write")
    return World("products", walk, keys, products.service.database, products.client, root)


MAKERS = {
    "products": make_products_world,
    "orders": make_orders_world,
    "payments": make_payments_world,
    "users": make_users_world,
    "auth": make_auth_world,
}
