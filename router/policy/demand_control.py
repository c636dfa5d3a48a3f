"""What an operation costs: reckoned from its plan before it runs, and counted in what came back.

An object costs 1, a leaf nothing, a mutation 10 more; `@cost` says otherwise. A list costs as often as it is long:
as `@listSize` says, else as the options assume. The estimate is the sum over a plan's fetches, of a condition's two
sides the dearer one. It depends on few variables or none: `Estimate.variables` names them, so it can be kept.

Spec: Apollo Router, demand control, `static_estimated`; Federation 2.9, `@cost` and `@listSize`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from graphql import DocumentNode

from router.kit.json import JsonObject, JsonValue
from router.policy.options import DemandOptions
from router.policy.reckoning import Reckoning, parse_fetch
from router.query_plan.nodes import Condition, Defer, Fetch, Parallel, PlanNode, QueryPlan, Sequence
from router.supergraph.cost import CostRules

Costs: TypeAlias = dict[str, float]
"""Costs by subgraph."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan will cost.

    Attributes:
        by_subgraph: in the order of the plan.
        variables: the client's variables that this depends on.
        plan: what may be run of the plan: all of it but fetches from subgraphs that cost too much.
        too_expensive: those subgraphs.
    """

    by_subgraph: Mapping[str, float]
    variables: frozenset[str]
    plan: QueryPlan
    too_expensive: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """The cost of the whole."""
        return sum(self.by_subgraph.values())


def estimate_plan(
    plan: QueryPlan,
    rules: CostRules,
    root_types: Mapping[str, str],
    variables: JsonObject,
    options: DemandOptions,
) -> Estimate:
    """Reckon what `plan` will cost with these values of variables.

    Raises:
        CostError: a field needs one slicing argument and has none, or several.
    """
    read: set[str] = set()

    def reckon(node: PlanNode | None) -> Costs:
        if node is None:
            return {}
        if isinstance(node, Fetch):
            reckoning = Reckoning(
                rules,
                parse_fetch(node.operation),
                variables,
                options.of_subgraph(node.subgraph).list_size,
            )
            cost = reckoning.estimate(root_types)
            read.update(reckoning.variables_read & set(node.variable_usages))
            return {node.subgraph: cost}
        if isinstance(node, Sequence | Parallel):
            return _add(*(reckon(each) for each in node.nodes))
        if isinstance(node, Condition):
            sides = reckon(node.if_node), reckon(node.else_node)
            return max(sides, key=lambda costs: sum(costs.values()))
        if isinstance(node, Defer):
            return _add(reckon(node.primary.node), *(reckon(part.node) for part in node.deferred))
        return {}

    costs = reckon(plan.node)
    over = tuple(name for name, cost in costs.items() if _is_over(cost, options.of_subgraph(name).max))
    allowed = QueryPlan(plan.operation_kind, _without(plan.node, over)) if over else plan
    return Estimate(costs, frozenset(read), allowed, over)


def measure_answer(
    document: DocumentNode,
    data: JsonValue,
    rules: CostRules,
    root_types: Mapping[str, str],
    variables: JsonObject,
) -> float:
    """Count what `data`, the answer to the one operation of `document`, has cost."""
    reckoning = Reckoning(rules, document, variables, 0)
    return reckoning.measure(root_types, data) if isinstance(data, dict) else 0.0


def _is_over(cost: float, cost_max: float | None) -> bool:
    return cost_max is not None and cost > cost_max


def _add(*parts: Costs) -> Costs:
    whole: Costs = {}
    for part in parts:
        for name, cost in part.items():
            whole[name] = whole.get(name, 0.0) + cost
    return whole


def _without(node: PlanNode | None, subgraphs: tuple[str, ...]) -> PlanNode | None:
    """The plan without the fetches of some subgraphs; what would need them finds nothing to ask for."""
    if isinstance(node, Fetch):
        return None if node.subgraph in subgraphs else node
    if isinstance(node, Sequence | Parallel):
        kept = tuple(each for each in (_without(each, subgraphs) for each in node.nodes) if each is not None)
        return type(node)(kept) if kept else None
    if isinstance(node, Condition):
        return Condition(
            node.variable, _without(node.if_node, subgraphs), _without(node.else_node, subgraphs)
        )
    if isinstance(node, Defer):
        return Defer(
            replace(node.primary, node=_without(node.primary.node, subgraphs)),
            tuple(replace(part, node=_without(part.node, subgraphs)) for part in node.deferred),
        )
    return node
