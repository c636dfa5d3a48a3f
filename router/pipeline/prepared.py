"""What the stages before execution find out about a request, kept where it holds for every request alike.

Most operations are the same for everybody who may run all of them: no limit is exceeded, no variable and no draw decides about
fields. When one of those comes again, nothing is left to do but to ask who calls and to read the variables.
"""

from dataclasses import replace

from msgspec import Struct

from router.kit.json import JsonObject
from router.pipeline.authorize import count_authorized, decide, find_demand
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.caches import Ready, is_kept
from router.pipeline.execute import get_authorized_shape
from router.pipeline.generation import Generation
from router.pipeline.hooks import note_operation
from router.pipeline.request import Request, RequestContext
from router.pipeline.validate import coerce_variables
from router.query_plan.nodes import OperationKind, QueryPlan

REMINDED_EVERY = 64
"""One of so many requests goes the whole way, so that the caches on it know what is in use."""


class Prepared(Struct, eq=False):
    """A request that is ready to run.

    Attributes:
        plan: None if nothing may be fetched.
        deferring: those variables that defer something; None if the operation never does.
    """

    authorized: AuthorizedOperation
    plan: QueryPlan | None
    variables: JsonObject
    deferring: frozenset[str] | None = None


def find_ready(request: Request, generation: Generation) -> Ready | None:
    """An operation that has come before and is the same for everybody who may run all of it."""
    ready = generation.caches.ready.find((request.query or "", request.operation_name))
    if ready is None or generation.is_traced():
        return None
    ready.uses += 1
    is_readable = not request.is_read_only or ready.authorized.operation.kind is OperationKind.QUERY
    return ready if is_readable and ready.uses % REMINDED_EVERY else None


async def is_permitted(ready: Ready, context: RequestContext, generation: Generation) -> bool:
    """Whether the caller brings all that a protected operation asks for."""
    assert ready.demand is not None, "it asks for something"
    is_permitted = await decide(ready.demand, context, generation) == ready.authorized.key[1]
    if is_permitted:
        count_authorized(ready.demand, generation, is_filtered=False)
    return is_permitted


def prepare_again(ready: Ready, request: Request, generation: Generation) -> Prepared:
    """Prepare a request for an operation that its caller may run.

    Raises:
        RefusedError: VALIDATION_INVALID_TYPE_VARIABLE.
    """
    operation = ready.authorized.operation
    note_operation(operation, request)
    variables = coerce_variables(operation, generation.api_schema, request.variables, generation.options)
    on_lookup = generation.caches.plans.on_lookup
    if on_lookup is not None:
        # It stands with the operation, and is not looked for.
        on_lookup(True, 0.0)
    return Prepared(ready.authorized, ready.plan, variables)


def keep_prepared(prepared: Prepared, request: Request, generation: Generation) -> None:
    """Keep what holds for all requests of an operation, if all of it does."""
    authorized = prepared.authorized
    operation = authorized.operation
    is_alike = (
        authorized.document is operation.document
        and not authorized.errors
        and prepared.deferring is None
        and not operation.condition_variables
        and not generation.planner.override_labels
    )
    if is_alike and generation.is_unwatched and is_kept(operation.key):
        shape = get_authorized_shape(authorized, prepared.variables, generation)
        demand = None if authorized.is_free else find_demand(operation, generation)
        ready = Ready(replace(authorized, shape=shape), prepared.plan, demand)
        generation.caches.ready.put((request.query or "", request.operation_name), ready)
