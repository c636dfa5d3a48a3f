"""Supergraph model to query graph, in three passes: nodes, field edges, ways in by key.

Which field a subgraph resolves is decided here and nowhere else: not what is external there, not what
another subgraph has overridden, and an interface's field only where every object that the subgraph can
return resolves it itself (otherwise the planner goes object type by object type).
"""

from router.query_graph.graph import FieldEdge, KeyEdge, Node, OverrideGate, QueryGraph
from router.query_graph.provides import ProvidesViews
from router.supergraph.model import Supergraph
from router.supergraph.records import FieldIn, FieldInfo, TypeInfo, TypeKind


def build_query_graph(supergraph: Supergraph) -> QueryGraph:
    """Build the query graph; work and size are linear in what the subgraphs declare."""
    builder = _Builder(supergraph)
    builder.add_nodes()
    builder.add_fields()
    return QueryGraph(supergraph, builder.find_roots(), builder.nodes, builder.find_keys())


class _Builder:
    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self.names = {subgraph.graph: subgraph.name for subgraph in supergraph.subgraphs}
        self.order = sorted(self.names, key=lambda graph: self.names[graph])
        self.nodes: dict[tuple[str, str], Node] = {}
        self.views = ProvidesViews(supergraph, self.nodes)

    def add_nodes(self) -> None:
        for info in self.supergraph.types.values():
            for graph in self.order if info.is_composite else ():
                type_in = info.graphs.get(graph)
                if type_in is None:
                    continue
                is_object = info.kind is TypeKind.OBJECT or type_in.is_interface_object
                self.nodes[info.name, graph] = Node(
                    id=len(self.nodes),
                    type_name=info.name,
                    graph=graph,
                    is_abstract=not is_object,
                    is_interface_object=type_in.is_interface_object,
                    runtime=(info.name,) if is_object else self._local_runtime(info, graph),
                )
        for node in self.nodes.values():
            if node.is_abstract:
                node.casts.update({name: self.nodes[name, node.graph] for name in node.runtime})

    def _local_runtime(self, info: TypeInfo, graph: str) -> tuple[str, ...]:
        if info.kind is TypeKind.UNION:
            members = info.graphs[graph].members
            return tuple(name for name in members if graph in self.supergraph.types[name].graphs)
        implementations = []
        for name in self.supergraph.possible_types(info.name):
            type_in = self.supergraph.types[name].graphs.get(graph)
            if type_in is not None and info.name in type_in.interfaces:
                implementations.append(name)
        return tuple(implementations)

    def add_fields(self) -> None:
        provided: list[tuple[Node, FieldEdge, FieldIn]] = []
        for node in self.nodes.values():
            info = self.supergraph.types[node.type_name]
            for field in info.fields.values():
                entry = field.graphs.get(node.graph)
                if entry is None or not self._can_select(node, info, field):
                    continue
                edge = self._build_edge(field, entry)
                node.fields[field.name] = edge
                if entry.provides:
                    provided.append((node, edge, entry))
        # Views copy the fields of a node, so they are filled when every node has its own.
        for node, edge, entry in provided:
            if edge.tail is not None:
                tail = self.views.view_of(edge.tail, entry.provides)
                node.fields[edge.name] = FieldEdge(
                    edge.name, edge.type, tail, edge.requires, edge.gate, edge.context_arguments
                )
        self.views.fill()

    def _build_edge(self, field: FieldInfo, entry: FieldIn) -> FieldEdge:
        tail = self.nodes.get((entry.type.name, entry.graph))
        gate = self._find_gate(field, entry)
        return FieldEdge(field.name, entry.type, tail, entry.requires, gate, entry.context_arguments)

    def _can_select(self, node: Node, info: TypeInfo, field: FieldInfo) -> bool:
        if not self._resolves(field, node.graph):
            return False
        if not node.is_abstract:
            return True
        type_in = info.graphs[node.graph]
        known = set(node.runtime)
        # By `_entities` an object may come in that this subgraph has no type for.
        if any(key.resolvable for key in type_in.keys) and known != set(
            self.supergraph.possible_types(info.name)
        ):
            return False
        return all(self._resolves_unconditionally(name, field.name, node.graph) for name in node.runtime)

    def _resolves_unconditionally(self, type_name: str, field_name: str, graph: str) -> bool:
        field = self.supergraph.types[type_name].fields.get(field_name)
        if field is None or not self._resolves(field, graph):
            return False
        entry = field.graphs[graph]
        return not entry.requires and not entry.context_arguments and self._find_gate(field, entry) is None

    def _resolves(self, field: FieldInfo, graph: str) -> bool:
        entry = field.graphs.get(graph)
        if entry is None or (entry.external and not entry.requires):
            return False
        if entry.used_overridden and not entry.override_label:
            return self._find_gate(field, entry) is not None
        return not any(
            other.override_from == self.names[graph] and not other.override_label
            for other in field.graphs.values()
            if other is not entry
        )

    def _find_gate(self, field: FieldInfo, entry: FieldIn) -> OverrideGate | None:
        if entry.override_label and entry.override_from:
            if entry.override_from not in self.names.values():
                return None
            return OverrideGate(entry.override_label, wanted=True)
        for other in field.graphs.values():
            if other is entry or not other.override_label:
                continue
            if other.override_from == self.names[entry.graph] or other.override_label == entry.override_label:
                return OverrideGate(other.override_label, wanted=False)
        return None

    def find_roots(self) -> dict[str, tuple[Node, ...]]:
        roots: dict[str, tuple[Node, ...]] = {}
        for kind, name in self.supergraph.root_types.items():
            nodes = (self.nodes.get((name, graph)) for graph in self.order)
            roots[kind] = tuple(node for node in nodes if node is not None and node.fields)
        return roots

    def find_keys(self) -> dict[str, tuple[KeyEdge, ...]]:
        keys: dict[str, tuple[KeyEdge, ...]] = {}
        for info in self.supergraph.types.values():
            if info.is_composite and info.kind is not TypeKind.UNION:
                edges = [*self._own_keys(info)]
                for interface in sorted(info.interfaces):
                    edges += [
                        edge
                        for edge in self._own_keys(self.supergraph.types[interface])
                        if edge.target.is_interface_object
                    ]
                edges.sort(key=lambda edge: self.names[edge.target.graph])
                keys[info.name] = tuple(edges)
        return keys

    def _own_keys(self, info: TypeInfo) -> list[KeyEdge]:
        return [
            KeyEdge(self.nodes[info.name, graph], key.fields)
            for graph in self.order
            if graph in info.graphs
            for key in info.graphs[graph].keys
            if key.resolvable
        ]
