"""From a client's operation to a plan.

The recipe: bring the operation into normal form, find the cheapest way to have all that it needs (`solve`),
turn that into fetches (`fetch_graph`), save requests (`optimize`), write plan nodes (`emit`).

What kinds of operation differ in: a query may ask several subgraphs at its root and merge what they answer;
a mutation runs its root fields one after the other, each in one subgraph only; a subscription follows one
subgraph and completes each event with further fetches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from graphql import DocumentNode

from router.kit.garbage import collection_paused
from router.kit.recursion import allow_deep_operations
from router.operation.defer import list_choices, read_defers
from router.operation.errors import OperationError
from router.operation.need import Need, NeedField
from router.operation.normalize import NormalizedOperation, find_operation, normalize_operation
from router.operation.response_keys import ResponseKeys
from router.planner.emit import Emitter
from router.planner.errors import PlanningError, TooComplexError, UnreachableFieldError
from router.planner.fetch_graph import FetchGraph
from router.planner.optimize.batch import Batch, batch_steps
from router.planner.optimize.drop_implied_parents import drop_implied_parents
from router.planner.optimize.merge_riders import merge_riders
from router.planner.parts import read_parts
from router.planner.positions import Positions
from router.planner.search import Search
from router.planner.solve import Solver
from router.planner.sources import Solution, Source
from router.query_graph import Node, build_query_graph
from router.query_plan.naming import name_fetches
from router.query_plan.nodes import (
    Condition,
    Fetch,
    OperationKind,
    PlanNode,
    QueryPlan,
    Sequence,
    Subscription,
)
from router.query_plan.text import print_path
from router.supergraph.model import Supergraph

DEFER_VARIABLES_MAX = 4
"""Variables of one operation's `@defer`, where it is planned for all of their values: each doubles the plans."""

_WIDTHS = (None, 3, 1)
"""Of the searches made in turn, each after the one before was too long. Their plans may take more requests."""


@dataclass(frozen=True, slots=True)
class LabelledPlan:
    """A plan, and the override labels that it depends on: with all others it would be the same."""

    plan: QueryPlan
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlannerOptions:
    """How planning is bounded.

    Attributes:
        steps_max: how often one search may ask how some objects' fields are had, beside once for each selection of the
            operation. After so many a narrower search is made, and after the narrowest the operation is refused. Of the
            operations that people write few take a thousand.
    """

    steps_max: int = 10_000


class Planner:
    """Plans operations against one supergraph; holds nothing of any request, so it can be shared."""

    def __init__(self, supergraph: Supergraph, options: PlannerOptions = PlannerOptions()) -> None:
        self._supergraph = supergraph
        self._options = options
        with collection_paused():
            self._graph = build_query_graph(supergraph)
        allow_deep_operations()

    def plan(
        self,
        document: DocumentNode,
        operation_name: str | None = None,
        *,
        override_labels: frozenset[str] = frozenset(),
        deferring: frozenset[str] | Literal["any"] | None = "any",
    ) -> QueryPlan:
        """Plan one operation of a document that is valid against the API schema.

        `override_labels` are the labels of progressive overrides that are on for this request, `deferring` those variables
        that are true of which `@defer` reads any, None if there is nothing to defer. With "any" the plan is for all of
        their values.

        Raises:
            UnreachableFieldError: no subgraph in reach can resolve a field.
            TooComplexError: the search took more steps than the options allow.
            PlanningError: the operation itself cannot be chosen or is too big.
        """
        if deferring == "any":
            with _explaining():
                return self._plan_all(document, operation_name, override_labels)
        operation = self.normalize(document, operation_name, deferring)
        return name_fetches(self.plan_normalized(operation, override_labels).plan, operation.name)

    def _plan_all(
        self, document: DocumentNode, operation_name: str | None, labels: frozenset[str]
    ) -> QueryPlan:
        """Plan for whatever the variables are that `@defer` reads."""
        defers = read_defers(document, find_operation(document, operation_name))
        if defers is None:
            return self.plan(document, operation_name, override_labels=labels, deferring=None)
        names = defers.variables
        if len(names) > DEFER_VARIABLES_MAX:
            msg = f"The operation's @defer read more than {DEFER_VARIABLES_MAX} variables"
            raise PlanningError(msg)
        operations = [self.normalize(document, operation_name, chosen) for chosen in list_choices(names)]
        plans = [self.plan_normalized(operation, labels).plan for operation in operations]
        nodes = [plan.node for plan in plans]
        for name in reversed(names):
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [one if one == other else Condition(name, one, other) for one, other in pairs]
        return name_fetches(QueryPlan(plans[0].operation_kind, nodes[0]), operations[0].name)

    def normalize(
        self,
        document: DocumentNode,
        operation_name: str | None = None,
        deferring: frozenset[str] | None = None,
    ) -> NormalizedOperation:
        """What one operation of a document asks; `deferring` as for `plan`, but for "any".

        Raises:
            PlanningError: the operation cannot be chosen or is too big.
        """
        with _explaining(), collection_paused():
            return normalize_operation(document, operation_name, self._supergraph, deferring)

    def plan_normalized(self, operation: NormalizedOperation, labels: frozenset[str]) -> LabelledPlan:
        """Plan an operation in normal form; what its fetches are called is for others to say (`name_fetches`).

        Raises:
            PlanningError: as `plan`.
        """
        consulted: set[str] = set()
        # A search keeps all that it makes until it ends: looking for garbage in it doubles what a large one takes.
        with _explaining(), collection_paused():
            for width, narrower in zip(_WIDTHS, (*_WIDTHS[1:], None), strict=True):
                planning = _Planning(self, operation, labels, width, consulted)
                try:
                    plan = planning.run()
                except TooComplexError:
                    if narrower is None or not planning.solver.is_narrowed_by(narrower):
                        raise
                else:
                    return LabelledPlan(plan, frozenset(consulted))
        raise AssertionError("the last width returns or raises")

    @property
    def override_labels(self) -> tuple[str, ...]:
        """The labels that a request may have on or off."""
        return self._supergraph.override_labels

    def start_solver(
        self, operation: NormalizedOperation, labels: frozenset[str], width: int | None, consulted: set[str]
    ) -> Solver:
        """Start the search for one operation; it notes the labels that it looks at in `consulted`."""
        positions = Positions(ResponseKeys.of(operation.need))
        search = Search(self._graph, positions, labels, consulted, bool(operation.deferrals))
        return Solver(search, self._options.steps_max + operation.size, width=width)

    def roots(self, kind: OperationKind) -> tuple[Node, ...]:
        """Give the root nodes of one kind, in the order of subgraph names."""
        return self._graph.roots.get(kind.value, ())


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except OperationError as error:
        raise PlanningError(str(error)) from error
    except RecursionError as error:
        raise PlanningError("The operation is nested too deeply to be planned") from error


class _Planning:
    def __init__(
        self,
        planner: Planner,
        operation: NormalizedOperation,
        labels: frozenset[str],
        width: int | None,
        consulted: set[str],
    ) -> None:
        self.planner = planner
        self.operation = operation
        self.kind = OperationKind(operation.kind.value)
        self.solver = planner.start_solver(operation, labels, width, consulted)
        self.emitter = Emitter(operation, self.solver.supergraph)

    def run(self) -> QueryPlan:
        kind = self.kind
        if not self.operation.need.fields:
            return QueryPlan(kind, None)
        if kind is OperationKind.MUTATION:
            return QueryPlan(kind, self._plan_mutation())
        if kind is OperationKind.SUBSCRIPTION:
            return QueryPlan(kind, self._plan_subscription())
        return QueryPlan(kind, self._emit([[self._solve_query()]]))

    def _solve_query(self) -> Solution:
        sources = tuple(self._root(node) for node in self.planner.roots(OperationKind.QUERY))
        solution = self.solver.solve(self.operation.need, sources) if sources else None
        if solution is None:
            raise self._unreachable(self.operation.need.fields[0])
        return solution

    def _plan_mutation(self) -> PlanNode:
        groups: list[list[Solution]] = []
        last: str | None = None
        for field in self.operation.need.fields:
            source, solution = self._solve_in_one(field)
            if source.node.graph != last:
                groups.append([])
            last = source.node.graph
            groups[-1].append(solution)
        return self._emit(groups)

    def _plan_subscription(self) -> PlanNode:
        _, solution = self._solve_in_one(self.operation.need.fields[0])
        node = self._emit([[solution]])
        if isinstance(node, Fetch):
            return Subscription(node)
        if isinstance(node, Condition):
            raise PlanningError("A subscription's root field cannot be conditional")
        assert isinstance(node, Sequence)
        primary, *rest = node.nodes
        assert isinstance(primary, Fetch)
        return Subscription(primary, rest[0] if len(rest) == 1 else Sequence(tuple(rest)))

    def _solve_in_one(self, field: NeedField) -> tuple[Source, Solution]:
        """Solve a root field that may run in one subgraph only."""
        need = Need(self.operation.need.type_name, (field,))
        best: tuple[int, Source, Solution] | None = None
        for node in self.planner.roots(self.kind):
            source = self._root(node)
            solution = self.solver.solve(need, (source,))
            if solution is not None:
                cost = self.solver.search.tokens.cost(solution.mask) + solution.size
                if best is None or cost < best[0]:
                    best = cost, source, solution
        if best is None:
            raise self._unreachable(field)
        return best[1], best[2]

    def _root(self, node: Node) -> Source:
        position = self.solver.search.positions.root
        return self.solver.search.sources.root(
            position, node, self.solver.search.tokens.get(position, node.graph)
        )

    def _emit(self, groups: list[list[Solution]]) -> PlanNode:
        """Give the node for groups of solutions, of which each begins when the one before it is done."""
        batches: list[list[Batch]] = []
        for group in groups:
            batches.append(self._build_batches(group, sum(map(len, batches))))
        if self.operation.deferrals and (primary := read_parts(self.operation.need)).inner:
            return self.emitter.emit_parts(batches, primary)
        nodes = [self.emitter.emit(each) for each in batches]
        return nodes[0] if len(nodes) == 1 else _flatten(nodes)

    def _build_batches(self, solutions: list[Solution], first: int) -> list[Batch]:
        search = self.solver.search
        fetches = FetchGraph(search.tokens, has_deferrals=search.has_deferrals)
        for solution in solutions:
            fetches.add(solution)
        steps = merge_riders(fetches.steps)
        drop_implied_parents(steps)
        return batch_steps(steps, first)

    def _unreachable(self, field: NeedField) -> UnreachableFieldError:
        """Tell of the deepest field that could not be had: those above it fail because of it."""
        failures = self.solver.failures
        if not failures:
            return UnreachableFieldError(self.operation.need.type_name, field.name)
        position, type_name, name = max(failures, key=lambda failure: len(failure[0].path))
        declared = self.solver.supergraph.types[type_name].fields.get(name)
        graphs = declared.graphs if declared is not None else {}
        homes = tuple(
            subgraph.name
            for subgraph in self.solver.supergraph.subgraphs
            if (entry := graphs.get(subgraph.graph)) is not None and not entry.external
        )
        return UnreachableFieldError(type_name, name, print_path(position.path), homes)


def _flatten(nodes: list[PlanNode]) -> Sequence:
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, Sequence) else (node,))
    return Sequence(tuple(flat))
