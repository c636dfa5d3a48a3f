"""The stage that finds the plan."""

import logging

from router.errors import ErrorCode, RefusedError, ResponseError
from router.kit.json import JsonObject
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.generation import Generation
from router.pipeline.override import choose_labels
from router.planner.errors import PlanningError
from router.query_plan.nodes import QueryPlan

logger = logging.getLogger(__name__)


async def plan_operation(
    authorized: AuthorizedOperation,
    generation: Generation,
    entries: JsonObject,
    deferring: frozenset[str] | None = None,
) -> QueryPlan | None:
    """The plan of what the caller may run, with the overrides that are on for the request; None if that is nothing.

    `entries` are those of the request's context, `deferring` those variables of the operation's `@defer` that are true;
    None if it defers nothing.

    Raises:
        RefusedError: QUERY_PLANNING_FAILED; there is no way to answer all of it.
    """
    if authorized.document is None:
        return None
    labels = choose_labels(generation.planner.override_labels, entries)
    return await find_plan(authorized, labels, generation, deferring)


async def find_plan(
    authorized: AuthorizedOperation,
    labels: frozenset[str],
    generation: Generation,
    deferring: frozenset[str] | None = None,
) -> QueryPlan:
    """The plan of something, with these overrides on and these variables deferring; kept, or made now.

    Raises:
        RefusedError: QUERY_PLANNING_FAILED.
    """
    assert authorized.document is not None, "of nothing there is no plan"

    def make() -> QueryPlan:
        return _plan(authorized, labels, generation, deferring)

    return await generation.caches.plans.get((authorized.key, labels, deferring), make)


def _plan(
    authorized: AuthorizedOperation,
    labels: frozenset[str],
    generation: Generation,
    deferring: frozenset[str] | None,
) -> QueryPlan:
    """Runs in the planning thread."""
    operation, document = authorized.operation, authorized.document
    assert document is not None
    try:
        return generation.caches.plans.shared.find_or_make(
            generation.planner,
            document,
            operation.name,
            labels,
            deferring=deferring,
            weight=operation.key.weight,
        )
    except PlanningError as error:
        logger.warning("an operation cannot be planned: %s", error)
        extensions = {"code": ErrorCode.QUERY_PLANNING_FAILED}
        raise RefusedError([ResponseError(str(error), extensions=extensions)], is_data_null=True) from error
