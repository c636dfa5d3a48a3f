"""Steps to plan nodes: fetches with their operations, nested by what waits for what.

When each fetch runs is told by `arrange`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from router.operation.need import Conditions, Deferral
from router.operation.normalize import NormalizedOperation
from router.planner.arrange import Arrangement, Chain, Group, arrange
from router.planner.fetch_graph import Step
from router.planner.optimize.batch import Batch, Bundle
from router.planner.parts import Part
from router.planner.print_operation import print_header, print_selection
from router.planner.resolve_conflicts import resolve_conflicts
from router.query_plan.nodes import (
    Condition,
    Defer,
    Deferred,
    EntitySelection,
    Fetch,
    KeyRenamer,
    OperationKind,
    Parallel,
    PlanNode,
    Primary,
    RequiredFragment,
    Sequence,
    ValueSetter,
)
from router.supergraph.model import Supergraph


@dataclass(slots=True)
class Emitter:
    """Writes the nodes of one plan. Their operations have no names yet."""

    operation: NormalizedOperation
    supergraph: Supergraph
    _ids: dict[int, str] = field(default_factory=dict)

    def emit(self, batches: list[Batch]) -> PlanNode:
        """Give the node that runs all batches, each after those that it waits for."""
        return self._emit(arrange(batches))

    def emit_parts(self, groups: list[list[Batch]], primary: Part) -> Defer:
        """Give the node that answers in parts; `groups` of batches run one after the other as far as they are primary."""
        by_part: dict[Deferral | None, list[Batch]] = {}
        for batch in (batch for group in groups for batch in group):
            by_part.setdefault(batch.deferral, []).append(batch)
        part_of = {batch.id: part for part, batches in by_part.items() for batch in batches}
        for each in sorted(
            parent
            for part, batches in by_part.items()
            for batch in batches
            for parent in batch.parents
            if part_of[parent] is not part
        ):
            self._ids.setdefault(each, str(len(self._ids)))
        nodes = [
            self.emit(chosen)
            for group in groups
            if (chosen := [batch for batch in group if batch.deferral is None])
        ]
        node = _sequence(nodes) if nodes else None
        deferred = tuple(self._emit_part(part, by_part) for part in primary.inner)
        return Defer(Primary(primary.subselection, node), deferred)

    def _emit_part(self, part: Part, by_part: Mapping[Deferral | None, list[Batch]]) -> Deferred:
        deferral = part.deferral
        assert deferral is not None, "the primary part is not deferred"
        batches = by_part.get(deferral, [])
        own = {batch.id for batch in batches}
        outside = sorted({parent for batch in batches for parent in batch.parents} - own)
        node: PlanNode | None = self.emit(batches) if batches else None
        subselection = part.subselection
        if part.inner:
            inner = tuple(self._emit_part(each, by_part) for each in part.inner)
            node, subselection = Defer(Primary(subselection, node), inner), None
        return Deferred(
            tuple(self._ids[each] for each in outside),
            deferral.path,
            deferral.label,
            subselection,
            node,
            deferral.place,
        )

    def _emit(self, arrangement: Arrangement) -> PlanNode:
        match arrangement:
            case Batch():
                return self._emit_fetch(arrangement)
            case Chain():
                return _sequence([self._emit(part) for part in arrangement.parts])
            case Group():
                return _parallel([self._emit(part) for part in arrangement.parts])

    def _emit_fetch(self, batch: Batch) -> PlanNode:
        used: set[str] = set()
        first = batch.steps[0]
        fetch = self._entity_fetch(batch, used) if first.inputs else self._root_fetch(first, used)
        if batch.id in self._ids:
            fetch = replace(fetch, id=self._ids[batch.id])
        return _guard(fetch, batch.conditions)

    def _root_fetch(self, step: Step, used: set[str]) -> Fetch:
        node = step.selection.node
        # Not that of the client's operation: a field may give back a root type, also of another kind.
        root = self.supergraph.root_kind(node.type_name) if node is not None else None
        assert root is not None, "what is no fetch of entities selects on a root type"
        kind = OperationKind(root)
        renames = resolve_conflicts(step.selection)
        body = print_selection(step.selection, step.conditions, used)
        usages = self._in_order(used)
        header = print_header(kind.value, (), usages, self.operation.variables)
        return Fetch(
            self._subgraph(step),
            kind,
            f"{header} {body}",
            variable_usages=usages,
            path=step.position.path,
            output_rewrites=renames,
        )

    def _entity_fetch(self, batch: Batch, used: set[str]) -> Fetch:
        own: list[str] = []
        fields: list[str] = []
        entities: list[EntitySelection] = []
        for index, bundle in enumerate(batch.bundles):
            suffix = str(index) if len(batch.bundles) > 1 else ""
            variable = self._free_variable(f"representations{suffix}")
            key = f"_e{index}" if suffix else "_entities"
            step = bundle.steps[0]
            renames = resolve_conflicts(step.selection)
            body = print_selection(step.selection, step.conditions, used)
            own.append(f"${variable}: [_Any!]!")
            own += [f"${given.variable}: {given.type}" for given in step.contexts.values()]
            alias = f"{key}: " if suffix else ""
            fields.append(f"{alias}_entities(representations: ${variable}) {body}")
            conditions = tuple(sorted(bundle.conditions - batch.conditions))
            entities.append(replace(_entity_selection(key, variable, bundle, renames), conditions=conditions))
        usages = self._in_order(used)
        step = batch.steps[0]
        header = print_header("query", own, usages, self.operation.variables)
        text = f"{header} {{ {' '.join(fields)} }}"
        return Fetch(
            self._subgraph(step),
            OperationKind.QUERY,
            text,
            variable_usages=usages,
            entities=tuple(entities),
        )

    def _in_order(self, used: set[str]) -> tuple[str, ...]:
        return tuple(name for name in self.operation.variables if name in used)

    def _free_variable(self, name: str) -> str:
        while name in self.operation.variables:
            name = f"_{name}"
        return name

    def _subgraph(self, step: Step) -> str:
        return next(s.name for s in self.supergraph.subgraphs if s.graph == step.graph)


def _entity_selection(
    key: str, variable: str, bundle: Bundle, renames: tuple[KeyRenamer, ...]
) -> EntitySelection:
    step = bundle.steps[0]
    inputs = step.inputs.values()
    return EntitySelection(
        response_key=key,
        representations_variable=variable,
        paths=tuple(dict.fromkeys(s.position.path for s in bundle.steps)),
        requires=tuple(RequiredFragment(i.type_name, tuple(i.selections.values())) for i in inputs),
        input_rewrites=tuple(
            ValueSetter((f"... on {i.type_name}", "__typename"), i.told) for i in inputs if i.told is not None
        ),
        output_rewrites=renames,
        contexts=tuple(step.contexts.values()),
    )


def _guard(fetch: PlanNode, conditions: Conditions) -> PlanNode:
    node = fetch
    for variable, wanted in sorted(conditions, reverse=True):
        node = Condition(variable, node, None) if wanted else Condition(variable, None, node)
    return node


def _sequence(nodes: list[PlanNode]) -> PlanNode:
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, Sequence) else (node,))
    joined: list[PlanNode] = []
    for node in flat:
        last = joined[-1] if joined else None
        if isinstance(last, Condition) and isinstance(node, Condition) and _same_test(last, node):
            joined[-1] = _join_conditions(last, node)
        else:
            joined.append(node)
    return joined[0] if len(joined) == 1 else Sequence(tuple(joined))


def _same_test(one: Condition, other: Condition) -> bool:
    return one.variable == other.variable and (one.if_node is None) == (other.if_node is None)


def _join_conditions(one: Condition, other: Condition) -> Condition:
    def join(first: PlanNode | None, second: PlanNode | None) -> PlanNode | None:
        return _sequence([node for node in (first, second) if node is not None]) if first else None

    return Condition(one.variable, join(one.if_node, other.if_node), join(one.else_node, other.else_node))


def _parallel(nodes: list[PlanNode]) -> PlanNode:
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, Parallel) else (node,))
    return flat[0] if len(flat) == 1 else Parallel(tuple(flat))
