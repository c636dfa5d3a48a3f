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
        types: dict[str, frozenset[str]] = {}
        for _, node in place.members(found):
            tail = node.fields[item.name].tail
            if tail is not None and not tail.is_interface_object:
                types[self._names[node.graph]] = frozenset(tail.runtime)
        if len(set(types.values())) > 1 and item not in self._reported:
            self._reported.add(item)
            report_runtime_types(self._merge, place.type_name, item.name, types)
