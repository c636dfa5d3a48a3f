"""Reach: which other fetches can be entered for the objects at hand, and what that takes.

A subgraph is entered by a resolvable key of its own, whose fields must be had first; had from the sources at
hand, or by entering a third subgraph before (which is how chains of hops arise: nothing else makes them).
A field with `@requires` is entered the same way with its required fields added, also from its own subgraph; and so is
the first field of a deferred fragment, which is to come in a fetch of its own.

Recursion ends because a key into a subgraph is never sought while the same key is being sought, nor a
required field while its own requirement is (`Stack`).
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from router.operation.need import Deferral, Need, NeedField
from router.operation.required import build_hidden_need
from router.planner.contexts import (
    Taker,
    can_be_null,
    find_setters,
    find_takers,
    list_takers,
    read_selection,
)
from router.planner.search import Search
from router.planner.sources import ContextSupply, Solution, Source, ViaEntity, source_above
from router.planner.tokens import Variant
from router.query_graph import FieldEdge, KeyEdge, Node
from router.supergraph.field_set import Arguments, FieldSet, FragmentSelection

Stack: TypeAlias = frozenset[tuple[object, ...]]
"""What is being sought: keys (position, type, subgraph) and requirements (with the field)."""

Solve: TypeAlias = Callable[[Need, tuple[Source, ...], tuple[Source, ...], Stack], Solution | None]

_DEPTH_MAX = 16
"""Requirements within requirements; real ones nest three or four deep."""

_WAYS_MAX = 2
"""Ways kept into one subgraph: the cheapest by two different keys."""


class _Goal(NamedTuple):
    """Where to: `begun` is the deferred fragment that begins there, None if that is not why."""

    type_name: str
    target: Node
    begun: Deferral | None = None


class Reach:
    """Finds ways into other subgraphs; `solve` finds how to have what these need."""

    def __init__(self, search: Search, solve: Solve) -> None:
        self._search = search
        self._solve = solve
        self._entered: dict[tuple[object, ...], tuple[Source, ...]] = {}
        self._needs: dict[tuple[object, ...], Need] = {}

    def find_origins(
        self, type_name: str, item: NeedField, sources: tuple[Source, ...], stack: Stack
    ) -> list[Source]:
        """Find all fetches that could be made for these objects and select field `item`."""
        begun = item.deferral
        origins: list[Source] = []
        for target, keys in self._search.graph.ways_into(type_name, item.name):
            edge = target.fields[item.name]
            if not self._search.is_open(edge):
                continue
            if edge.needs_more:
                origins += self._enter_with_requirement(type_name, target, keys, item, sources, stack)
            elif begun is not None:
                origins += self._enter(type_name, target, keys, sources, stack, begun)
            elif not _is_at(target, sources):
                origins += self._enter(type_name, target, keys, sources, stack)
                if self._search.supergraph.has_contexts:
                    origins += self._enter_with_contexts(type_name, target, keys, item, sources, stack)
        return origins + self._switch_roots(type_name, item, sources)

    def enter_all(self, type_name: str, sources: tuple[Source, ...], stack: Stack) -> list[Source]:
        """Find all fetches that could be made for these objects, whatever they select."""
        return [
            source
            for target, keys in self._search.graph.ways_into(type_name)
            if not _is_at(target, sources)
            for source in self._enter(type_name, target, keys, sources, stack)
        ]

    def is_identifying(self, type_name: str, item: NeedField) -> bool:
        """Whether all that is needed of a field is in a key of its type."""
        return any(_holds(edge.key, item) for edge in self._search.graph.keys_into(type_name))

    def _enter(
        self,
        type_name: str,
        target: Node,
        keys: tuple[KeyEdge, ...],
        sources: tuple[Source, ...],
        stack: Stack,
        begun: Deferral | None = None,
    ) -> tuple[Source, ...]:
        slot = (type_name, target, sources, stack, begun)
        found = self._entered.get(slot)
        if found is None:
            guard = ("key", sources[0].position.id, type_name, target.graph)
            found = ()
            if guard not in stack and len(stack) < _DEPTH_MAX:
                goal = _Goal(type_name, target, begun)
                found = self._enter_by_keys(goal, keys, sources, stack | {guard})
            self._entered[slot] = found
        return found

    def _enter_by_keys(
        self,
        goal: _Goal,
        keys: tuple[KeyEdge, ...],
        sources: tuple[Source, ...],
        stack: Stack,
        contexts: tuple[ContextSupply, ...] = (),
    ) -> tuple[Source, ...]:
        ways: list[Solution] = []
        entered: list[Source] = []
        for edge in keys:
            key = self._supply(goal.type_name, edge.key, sources, stack)
            if key is not None:
                ways.append(key)
                entered.append(self._make(goal, edge.key, (key,), sources, contexts))
        cost = self._search.tokens.cost
        ranked = sorted(range(len(ways)), key=lambda i: (cost(entered[i].token.closure), ways[i].size, i))
        return tuple(entered[i] for i in ranked[:_WAYS_MAX])

    def _enter_with_requirement(
        self,
        type_name: str,
        target: Node,
        keys: tuple[KeyEdge, ...],
        item: NeedField,
        sources: tuple[Source, ...],
        stack: Stack,
    ) -> tuple[Source, ...]:
        position = sources[0].position
        edge = target.fields[item.name]
        requires = edge.requires
        arguments = edge.context_arguments
        slot = (type_name, target, requires, arguments, sources, stack, item.deferral)
        found = self._entered.get(slot)
        if found is not None:
            return found
        guard = ("requires", position.id, type_name, target.graph, item.name)
        key_guard = ("key", position.id, type_name, target.graph)
        found = ()
        if guard not in stack and key_guard not in stack and len(stack) < _DEPTH_MAX:
            required = self._supply(type_name, requires, sources, stack | {guard})
            contexts = self._supply_contexts(target, edge, sources, stack | {guard})
            if required is not None and contexts is not None:
                goal = _Goal(type_name, target, item.deferral)
                # What the requirement opened at this position can also supply the key.
                opened = tuple(dict.fromkeys((*sources, *_sources_at(required, position.id))))
                for way in keys:
                    key = self._supply(type_name, way.key, opened, stack | {guard, key_guard})
                    if key is not None:
                        fields = _merge_sets(way.key, requires)
                        found += (self._make(goal, fields, (key, required), sources, contexts),)
        cost = self._search.tokens.cost
        found = tuple(sorted(found, key=lambda source: cost(source.token.closure))[:_WAYS_MAX])
        self._entered[slot] = found
        return found

    def _supply(
        self, type_name: str, fields: FieldSet, sources: tuple[Source, ...], stack: Stack
    ) -> Solution | None:
        keys = sources[0].position.keys
        slot = (type_name, fields, id(keys))
        need = self._needs.get(slot)
        if need is None:
            need = build_hidden_need(fields, type_name, keys, self._search.supergraph)
            if need is None:
                return None
            self._needs[slot] = need
        return self._solve(need, sources, sources, stack)

    def _enter_with_contexts(
        self,
        type_name: str,
        target: Node,
        keys: tuple[KeyEdge, ...],
        item: NeedField,
        sources: tuple[Source, ...],
        stack: Stack,
    ) -> tuple[Source, ...]:
        """Enter with the values that fields below `item` take from contexts, as far as they can be had before."""
        slot = (type_name, target, item.need, sources, stack, "contexts")
        found = self._entered.get(slot)
        if found is not None:
            return found
        guard = ("key", sources[0].position.id, type_name, target.graph)
        found = ()
        if guard not in stack and len(stack) < _DEPTH_MAX:
            takers = dict.fromkeys(find_takers(target, item, self._search.supergraph))
            contexts = [self._supply_context(taker, type_name, sources, stack | {guard}) for taker in takers]
            known = tuple(supply for supply in contexts if supply is not None and not supply.can_be_missed)
            if known:
                goal = _Goal(type_name, target)
                found = self._enter_by_keys(goal, keys, sources, stack | {guard}, known)
        self._entered[slot] = found
        return found

    def _supply_contexts(
        self, target: Node, edge: FieldEdge, sources: tuple[Source, ...], stack: Stack
    ) -> tuple[ContextSupply, ...] | None:
        """Find the values of an edge's context arguments."""
        supplies: list[ContextSupply] = []
        for taker in list_takers(target, edge):
            supply = self._supply_context(taker, None, sources, stack)
            if supply is None:
                return None
            supplies.append(supply)
        return tuple(supplies)

    def _supply_context(
        self, taker: Taker, type_name: str | None, sources: tuple[Source, ...], stack: Stack
    ) -> ContextSupply | None:
        """Find a value at the nearest object above that sets its context; those at hand count if their `type_name` is given."""
        context, supergraph = taker.argument.context, self._search.supergraph
        if type_name is not None and type_name in supergraph.context_setters(context):
            setter, above = type_name, sources
        elif above := find_setters(sources, context, supergraph):
            setter = above[0].node.type_name
        else:
            return None
        fields = read_selection(taker.argument, setter, supergraph)
        solution = self._supply(setter, fields, above, stack) if fields else None
        if solution is None:
            return None
        type_ = taker.argument.type
        can_be_missed = type_.endswith("!") and can_be_null(fields, setter, supergraph)
        return ContextSupply(taker.variable, type_, above[0].position, fields, solution, can_be_missed)

    def _make(
        self,
        goal: _Goal,
        fields: FieldSet,
        supplies: tuple[Solution, ...],
        sources: tuple[Source, ...],
        contexts: tuple[ContextSupply, ...] = (),
    ) -> Source:
        type_name, target, begun = goal
        position = sources[0].position
        supplies = (*supplies, *(supply.solution for supply in contexts))
        suppliers = 0
        for supply in supplies:
            suppliers |= supply.suppliers
        origin = next(
            (s for supply in supplies for s in _sources_at(supply, position.id) if _knows_type(s, type_name)),
            sources[0],
        )
        suppliers |= 1 << origin.token.id
        variant = _variant_of(fields) | origin.conditions
        if target.is_interface_object:
            # To an interface object all types look alike: what one type needs must not be asked of others.
            variant |= {(f"... on {type_name}", ())}
        if position.is_abstract and any(supply.position is position for supply in contexts):
            # Objects of other types have no such values to be asked under.
            variant |= {(f"{supply.variable} of {type_name}", ()) for supply in contexts}
        part = begun or sources[0].deferral if self._search.has_deferrals else None
        token = self._search.tokens.get(
            position, target.graph, suppliers, variant, part, is_alone=bool(contexts)
        )
        return self._search.sources.entity(
            target, token, ViaEntity(type_name, origin, fields, supplies, contexts)
        )

    def _switch_roots(self, type_name: str, item: NeedField, sources: tuple[Source, ...]) -> list[Source]:
        search, origin, begun = self._search, sources[0], item.deferral
        position = origin.position
        kind = search.graph.supergraph.root_kind(type_name)
        if kind is None or kind == "subscription":
            return []
        if position.parent is None and (kind == "mutation" or begun is None):
            return []
        part = begun or origin.deferral if search.has_deferrals else None
        nodes = [
            node
            for node in search.graph.roots[kind]
            if item.name in node.fields and (begun is not None or not _is_at(node, sources))
        ]
        if position.parent is None:
            return [
                search.sources.root(position, node, search.tokens.get(position, node.graph, deferral=part))
                for node in nodes
                if search.is_open(node.fields[item.name])
            ]
        suppliers = 1 << origin.token.id
        return [
            search.sources.root_switch(
                origin,
                node,
                search.tokens.get(position, node.graph, suppliers, deferral=part, is_alone=True),
            )
            for node in nodes
        ]


def _holds(fields: FieldSet, item: NeedField) -> bool:
    for selection in fields:
        if isinstance(selection, FragmentSelection) or selection.name != item.name:
            continue
        if selection.arguments != item.arguments:
            continue
        if item.need is None:
            return True
        return not item.need.arms and all(_holds(selection.selections, inner) for inner in item.need.fields)
    return False


def _is_at(target: Node, sources: tuple[Source, ...]) -> bool:
    return any(
        source.node.graph == target.graph and source.node.type_name == target.type_name for source in sources
    )


def _knows_type(source: Source, type_name: str) -> bool:
    return not source.node.is_interface_object or source.node.type_name == type_name


def _sources_at(solution: Solution, position_id: int) -> list[Source]:
    """List the sources at a position that a solution selects from, leaves first."""
    found: list[Source] = []
    for source, _ in solution.leaves:
        above: Source | None = source
        while above is not None and above.position.id != position_id:
            above = source_above(above)
        if above is not None:
            found.append(above)
    for child in solution.children:
        found.extend(_sources_at(child, position_id))
    return found


def _merge_sets(one: FieldSet, other: FieldSet) -> FieldSet:
    return tuple(dict.fromkeys((*one, *other)))


def _variant_of(fields: FieldSet) -> Variant:
    """Find the required fields that have arguments, at any depth."""
    found: set[tuple[str, Arguments | bool]] = set()
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            found |= _variant_of(selection.selections)
            continue
        if selection.arguments:
            found.add((selection.name, selection.arguments))
        found |= {(f"{selection.name}.{name}", a) for name, a in _variant_of(selection.selections)}
    return frozenset(found)
