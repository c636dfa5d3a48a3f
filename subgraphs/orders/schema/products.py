"""What orders adds to Product."""

from typing import Self
from uuid import UUID

import strawberry
from strawberry import Parent, federation

from subgraphs.common.graphql_types import build_cost, parse_id
from subgraphs.orders.schema.context import OrdersInfo


def id_of(value: UUID) -> strawberry.ID:
    """The GraphQL form of an id."""
    return strawberry.ID(str(value))


async def load_sold(root: Parent["Product"], info: OrdersInfo) -> int:
    """How many were sold."""
    return await info.context.loaders.sold.load(root.key) if root.key is not None else 0


async def load_is_owned(root: Parent["Product"], info: OrdersInfo) -> bool:
    """Whether the caller holds an active licence; nobody owns anything without signing in."""
    if info.context.principal is None or root.key is None:
        return False
    return await info.context.loaders.owned.load((info.context.principal.user_id, root.key))


@federation.type(keys=["id"])
class Product:
    """A product; it belongs to products."""

    id: strawberry.ID
    key: strawberry.Private[UUID | None]
    units_sold: int = federation.field(resolver=load_sold, directives=[build_cost(3)])
    is_owned_by_me: bool = strawberry.field(
        resolver=load_is_owned, description="The caller holds an active licence."
    )

    @classmethod
    def of(cls, product_id: UUID) -> Self:
        """The product with the id."""
        return cls(id=id_of(product_id), key=product_id)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:  # noqa: A002 -- the key's name
        """The product with the id, whether it exists or not: products knows."""
        return cls(id=id, key=parse_id(id))
