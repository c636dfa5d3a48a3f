"""What GraphQL's own rules find wrong with a schema, as far as federation goes by them."""

from collections.abc import Collection
from contextlib import suppress
from functools import partial

from graphql import DocumentNode, GraphQLError, GraphQLSchema, Node, ParallelVisitor, visit
from graphql.type.validate import SchemaValidationContext
from graphql.validation import PossibleTypeExtensionsRule, SDLValidationContext
from graphql.validation.specified_rules import specified_sdl_rules

# Rules younger than federation's GraphQL: the deprecation of a field whose interface's is not deprecated is common
# there, and so are defaults that leave a required field to whoever reads them.
_TOO_STRICT = ("so implementation field", "to include required field")
# A subgraph may extend what others define.
_RULES = [rule for rule in specified_sdl_rules if rule is not PossibleTypeExtensionsRule]
ERRORS_MAX = 100
"""As many as GraphQL reports of an operation: the place of each takes time with all of the text before it."""


def find_sdl_faults(document: DocumentNode) -> list[GraphQLError]:
    """The errors in a subgraph's definitions; where there are more than ERRORS_MAX, the last one says so."""
    errors: list[GraphQLError] = []
    context = SDLValidationContext(document, None, partial(_collect, errors))
    with suppress(_TooManyError):
        visit(document, ParallelVisitor([rule(context) for rule in _RULES]))
    return errors


class _TooManyError(Exception):
    pass


def _collect(errors: list[GraphQLError], error: GraphQLError) -> None:
    if len(errors) < ERRORS_MAX:
        errors.append(error)
        return
    errors.append(GraphQLError(f"There are more than {ERRORS_MAX} errors: correct these first"))
    raise _TooManyError


def find_schema_faults(schema: GraphQLSchema) -> list[GraphQLError]:
    """The errors in a schema, none of which any composer of federation lets pass; bounded likewise."""
    context = _SchemaValidation(schema)
    with suppress(_TooManyError):
        context.validate_root_types()
        context.validate_directives()
        context.validate_types()
    return context.errors


class _SchemaValidation(SchemaValidationContext):
    def report_error(self, message: str, nodes: Node | Collection[Node | None] | None = None) -> None:
        if not any(text in message for text in _TOO_STRICT):
            given = [nodes] if isinstance(nodes, Node) else [node for node in nodes or () if node]
            _collect(self.errors, GraphQLError(message, given))
