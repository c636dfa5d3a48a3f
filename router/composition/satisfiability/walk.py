"""The walk: every path of fields and type conditions, with all positions that its data may have been reached in.

A state is an object type and a set of its positions, those in any of which the data may be, as a plan is free to
choose. A field can be asked if some position, or one that can be entered from some position, resolves it; the positions
that it leads to are the next state. If none resolves it, the path is one that clients can write and nobody can answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from router.composition.satisfiability.contexts import Contexts
from router.composition.satisfiability.moves import Moves
from router.composition.satisfiability.places import Place
from router.composition.satisfiability.runtime_types import RuntimeTypes
from router.composition.satisfiability.situation import Situation
from router.composition.satisfiability.visible import VisibleField, VisibleSchema
from router.composition.satisfiability.visited import Visit, Visited
from router.query_graph import Node

FAILURES_MAX = 100
"""How many failures are kept: one missing key can make thousands of paths fail."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The end of a path.

    Attributes:
        here: the positions that the data may have been come by in.
        near: those that can be entered from there by a key; none at the top of an operation.
        parent, field: the path before, and its last field; none at the top.
    """

    place: Place
    here: int
    near: int
    situation: Situation
    parent: "State | None" = None
    field: VisibleField | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A path that cannot be answered: a field of a state's type, or below it an object type that cannot be told.

    `tails` are the nodes that the field leads to, if it is the type.
    """

    state: State
    field: VisibleField
    situation: Situation
    object_type: str | None = None
    tails: tuple[Node, ...] = ()


class Walk:
    """Walks from root positions.

    Attributes:
        left_out: how many failures were found and not kept.
    """

    def __init__(self, moves: Moves, visible: VisibleSchema, contexts: Contexts, types: RuntimeTypes) -> None:
        self.moves = moves
        self.visible = visible
        self.types = types
        self.left_out = 0
        self._contexts = contexts
        self._visited = Visited()
        self._open: list[State] = []
        self._failures: list[Failure] = []

    def walk(self, root: str, here: int, fields: Iterable[VisibleField]) -> list[Failure]:
        """The failing paths that begin with some fields of a root type, in some of its positions.

        Raises:
            TooManyPathsError: the paths of this walk and those before it are too many.
        """
        self._visited.begin()
        self._failures = []
        top = State(self.moves.places.of(root), here, 0, Situation())
        self._compare_types(top.place, here, 0, top.situation)
        for item in fields:
            self._take_field(top, item)
        while self._open:
            state = self._open.pop()
            for item in self.visible.fields(state.place.type_name):
                self._take_field(state, item)
        if not self._failures:
            self._visited.keep()
        return self._failures

    def _take_field(self, state: State, item: VisibleField) -> None:
        if not item.objects and (state.here | state.near) & state.place.free.get(item.name, 0):
            return
        for situation in self._settle(state.situation, item.labels):
            found = self.moves.resolvers(state.place, state.here, state.near, item.name, situation)
            if not found:
                self._fail(Failure(state, item, situation))
            elif item.objects:
                self._follow(state, item, found, situation)

    def _fail(self, failure: Failure) -> None:
        if len(self._failures) < FAILURES_MAX:
            self._failures.append(failure)
        else:
            self.left_out += 1

    def _follow(self, state: State, item: VisibleField, found: int, situation: Situation) -> None:
        nodes = (node.fields[item.name].tail for _, node in state.place.members(found))
        tails = tuple(sorted({node for node in nodes if node}, key=lambda node: node.id))
        contexts = self._contexts.below(state.place, state.here, state.near, situation.contexts)
        if contexts != situation.contexts:
            situation = replace(situation, contexts=contexts)
        if not self._visited.is_new_end(item.type_name, tails, situation):
            return
        for name in item.objects:
            here = self._arrive(tails, name)
            if here:
                self._enter(state, item, self.moves.places.of(name), here, situation)
            elif here is not None:
                self._fail(Failure(state, item, situation, name, tails))

    def _arrive(self, tails: tuple[Node, ...], object_type: str) -> int | None:
        """The positions that objects of a type are in; None if some way there gives no such objects."""
        here = 0
        for tail in tails:
            arrived = self.moves.cast(tail, object_type)
            if arrived is None:
                return None
            here |= arrived
        return here

    def _enter(
        self, parent: State, item: VisibleField, place: Place, here: int, situation: Situation
    ) -> None:
        near = self.moves.near(place, here)
        self._compare_types(place, here, near, situation)
        visit = Visit(here | near, near | self._without_return(place, here & ~near), situation)
        if self._visited.is_new(place, visit):
            self._open.append(State(place, here, near, situation, parent, item))

    def _compare_types(self, place: Place, here: int, near: int, situation: Situation) -> None:
        # Before it is known whether the visit is new: what is compared depends on all positions.
        for item in self.visible.abstract_fields(place.type_name):
            for settled in self._settle(situation, item.labels):
                self.types.compare(place, item, self.moves.resolvers(place, here, near, item.name, settled))

    def _without_return(self, place: Place, here: int) -> int:
        """The positions that resolve all their fields although they are not entered by a key."""
        bound = 0
        for mask in place.bound.values():
            bound |= mask
        return (here & ~bound) | sum(
            bit for bit, node in place.members(here & bound) if self.moves.can_come_back(node)
        )

    def _settle(self, situation: Situation, labels: tuple[str, ...]) -> Iterator[Situation]:
        """The situation with each value that the labels not yet settled can have."""
        settled = {label for label, _ in situation.labels}
        unsettled = [label for label in labels if label not in settled]
        if not unsettled:
            yield situation
            return
        self._visited.spend(2 ** len(unsettled))
        for values in product((True, False), repeat=len(unsettled)):
            further = zip(unsettled, values, strict=True)
            yield replace(situation, labels=situation.labels.union(further))
