"""Views: copies of nodes that have the fields that one `@provides` adds on its path.

A node is copied, never changed: the same type reached by another path must not have the provided fields.
"""

from dataclasses import replace

from router.query_graph.graph import FieldEdge, Node
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection
from router.supergraph.model import Supergraph


class ProvidesViews:
    """Makes views of nodes; numbers them after all ordinary nodes."""

    def __init__(self, supergraph: Supergraph, nodes: dict[tuple[str, str], Node]) -> None:
        self._supergraph = supergraph
        self._nodes = nodes
        self._views = 0

    def view_of(self, node: Node, provided: FieldSet) -> Node:
        """Copy `node` so that it has the provided fields, at every depth that `provided` names."""
        view = self._copy(node)
        for selection in provided:
            if isinstance(selection, FragmentSelection):
                self._provide_fragment(view, selection)
            elif selection.name != "__typename":
                self._provide_field(view, selection)
        return view

    def _copy(self, node: Node) -> Node:
        self._views += 1
        return replace(
            node, id=len(self._nodes) + self._views, fields=dict(node.fields), casts=dict(node.casts)
        )

    def _provide_fragment(self, view: Node, fragment: FragmentSelection) -> None:
        if not view.is_abstract:
            if self._supergraph.is_subtype(view.type_name, fragment.type_condition):
                view.fields.update(self.view_of(view, fragment.selections).fields)
            return
        for name, target in view.casts.items():
            if self._supergraph.is_subtype(name, fragment.type_condition):
                view.casts[name] = self.view_of(target, fragment.selections)

    def _provide_field(self, view: Node, selection: FieldSelection) -> None:
        edge = view.fields.get(selection.name)
        if edge is None:
            edge = self._find_declared(view, selection.name)
        if edge is not None:
            tail = edge.tail and self.view_of(edge.tail, selection.selections)
            view.fields[selection.name] = FieldEdge(edge.name, edge.type, tail)
        for name, target in view.casts.items():
            view.casts[name] = self.view_of(target, (selection,))

    def _find_declared(self, node: Node, field_name: str) -> FieldEdge | None:
        """Make the edge of a field that the subgraph declares as external."""
        field = self._supergraph.types[node.type_name].fields.get(field_name)
        entry = field.graphs.get(node.graph) if field is not None else None
        if entry is None:
            return None
        return FieldEdge(field_name, entry.type, self._nodes.get((entry.type.name, node.graph)))
