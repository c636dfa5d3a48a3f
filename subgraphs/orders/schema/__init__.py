"""Orders' GraphQL schema."""

from subgraphs.common.schema import SubgraphSchema
from subgraphs.orders.schema.mutations import Mutation
from subgraphs.orders.schema.queries import Query
from subgraphs.orders.schema.types import Order, Product, User

schema = SubgraphSchema(query=Query, mutation=Mutation, types=[Order, Product, User])

__all__ = ["schema"]
