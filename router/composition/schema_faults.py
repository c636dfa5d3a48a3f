"""What GraphQL's own rules find wrong with a schema, as far as federation goes by them."""

from graphql import GraphQLError, GraphQLSchema, validate_schema

# Rules younger than federation's GraphQL: the deprecation of a field whose interface's is not deprecated is common
# there, and so are defaults that leave a required field to whoever reads them.
_TOO_STRICT = ("so implementation field", "to include required field")


def find_schema_faults(schema: GraphQLSchema) -> list[GraphQLError]:
    """The errors in a schema, none of which any composer of federation lets pass."""
    return [
        error for error in validate_schema(schema) if not any(text in error.message for text in _TOO_STRICT)
    ]
