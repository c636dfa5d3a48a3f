"""The object types that subgraphs which share a field can return: equal, overlapping, or a contradiction."""

from router.composition.context import Merge
from router.composition.rules.shareable_has_mismatched_runtime_types import report_runtime_types
from router.composition.satisfiability.places import Place
from router.composition.satisfiability.visible import VisibleField
from router.supergraph.model import Supergraph


class RuntimeTypes:
    """Compares, once for each field and set of subgraphs, what a shared field of an abstract type can return."""

    def __init__(self, merge: Merge, supergraph: Supergraph) -> None:
        self._merge = merge
        self._names = {subgraph.graph: subgraph.name for subgraph in supergraph.subgraphs}
        self._compared: set[tuple[VisibleField, int]] = set()
        self._reported: set[VisibleField] = set()

    def compare(self, place: Place, item: VisibleField, found: int) -> None:
        """Compare what a field gives in several positions."""
        if not item.is_abstract or not found & (found - 1) or (item, found) in self._compared:
            return
        self._compared.add((item, found))
        tails = [tail for _, node in place.members(found) if (tail := node.fields[item.name].tail)]
        if sum(tail.is_abstract for tail in tails) <= 1:
            # Who declares the field with an object type says by that what it returns.
            return
        types = {
            self._names[tail.graph]: frozenset(tail.runtime) for tail in tails if not tail.is_interface_object
        }
        if len(set(types.values())) > 1 and item not in self._reported:
            self._reported.add(item)
            report_runtime_types(self._merge, place.type_name, item.name, types)
