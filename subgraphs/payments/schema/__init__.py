"""Payments' GraphQL schema."""

from subgraphs.common.schema import SubgraphSchema
from subgraphs.payments.schema.mutations import Mutation
from subgraphs.payments.schema.queries import Query
from subgraphs.payments.schema.subscriptions import Subscription
from subgraphs.payments.schema.types import Order, Payment, Refund, User

schema = SubgraphSchema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[Order, Payment, Refund, User]
)

__all__ = ["schema"]
