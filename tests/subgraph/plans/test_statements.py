"""What is asked of many is asked in as many statements as what is asked of one: for each list, each entity, each field.

The selections are made from the schemas, so a field that comes later is counted too.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.auth.domain import Client
from subgraphs.auth.schema import schema as auth_schema
from subgraphs.auth.schema.context import AuthContext
from subgraphs.common.auth import Principal
from subgraphs.common.database import Database
from subgraphs.orders.schema import schema as orders_schema
from subgraphs.orders.schema.context import OrdersContext
from subgraphs.orders.service import build_service as build_orders
from subgraphs.payments.schema import schema as payments_schema
from subgraphs.payments.schema.context import PaymentsContext
from subgraphs.payments.service import build_service as build_payments
from subgraphs.payments.service.gateway import DevelopmentGateway
from subgraphs.products.schema import schema as products_schema
from subgraphs.products.schema.context import ProductsContext
from subgraphs.products.service import ProductsService
from subgraphs.users.schema import schema as users_schema
from subgraphs.users.schema.context import UsersContext
from subgraphs.users.service import build_service as build_users
from tests.support.everything import select_all
from tests.support.shops import COURIER, NOBODY_THERE, ORDERS_SETTINGS, USERS_SETTINGS, build_auth_service

FEW, MANY = 4, 20
CACHED = 3
DEPTH = 3
OMITTED = frozenset({"Order.total", "Order.number", "Order.amountDue", "User.wishlist"})
"""What only its owner may ask for, and what only a representation from another subgraph can answer."""
SCOPES = frozenset(
    [
        "orders:read",
        "orders:write",
        "payments:read",
        "payments:refund",
        "catalog:write",
        "users:read",
        "users:write",
        "audit:read",
    ]
)
ADMIN = Principal(
    UUID(int=2), "ADMIN", SCOPES, {"email_verified": True, "mfa_at": 2**40, "sub": str(UUID(int=2))}
)

Context = Callable[[], Any]


async def count(
    schema: Any, database: Database, context: Any, operation: str, variables: Mapping[str, Any]
) -> int:
    """How many statements an operation takes that answers without errors."""
    with database.record_statements() as statements:
        answer = await schema.execute(operation, context_value=context, variable_values=dict(variables))
    assert not answer.errors, answer.errors
    return len(statements)


async def expect_equal(
    schema: Any, database: Database, context: Context, operation: str, few: Any, many: Any
) -> None:
    """Check that `many` takes no more statements than `few`, but for what `few` happened to have loaded already."""
    first = await count(schema, database, context(), operation, few)
    second = await count(schema, database, context(), operation, many)
    assert 0 < second <= first + CACHED, operation


async def expect_entities(
    schema: Any, database: Database, context: Context, typename: str, ids: list[Any]
) -> None:
    """As `expect_equal`, for the entities of a type."""
    assert len(ids) == MANY
    selection = select_all(schema._schema, typename, DEPTH, omit=OMITTED)
    operation = f"query($asked: [_Any!]!) {{ _entities(representations: $asked) {{ ... on {typename} {{ {selection} }} }} }}"
    asked = [{"__typename": typename, "id": str(one)} for one in ids]
    await expect_equal(schema, database, context, operation, {"asked": asked[:FEW]}, {"asked": asked})


async def expect_list(schema: Any, database: Database, context: Context, field: str) -> None:
    """As `expect_equal`, for a list at the root."""
    connection = schema._schema.query_type.fields[field].type.of_type.name
    selection = select_all(schema._schema, connection, DEPTH + 1, omit=OMITTED)
    operation = f"query($first: Int!) {{ {field}(first: $first) {{ {selection} }} }}"
    await expect_equal(schema, database, context, operation, {"first": FEW}, {"first": MANY})


async def ids_of(database: Database, statement: str) -> list[Any]:
    async with database.read() as session:
        return [*await session.scalars(text(f"{statement} LIMIT {MANY}"))]


@pytest.mark.parametrize("field", ["orders", "myOrders"])
async def test_lists_of_orders(orders: Database, field: str) -> None:
    service = build_orders(ORDERS_SETTINGS, orders, NOBODY_THERE, COURIER)
    (busy,) = (await ids_of(orders, "SELECT customer_id FROM orders GROUP BY 1 ORDER BY count(*) DESC"))[:1]
    principal = Principal(busy, "USER", SCOPES, ADMIN.claims)
    await expect_list(orders_schema, orders, lambda: OrdersContext(service, principal), field)


@pytest.mark.parametrize(
    ("typename", "statement"),
    [
        ("Order", "SELECT id FROM orders WHERE status = 'COMPLETED' ORDER BY id"),
        (
            "License",
            "SELECT id FROM licenses WHERE order_id IN (SELECT order_id FROM order_lines WHERE position = 2) ORDER BY id",
        ),
        ("Product", "SELECT product_id FROM order_lines GROUP BY 1 ORDER BY count(*) DESC"),
        ("User", "SELECT customer_id FROM orders GROUP BY 1 ORDER BY count(*) DESC"),
    ],
)
async def test_entities_of_orders(orders: Database, typename: str, statement: str) -> None:
    service = build_orders(ORDERS_SETTINGS, orders, NOBODY_THERE, COURIER)
    ids = await ids_of(orders, statement)
    await expect_entities(orders_schema, orders, lambda: OrdersContext(service, ADMIN), typename, ids)


async def test_lists_of_payments(payments: Database) -> None:
    service = build_payments(payments, NOBODY_THERE, DevelopmentGateway(), COURIER)
    for field in ("payments", "myPayments"):
        (busy,) = (await ids_of(payments, "SELECT payer_id FROM payments GROUP BY 1 ORDER BY count(*) DESC"))[
            :1
        ]
        principal = Principal(busy, "USER", SCOPES, ADMIN.claims)
        await expect_list(payments_schema, payments, lambda p=principal: PaymentsContext(service, p), field)


@pytest.mark.parametrize(
    ("typename", "statement"),
    [
        ("Payment", "SELECT id FROM payments WHERE status = 'REFUNDED' ORDER BY id"),
        ("Refund", "SELECT id FROM refunds ORDER BY id"),
        ("Order", "SELECT order_id FROM payments WHERE status = 'SUCCEEDED' ORDER BY id"),
        ("User", "SELECT payer_id FROM payments GROUP BY 1 ORDER BY count(*) DESC"),
    ],
)
async def test_entities_of_payments(payments: Database, typename: str, statement: str) -> None:
    service = build_payments(payments, NOBODY_THERE, DevelopmentGateway(), COURIER)
    ids = await ids_of(payments, statement)
    await expect_entities(payments_schema, payments, lambda: PaymentsContext(service, ADMIN), typename, ids)


async def test_lists_of_products(products: Database) -> None:
    service = ProductsService(products, NOBODY_THERE)
    await expect_list(products_schema, products, lambda: ProductsContext(service, ADMIN), "products")


@pytest.mark.parametrize(
    ("typename", "statement"),
    [
        ("Product", "SELECT product_id FROM reviews GROUP BY 1 ORDER BY count(*) DESC"),
        ("Review", "SELECT id FROM reviews ORDER BY id"),
        ("User", "SELECT author_id FROM reviews GROUP BY 1 ORDER BY count(*) DESC"),
    ],
)
async def test_entities_of_products(products: Database, typename: str, statement: str) -> None:
    service = ProductsService(products, NOBODY_THERE)
    ids = await ids_of(products, statement)
    await expect_entities(products_schema, products, lambda: ProductsContext(service, ADMIN), typename, ids)


async def test_the_shelves_of_all_categories_are_one_statement_each_kind(products: Database) -> None:
    service = ProductsService(products, NOBODY_THERE)
    ids = (await ids_of(products, "SELECT id FROM categories ORDER BY id"))[:MANY]
    padded = [*ids, *ids][:MANY]
    await expect_entities(
        products_schema, products, lambda: ProductsContext(service, ADMIN), "Category", padded
    )


async def test_users(users: Database) -> None:
    service = build_users(USERS_SETTINGS, users, {"auth": NOBODY_THERE})
    context: Context = lambda: UsersContext(service, ADMIN)  # noqa: E731 -- a context for each request
    await expect_list(users_schema, users, context, "users")
    ids = await ids_of(users, "SELECT id FROM profiles ORDER BY id")
    await expect_entities(users_schema, users, context, "User", ids)


async def test_auth(auth: Database, tmp_path: Path) -> None:
    service = build_auth_service(auth, tmp_path)
    context: Context = lambda: AuthContext(service, ADMIN, Client())  # noqa: E731 -- a context for each request
    ids = await ids_of(auth, "SELECT id FROM accounts ORDER BY id")
    await expect_entities(auth_schema, auth, context, "User", ids)
