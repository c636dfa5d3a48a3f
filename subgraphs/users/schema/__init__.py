"""The GraphQL side of users."""

from subgraphs.common.schema import SubgraphSchema
from subgraphs.users.schema.mutations import Mutation
from subgraphs.users.schema.queries import Query
from subgraphs.users.schema.types import User

schema = SubgraphSchema(query=Query, mutation=Mutation, types=[User])
