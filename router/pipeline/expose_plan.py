"""Showing a request's plan to developers: the header `Apollo-Expose-Query-Plan`, `true` or `dry-run`."""

from enum import StrEnum

from router.kit.json import JsonObject
from router.pipeline.options import PipelineOptions
from router.pipeline.request import Request
from router.query_plan.nodes import OperationKind, QueryPlan

HEADER = "apollo-expose-query-plan"
EXTENSION = "apolloQueryPlan"


class PlanExposure(StrEnum):
    """What the request asks for."""

    OFF = "false"
    ON = "true"
    DRY_RUN = "dry-run"


def find_exposure(request: Request, options: PipelineOptions) -> PlanExposure:
    """Whether to show the plan, and whether to run it; never where it is not switched on."""
    if not options.is_plan_exposed:
        return PlanExposure.OFF
    value = next((value for name, value in request.headers if name == HEADER), "")
    return PlanExposure(value) if value in tuple(PlanExposure) else PlanExposure.OFF


def describe_plan(plan: QueryPlan | None) -> JsonObject:
    """The plan as the response's extension has it."""
    shown = plan or QueryPlan(OperationKind.QUERY, None)
    return {"object": shown.to_json(), "text": str(shown)}
