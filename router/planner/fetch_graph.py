"""The chosen solution as a graph of fetches: what each selects, sends and waits for."""

from dataclasses import dataclass, field
from typing import NamedTuple

from router.operation.need import ALWAYS, TYPENAME, Conditions, Deferral, NeedField
from router.operation.response_keys import ResponseKeys
from router.planner.contexts import with_context_arguments
from router.planner.positions import Position
from router.planner.selection import Selection
from router.planner.sources import (
    ContextSupply,
    Solution,
    Source,
    ViaCast,
    ViaEntity,
    ViaField,
    ViaRoot,
    ViaRootSwitch,
)
from router.planner.tokens import Token, Tokens, Variant
from router.query_plan.nodes import ContextInput, RequiredField, RequiredFragment, RequiredSelection
from router.supergraph.field_set import FieldSet, FragmentSelection


@dataclass(slots=True, eq=False)
class EntityInput:
    """What representations of one type hold.

    `told` is the type name that the subgraph is told, where that is not the object's own (it has an
    interface object).
    """

    type_name: str
    told: str | None
    selections: dict[str, RequiredSelection] = field(default_factory=dict)


class Demand(NamedTuple):
    """Under which conditions something is wanted, and for which deferred fragment; None for the primary part."""

    conditions: Conditions
    deferral: Deferral | None = None


@dataclass(slots=True, eq=False)
class Step:
    """One fetch.

    Attributes:
        inputs: by type of the objects, for entity fetches; empty for root fetches.
        contexts: what it takes from objects further up, by variable.
        parents: the steps that must have finished; those implied by others may be among them.
        demand: what all those share who want anything in it; None while nobody does.
        ambient: under which conditions of the client there are objects for it at all.
    """

    id: int
    graph: str
    position: Position
    variant: Variant
    selection: Selection
    inputs: dict[tuple[str, str | None], EntityInput] = field(default_factory=dict)
    contexts: dict[str, ContextInput] = field(default_factory=dict)
    parents: set["Step"] = field(default_factory=set)
    demand: Demand | None = None
    ambient: set[Conditions] = field(default_factory=set)

    @property
    def conditions(self) -> Conditions:
        """The conditions that everything in the step shares."""
        return self.demand.conditions if self.demand is not None else ALWAYS

    @property
    def deferral(self) -> Deferral | None:
        """The innermost deferred fragment that all of those are in who want anything in the step."""
        return self.demand.deferral if self.demand is not None else None

    def want(self, demand: Demand) -> None:
        """Note that something in it is wanted."""
        known = self.demand
        if known is None:
            self.demand = demand
        elif known != demand:
            self.demand = Demand(
                known.conditions & demand.conditions, _find_shared(known.deferral, demand.deferral)
            )

    def __repr__(self) -> str:
        return f"Step({self.id}, {self.graph}, {self.position.path})"


class FetchGraph:
    """The steps of one plan (or of one mutation group), in the order in which they were first needed."""

    def __init__(self, tokens: Tokens, *, has_deferrals: bool) -> None:
        self._has_deferrals = has_deferrals
        self.steps: list[Step] = []
        self._tokens = tokens
        self._by_token: dict[int, Step] = {}
        # Chains of hops share their beginnings: each is placed once for each demand.
        self._placed: dict[tuple[int, Demand], Selection] = {}

    def add(self, solution: Solution) -> None:
        """Add everything that a solution fetches."""
        self._build(solution, None)

    def _build(self, solution: Solution, demand: Demand | None) -> None:
        """Place all leaves. `demand`: that of whoever needs these fields, None for the client's."""
        for source, item in solution.leaves:
            wanted = demand
            if wanted is None:
                part = item.deferral or source.deferral if self._has_deferrals else None
                wanted = Demand(source.conditions | item.conditions, part)
            self._place(source, wanted).add_leaf(with_context_arguments(item, source.node))
        for child in solution.children:
            self._build(child, demand)

    def _place(self, source: Source, demand: Demand) -> Selection:
        """Give the selection where fields of `source` go, with everything that it takes to get there."""
        slot = source.id, demand
        placed = self._placed.get(slot)
        if placed is None:
            placed = self._placed[slot] = self._place_anew(source, demand)
        return placed

    def _place_anew(self, source: Source, demand: Demand) -> Selection:
        match source.via:
            case ViaRoot():
                return self._step(source, demand).selection
            case ViaRootSwitch(origin=origin):
                # First what it waits for: nothing else may have asked for it yet.
                self._place(origin, demand).add_leaf(_typename(origin.position.keys))
                return self._step(source, demand).selection
            case ViaField(parent=parent, field=item, edge=edge):
                above = demand
                if not item.hidden:
                    above = Demand(parent.conditions | item.conditions, demand.deferral)
                asked = with_context_arguments(item, parent.node)
                return _with_typename(source, self._place(parent, above).add_field(asked, edge))
            case ViaCast(parent=parent):
                return self._place(parent, demand).add_fragment(source.node)
            case ViaEntity():
                return self._place_entity(source, source.via, demand)

    def _place_entity(self, source: Source, via: ViaEntity, demand: Demand) -> Selection:
        keys = source.position.keys
        self._place(via.origin, demand).add_leaf(_typename(keys))
        for supply in via.supplies:
            self._build(supply, demand)
        step = self._step(source, demand)
        slot = via.type_name, source.node.type_name if source.node.is_interface_object else None
        given = step.inputs.setdefault(slot, EntityInput(*slot))
        given.selections.setdefault(TYPENAME, RequiredField(TYPENAME, keys.hidden_key(TYPENAME)))
        _add_required(given.selections, via.fields, keys)
        for context in via.contexts:
            step.contexts[context.variable] = _context_input(context)
        return _with_typename(source, step.selection.add_fragment(source.node))

    def _step(self, source: Source, demand: Demand) -> Step:
        token = source.token
        step = self._by_token.get(token.id)
        if step is None:
            step = Step(
                len(self.steps), token.graph, token.position, token.variant, self._new_selection(source)
            )
            self._by_token[token.id] = step
            self.steps.append(step)
            step.parents.update(self._parents(token))
        step.want(demand)
        step.ambient.add(source.conditions)
        return step

    def _new_selection(self, source: Source) -> Selection:
        return Selection(None if isinstance(source.via, ViaEntity) else source.node)

    def _parents(self, token: Token) -> list[Step]:
        return [self._by_token[other.id] for other in self._tokens.members(token.prerequisites)]


def _find_shared(one: Deferral | None, other: Deferral | None) -> Deferral | None:
    """The innermost deferred fragment that both are in, or that one of them is."""
    around: set[Deferral] = set()
    while one is not None:
        around.add(one)
        one = one.outer
    while other is not None and other not in around:
        other = other.outer
    return other


def _with_typename(source: Source, selection: Selection) -> Selection:
    """Ask for the type name where objects can have several types and the subgraph knows which."""
    varies = source.node.is_abstract or (source.position.is_abstract and isinstance(source.via, ViaField))
    if varies and not source.node.is_interface_object:
        selection.add_leaf(_typename(source.position.keys))
    return selection


def _typename(keys: ResponseKeys) -> NeedField:
    return NeedField(keys.hidden_key(TYPENAME), TYPENAME, hidden=True)


def _add_required(given: dict[str, RequiredSelection], fields: FieldSet, keys: ResponseKeys) -> None:
    """Add a field set to what a representation holds; equal fields merge."""
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            slot = f"... on {selection.type_condition}"
            known = given.get(slot)
            inner = by_slot(known.selections) if isinstance(known, RequiredFragment) else {}
            _add_required(inner, selection.selections, keys)
            given[slot] = RequiredFragment(selection.type_condition, tuple(inner.values()))
            continue
        key = keys.hidden_key(selection.name, selection.arguments)
        known = given.get(selection.name)
        inner = by_slot(known.selections) if isinstance(known, RequiredField) else {}
        _add_required(inner, selection.selections, keys.child(key))
        given[selection.name] = RequiredField(selection.name, key, tuple(inner.values()))


def _context_input(supply: ContextSupply) -> ContextInput:
    selections: dict[str, RequiredSelection] = {}
    _add_required(selections, supply.fields, supply.position.keys)
    if any(isinstance(selection, RequiredFragment) for selection in selections.values()):
        # The value is chosen by the object's type, which therefore has to be at hand.
        key = supply.position.keys.hidden_key(TYPENAME)
        selections = {TYPENAME: RequiredField(TYPENAME, key), **selections}
    depth = len(supply.position.path)
    return ContextInput(supply.variable, supply.type, depth, tuple(selections.values()))


def by_slot(selections: tuple[RequiredSelection, ...]) -> dict[str, RequiredSelection]:
    """The selections of a field set by what they are of: a field, or objects of one type."""
    return {s.name if isinstance(s, RequiredField) else f"... on {s.type_condition}": s for s in selections}
