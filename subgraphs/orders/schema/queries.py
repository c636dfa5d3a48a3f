"""Orders' root query fields."""

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope, require_user
from subgraphs.common.connections import Connection
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.graphql_types import SortDirection, build_list_size
from subgraphs.common.pagination import PAGE_SIZE, read_page_request
from subgraphs.orders import domain
from subgraphs.orders.schema.context import READ_SCOPE, OrdersInfo
from subgraphs.orders.schema.filters import OrderFilter, OrderSort, read_filter
from subgraphs.orders.schema.types import (
    Order,
    User,
    list_own,
)

_SLICED = build_list_size(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])


async def get_order(
    info: OrdersInfo,
    id: strawberry.ID | None = UNSET,  # noqa: A002 -- the schema's name
    number: str | None = UNSET,
) -> Order | None:
    """The order with the id or the number, if the caller may see it; say just one of them."""
    require_user(info.context.principal)
    if bool(id) == bool(number):
        raise BadUserInputError("Name the order by its id or by its number, and only by one of them.")
    if id:
        return await Order.resolve_reference(info, id)
    async with info.context.read() as session:
        found = await info.context.service.find_order_by_number(session, number or "")
    return Order.of(found) if found is not None and info.context.may_see(found) else None


async def list_my_orders(
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    filter: OrderFilter | None = UNSET,  # noqa: A002 -- the schema's name
) -> Connection[Order]:
    """The caller's orders, newest first."""
    me = User.of(require_user(info.context.principal).user_id)
    return await list_own(me, info, first, after, last, before, filter)


async def list_orders(  # noqa: PLR0913, PLR0917 -- the arguments of a Relay connection
    info: OrdersInfo,
    first: int | None = PAGE_SIZE,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    filter: OrderFilter | None = UNSET,  # noqa: A002 -- the schema's name
    sort: list[OrderSort] | None = UNSET,
) -> Connection[Order]:
    """Everybody's orders, newest first unless sorted otherwise."""
    require_scope(info.context.principal, READ_SCOPE)
    request = read_page_request(
        first=first, after=after or None, last=None if last is UNSET else last, before=before or None
    )
    wanted, order = read_filter(filter), _read_sort(sort or [])
    service = info.context.service
    async with info.context.read() as session:
        page = await service.list_orders(session, wanted, order, request)

    async def count() -> int:
        async with info.context.read() as session:
            return await service.count_orders(session, wanted)

    return Connection.of(page, Order.of, count)


def _read_sort(given: list[OrderSort]) -> domain.OrderSortKey:
    if len(given) > 1:
        raise BadUserInputError("A list of orders is sorted by one field; ties go by id.")
    if not given:
        return domain.OrderSortKey()
    return domain.OrderSortKey(given[0].field, given[0].direction is SortDirection.DESC)


@strawberry.type
class Query:
    """Orders, for their customers and for who looks after them."""

    order: Order | None = federation.field(resolver=get_order, authenticated=True)
    my_orders: Connection[Order] = federation.field(
        resolver=list_my_orders, authenticated=True, directives=[_SLICED]
    )
    orders: Connection[Order] = federation.field(
        resolver=list_orders, requires_scopes=[[READ_SCOPE]], directives=[_SLICED]
    )
