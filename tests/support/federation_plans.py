"""Plans of small federations: compose, plan, measure, and run against one world."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from graphql import get_variable_values, parse, validate
from graphql.execution.values import VariableValues

from router.composition import Composition, SubgraphSource, compose
from router.executor.execute import ExecutionContext, ExecutionResult, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.transport import SubgraphTransport
from router.kit.json import JsonObject
from router.operation.normalize import find_operation
from router.operation.shape import build_shape
from router.planner import Planner
from router.query_plan.nodes import (
    Condition,
    Defer,
    Fetch,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    Subscription,
)
from router.supergraph import Supergraph
from tests.support.federation_world import World, world_transport

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@requires", "@provides",'
    ' "@external", "@shareable", "@override", "@inaccessible", "@tag", "@interfaceObject", "@context", "@fromContext"])\n'
)


@dataclass(frozen=True, eq=False)
class Federation:
    """Subgraphs by name, composed.

    Attributes:
        is_complete: whether the SDL says itself what it links; else the federation spec is linked.
        composed_sdl: the supergraph as another composer made it; None for ours.
        never: what must not be asked, see `federation_world.WorldSubgraph`.
    """

    subgraphs: Mapping[str, str]
    is_complete: bool = False
    composed_sdl: str | None = None
    never: frozenset[str] = frozenset()

    @cached_property
    def composition(self) -> Composition:
        """What composing gives."""
        linked = self.linked_subgraphs()
        return compose([SubgraphSource(name, f"http://{name}", sdl) for name, sdl in linked.items()])

    @cached_property
    def supergraph(self) -> Supergraph:
        """The composed schema."""
        if self.composed_sdl is not None:
            return Supergraph.read(self.composed_sdl)
        assert self.composition.supergraph_sdl is not None, self.composition.errors
        return Supergraph.read(self.composition.supergraph_sdl)

    def linked_subgraphs(self) -> dict[str, str]:
        """Give the subgraphs' SDL with the federation spec linked."""
        if self.is_complete:
            return dict(self.subgraphs)
        return {name: _LINK + sdl for name, sdl in self.subgraphs.items()}

    @cached_property
    def planner(self) -> Planner:
        """The planner of the composed schema."""
        return Planner(self.supergraph)

    def plan(self, query: str, *, labels: frozenset[str] = frozenset()) -> QueryPlan:
        """Plan a query that is valid."""
        return _plan(self, query, labels)

    async def run(
        self,
        query: str,
        variables: JsonObject | None = None,
        *,
        world: World | None = None,
        labels: frozenset[str] = frozenset(),
    ) -> ExecutionResult:
        """Plan a query and run it against strict subgraphs."""
        return await self.run_plan(self.plan(query, labels=labels), query, variables, world=world)

    async def run_plan(
        self,
        plan: QueryPlan,
        query: str,
        variables: JsonObject | None = None,
        *,
        world: World | None = None,
        transport: SubgraphTransport | None = None,
    ) -> ExecutionResult:
        """Run a plan against strict subgraphs, or others."""
        if transport is None:
            transport, _ = world_transport(world or World(self.supergraph), self.subgraphs, self.never)
        executor = Executor(read_typenames(self.supergraph.document), transport)
        document = parse(query)
        operation = find_operation(document, None)
        coerced = get_variable_values(
            self.supergraph.api_schema, operation.variable_definitions or (), variables or {}
        )
        assert isinstance(coerced, VariableValues), coerced
        shape = build_shape(self.supergraph.api_schema, document, operation, coerced.coerced)
        return await executor.execute(plan, shape, ExecutionContext(coerced.coerced))

    async def check(
        self,
        query: str,
        variables: JsonObject | None = None,
        *,
        labels: frozenset[str] = frozenset(),
        has_nulls: bool = False,
    ) -> None:
        """Assert that the federated answer is the monolith's."""
        world = World(self.supergraph, has_nulls=has_nulls)
        result = await self.run(query, variables, world=world, labels=labels)
        assert not result.errors, result.errors
        expected = world.answer(parse(query), variables)
        differences = list(find_differences(result.data, expected))
        assert not differences, f"{self.plan(query, labels=labels)}\n{differences}"


@lru_cache(maxsize=64)
def _plan(federation: Federation, query: str, labels: frozenset[str]) -> QueryPlan:
    document = parse(query)
    errors = validate(federation.supergraph.api_schema, document)
    assert not errors, errors
    return federation.planner.plan(document, override_labels=labels)


def find_differences(got: Any, wanted: Any, path: str = "") -> Iterator[str]:
    """Tell where two answers differ."""
    if isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys():
        if list(got) != list(wanted):
            yield f"{path}: keys in the order {list(got)}, not {list(wanted)}"
        for key in wanted:
            yield from find_differences(got[key], wanted[key], f"{path}.{key}")
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for i, item in enumerate(wanted):
            yield from find_differences(got[i], item, f"{path}.{i}")
    elif got != wanted:
        yield f"{path}: {got!r}, not {wanted!r}"


def count_fetches(node: PlanNode | None) -> int:
    """Count the requests of a plan, those under conditions too."""
    match node:
        case None:
            return 0
        case Fetch():
            return 1
        case Sequence() | Parallel():
            return sum(count_fetches(inner) for inner in node.nodes)
        case Condition():
            return count_fetches(node.if_node) + count_fetches(node.else_node)
        case Defer():
            return count_fetches(node.primary.node) + sum(count_fetches(part.node) for part in node.deferred)
        case Subscription():
            return 1 + count_fetches(node.rest)


def measure_depth(node: PlanNode | None) -> int:  # noqa: PLR0911 -- one for each kind of node
    """Count the requests that run one after the other."""
    match node:
        case None:
            return 0
        case Fetch():
            return 1
        case Sequence():
            return sum(measure_depth(inner) for inner in node.nodes)
        case Parallel():
            return max(measure_depth(inner) for inner in node.nodes)
        case Condition():
            return max(measure_depth(node.if_node), measure_depth(node.else_node))
        case Defer():
            return measure_depth(node.primary.node) + max(
                (measure_depth(part.node) for part in node.deferred), default=0
            )
        case Subscription():
            return 1 + measure_depth(node.rest)


def size(plan: QueryPlan) -> tuple[int, int]:
    """Give the number of requests and how many of them run one after the other."""
    return count_fetches(plan.node), measure_depth(plan.node)
