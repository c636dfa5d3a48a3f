"""Orders' GraphQL types, and what it adds to User and Product.

An `Order` is made only by `Order.of`, whose callers have checked that the caller may see it.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Self
from uuid import UUID

import strawberry
from strawberry import Parent, federation

from subgraphs.common.auth import require_user
from subgraphs.common.errors import ForbiddenError
from subgraphs.common.graphql_types import (
    MoneyType,
    Node,
    PageInfo,
    build_cost,
    build_list_size,
    parse_id,
)
from subgraphs.common.pagination import PAGE_SIZE, Page, read_page_request
from subgraphs.orders import domain
from subgraphs.orders.schema.context import READ_SCOPE, WRITE_SCOPE, OrdersInfo
from subgraphs.orders.schema.details import Activation, OrderEvent, id_of
from subgraphs.orders.schema.inputs import OrderFilter, read_filter

LINES = 5
EVENTS = 10
LICENSES = 5
ACTIVATIONS = 5
"""How many there are of each as a rule, for the cost of an operation."""


async def load_sold(root: Parent["Product"], info: OrdersInfo) -> int:
    """How many were sold."""
    return await info.context.loaders.sold.load(root.key) if root.key is not None else 0


async def is_owned(root: Parent["Product"], info: OrdersInfo) -> bool:
    """Whether the caller holds an active licence; nobody does who is not signed in."""
    principal = info.context.principal
    if principal is None or root.key is None:
        return False
    return await info.context.loaders.owned.load((principal.user_id, root.key))


@federation.type(keys=["id"])
class Product:
    """A product; it belongs to products."""

    id: strawberry.ID
    key: strawberry.Private[UUID | None]
    units_sold: int = federation.field(resolver=load_sold, directives=[build_cost(3)])
    is_owned_by_me: bool = strawberry.field(
        resolver=is_owned, description="The caller holds an active licence."
    )

    @classmethod
    def of(cls, product_id: UUID) -> Self:
        """The product with the id."""
        return cls(id=id_of(product_id), key=product_id)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002 -- the key's name
        """The product with the id, whether it exists or not: products knows."""
        return cls(id=id, key=parse_id(id))


@strawberry.type(
    description="Price, name and currency are copied when ordered; product shows today's catalogue."
)
class OrderLine(Node):
    """A product in an order."""

    product: Product | None
    product_name: str
    unit_price: MoneyType
    quantity: int
    total: MoneyType

    @classmethod
    def of(cls, record: domain.Line) -> Self:
        """The line; who may see the order may see it."""
        return cls(
            id=id_of(record.id),
            product=Product.of(record.product_id),
            product_name=record.product_name,
            unit_price=MoneyType.of(record.unit_price),
            quantity=record.quantity,
            total=MoneyType.of(record.total),
        )


async def load_lines(root: Parent["Order"], info: OrdersInfo) -> list[OrderLine]:
    """What was ordered."""
    return [OrderLine.of(line) for line in await info.context.loaders.lines.load(root.record.id)]


async def load_events(root: Parent["Order"], info: OrdersInfo) -> list[OrderEvent]:
    """What happened, oldest first."""
    return [OrderEvent.of(event) for event in await info.context.loaders.events.load(root.record.id)]


async def load_licenses(root: Parent["Order"], info: OrdersInfo) -> "list[License]":
    """What the customer holds of it."""
    require_user(info.context.principal)
    return [License.of(held) for held in await info.context.loaders.of_orders.load(root.record.id)]


def list_actions(root: Parent["Order"], info: OrdersInfo) -> list[domain.OrderAction]:
    """What the caller may do now."""
    principal = require_user(info.context.principal)
    return domain.list_actions(
        root.record,
        dt.datetime.now(dt.UTC),
        is_owner=principal.user_id == root.record.customer_id,
        may_write=WRITE_SCOPE in principal.scopes,
    )


@federation.type(keys=["id"])
class Order(Node):
    """An order."""

    record: strawberry.Private[domain.Order]
    number: str = federation.field(shareable=True, description="Human number, e.g. PAM-2026-000123.")
    customer: "User"
    status: domain.OrderStatus
    cancel_reason: domain.CancelReason | None
    lines: list[OrderLine] = federation.field(
        resolver=load_lines, directives=[build_list_size(assumed_size=LINES)]
    )
    subtotal: MoneyType
    discount_total: MoneyType
    tax_total: MoneyType
    total: MoneyType
    refunded_total: MoneyType
    refund_status: domain.RefundStatus
    allowed_actions: list[domain.OrderAction] = strawberry.field(
        resolver=list_actions, description="What the caller may do now (drives buttons in the dashboards)."
    )
    events: list[OrderEvent] = federation.field(
        resolver=load_events, directives=[build_list_size(assumed_size=EVENTS)]
    )
    licenses: "list[License]" = federation.field(
        resolver=load_licenses, authenticated=True, directives=[build_list_size(assumed_size=LICENSES)]
    )
    payment_deadline: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def of(cls, record: domain.Order) -> Self:
        """The order, for a caller who may see it."""
        return cls(
            id=id_of(record.id),
            record=record,
            number=record.number,
            customer=User.of(record.customer_id),
            status=record.status,
            cancel_reason=record.cancel_reason,
            subtotal=MoneyType.of(record.subtotal),
            discount_total=MoneyType.of(record.discount_total),
            tax_total=MoneyType.of(record.tax_total),
            total=MoneyType.of(record.total),
            refunded_total=MoneyType.of(record.refunded_total),
            refund_status=record.refund_status,
            payment_deadline=record.payment_deadline,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    @classmethod
    async def resolve_reference(cls, info: OrdersInfo, id: strawberry.ID) -> Self | None:  # noqa: A002 -- the key's name
        """The order with the id, if the caller may see it."""
        order_id = parse_id(id)
        found = await info.context.loaders.orders.load(order_id) if order_id is not None else None
        return cls.of(found) if found is not None and info.context.may_see(found) else None


async def load_order_of(root: Parent["License"], info: OrdersInfo) -> Order:
    """The order, which the caller may see, as with it the licence."""
    found = await info.context.loaders.orders.load(root.record.order_id)
    assert found is not None, "a licence is of an order"
    return Order.of(found)


async def load_activations(root: Parent["License"], info: OrdersInfo) -> list[Activation]:
    """The devices that it is used on, oldest first."""
    return [
        Activation(id=id_of(activation.id), label=activation.label, created_at=activation.created_at)
        for activation in await info.context.loaders.activations.load(root.record.id)
    ]


@federation.type(keys=["id"])
class License(Node):
    """What a customer holds of a product in an order that was paid."""

    record: strawberry.Private[domain.License]
    product: Product
    order: Order = strawberry.field(resolver=load_order_of)
    key: str
    status: domain.LicenseStatus
    activation_limit: int
    activations: list[Activation] = federation.field(
        resolver=load_activations, directives=[build_list_size(assumed_size=ACTIVATIONS)]
    )
    expires_at: dt.datetime | None

    @classmethod
    def of(cls, record: domain.License) -> Self:
        """The licence, for a caller who may see it."""
        return cls(
            id=id_of(record.id),
            record=record,
            product=Product.of(record.product_id),
            key=record.key,
            status=record.status,
            activation_limit=record.activation_limit,
            expires_at=record.expires_at,
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: OrdersInfo,
        id: strawberry.ID,  # noqa: A002 -- the key's name
    ) -> Self | None:
        """The licence with the id, if the caller may see it."""
        license_id = parse_id(id)
        found = await info.context.loaders.license.load(license_id) if license_id is not None else None
        return cls.of(found) if found is not None and info.context.may_see_of(found.customer_id) else None


@strawberry.type
class LicenseEdge:
    """A licence in its place in the library."""

    cursor: str
    node: License


async def count_licenses(root: Parent["LicenseConnection"]) -> int:
    """How many licences the whole library holds; counted only when asked for."""
    return await root.count()


@strawberry.type
class LicenseConnection:
    """A page of a library."""

    edges: list[LicenseEdge]
    nodes: list[License]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    total_count: int = federation.field(resolver=count_licenses, directives=[build_cost(5)])

    @classmethod
    def of(cls, page: Page[domain.License], count: Callable[[], Awaitable[int]]) -> Self:
        """The page; `count` gives the length of the whole library."""
        nodes = [License.of(row) for row in page.rows]
        edges = [
            LicenseEdge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)
        ]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page), count=count)


@strawberry.type
class OrderEdge:
    """An order in its place in the list."""

    cursor: str
    node: Order


async def count_all(root: Parent["OrderConnection"]) -> int:
    """How many orders the whole list holds; counted only when asked for."""
    return await root.count()


@strawberry.type
class OrderConnection:
    """A page of a list of orders."""

    edges: list[OrderEdge]
    nodes: list[Order]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    total_count: int = federation.field(resolver=count_all, directives=[build_cost(5)])

    @classmethod
    def of(cls, page: Page[domain.Order], count: Callable[[], Awaitable[int]]) -> Self:
        """The page; `count` gives the length of the whole list."""
        nodes = [Order.of(row) for row in page.rows]
        edges = [
            OrderEdge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)
        ]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page), count=count)


async def list_own(  # noqa: PLR0913, PLR0917 -- the arguments of a Relay connection
    root: Parent["User"],
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: OrderFilter | None = strawberry.UNSET,  # noqa: A002 -- the schema's name
) -> OrderConnection:
    """A user's orders, newest first; for the user, and for who may read all orders."""
    principal = require_user(info.context.principal)
    user_id = root.key
    if user_id is None or (principal.user_id != user_id and READ_SCOPE not in principal.scopes):
        raise ForbiddenError("These are somebody else's orders.")
    request = read_page_request(
        first=first,
        after=after or None,
        last=None if last is strawberry.UNSET else last,
        before=before or None,
    )
    loaders, wanted = info.context.loaders, read_filter(filter)
    page = await loaders.histories.load((user_id, wanted, request))
    return OrderConnection.of(page, lambda: loaders.counts.load((user_id, wanted)))


async def list_library(
    root: Parent["User"],
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> LicenseConnection:
    """A user's licences, newest first; for the user, and for who may read all orders."""
    require_user(info.context.principal)
    user_id = root.key
    if user_id is None or not info.context.may_see_of(user_id):
        raise ForbiddenError("These are somebody else's licences.")
    loaders = info.context.loaders
    page = await loaders.libraries.load((user_id, read_page_request(first=first, after=after or None)))
    return LicenseConnection.of(page, lambda: loaders.library_counts.load(user_id))


@federation.type(keys=["id"])
class User:
    """A user; it belongs to auth and users."""

    id: strawberry.ID
    key: strawberry.Private[UUID | None]
    orders: OrderConnection = federation.field(
        resolver=list_own,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])],
    )
    library: LicenseConnection = federation.field(
        resolver=list_library,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )

    @classmethod
    def of(cls, user_id: UUID) -> Self:
        """The user with the id."""
        return cls(id=id_of(user_id), key=user_id)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002 -- the key's name
        """The user with the id, whether there is one or not: auth knows."""
        return cls(id=id, key=parse_id(id))
