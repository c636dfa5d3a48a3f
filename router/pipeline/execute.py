"""The stage that fetches."""

from collections.abc import Callable

from graphql import get_operation_ast

from router.errors import ErrorCode, refuse
from router.executor.execute import ExecutionContext, ExecutionResult
from router.executor.headers import NOTHING
from router.executor.introspection import find_introspection_nodes
from router.kit.json import JsonObject
from router.operation.shape import ObjectShape, build_shape
from router.pipeline.authorize import find_visible_schema
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.caches import is_kept
from router.pipeline.generation import Generation
from router.pipeline.request import RequestContext, write_request
from router.pipeline.validate import ValidOperation
from router.policy.authorization import AccessDecision
from router.query_plan.nodes import OperationKind, QueryPlan

NOT_ACCEPTABLE = 406


def get_shape(operation: ValidOperation, variables: JsonObject, generation: Generation) -> ObjectShape:
    """The shape of the answer, for these values of the variables that `@skip` and `@include` read."""

    def build() -> ObjectShape:
        return build_shape(generation.api_schema, operation.document, operation.node, variables)

    return _find_shape(operation, None, variables, generation, build)


def get_authorized_shape(
    authorized: AuthorizedOperation, variables: JsonObject, generation: Generation
) -> ObjectShape:
    """The same, with what was taken out marked as withheld."""
    if authorized.shape is not None:
        return authorized.shape
    operation, document = authorized.operation, authorized.document
    if document is None or document is operation.document:
        return get_shape(operation, variables, generation)

    def build() -> ObjectShape:
        schema, filtered = generation.api_schema, get_operation_ast(document)
        assert filtered is not None, "what authorisation leaves is one operation"
        permitted = build_shape(schema, document, filtered, variables)
        return build_shape(schema, operation.document, operation.node, variables, permitted)

    return _find_shape(operation, authorized.key[1], variables, generation, build)


def _find_shape(
    operation: ValidOperation,
    decision: AccessDecision | None,
    variables: JsonObject,
    generation: Generation,
    build: Callable[[], ObjectShape],
) -> ObjectShape:
    names = operation.condition_variables
    conditions = tuple([variables.get(name) is True for name in names]) if names else ()
    key = (operation.key, decision, conditions)
    cache = generation.caches.shapes
    shape = cache.find(key)
    if shape is None:
        shape = build()
        if is_kept(operation.key):
            cache.put(key, shape)
    return shape


def check_supported(operation: ValidOperation, shape: ObjectShape, generation: Generation) -> None:
    """Refuse what is not served.

    Raises:
        RefusedError: a subscription, or a mutation or introspection where these are switched off.
    """
    if operation.kind is OperationKind.MUTATION and generation.options.are_mutations_forbidden:
        raise refuse("Mutations are forbidden", ErrorCode.MUTATION_FORBIDDEN)
    if operation.kind is OperationKind.SUBSCRIPTION:
        msg = "subscription support is not enabled"
        raise refuse(msg, ErrorCode.SUBSCRIPTION_DISABLED, status=NOT_ACCEPTABLE)
    if not generation.options.is_introspection_enabled and find_introspection_nodes(shape):
        raise refuse("introspection has been disabled", ErrorCode.INTROSPECTION_DISABLED)


async def execute_plan(
    plan: QueryPlan | None,
    authorized: AuthorizedOperation,
    variables: JsonObject,
    context: RequestContext,
    generation: Generation,
) -> ExecutionResult:
    """Run the plan. An operation of which nothing may be fetched answers null."""
    if authorized.document is None:
        return ExecutionResult(None)
    shape = get_authorized_shape(authorized, variables, generation)
    visible = None
    if generation.options.authorization.is_introspection_filtered and find_introspection_nodes(shape):
        visible = await find_visible_schema(context, generation)
    request = context.request
    body = write_request(request) if generation.executor.reads_body else NOTHING
    defers = authorized.operation.defers
    is_in_parts = defers is not None and defers.is_active(variables)
    execution = ExecutionContext(
        variables, request.headers, request.context, body, visible, request.member, is_in_parts
    )
    return await generation.executor.execute(plan, shape, execution)
