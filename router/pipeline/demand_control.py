"""The stage that fetches, for operations that may not cost more than is allowed."""

from msgspec.structs import replace

from router.errors import ErrorCode, RefusedError, ResponseError, refuse
from router.executor.execute import ExecutionResult
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.costs import CountedParts, DemandControl, listen
from router.pipeline.execute import execute_plan
from router.pipeline.generation import Generation
from router.pipeline.request import RequestContext
from router.policy.demand_control import Estimate, measure_answer
from router.policy.reckoning import CostError
from router.query_plan.nodes import QueryPlan

KEYS = "apollo::demand_control::"
"""Apollo Router's context keys begin so."""

OK_STATUS = 200
COST_OK = "COST_OK"


async def execute_within_budget(
    plan: QueryPlan | None,
    authorized: AuthorizedOperation,
    variables: JsonObject,
    context: RequestContext,
    generation: Generation,
) -> ExecutionResult:
    """Run the plan, if it will not cost too much; tell in `context` what it was reckoned to cost and what it did.

    Raises:
        RefusedError: COST_ESTIMATED_TOO_EXPENSIVE, or COST_QUERY_PARSE_FAILURE; only where costs are enforced.
    """
    control = generation.demand
    if control is None or plan is None:
        return await execute_plan(plan, authorized, variables, context, generation)
    estimate = _estimate(plan, variables, context, control)
    allowed = estimate.plan if estimate is not None and control.options.is_enforced else plan
    with listen() as heard:
        result = await execute_plan(allowed, authorized, variables, context, generation)

    def tell(data: JsonValue) -> None:
        if control.options.is_counted_by_subgraph:
            costs = control.count(heard)
            context.entries[f"{KEYS}actual_cost_by_subgraph"] = costs
            actual = sum(costs.values())
        else:
            document = authorized.document or authorized.operation.document
            actual = measure_answer(document, data, control.rules, control.root_types, variables)
        context.entries[f"{KEYS}actual_cost"] = actual
        if actual > control.options.max and context.entries[f"{KEYS}result"] == COST_OK:
            # The answer is there already: it is told, not withheld.
            context.entries[f"{KEYS}result"] = ErrorCode.COST_ACTUAL_TOO_EXPENSIVE

    data = None if control.options.is_counted_by_subgraph else read_json(write_json(result.data))
    tell(data)
    if allowed is not plan and estimate is not None:
        result.errors.extend(_describe_left_out(estimate, control))
    if result.later is None or not result.later.has_next:
        return result
    return replace(result, later=CountedParts(result.later, data, tell))


def _estimate(
    plan: QueryPlan, variables: JsonObject, context: RequestContext, control: DemandControl
) -> Estimate | None:
    options, entries = control.options, context.entries
    entries[f"{KEYS}strategy"] = "static_estimated"
    try:
        estimate = control.estimate(plan, variables)
    except CostError as error:
        entries[f"{KEYS}result"] = error.code
        if options.is_enforced:
            raise refuse(str(error), error.code, status=OK_STATUS) from error
        return None
    total = estimate.total
    entries[f"{KEYS}estimated_cost"] = total
    entries[f"{KEYS}estimated_cost_by_subgraph"] = dict(estimate.by_subgraph)
    is_over = total > options.max
    entries[f"{KEYS}result"] = ErrorCode.COST_ESTIMATED_TOO_EXPENSIVE if is_over else COST_OK
    if is_over and options.is_enforced:
        message = f"query estimated cost {_write(total)} exceeded configured maximum {_write(options.max)}"
        extensions = {
            "cost.estimated": total,
            "cost.max": options.max,
            "code": ErrorCode.COST_ESTIMATED_TOO_EXPENSIVE,
        }
        raise RefusedError([ResponseError(message, extensions=extensions)], status=OK_STATUS)
    return estimate


def _describe_left_out(estimate: Estimate, control: DemandControl) -> list[ResponseError]:
    errors = []
    for subgraph in estimate.too_expensive:
        cost, cost_max = estimate.by_subgraph[subgraph], control.options.of_subgraph(subgraph).max or 0.0
        message = (
            f"query estimated cost {_write(cost)} exceeded configured maximum {_write(cost_max)} "
            f"for subgraph {subgraph}"
        )
        extensions = {
            "cost.subgraph": subgraph,
            "cost.estimated": cost,
            "cost.max": cost_max,
            "code": ErrorCode.SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE,
        }
        errors.append(ResponseError(message, extensions=extensions))
    return errors


def _write(cost: float) -> str:
    """A number without a decimal point where none is needed, as Rust writes it."""
    return str(int(cost)) if float(cost).is_integer() else str(cost)
