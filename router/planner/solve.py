"""The search: how to have everything that is needed at a position, at least cost.

`solve` answers for a need and the sources at hand. Each field has options: a source that selects it
directly, or other fetches that can be reached (`reach`). A field with selections is solved *with* what is
below it, once from each source that has it and once from all of them together (objects without a key that
several subgraphs hold are then fetched from each and merged). So a choice is only made when its whole
consequence is known. `choose` picks the cheapest combination of the options.

Objects of abstract types: a field is had on the abstract type wherever a subgraph can answer it there, and
only otherwise type by type, for the types that the source at hand can return; these go first if all of them have it there.
Where a type's own field leads to more (it provides something, or returns a narrower type), both are tried if other fetches are
needed otherwise. Where several sources that
return different types are still open for one value, only the types that all of them know are answered:
otherwise the answer would depend on the choice.

Every answer is kept, by need, sources and requirements in progress, so equal questions cost once.
"""

from router.operation.need import TYPENAME, Need, NeedField, fields_for, merge_fields
from router.planner.choose import choose_options
from router.planner.contexts import is_told
from router.planner.coverage import Coverage
from router.planner.errors import TooComplexError
from router.planner.positions import Position
from router.planner.reach import Reach, Stack
from router.planner.search import Search
from router.planner.sources import Solution, Source, merge_solutions
from router.query_graph import FieldEdge

_SPARED = range(3, 5)
"""With so many, all but one are tried too: of two, each alone is tried anyhow, and of many, all subsets would be."""


class Solver:
    """Searches for one operation; keeps all that it found out until the plan is built.

    With a `width`, no more subgraphs than that are tried one by one where several have the same object.
    """

    def __init__(self, search: Search, steps_max: int, *, width: int | None = None) -> None:
        self.search = search
        self._has_deferrals = search.has_deferrals
        self._width = width
        self._coverage = Coverage(search, width)
        self.supergraph = search.supergraph
        self.failures: list[tuple[Position, str, str]] = []
        self._reach = Reach(search, self.solve)
        self._steps_max = steps_max
        self._steps = 0
        self._solved: dict[tuple[object, ...], Solution | None] = {}
        self._options: dict[tuple[object, ...], list[Solution]] = {}
        self._is_apart_tried = False
        self._split: dict[tuple[object, ...], tuple[NeedField, ...]] = {}

    def solve(
        self,
        need: Need,
        sources: tuple[Source, ...],
        universe: tuple[Source, ...] | None = None,
        stack: Stack = frozenset(),
    ) -> Solution | None:
        """Find the cheapest way to have `need` from `sources`; None if there is none.

        `universe` holds all the sources that are still possible here when `sources` are those tried now.
        """
        universe = universe or sources
        slot = (need, sources, universe, stack)
        if slot not in self._solved:
            self._count_step()
            self._solved[slot] = None
            self._solved[slot] = self._solve(need, sources, universe, stack)
        return self._solved[slot]

    def is_narrowed_by(self, width: int) -> bool:
        """Whether a search of that width would leave anything out that this one has tried."""
        return self._coverage.widest > width or self._is_apart_tried

    def find_edge(self, source: Source, item: NeedField) -> FieldEdge | None:
        """Find the edge by which `source` gives a field with nothing else fetched before."""
        edge = source.node.fields.get(item.name)
        if edge is None or edge.requires or not self.search.is_open(edge):
            return None
        if edge.context_arguments and not is_told(source, edge, self.supergraph):
            return None
        return edge

    def _solve(
        self, need: Need, sources: tuple[Source, ...], universe: tuple[Source, ...], stack: Stack
    ) -> Solution | None:
        if not self.supergraph.types[need.type_name].is_abstract:
            fields = self._object_options(need.type_name, need.fields, sources, universe, stack)
            return self._settle(need, fields, sources)
        found = self._settle(need, self._abstract_options(need, sources, universe, stack), sources)
        if found is None or found.mask == sources[0].token.closure or self._width is not None:
            return found
        apart = self._find_apart(need, sources)
        if not apart:
            return found
        self._is_apart_tried = True
        by_type = self._settle(need, self._abstract_options(need, sources, universe, stack, apart), sources)
        cost = self.search.tokens.cost
        return by_type if by_type is not None and cost(by_type.mask) < cost(found.mask) else found

    def _settle(
        self, need: Need, fields: list[list[Solution]] | None, sources: tuple[Source, ...]
    ) -> Solution | None:
        """Choose an option of each field; None if there is none for one of them."""
        if fields is None or not all(fields):
            return None
        is_root = sources[0].position.parent is None
        if not fields or (self._has_deferrals and not is_root and need.is_all_deferred()):
            # What comes later comes for an object that is known to be there.
            fields.append(self._presence(sources))
        return merge_solutions(choose_options(fields, self.search.tokens))

    def _find_apart(self, need: Need, sources: tuple[Source, ...]) -> frozenset[NeedField]:
        """The fields with selections that lead elsewhere on a type than on the interface: a type's own may provide more."""
        (source, *others) = sources
        casts = source.node.casts.values()
        return frozenset(
            item
            for item in need.fields
            if not others
            and item.need is not None
            and (
                any(own.tail is not edge.tail for cast in casts if (own := cast.fields.get(item.name)))
                if (edge := self.find_edge(source, item)) is not None
                else self._is_given_by_types(source, item)
            )
        )

    def _is_given_by_types(self, source: Source, item: NeedField) -> bool:
        """Whether each type that the objects of a source can have gives a field, and their interface does not."""
        if self.find_edge(source, item) is not None:
            return False
        casts = [self.search.sources.cast(source, node) for node in source.node.casts.values()]
        return bool(casts) and all(self.find_edge(cast, item) for cast in casts)

    def _object_options(
        self,
        type_name: str,
        fields: tuple[NeedField, ...],
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
    ) -> list[list[Solution]]:
        if len(sources) > 1:
            return [self._find_options(type_name, item, sources, universe, stack) for item in fields]
        # Leaves that the only source gives are no decisions: together they are one.
        (source,) = sources
        given: list[tuple[Source, NeedField]] = []
        others: list[list[Solution]] = []
        for item in fields:
            is_leaf = item.need is None and item.deferral is None and item.name != TYPENAME
            if is_leaf and self.find_edge(source, item) is not None:
                given.append((source, item))
            else:
                others.append(self._find_options(type_name, item, sources, universe, stack))
        if given:
            token = source.token
            others.insert(0, [Solution(token.closure, 1 << token.id, len(given), tuple(given))])
        return others

    def _presence(self, sources: tuple[Source, ...]) -> list[Solution]:
        """Give the ways to learn only whether there is an object."""
        item = self._typename_field(sources[0].position)
        return [_leaf(source, item) for source in sources]

    def _typename_field(self, position: Position) -> NeedField:
        return NeedField(position.keys.hidden_key(TYPENAME), TYPENAME, hidden=True)

    def _abstract_options(
        self,
        need: Need,
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
        apart: frozenset[NeedField] = frozenset(),
    ) -> list[list[Solution]] | None:
        """Give the options of all fields, on the interface where that goes; of those in `apart` type by type."""
        found: list[list[Solution]] = []
        exploded: list[NeedField] = []
        on_interface = tuple(source for source in sources if source.node.type_name == need.type_name)
        for item in need.fields:
            options: list[Solution] = []
            is_at_hand = item.need is None and len(sources) == 1 and self._is_given_by_types(sources[0], item)
            is_asked_here = len(on_interface) == len(sources) or item.name == TYPENAME
            if is_asked_here and item not in apart and not is_at_hand:
                options = self._find_options(need.type_name, item, sources, universe, stack)
            if options:
                found.append(options)
            else:
                exploded.append(item)
        if not exploded and not need.arms:
            return found
        typed = self._learn_types(need.type_name, sources, stack)
        if self._has_deferrals and typed != sources:
            # Whether there is a part for an object depends on its type, so that does not come later.
            found.append([_leaf(source, self._typename_field(source.position)) for source in typed])
        shared = self._shared_types(need.type_name, typed, sources, universe, stack)
        if exploded and (len(sources) > 1 or not shared):
            # Objects of different subgraphs' making must not be mixed behind one interface.
            self._fail(sources[0].position, need.type_name, exploded[0])
            return None
        for type_name in shared:
            fields = self._fields_of_type(need, exploded, type_name)
            casts = self._cast(typed, type_name) if fields else ()
            if casts:
                found += self._object_options(type_name, fields, casts, casts, stack)
        return found

    def _learn_types(self, type_name: str, sources: tuple[Source, ...], stack: Stack) -> tuple[Source, ...]:
        """Replace interface objects, which do not know their types, by fetches that learn them."""
        typed: list[Source] = []
        for source in sources:
            if source.node.is_interface_object:
                typed += [s for s in self._reach.enter_all(type_name, (source,), stack) if s.node.is_abstract]
            else:
                typed.append(source)
        return tuple(typed)

    def _shared_types(
        self,
        type_name: str,
        typed: tuple[Source, ...],
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
    ) -> list[str]:
        possible = {name for source in typed for name in source.node.runtime}
        for source in universe:
            if len(universe) > 1 or source not in sources:
                known = self._learn_types(type_name, (source,), stack)
                possible &= {name for other in known for name in other.node.runtime}
        return [name for name in self.supergraph.possible_types(type_name) if name in possible]

    def _cast(self, sources: tuple[Source, ...], type_name: str) -> tuple[Source, ...]:
        casts: list[Source] = []
        for source in sources:
            node = source.node.casts.get(type_name)
            if node is not None:
                casts.append(self.search.sources.cast(source, node))
            elif source.node.type_name == type_name:
                casts.append(source)
        return tuple(casts)

    def _fields_of_type(self, need: Need, exploded: list[NeedField], type_name: str) -> tuple[NeedField, ...]:
        slot = (need, type_name, *exploded)
        if slot not in self._split:
            arms = fields_for(Need(need.type_name, (), need.arms), type_name, self.supergraph)
            self._split[slot] = merge_fields([*exploded, *arms])
        return self._split[slot]

    def _find_options(
        self,
        type_name: str,
        item: NeedField,
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
    ) -> list[Solution]:
        slot = (type_name, item, sources, universe, stack)
        options = self._options.get(slot)
        if options is None:
            if item.name == TYPENAME:
                options = self._typename_options(type_name, item, sources, stack)
            else:
                options = []
                if item.deferral is not None and not self._is_at_hand(type_name, item, sources):
                    options = self._field_options(type_name, item, sources, universe, stack, is_apart=True)
                # What cannot be fetched apart is fetched with the rest, and is only told later.
                options = options or self._field_options(type_name, item, sources, universe, stack)
            if not options:
                self._fail(sources[0].position, type_name, item)
            self._options[slot] = options
        return options

    def _is_at_hand(self, type_name: str, item: NeedField, sources: tuple[Source, ...]) -> bool:
        """Whether a field is part of what tells who the objects are, so that fetching it apart gains nothing."""
        return self._reach.is_identifying(type_name, item) and any(
            self.find_edge(source, item) for source in sources
        )

    def _field_options(
        self,
        type_name: str,
        item: NeedField,
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
        *,
        is_apart: bool = False,
    ) -> list[Solution]:
        """The ways to have a field; with `is_apart` none of them in the fetches at hand."""
        direct = [] if is_apart else [source for source in sources if self.find_edge(source, item)]
        if item.need is None:
            # Nothing beats a leaf that is at hand.
            origins = direct or self._reach.find_origins(type_name, item, sources, stack)
            return [_leaf(source, item) for source in origins]
        return self._composite_options(type_name, item, direct, sources, universe, stack)

    def _typename_options(
        self, type_name: str, item: NeedField, sources: tuple[Source, ...], stack: Stack
    ) -> list[Solution]:
        typed = self._learn_types(type_name, sources, stack) if not item.hidden else sources
        return [_leaf(source, item) for source in typed]

    def _composite_options(
        self,
        type_name: str,
        item: NeedField,
        direct: list[Source],
        sources: tuple[Source, ...],
        universe: tuple[Source, ...],
        stack: Stack,
    ) -> list[Solution]:
        assert item.need is not None
        has_arms = item.need.has_arms
        if len(sources) == 1 and direct and not has_arms:
            option = self._solve_below(type_name, item, direct, direct, stack)
            if option is not None and option.mask == direct[0].token.closure:
                return [option]
        origins = [*direct, *self._reach.find_origins(type_name, item, sources, stack)]
        everywhere = origins
        if has_arms and universe != sources:
            everywhere = [source for source in universe if self.find_edge(source, item)]
            everywhere += self._reach.find_origins(type_name, item, universe, stack)
        options = [
            self._solve_below(type_name, item, [origin], everywhere if has_arms else [origin], stack)
            for origin in self._coverage.find_worthwhile(item.need, item.name, origins, direct)
        ]
        if len(origins) > 1 and self._may_join(origins):
            options += self._solve_jointly(
                type_name, item, origins, everywhere if has_arms else origins, stack
            )
        return [option for option in options if option is not None]

    def _solve_jointly(
        self,
        type_name: str,
        item: NeedField,
        origins: list[Source],
        everywhere: list[Source],
        stack: Stack,
    ) -> list[Solution | None]:
        """Solve a field with several sources of its value: with all, and without each that is used then.

        What else is needed here may take other fetches than those that are best for this field alone.
        """
        joint = self._solve_below(type_name, item, origins, everywhere, stack)
        options = [joint]
        if joint is not None and len(origins) in _SPARED:
            for origin in origins:
                if joint.mask >> origin.token.id & 1:
                    others = [other for other in origins if other is not origin]
                    options.append(self._solve_below(type_name, item, others, everywhere, stack))
        return options

    def _may_join(self, origins: list[Source]) -> bool:
        """Whether one value may be put together from several subgraphs: never by mutating twice."""
        return self.supergraph.root_types.get("mutation") != origins[0].node.type_name

    def _solve_below(
        self,
        type_name: str,
        item: NeedField,
        origins: list[Source],
        everywhere: list[Source],
        stack: Stack,
    ) -> Solution | None:
        assert item.need is not None
        below = self._step_down(type_name, item, origins)
        universe = below if everywhere is origins else self._step_down(type_name, item, everywhere)
        if not below:
            return None
        solution = self.solve(item.need, below, universe, stack)
        if solution is None:
            return None
        mask = solution.mask
        if len(origins) == 1:
            mask |= origins[0].token.closure
        used = sum(1 for origin in origins if mask & (1 << origin.token.id))
        return Solution(mask, solution.suppliers, solution.size + used, (), (solution,))

    def _step_down(self, type_name: str, item: NeedField, origins: list[Source]) -> tuple[Source, ...]:
        field = self.supergraph.types[type_name].fields[item.name]
        is_abstract = self.supergraph.types[field.type.name].is_abstract
        parent = origins[0].position
        is_typed = parent.is_abstract and not self.supergraph.types[type_name].is_abstract
        position = self.search.positions.child(
            parent, item, type_name if is_typed else None, field.type, is_abstract=is_abstract
        )
        below: list[Source] = []
        for origin in origins:
            edge = origin.node.fields[item.name]
            if edge.tail is not None:
                below.append(self.search.sources.field(origin, item, edge, position))
        return tuple(below)

    def _fail(self, position: Position, type_name: str, item: NeedField) -> None:
        if not item.hidden:
            self.failures.append((position, type_name, item.name))

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > self._steps_max:
            raise TooComplexError(self._steps_max)


def _leaf(source: Source, item: NeedField) -> Solution:
    return Solution(source.token.closure, 1 << source.token.id, 1, ((source, item),))
