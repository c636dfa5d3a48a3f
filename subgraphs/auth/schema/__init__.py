"""The GraphQL side of auth."""

from subgraphs.auth.schema.mutations import Mutation
from subgraphs.auth.schema.queries import Query
from subgraphs.auth.schema.types import User
from subgraphs.common.schema import SubgraphSchema

schema = SubgraphSchema(query=Query, mutation=Mutation, types=[User])
