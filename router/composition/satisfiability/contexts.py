"""What the contexts above give: which selections of `@fromContext` can be resolved where the context is set."""

from router.composition.satisfiability.moves import Moves, Selection
from router.composition.satisfiability.places import Place
from router.composition.satisfiability.situation import ContextUse
from router.supergraph.field_set import FieldSet, FragmentSelection, read_field_set
from router.supergraph.model import Supergraph


class Contexts:
    """Follows a path: each type that sets a context replaces what that context gave before."""

    def __init__(self, moves: Moves, supergraph: Supergraph) -> None:
        self._moves = moves
        self._supergraph = supergraph
        self._uses = sorted(_find_uses(supergraph))
        self._selections = {use: read_field_set(use[1]) for use in self._uses}

    def below(
        self, place: Place, here: int, near: int, above: frozenset[ContextUse]
    ) -> frozenset[ContextUse]:
        """What the contexts give below positions of a type; what its own fields take is set above it."""
        if not self._uses:
            return above
        given = set(above)
        for use in self._uses:
            if place.type_name in self._supergraph.context_setters(use[0]):
                given.discard(use)
                fields = self._narrow(self._selections[use], place.type_name)
                # An abstract type need not be covered whole: the argument is null for the types left out.
                if self._moves.has_all(place, here, near, fields):
                    given.add(use)
        return frozenset(given)

    def _narrow(self, fields: FieldSet, type_name: str) -> FieldSet:
        """The selections that are meant for a type."""
        kept: list[Selection] = []
        for selection in fields:
            if not isinstance(selection, FragmentSelection):
                kept.append(selection)
            elif self._supergraph.is_subtype(type_name, selection.type_condition):
                kept += self._narrow(selection.selections, type_name)
        return tuple(kept)


def _find_uses(supergraph: Supergraph) -> set[ContextUse]:
    return {
        (use.context, use.selection)
        for info in supergraph.types.values()
        for item in info.fields.values()
        for entry in item.graphs.values()
        for use in entry.context_arguments
    }
