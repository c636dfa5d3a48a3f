"""Views: copies of nodes that have the fields that `@provides` adds on the path to them.

A node is copied, never changed: the same type reached by another path must not have the provided fields. A field that
leads on from a view may have a `@provides` of its own, so a view is known by its node and by all that is provided to
it; views that lead in circles are found again, and there are only as many as there are such combinations.
"""

from dataclasses import replace

from router.query_graph.graph import FieldEdge, Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection, write_field_set
from router.supergraph.model import Supergraph


class ProvidesViews:
    """Makes views of nodes; numbers them after all ordinary nodes.

    Views are made empty and filled by `fill`, when every ordinary node has its fields.
    """

    def __init__(self, supergraph: Supergraph, nodes: dict[tuple[str, str], Node]) -> None:
        self._supergraph = supergraph
        self._nodes = nodes
        self._views: dict[tuple[Node, FieldSet], Node] = {}
        self._origins: dict[Node, tuple[Node, FieldSet]] = {}
        self._unfilled: list[Node] = []

    def view_of(self, node: Node, provided: FieldSet) -> Node:
        """A view of `node`, or of what `node` itself is a view of, that has the provided fields as well."""
        if not provided:
            return node
        origin, before = self._origins.get(node, (node, ()))
        key = origin, _sort({*before, *provided})
        view = self._views.get(key)
        if view is None:
            number = len(self._nodes) + len(self._views) + 1
            view = self._views[key] = replace(origin, id=number, fields={}, casts={})
            self._origins[view] = key
            self._unfilled.append(view)
        return view

    def fill(self) -> None:
        """Give each view its fields and casts, at every depth that is provided."""
        while self._unfilled:
            view = self._unfilled.pop()
            origin, provided = self._origins[view]
            view.fields.update(origin.fields)
            below: dict[str, list[FieldSelection | FragmentSelection]] = {}
            for selection in self._select(origin, provided):
                below.setdefault(selection.name, []).extend(selection.selections)
            for name, selections in below.items():
                edge = origin.fields.get(name) or self._find_declared(origin, name)
                if edge is not None:
                    tail = edge.tail and self.view_of(edge.tail, tuple(selections))
                    view.fields[name] = FieldEdge(edge.name, edge.type, tail)
            view.casts.update({name: self.view_of(cast, provided) for name, cast in origin.casts.items()})

    def _select(self, node: Node, provided: FieldSet) -> list[FieldSelection]:
        """The fields that are provided to a node itself, and not to some of its types only."""
        found: list[FieldSelection] = []
        for selection in provided:
            if isinstance(selection, FieldSelection):
                found += [selection] if selection.name != "__typename" else []
            elif self._supergraph.is_subtype(node.type_name, selection.type_condition):
                found += self._select(node, selection.selections)
        return found

    def _find_declared(self, node: Node, field_name: str) -> FieldEdge | None:
        """Make the edge of a field that the subgraph declares as external."""
        field = self._supergraph.types[node.type_name].fields.get(field_name)
        entry = field.graphs.get(node.graph) if field is not None else None
        if entry is None:
            return None
        return FieldEdge(field_name, entry.type, self._nodes.get((entry.type.name, node.graph)))


def _sort(fields: set[FieldSelection | FragmentSelection]) -> FieldSet:
    return tuple(sorted(fields, key=lambda selection: write_field_set((selection,))))
