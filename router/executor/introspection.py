"""Answering `__schema` and `__type` from the API schema, without any subgraph."""

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    experimental_execute_incrementally,
    visit,
)
from graphql.language import REMOVE, Visitor

from router.errors import ErrorCode, ResponseError
from router.kit.json import JsonObject
from router.operation.defer import DEFER
from router.operation.shape import INTROSPECTION_FIELDS, ObjectShape


class _DeferRemover(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> object:
        return REMOVE if node.name.value == DEFER else None


def find_introspection_nodes(shape: ObjectShape) -> tuple[FieldNode, ...]:
    """The selections of `__schema` and `__type` at the operation's root."""
    entries = shape.find_entries(shape.static_type.name) or ()
    return tuple(node for entry in entries if entry.name in INTROSPECTION_FIELDS for node in entry.nodes)


def answer_introspection(
    shape: ObjectShape, variables: JsonObject, visible: GraphQLSchema | None = None
) -> tuple[JsonObject, list[ResponseError]]:
    """The data and errors of the introspection part of an operation, under the client's keys.

    `visible` is what the caller may see of the API schema, None for all of it.
    """
    nodes = find_introspection_nodes(shape)
    if not nodes:
        return {}, []
    view = shape.operation
    operation = OperationDefinitionNode(
        operation=view.node.operation,
        variable_definitions=view.node.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=nodes),
    )
    # It is answered at once, whatever part it is told in.
    document = visit(DocumentNode(definitions=(operation, *view.fragments.values())), _DeferRemover())
    schema = visible or view.schema
    # The library runs nothing else against a schema that knows `@defer`.
    result = experimental_execute_incrementally(schema, document, variable_values=variables)
    assert isinstance(result, ExecutionResult), "introspection does not wait"
    extensions = {"code": ErrorCode.INTERNAL_SERVER_ERROR}
    errors = [
        ResponseError(error.message, path=tuple(error.path or ()), extensions=extensions)
        for error in result.errors or ()
    ]
    return result.data or {}, errors
