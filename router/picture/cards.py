"""What the picture shows of a supergraph: a card for each entity, on it the fields of each subgraph."""

from collections.abc import Iterator
from dataclasses import dataclass

from router.supergraph.field_set import FieldSelection, write_field_set
from router.supergraph.model import Supergraph
from router.supergraph.records import FieldIn, TypeInfo, TypeKind

ROWS_MAX = 10
"""Fields of one subgraph on one card; those that lead to an entity are always there."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field: `target` is the card that it leads to, `requires` what it needs from other subgraphs."""

    name: str
    type: str
    target: str | None
    requires: str


@dataclass(frozen=True, slots=True)
class Section:
    """What one subgraph contributes to a card; `more` fields are left out."""

    subgraph: str
    is_owner: bool
    rows: tuple[Row, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Card:
    """A type: `kind` is `entity`, `interface` or, for a type without a key, `type`.

    `mentions` are the subgraphs that know its key and add nothing to it.
    """

    name: str
    kind: str
    keys: tuple[str, ...]
    sections: tuple[Section, ...]
    mentions: tuple[str, ...]


def read_cards(supergraph: Supergraph) -> tuple[Card, ...]:
    """A card for each entity, and one for each other type that leads to an entity of another subgraph; by name."""
    return _Reader(supergraph).read()


class _Reader:
    def __init__(self, supergraph: Supergraph) -> None:
        self._types = supergraph.types
        self._names = {each.graph: each.name for each in supergraph.subgraphs}
        self._owners = {
            info.name: _find_owner(info)
            for info in supergraph.types.values()
            if info.is_composite and any(each.keys for each in info.graphs.values())
        }
        roots = set(supergraph.root_types.values())
        self._carriers = {
            info.name
            for info in supergraph.types.values()
            if info.kind is TypeKind.OBJECT
            and info.name not in roots
            and info.name not in self._owners
            and self._connected(info.name) is None
            and any(self._leads_away(graph, entry) for graph, entry in _entries(info))
        }

    def read(self) -> tuple[Card, ...]:
        return tuple(
            self._entity(self._types[name]) if name in self._owners else self._carrier(self._types[name])
            for name in sorted({*self._owners, *self._carriers})
        )

    def _entity(self, info: TypeInfo) -> Card:
        owner = self._owners[info.name]
        keys = {write_field_set(key.fields): key for each in info.graphs.values() for key in each.keys}
        in_keys = {
            part.name for key in keys.values() for part in key.fields if isinstance(part, FieldSelection)
        }
        sections, mentions = [], []
        for graph in sorted(info.graphs, key=lambda graph: (graph != owner, self._names[graph])):
            is_owner = graph == owner
            rows = [
                self._row(name, entry)
                for name, entry in _resolved(info, graph)
                if is_owner or name not in in_keys
            ]
            if rows or is_owner:
                kept = _shorten(rows)
                sections.append(Section(self._names[graph], is_owner, kept, len(rows) - len(kept)))
            else:
                mentions.append(self._names[graph])
        kind = "interface" if info.kind is TypeKind.INTERFACE else "entity"
        return Card(info.name, kind, tuple(keys), tuple(sections), tuple(mentions))

    def _carrier(self, info: TypeInfo) -> Card:
        sections = []
        for graph in sorted(info.graphs, key=lambda graph: self._names[graph]):
            own = list(_resolved(info, graph))
            rows = [self._row(name, entry) for name, entry in own if self._leads_away(graph, entry)]
            if rows:
                sections.append(Section(self._names[graph], False, tuple(rows), len(own) - len(rows)))
        return Card(info.name, "type", (), tuple(sections), ())

    def _row(self, name: str, entry: FieldIn) -> Row:
        returned = self._connected(entry.type.name) or entry.type.name
        has_card = returned in self._owners or returned in self._carriers
        return Row(name, entry.type.text, returned if has_card else None, write_field_set(entry.requires))

    def _leads_away(self, graph: str, entry: FieldIn) -> bool:
        return self._owners.get(entry.type.name, graph) != graph

    def _connected(self, name: str) -> str | None:
        """The entity that a connection lists, after Relay's convention: `edges { node }`."""
        for step in ("edges", "node"):
            info = self._types.get(name)
            item = info.fields.get(step) if info is not None else None
            if item is None:
                return None
            name = item.type.name
        return name if name in self._owners else None


def _find_owner(info: TypeInfo) -> str:
    """The subgraph that resolves most of the type's fields; of equals the first."""
    counts = {graph: sum(1 for _ in _resolved(info, graph)) for graph in info.graphs}
    return max(counts, key=lambda graph: counts[graph])


def _entries(info: TypeInfo) -> Iterator[tuple[str, FieldIn]]:
    return ((graph, entry) for graph in info.graphs for _, entry in _resolved(info, graph))


def _resolved(info: TypeInfo, graph: str) -> Iterator[tuple[str, FieldIn]]:
    """The fields that a subgraph resolves, with what it says of them."""
    for item in info.fields.values():
        entry = item.graphs.get(graph)
        if entry is None or entry.external or (entry.used_overridden and not entry.override_label):
            continue
        yield item.name, entry


def _shorten(rows: list[Row]) -> tuple[Row, ...]:
    room = max(ROWS_MAX - sum(1 for row in rows if row.target is not None), 0)
    kept = []
    for row in rows:
        if row.target is not None:
            kept.append(row)
        elif room:
            room -= 1
            kept.append(row)
    return tuple(kept)
