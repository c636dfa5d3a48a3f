"""What orders adds to Product."""

import strawberry
from strawberry import Parent, federation

from subgraphs.common.graphql_types import EntityStub, build_cost
from subgraphs.orders.schema.context import OrdersInfo


async def load_sold(root: Parent["Product"], info: OrdersInfo) -> int:
    """How many were sold."""
    return await info.context.loaders.sold.load(root.key) if root.key is not None else 0


async def load_is_owned(root: Parent["Product"], info: OrdersInfo) -> bool:
    """Whether the caller holds an active licence; nobody owns anything without signing in."""
    if info.context.principal is None or root.key is None:
        return False
    return await info.context.loaders.owned.load((info.context.principal.user_id, root.key))


@federation.type(keys=["id"])
class Product(EntityStub):
    """A product; it belongs to products."""

    units_sold: int = federation.field(resolver=load_sold, directives=[build_cost(3)])
    is_owned_by_me: bool = strawberry.field(
        resolver=load_is_owned, description="The caller holds an active licence."
    )
