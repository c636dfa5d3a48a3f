"""Moves: which positions can be reached from one by keys, and what can be resolved from there.

A move into another subgraph is open if the key's fields can be resolved where one is, by further moves if need be;
a field with `@requires` is open if its requirement can be. The two depend on each other and on themselves, so they are
the questions of one `Fixpoint`: what a key needs is never taken to be there because of that key.

What a key needs has to be resolved without entering the subgraph that it leads into, not even at another type. So a
question has a set of subgraphs that are closed to it. It matters only for keys that look below their type's own fields,
as `org { id }` does: who came into the subgraph at the type itself has no more need of the key.

The answers depend on the position alone and not on the path to it; so each is found once, however many paths there
are, and what holds for a set of positions is the union of what holds for each.
"""

from typing import TypeAlias

from router.composition.satisfiability.fixpoint import Fixpoint
from router.composition.satisfiability.places import Place, Places, Way, is_local
from router.composition.satisfiability.situation import (
    ALL_OPEN,
    DEPTH_MAX,
    NEVER_CLOSED,
    Closed,
    Situation,
)
from router.query_graph import FieldEdge, Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection

Selection: TypeAlias = FieldSelection | FragmentSelection

# Positions of a place, what is asked of them, and the subgraphs that are closed meanwhile. Asked of them may be
# - nothing: which positions can be reached from the one that is given, itself included;
# - the name of a field: can its requirement be resolved from the one position;
# - a selection: can it be resolved from some of them.
_Question: TypeAlias = tuple[Place, int, str | Selection, Closed]


class Moves:
    """Answers what can be reached and resolved from sets of positions.

    Such a set is given as two: `here`, where the data was come by, and `near`, where one enters by a key. Only the
    first need a key of their own to come back by when a requirement has to be fetched elsewhere.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self._fixpoint = Fixpoint[_Question](self._evaluate)
        self._home_keys: dict[Node, bool] = {}
        # Keys and requirements are resolved whatever the labels are.
        self._unsettled: dict[Closed, Situation] = {}

    def near(self, place: Place, here: int, closed: Closed = ALL_OPEN) -> int:
        """The positions that can be entered by a key from some position in `here`."""
        found = 0
        for bit, node in place.members(here):
            reached = self._fixpoint.ask((place, bit, "", closed)) & ~bit
            if reached:
                found |= self._without_own(place, node, reached)
        return found

    def _without_own(self, place: Place, node: Node, reached: int) -> int:
        # Who leaves a subgraph does not come back for the same type: nothing would be gained.
        own = self.places.graph.nodes.get((node.type_name, node.graph))
        return reached & ~place.bits.get(own, 0) if own is not None else reached

    def resolvers(self, place: Place, here: int, near: int, name: str, situation: Situation) -> int:
        """The positions of `here` and `near` that resolve a field."""
        known = here | near
        found = known & place.free.get(name, 0)
        for bit, node in place.members(known & place.bound.get(name, 0)):
            if self._is_open(place, bit, node.fields[name], situation) and (
                near & bit or not node.fields[name].needs_more or self.can_come_back(node)
            ):
                found |= bit
        return found

    def can_come_back(self, node: Node) -> bool:
        """Whether one can leave a position to fetch a requirement, and enter it again."""
        known = self._home_keys.get(node)
        if known is None:
            known = self._home_keys[node] = self.places.has_home_key(node)
        return known

    def _is_open(self, place: Place, bit: int, edge: FieldEdge, situation: Situation) -> bool:
        gate = edge.gate
        if gate is not None and (gate.label, gate.wanted) not in situation.labels:
            return False
        if any((use.context, use.selection) not in situation.contexts for use in edge.context_arguments):
            return False
        return not edge.requires or bool(self._fixpoint.ask((place, bit, edge.name, situation.closed)))

    def is_requirement_met(self, place: Place, bit: int, name: str) -> bool:
        """Whether what a field requires can be resolved from a position."""
        return bool(self._fixpoint.ask((place, bit, name, ALL_OPEN)))

    def _evaluate(self, question: _Question) -> int:
        place, mask, asked, closed = question
        if not isinstance(asked, str):
            return int(self._has(place, mask, self.near(place, mask, closed), asked, closed))
        if asked:
            known = self._fixpoint.ask((place, mask, "", closed))
            return int(self.has_all(place, 0, known, place.node(mask).fields[asked].requires, closed))
        if place.node(mask).type_name != place.type_name:
            return self._reach_from_stand_in(place, mask, closed)
        return self._reach(place, mask, closed)

    def _reach(self, place: Place, start: int, closed: Closed) -> int:
        """Go by every key that can be resolved, until no further one can."""
        known = start
        barred = 0
        for graph in closed.graphs:
            barred |= place.graphs.get(graph, 0)
        ways: list[Way] = []
        for way in self.places.ways(place):
            if way.is_flat or closed.depth >= DEPTH_MAX:
                ways.append(way)
            elif way.targets & ~barred & ~known:
                known |= self._go_deep(place, start, way, closed, barred)
        while open_ways := [way for way in ways if self.has_all(place, 0, known, way.key, closed)]:
            ways = [way for way in ways if way not in open_ways]
            before = known
            for way in open_ways:
                known |= way.targets & ~barred
            for bit, node in place.members(known & ~before):
                if node.type_name != place.type_name:
                    known |= self._fixpoint.ask((place, bit, "", closed))
        return known

    def _go_deep(self, place: Place, start: int, way: Way, closed: Closed, barred: int) -> int:
        """Where a key leads that looks below the type's own fields."""
        targets = way.targets & ~barred
        if is_local(place.node(start), way.key):
            return targets
        if not self._can_resolve(place, start, way.key, NEVER_CLOSED):
            return 0
        nodes = dict(place.members(targets))
        if self._can_resolve(place, start, way.key, closed.add(node.graph for node in nodes.values())):
            return targets
        if self._fixpoint.put_off():
            return 0
        return sum(
            bit
            for bit, node in nodes.items()
            if self._can_resolve(place, start, way.key, closed.add((node.graph,)))
        )

    def _can_resolve(self, place: Place, start: int, fields: FieldSet, closed: Closed) -> bool:
        known = self._fixpoint.ask((place, start, "", closed))
        return self.has_all(place, 0, known, fields, closed)

    def _reach_from_stand_in(self, place: Place, start: int, closed: Closed) -> int:
        """Go by the interface's keys; where one enters at the interface itself the object is known by its type."""
        node = place.node(start)
        home = self.places.home(node)
        known = start
        for _, reached in home.members(self._fixpoint.ask((home, home.put(node), "", closed))):
            target = reached if reached.is_interface_object else reached.casts.get(place.type_name)
            if target is not None:
                bit = place.put(target)
                known |= bit
                if not target.is_interface_object:
                    known |= self._fixpoint.ask((place, bit, "", closed))
        return known

    def has_all(
        self, place: Place, here: int, near: int, fields: FieldSet, closed: Closed = ALL_OPEN
    ) -> bool:
        """Whether each field of a set can be resolved from some position."""
        return all(self._has(place, here, near, selection, closed) for selection in fields)

    def _is_type_known(self, node: Node, closed: Closed) -> bool:
        """Whether the type of what an interface object holds can be fetched."""
        place = self.places.home(node)
        known = place.put(node) | self.near(place, place.put(node), closed)
        return known & ~place.stand_ins != 0

    def cast(self, node: Node, type_name: str, closed: Closed = ALL_OPEN) -> int | None:
        """Where an object of a type is that was come by at `node`, as bits of that type's place; 0 if nowhere.

        None: no such object comes that way.
        """
        place = self.places.of(type_name)
        if node.is_interface_object:
            if type_name == node.type_name:
                return place.put(node)
            if not self.places.supergraph.is_subtype(type_name, node.type_name):
                return None
            return place.put(node) if self._is_type_known(node, closed) else 0
        if node.is_abstract:
            target = node.casts.get(type_name)
            return place.put(target) if target is not None else None
        return place.put(node) if node.type_name == type_name else None

    def _conditions(self, closed: Closed) -> Situation:
        known = self._unsettled.get(closed)
        if known is None:
            known = self._unsettled[closed] = Situation(closed=closed)
        return known

    def _has(self, place: Place, here: int, near: int, selection: Selection, closed: Closed) -> bool:
        if isinstance(selection, FragmentSelection):
            return self._has_fragment(place, here, near, selection, closed)
        if selection.name == "__typename":
            return (here | near) & ~place.stand_ins != 0
        found = self.resolvers(place, here, near, selection.name, self._conditions(closed))
        if found and not selection.selections:
            return True
        tails = [tail for _, node in place.members(found) if (tail := node.fields[selection.name].tail)]
        if found and all(self._has_below(tails, inner, closed) for inner in selection.selections):
            return True
        return self._has_type_by_type(place, (here | near) & place.abstract, selection, closed)

    def _has_below(self, tails: list[Node], selection: Selection, closed: Closed) -> bool:
        found: dict[Place, int] = {}
        for tail in tails:
            home = self.places.home(tail)
            found[home] = found.get(home, 0) | home.put(tail)
        return any(self._fixpoint.ask((place, mask, selection, closed)) for place, mask in found.items())

    def _has_type_by_type(self, place: Place, known: int, selection: FieldSelection, closed: Closed) -> bool:
        """Whether each object type that an interface can hold has the field."""
        return any(
            all(self._has_below([cast], selection, closed) for cast in node.casts.values())
            for _, node in place.members(known)
        )

    def _has_fragment(
        self, place: Place, here: int, near: int, fragment: FragmentSelection, closed: Closed
    ) -> bool:
        supergraph = self.places.supergraph
        if supergraph.is_subtype(place.type_name, fragment.type_condition):
            return self.has_all(place, here, near, fragment.selections, closed)
        types = [
            name
            for name in supergraph.possible_types(place.type_name)
            if supergraph.is_subtype(name, fragment.type_condition)
        ]
        return all(
            any(self._has_cast(node, types, selection, closed) for _, node in place.members(here | near))
            for selection in fragment.selections
        )

    def _has_cast(self, node: Node, types: list[str], selection: Selection, closed: Closed) -> bool:
        arrived = ((self.places.of(name), self.cast(node, name, closed)) for name in types)
        return all(
            mask is None or (mask and self._fixpoint.ask((place, mask, selection, closed)))
            for place, mask in arrived
        )
