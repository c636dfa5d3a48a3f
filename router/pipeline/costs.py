"""What is kept about costs: estimates by plan, and what has come of the request under way."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Self, TypeAlias

from router.executor.parts import Parts, PartStream
from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.json import JsonObject, JsonValue, read_faulty_json, read_json, write_json
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
                sent, data = read_json(request.body), read_faulty_json(answer.body)["data"]
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


class CountedParts:
    """Later parts of an answer; what all of them come to is told with the last."""

    def __init__(self, parts: PartStream, data: JsonValue, tell: Callable[[JsonValue], None]) -> None:
        """`data` is that of the first part, which the others are put into; None if `tell` does not look at it."""
        self._parts = parts
        self._data = data
        self._tell = tell

    @property
    def has_next(self) -> bool:
        """Whether there are more."""
        return self._parts.has_next

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> Parts:
        """The next parts."""
        parts = await anext(self._parts)
        for part in parts.parts if self._data is not None else ():
            place = self._data
            for step in part.path:
                place = place[step]
            _put_into(place, part.data)
        if not parts.has_next:
            self._tell(self._data)
        return parts

    async def aclose(self) -> None:
        """Stop whatever still runs."""
        await self._parts.aclose()


def _put_into(before: JsonValue, after: JsonValue) -> JsonValue:
    """Both together; of what several parts tell, a value stands against a null."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            before[key] = _put_into(before.get(key), value)
        return before
    if isinstance(before, list) and isinstance(after, list):
        return [_put_into(*pair) for pair in zip_longest(before, after)]
    return before if after is None else after


@contextmanager
def listen() -> Iterator[Heard]:
    """What subgraphs answer meanwhile in this task and those that it starts."""
    heard: Heard = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
