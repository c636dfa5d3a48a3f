"""The recipe: what a new graph changes for those who use the old one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graphql import GraphQLSchema

from router.checks.changes import Change, Criticality
from router.checks.diff import diff_schemas
from router.checks.exports import StaleSchema, find_stale
from router.checks.graph import Candidate, Graph
from router.checks.operations import ClientOperation, OperationCheck, check_operations
from router.checks.places import Places, find_place, find_places
from router.checks.subgraphs import build_subgraph_schemas
from router.composition.report import CompositionError, CompositionHint


@dataclass(frozen=True, slots=True)
class SubgraphChanges:
    """The changes of one subgraph's own schema. They break no client: what clients see is the whole graph."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    Attributes:
        errors: why the subgraphs do not compose; then nothing is compared.
        hints: what composes, and may not be meant.
        changes: those of the whole graph's API schema, breaking ones first.
        subgraphs: those of each subgraph that has any, by name.
        operations: what becomes of the clients' operations; None if none were given.
        stale: the schemas that are not what the code exports.
    """

    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()
    changes: tuple[Change, ...] = ()
    subgraphs: tuple[SubgraphChanges, ...] = ()
    operations: tuple[OperationCheck, ...] | None = None
    stale: tuple[StaleSchema, ...] = ()

    @property
    def is_safe(self) -> bool:
        """Whether nothing has to be done before this is published."""
        return not (self.errors or self.stale or self.harmful or self.broken)

    @property
    def harmful(self) -> tuple[Change, ...]:
        """The breaking changes, without those that no operation of the clients notices."""
        return tuple(change for change in self.changes if change.is_harmful)

    @property
    def broken(self) -> tuple[OperationCheck, ...]:
        """The operations that the change breaks."""
        return tuple(operation for operation in self.operations or () if operation.is_broken)


def check_candidate(
    old: Graph,
    new: Candidate,
    *,
    operations: Iterable[ClientOperation] | None = None,
    exported: Mapping[str, str] | None = None,
) -> Check:
    """Check what is to take the place of `old`.

    Args:
        old: what clients use now.
        new: what they are to use.
        operations: what clients send; None if that is not known, so that all may be in use.
        exported: what the code of subgraphs exports, by the subgraphs' names.
    """
    stale = find_stale(new.sources, exported or {})
    if new.graph is None:
        return Check(errors=new.errors, stale=stale)
    return replace(compare(old, new.graph, operations), hints=new.hints, stale=stale)


def compare(old: Graph, new: Graph, operations: Iterable[ClientOperation] | None = None) -> Check:
    """Compare two graphs, as wholes and subgraph by subgraph, and check the clients' operations."""
    before, after = build_subgraph_schemas(old, new)
    subgraphs = {
        name: _diff_subgraph(before.get(name), after.get(name)) for name in sorted({*before, *after})
    }
    places = {source.name: find_places(source) for source in new.sources}

    old_api, new_api = old.supergraph.api_schema, new.supergraph.api_schema
    changes = tuple(
        _place(replace(change, subgraphs=_find_owners(change, subgraphs, before, after)), places)
        for change in diff_schemas(old_api, new_api)
    )
    checks = None
    if operations is not None:
        checks, changes = check_operations(old_api, new_api, operations, changes)
    return Check(
        changes=_sort(changes),
        subgraphs=tuple(
            SubgraphChanges(name, _sort(_place(replace(each, subgraphs=(name,)), places) for each in found))
            for name, found in subgraphs.items()
            if found
        ),
        operations=checks,
    )


def _diff_subgraph(old: GraphQLSchema | None, new: GraphQLSchema | None) -> tuple[Change, ...]:
    """The changes of a subgraph; one that comes or goes has come from, or goes to, the empty schema."""
    return tuple(diff_schemas(old or GraphQLSchema(), new or GraphQLSchema()))


def _find_owners(
    change: Change,
    subgraphs: Mapping[str, Iterable[Change]],
    before: Mapping[str, GraphQLSchema],
    after: Mapping[str, GraphQLSchema],
) -> tuple[str, ...]:
    """Those whose own schema changes there; where none does, as with `@inaccessible` types, those that have the element."""
    element = change.coordinate
    changed = {
        name
        for name, found in subgraphs.items()
        if any(each.coordinate.partition(" ")[0] == element for each in found)
    }
    having = {name for side in (before, after) for name, schema in side.items() if _has(schema, element)}
    return tuple(sorted(changed or having))


def _has(schema: GraphQLSchema, coordinate: str) -> bool:
    type_name, _, member = coordinate.partition("(")[0].partition(".")
    declared = schema.type_map.get(type_name)
    items = getattr(declared, "fields", None) or getattr(declared, "values", None) or {}
    return declared is not None and (not member or member in items)


def _place(change: Change, places: Mapping[str, Places]) -> Change:
    found = (find_place(places[name], change.coordinate) for name in change.subgraphs if name in places)
    return replace(change, locations=tuple(found))


def _sort(changes: Iterable[Change]) -> tuple[Change, ...]:
    order = list(Criticality)
    return tuple(sorted(changes, key=lambda change: order.index(change.criticality)))
