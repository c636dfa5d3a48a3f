"""The names of a plan's operations: they tell a subgraph's log which client's operation a request belongs to.

A plan is made without names, so that operations that differ in nothing else share it.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import assert_never

from router.query_plan.nodes import QueryPlan
from router.query_plan.tree import Condition, Defer, Fetch, Parallel, PlanNode, Sequence, Subscription


def name_fetches(plan: QueryPlan, name: str | None) -> QueryPlan:
    """The plan with its operations named `name__subgraph__n`, counted in the order of the plan; as it is without a name."""
    if name is None or plan.node is None:
        return plan
    numbers = count()

    def rename(fetch: Fetch) -> Fetch:
        subgraph = "".join(c if c.isascii() and c.isalnum() else "_" for c in fetch.subgraph)
        own = f"{name}__{subgraph}__{next(numbers)}"
        kind = fetch.operation_kind.value
        operation = f"{kind} {own}{fetch.operation.removeprefix(kind)}"
        return replace(fetch, operation=operation, operation_name=own)

    return replace(plan, node=_map_fetches(plan.node, rename))


def _map_fetches(node: PlanNode, change: Callable[[Fetch], Fetch]) -> PlanNode:
    match node:
        case Fetch():
            return change(node)
        case Sequence() | Parallel():
            return replace(node, nodes=tuple(_map_fetches(inner, change) for inner in node.nodes))
        case Condition():
            then = _map_fetches(node.if_node, change) if node.if_node is not None else None
            other = _map_fetches(node.else_node, change) if node.else_node is not None else None
            return Condition(node.variable, then, other)
        case Subscription():
            primary = change(node.primary)
            return Subscription(primary, _map_fetches(node.rest, change) if node.rest is not None else None)
        case Defer():
            first, later = node.primary, node.deferred
            return Defer(
                replace(first, node=_map_fetches(first.node, change) if first.node is not None else None),
                tuple(
                    replace(each, node=_map_fetches(each.node, change) if each.node is not None else None)
                    for each in later
                ),
            )
        case _:
            assert_never(node)
