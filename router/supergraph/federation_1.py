"""Supergraphs of federation 1: what they leave unsaid.

Their join spec (v0.1) tells of entities only: which subgraphs have them by which keys, who owns them, which subgraph has
which field. Values (types without keys), interfaces and unions have no recorded home, and external fields are not
mentioned. So a value counts as known to each subgraph in which a field leads to it, with all its fields; what stands
in a key is known wherever the key is (an extension's own key can be read there); and what is provided is external.

Spec: https://specs.apollo.dev/join/v0.1
"""

from collections.abc import Iterable, Mapping

from router.supergraph.field_set import FieldSelection, FieldSet
from router.supergraph.records import FieldIn, FieldInfo, TypeIn, TypeInfo, TypeKind

Types = Mapping[str, TypeInfo]


def settle_federation_1(
    types: Types, owners: Mapping[str, str], roots: Iterable[str], graphs: tuple[str, ...]
) -> dict[str, TypeInfo]:
    """The types with the homes of all of them, and of their fields.

    `types` are as read: entities with their keys by subgraph, fields with what `@join__field` says of them, and all that
    says nothing in every one of `graphs`. `owners` has the subgraph that owns each entity.
    """
    settling = _Settling(types, owners, frozenset(roots), graphs)
    settling.run()
    return {name: settling.write(info) for name, info in types.items()}


class _Settling:
    def __init__(
        self, types: Types, owners: Mapping[str, str], roots: frozenset[str], graphs: tuple[str, ...]
    ) -> None:
        self.types = types
        self.owners = owners
        self.roots = roots
        self.graphs = graphs
        self.homes: dict[str, set[str]] = {name: set() for name in types}
        self.entries: dict[tuple[str, str], dict[str, FieldIn]] = {}
        self._unseen: list[tuple[str, str]] = []

    def run(self) -> None:
        """Find the homes of all types and fields."""
        for name, info in self.types.items():
            self._read(name, info)
        for name in self.owners:
            for graph, known in self.types[name].graphs.items():
                for key in known.keys:
                    self._add_fields(name, graph, key.fields, is_external=False)
        self._spread()
        for name, info in self.types.items():
            for field in info.fields.values():
                for entry in list(self.entries[name, field.name].values()):
                    self._add_fields(field.type.name, entry.graph, entry.provides, is_external=True)
        self._spread()

    def _read(self, name: str, info: TypeInfo) -> None:
        """Enter what the supergraph says: of entities all, of root types by their fields, of others nothing."""
        for field in info.fields.values():
            # A field has one `@join__field` at most; one without belongs to the owner.
            is_said = name in self.roots or len(field.graphs) == 1
            graphs = field.graphs.keys() if is_said else {self.owners.get(name)}
            entries = {graph: entry for graph, entry in field.graphs.items() if graph in graphs}
            self.entries[name, field.name] = {} if self._is_value(name) else entries
            if name in self.roots:
                for graph in entries:
                    self._settle(name, graph)
        if name in self.owners:
            for graph in info.graphs:
                self._settle(name, graph)

    def _settle(self, name: str, graph: str) -> None:
        """Note that a subgraph has a type; what follows from that is found by `_spread`."""
        if name in self.homes and graph not in self.homes[name]:
            self.homes[name].add(graph)
            self._unseen.append((name, graph))

    def _spread(self) -> None:
        while self._unseen:
            name, graph = self._unseen.pop()
            info = self.types[name]
            if not info.is_composite:
                continue
            for field in info.fields.values():
                if self._is_value(name):
                    self.entries[name, field.name].setdefault(graph, FieldIn(graph, field.type))
                if graph in self.entries[name, field.name]:
                    self._settle_value(field.type.name, graph)
            for other in (*info.interfaces, *self._members(info)):
                self._settle_value(other, graph)

    def _settle_value(self, name: str, graph: str) -> None:
        if self._is_value(name):
            self._settle(name, graph)

    def _is_value(self, name: str) -> bool:
        return name not in self.owners and name not in self.roots

    def _members(self, info: TypeInfo) -> tuple[str, ...]:
        if info.kind is TypeKind.INTERFACE:
            return tuple(each.name for each in self.types.values() if info.name in each.interfaces)
        return info.members

    def _add_fields(self, name: str, graph: str, fields: FieldSet, *, is_external: bool) -> None:
        """Let a subgraph know fields that one of its keys or `@provides` names."""
        if fields:
            self._settle(name, graph)
        for selection in fields:
            if not isinstance(selection, FieldSelection):
                self._add_fields(
                    selection.type_condition, graph, selection.selections, is_external=is_external
                )
                continue
            field = self.types[name].fields.get(selection.name)
            if field is not None:
                entry = FieldIn(graph, field.type, external=is_external)
                self.entries[name, field.name].setdefault(graph, entry)
                self._add_fields(field.type.name, graph, selection.selections, is_external=is_external)

    def write(self, info: TypeInfo) -> TypeInfo:
        """The type as settled."""
        homes = [graph for graph in self.graphs if graph in self.homes[info.name]]
        if not info.is_composite:
            return info
        graphs = {
            graph: TypeIn(
                graph,
                info.graphs[graph].keys if graph in info.graphs else (),
                interfaces=frozenset(each for each in info.interfaces if graph in self.homes[each]),
                members=tuple(each for each in info.members if graph in self.homes[each]),
            )
            for graph in homes
        }
        fields = {
            field.name: FieldInfo(
                field.name, field.type, {graph: entry for graph, entry in self.entries[info.name, field.name].items() if graph in graphs}
            )
            for field in info.fields.values()
        }  # fmt: skip
        return TypeInfo(info.name, info.kind, fields, info.interfaces, info.members, graphs, info.contexts)
