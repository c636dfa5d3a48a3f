"""Orders' GraphQL schema."""

from subgraphs.common.schema import SubgraphSchema
from subgraphs.orders.schema.mutations import Mutation
from subgraphs.orders.schema.products import Product
from subgraphs.orders.schema.queries import Query
from subgraphs.orders.schema.subscriptions import Subscription
from subgraphs.orders.schema.types import License, Order, User

schema = SubgraphSchema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[License, Order, Product, User]
)

__all__ = ["schema"]
