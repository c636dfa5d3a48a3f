"""Orders' GraphQL types, and what it adds to User and Product.

An `Order` is made only by `Order.of`, whose callers have checked that the caller may see it.
"""

import datetime as dt
from typing import Self

import strawberry
from strawberry import Parent, federation

from subgraphs.common.auth import require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import ForbiddenError
from subgraphs.common.graphql_types import EntityStub, MoneyType, Node, build_list_size, id_of, parse_id
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.orders import domain
from subgraphs.orders.schema.context import READ_SCOPE, WRITE_SCOPE, OrdersInfo
from subgraphs.orders.schema.filters import OrderFilter, read_filter
from subgraphs.orders.schema.products import Product

strawberry.enum(domain.OrderStatus)
strawberry.enum(domain.CancelReason)
strawberry.enum(domain.RefundStatus)
strawberry.enum(domain.OrderAction)
strawberry.enum(domain.ActorType)
strawberry.enum(domain.LicenseStatus)

LINES = 5
LICENSES = 5
ACTIVATIONS = 5
EVENTS = 10
"""How many there are of each as a rule, for the cost of an operation."""


@strawberry.type
class OrderEvent:
    """A change of an order's status."""

    id: strawberry.ID
    at: dt.datetime
    type: str
    from_: domain.OrderStatus | None = strawberry.field(name="from")
    to: domain.OrderStatus | None
    actor_type: domain.ActorType
    message: str | None

    @classmethod
    def of(cls, record: domain.Event) -> Self:
        """The event; who may see the order may see it."""
        return cls(
            id=id_of(record.id),
            at=record.at,
            type=record.type,
            from_=record.from_status,
            to=record.to_status,
            actor_type=record.actor_type,
            message=record.message,
        )


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


@strawberry.type
class Activation:
    """A place where a licence is used."""

    id: strawberry.ID
    label: str
    created_at: dt.datetime


async def load_activations(root: Parent["License"], info: OrdersInfo) -> list[Activation]:
    """Where the licence is used, oldest first."""
    return [
        Activation(id=id_of(found.id), label=found.label, created_at=found.created_at)
        for found in await info.context.loaders.activations.load(root.record.id)
    ]


def build_download_url(root: Parent["License"], info: OrdersInfo) -> str | None:
    """Where the holder gets the licence's file in the next minutes; nobody else does."""
    principal = info.context.principal
    if principal is None or principal.user_id != root.record.customer_id:
        return None
    return info.context.service.downloads.link(root.record)


async def load_order(root: Parent["License"], info: OrdersInfo) -> "Order":
    """The order that it was bought with."""
    found = await info.context.loaders.orders.load(root.record.order_id)
    assert found is not None, "a licence has an order"
    return Order.of(found)


@federation.type(keys=["id"])
class License(Node):
    """The right to use a product."""

    record: strawberry.Private[domain.License]
    product: Product
    order: "Order" = strawberry.field(resolver=load_order)
    key: str
    status: domain.LicenseStatus
    activation_limit: int
    activations: list[Activation] = federation.field(
        resolver=load_activations, directives=[build_list_size(assumed_size=ACTIVATIONS)]
    )
    expires_at: dt.datetime | None
    download_url: str | None = strawberry.field(
        resolver=build_download_url,
        description="Works for a few minutes; null unless the licence is active and the caller's own.",
    )

    @classmethod
    def of(cls, record: domain.License) -> Self:
        """The licence, for a caller who may see its order."""
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
    async def resolve_reference(cls, info: OrdersInfo, id: strawberry.ID) -> Self | None:  # noqa: A002 -- the key's name
        """The licence with the id, if it is the caller's or the caller may read all orders."""
        found = await find_visible(info, id)
        return None if found is None else cls.of(found)


async def find_visible(info: OrdersInfo, license_id: str) -> domain.License | None:
    """The licence with the id, if the caller may see it."""
    key = parse_id(license_id)
    found = await info.context.loaders.licenses.load(key) if key is not None else None
    return found if found is not None and info.context.may_see_of(found.customer_id) else None


async def load_licenses(root: Parent["Order"], info: OrdersInfo) -> list[License]:
    """What was paid for."""
    require_user(info.context.principal)
    return [License.of(found) for found in await info.context.loaders.licenses_of.load(root.record.id)]


async def load_lines(root: Parent["Order"], info: OrdersInfo) -> list[OrderLine]:
    """What was ordered."""
    return [OrderLine.of(line) for line in await info.context.loaders.lines.load(root.record.id)]


async def load_events(root: Parent["Order"], info: OrdersInfo) -> list[OrderEvent]:
    """What happened, oldest first."""
    return [OrderEvent.of(event) for event in await info.context.loaders.events.load(root.record.id)]


async def list_actions(root: Parent["Order"], info: OrdersInfo) -> list[domain.OrderAction]:
    """What the caller may do now."""
    principal = require_user(info.context.principal)
    is_sold = root.record.status in domain.SOLD
    licenses = await info.context.loaders.licenses_of.load(root.record.id) if is_sold else []
    return domain.list_actions(
        root.record,
        licenses,
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
    licenses: list[License] = federation.field(
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


async def list_own(  # noqa: PLR0913, PLR0917 -- the arguments of a Relay connection
    root: Parent["User"],
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: OrderFilter | None = strawberry.UNSET,  # noqa: A002 -- the schema's name
) -> Connection[Order]:
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
    return Connection.of(page, Order.of, lambda: loaders.counts.load((user_id, wanted)))


async def list_library(
    root: Parent["User"],
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = strawberry.UNSET,
) -> Connection[License]:
    """A user's licences, newest first; for the user, and for who may read all orders."""
    principal = require_user(info.context.principal)
    user_id = root.key
    if user_id is None or (principal.user_id != user_id and READ_SCOPE not in principal.scopes):
        raise ForbiddenError("This is somebody else's library.")
    request = read_page_request(first=first, after=after or None)
    loaders = info.context.loaders
    page = await loaders.libraries.load((user_id, request))
    return Connection.of(page, License.of, lambda: loaders.library_counts.load(user_id))


@federation.type(keys=["id"])
class User(EntityStub):
    """A user; it belongs to auth and users."""

    orders: Connection[Order] = federation.field(
        resolver=list_own,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])],
    )
    library: Connection[License] = federation.field(
        resolver=list_library,
        authenticated=True,
        directives=[build_list_size(slicing_arguments=["first"], sized_fields=["edges", "nodes"])],
    )
