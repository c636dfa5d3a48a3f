"""The stage that finds the plan."""

import logging

from graphql import DocumentNode

from router.errors import ErrorCode, RefusedError, ResponseError
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.generation import Generation
from router.pipeline.override import choose_labels
from router.planner.errors import PlanningError
from router.query_plan.nodes import QueryPlan

logger = logging.getLogger(__name__)


async def plan_operation(authorized: AuthorizedOperation, generation: Generation) -> QueryPlan | None:
    """The plan of what the caller may run, with the overrides that this request draws; None if that is nothing.

    Raises:
        RefusedError: QUERY_PLANNING_FAILED; there is no way to answer all of it.
    """
    if authorized.document is None:
        return None
    return await find_plan(authorized, choose_labels(generation.planner.override_labels), generation)


async def find_plan(
    authorized: AuthorizedOperation, labels: frozenset[str], generation: Generation
) -> QueryPlan:
    """The plan of something, with these overrides on; kept, or made now.

    Raises:
        RefusedError: QUERY_PLANNING_FAILED.
    """
    document = authorized.document
    assert document is not None, "of nothing there is no plan"

    def make() -> QueryPlan:
        return _plan(document, authorized.operation.name, labels, generation)

    return await generation.caches.plans.get((authorized.key, labels), make)


def _plan(
    document: DocumentNode, name: str | None, labels: frozenset[str], generation: Generation
) -> QueryPlan:
    try:
        return generation.planner.plan(document, name, override_labels=labels)
    except PlanningError as error:
        logger.warning("an operation cannot be planned: %s", error)
        extensions = {"code": ErrorCode.QUERY_PLANNING_FAILED}
        raise RefusedError([ResponseError(str(error), extensions=extensions)], is_data_null=True) from error
