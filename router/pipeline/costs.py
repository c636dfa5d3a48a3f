"""What is kept about costs: estimates by plan, and what subgraphs have answered to the request under way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.json import JsonObject, read_json, write_json
from router.kit.lru import LruCache
from router.policy.demand_control import Costs, Estimate, estimate_plan, measure_answer
from router.policy.options import DemandOptions
from router.policy.reckoning import parse_fetch
from router.query_plan.nodes import QueryPlan
from router.supergraph.cost import CostRules

ESTIMATES_MAX = 32
"""Estimates of one plan, for different values of the few variables that they depend on."""

KEPT_VALUES_MAX = 1_000
"""Bytes of such values; with longer ones an estimate is made anew."""

Heard: TypeAlias = list[tuple[SubgraphRequest, SubgraphAnswer]]

_heard: ContextVar[Heard | None] = ContextVar("_heard", default=None)


@dataclass(slots=True)
class _KnownPlan:
    """`plan` is held, so that its identity is not another's later."""

    plan: QueryPlan
    variables: tuple[str, ...]
    estimates: LruCache[bytes, Estimate] = field(default_factory=lambda: LruCache(ESTIMATES_MAX))


class DemandControl:
    """The costs of one generation."""

    def __init__(
        self, options: DemandOptions, rules: CostRules, root_types: Mapping[str, str], plans_max: int
    ) -> None:
        self.options = options
        self.rules = rules
        self.root_types = root_types
        self._plans: LruCache[int, _KnownPlan] = LruCache(plans_max)

    def estimate(self, plan: QueryPlan, variables: JsonObject) -> Estimate:
        """What a plan will cost, reckoned once for the values that it depends on.

        Raises:
            CostError: it cannot be told.
        """
        known = self._plans.find(id(plan))
        if known is not None and known.plan is plan:
            values = write_json([variables.get(name) for name in known.variables])
            estimate = known.estimates.find(values)
            if estimate is not None:
                return estimate
        estimate = estimate_plan(plan, self.rules, self.root_types, variables, self.options)
        if known is None or known.plan is not plan:
            known = _KnownPlan(plan, tuple(sorted(estimate.variables)))
            self._plans.put(id(plan), known)
        values = write_json([variables.get(name) for name in known.variables])
        if len(values) <= KEPT_VALUES_MAX:
            known.estimates.put(values, estimate)
        return estimate

    def measure(self, transport: SubgraphTransport) -> SubgraphTransport:
        """`transport`, listened to if the actual cost is counted in the subgraphs' answers."""
        return ListeningTransport(transport) if self.options.is_counted_by_subgraph else transport

    def count(self, heard: Heard) -> Costs:
        """The actual costs by subgraph."""
        costs: Costs = {}
        for request, answer in heard:
            try:
                sent, data = read_json(request.body), read_json(answer.body)["data"]
            except (ValueError, KeyError, TypeError):
                # No answer that a cost could be counted in; the executor tells the client.
                continue
            document, variables = parse_fetch(sent["query"]), sent.get("variables") or {}
            cost = measure_answer(document, data, self.rules, self.root_types, variables)
            costs[request.subgraph] = costs.get(request.subgraph, 0.0) + cost
        return costs


class ListeningTransport:
    """Another transport; what it brings is taken down for the request under way."""

    def __init__(self, transport: SubgraphTransport) -> None:
        self._transport = transport

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send with the other transport."""
        answer = await self._transport.send(request)
        heard = _heard.get()
        if heard is not None:
            heard.append((request, answer))
        return answer

    async def close(self) -> None:
        """Close the other transport."""
        await self._transport.close()


@contextmanager
def listen() -> Iterator[Heard]:
    """What subgraphs answer meanwhile in this task and those that it starts."""
    heard: Heard = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
