"""From a document to an operation that the API schema allows, and the values of its variables."""

import logging
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_variable_values,
    validate,
)
from graphql.execution.values import VariableValues

from router.errors import ErrorCode, RefusedError, ResponseError, refuse
from router.kit.json import JsonObject
from router.operation.defer import DeferUse, read_defers
from router.operation.shape import find_conditions
from router.pipeline.options import PipelineOptions
from router.pipeline.parse import ParsedDocument, describe_graphql_error
from router.pipeline.request import Request
from router.pipeline.rules import RULES, RULES_WITHOUT_DEPTH
from router.pipeline.unknown_fields import drop_unknown_fields
from router.pipeline.variables import VariableReader
from router.policy.limits import count_selections
from router.query_plan.nodes import OperationKind

logger = logging.getLogger(__name__)

ERRORS_MAX = 100
METHOD_NOT_ALLOWED = 405

SELECTION_WEIGHT = 4
"""Characters of a short field: what fragments make of a short document weighs as much as if it were written out."""

_ABORTED = "Validation aborted."
"""What the library says of a document whose fragments nest too deep, or that would take it too much work."""


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A document that the API schema allows.

    Attributes:
        condition_variables: those that `@skip`, `@include` and `@defer` read.
        has_defer: whether any fragment is deferred.
        selected: its operations that have been asked for, by the name in the request.
    """

    text: str
    document: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    condition_variables: tuple[str, ...]
    has_defer: bool = False
    selected: "dict[str | None, ValidOperation]" = field(default_factory=dict, compare=False, repr=False)


class OperationKey(NamedTuple):
    """What tells an operation from others of the same schema.

    Attributes:
        weight: how much may be made of it, in characters of a document without fragments.
    """

    text: str
    name: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class ValidOperation:
    """The operation of a valid document that a request asks for.

    Attributes:
        condition_variables: as of its document.
        variables: reads those that it declares.
        defers: what it defers; None if that is nothing.
    """

    document: DocumentNode
    condition_variables: tuple[str, ...]
    node: OperationDefinitionNode
    name: str | None
    kind: OperationKind
    key: OperationKey
    variables: VariableReader
    defers: DeferUse | None = None


def validate_document(
    parsed: ParsedDocument,
    schema: GraphQLSchema,
    *,
    is_suggesting: bool,
    is_introspection_limited: bool = True,
    errors_max: int = ERRORS_MAX,
) -> ValidDocument:
    """Validate against the API schema.

    Raises:
        RefusedError: GRAPHQL_VALIDATION_FAILED, with all errors up to `errors_max`.
    """
    rules = RULES if is_introspection_limited else RULES_WITHOUT_DEPTH
    found = validate(
        schema, parsed.document, rules, max_errors=errors_max, hide_suggestions=not is_suggesting
    )
    if found:
        code = ErrorCode.GRAPHQL_VALIDATION_FAILED
        if any(error.message == _ABORTED for error in found):
            msg = (
                "the document is too complex to be validated: with its fragments in place it nests too deeply, or selects "
                "too many fields in one place. Ask for it in parts"
            )
            raise refuse(msg, code)
        raise RefusedError([describe_graphql_error(error, code) for error in found[:errors_max]])
    operations = tuple(
        node for node in parsed.document.definitions if isinstance(node, OperationDefinitionNode)
    )
    variables, has_defer = find_conditions(parsed.document)
    return ValidDocument(parsed.text, parsed.document, operations, variables, has_defer)


def select_operation(valid: ValidDocument, request: Request) -> ValidOperation:
    """The operation that the request names, or the only one.

    Raises:
        RefusedError: there is no such operation, none is named among several, or it is a mutation or
            subscription and the request may only read.
    """
    operation = valid.selected.get(request.operation_name)
    if operation is None:
        operation = _read_operation(valid, _find_operation(valid, request.operation_name))
        valid.selected[request.operation_name] = operation
    if request.is_read_only and operation.kind is not OperationKind.QUERY:
        error = ResponseError(
            "Mutations can only be sent over HTTP POST", extensions={"code": ErrorCode.MUTATION_FORBIDDEN}
        )
        raise RefusedError([error], status=METHOD_NOT_ALLOWED, headers=(("allow", "POST"),))
    return operation


def coerce_variables(
    operation: ValidOperation, schema: GraphQLSchema, variables: JsonObject, options: PipelineOptions
) -> JsonObject:
    """The variables that the operation declares: as sent, with defaults for those left out.

    Values stay as the client wrote them. They have been found valid, and subgraphs coerce them again,
    by types that may differ from the API's. Fields that the API does not have are left out where that is only logged:
    a subgraph may have them, hidden.

    Raises:
        RefusedError: VALIDATION_INVALID_TYPE_VARIABLE; a value does not fit.
    """
    found = operation.variables.read_plain(variables)
    if found is not None:
        return found
    definitions = operation.variables.definitions

    def read(sent: JsonObject) -> VariableValues | list[GraphQLError]:
        hides = not options.is_suggesting
        return get_variable_values(schema, definitions, sent, max_errors=ERRORS_MAX, hide_suggestions=hides)

    values = read(variables)
    if not isinstance(values, VariableValues) and options.are_unknown_fields_dropped:
        variables = drop_unknown_fields(schema, definitions, variables)
        values = read(variables)
        if isinstance(values, VariableValues):
            logger.warning("operation %s was sent fields that its inputs do not have", operation.name)
    if not isinstance(values, VariableValues):
        raise RefusedError([_describe_variable_error(error) for error in values])
    return {
        name: variables.get(name, values.coerced.get(name))
        for name in operation.variables.names
        if name in variables or name in values.coerced
    }


def _read_operation(valid: ValidDocument, node: OperationDefinitionNode) -> ValidOperation:
    name = node.name.value if node.name else None
    reader = VariableReader(node.variable_definitions or ())
    weight = max(len(valid.text), SELECTION_WEIGHT * count_selections(valid.document, node))
    kind, key = OperationKind(node.operation.value), OperationKey(valid.text, name, weight)
    defers = read_defers(valid.document, node) if valid.has_defer else None
    return ValidOperation(valid.document, valid.condition_variables, node, name, kind, key, reader, defers)


def _find_operation(valid: ValidDocument, name: str | None) -> OperationDefinitionNode:
    if name is None:
        if len(valid.operations) > 1:
            msg = "Must provide operation name if query contains multiple operations."
            raise refuse(msg, ErrorCode.GRAPHQL_VALIDATION_FAILED)
        if not valid.operations:
            raise refuse("Must provide an operation.", ErrorCode.GRAPHQL_VALIDATION_FAILED)
        return valid.operations[0]
    for node in valid.operations:
        if node.name is not None and node.name.value == name:
            return node
    raise refuse(f'Unknown operation named "{name}"', ErrorCode.GRAPHQL_UNKNOWN_OPERATION_NAME)


def _describe_variable_error(error: GraphQLError) -> ResponseError:
    described = describe_graphql_error(error, ErrorCode.VALIDATION_INVALID_TYPE_VARIABLE)
    name = _find_variable_name(error)
    extensions = described.extensions if name is None else {**described.extensions, "name": name}
    return ResponseError(described.message, extensions=extensions, locations=described.locations)


def _find_variable_name(error: GraphQLError) -> str | None:
    for node in error.nodes or ():
        variable = getattr(node, "variable", None)
        if variable is not None:
            return str(variable.name.value)
    return None
