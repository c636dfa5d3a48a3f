"""The GraphQL side of products."""

from subgraphs.common.schema import SubgraphSchema
from subgraphs.products.schema.mutations import Mutation
from subgraphs.products.schema.queries import Query
from subgraphs.products.schema.subscriptions import Subscription
from subgraphs.products.schema.types import Category, Product, Review, User

schema = SubgraphSchema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[Product, Category, Review, User]
)
