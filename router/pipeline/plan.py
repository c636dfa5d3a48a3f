"""The stage that finds the plan."""

import logging

from graphql import DocumentNode

from router.errors import ErrorCode, RefusedError, ResponseError
from router.pipeline.authorize import AuthorizedOperation
from router.pipeline.generation import Generation
from router.planner.errors import PlanningError
from router.query_plan.nodes import QueryPlan

logger = logging.getLogger(__name__)


async def plan_operation(authorized: AuthorizedOperation, generation: Generation) -> QueryPlan | None:
    """The plan of what the caller may run; None if that is nothing.

    Raises:
        RefusedError: QUERY_PLANNING_FAILED; there is no way to answer all of it.
    """
    document = authorized.document
    if document is None:
        return None

    def make() -> QueryPlan:
        return _plan(document, authorized.operation.name, generation)

    return await generation.caches.plans.get(authorized.key, make)


def _plan(document: DocumentNode, name: str | None, generation: Generation) -> QueryPlan:
    try:
        return generation.planner.plan(document, name)
    except PlanningError as error:
        logger.warning("an operation cannot be planned: %s", error)
        extensions = {"code": ErrorCode.QUERY_PLANNING_FAILED}
        raise RefusedError([ResponseError(str(error), extensions=extensions)], is_data_null=True) from error
