"""The stage that fetches."""

from router.errors import ErrorCode, refuse
from router.executor.execute import ExecutionContext, ExecutionResult
from router.executor.introspection import find_introspection_nodes
from router.kit.json import JsonObject
from router.operation.shape import ObjectShape, build_shape
from router.pipeline.authorize import AuthorizedOperation
from router.pipeline.caches import is_kept
from router.pipeline.generation import Generation
from router.pipeline.request import RequestContext
from router.pipeline.validate import ValidOperation
from router.plan.nodes import OperationKind, QueryPlan

NOT_ACCEPTABLE = 406


def get_shape(operation: ValidOperation, variables: JsonObject, generation: Generation) -> ObjectShape:
    """The shape of the answer, for these values of the variables that `@skip` and `@include` read."""
    names = operation.source.condition_variables
    key = (operation.key, tuple(variables.get(name) is True for name in names))
    cache = generation.caches.shapes
    shape = cache.find(key)
    if shape is None:
        shape = build_shape(generation.api_schema, operation.source.document, operation.node, variables)
        if is_kept(operation.key):
            cache.put(key, shape)
    return shape


def check_supported(operation: ValidOperation, shape: ObjectShape, generation: Generation) -> None:
    """Refuse what is not served.

    Raises:
        RefusedError: a subscription, or introspection where it is switched off.
    """
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
    shape = get_shape(authorized.operation, variables, generation)
    execution = ExecutionContext(variables, context.request.headers)
    return await generation.executor.execute(plan, shape, execution)
