"""Places and positions: where the data of one type can be.

A position is a node of the query graph: the type in one subgraph, or a view of it that a `@provides` makes. An object
that came from an interface object is at a node of the interface instead. A place numbers the positions of one type, so
a set of them is the bits of an integer, and "which of these resolve the field" is one `&`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from router.query_graph import Node, QueryGraph
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection


@dataclass(slots=True, eq=False)
class Place:
    """The positions of one type, numbered as they are found.

    Attributes:
        free: by field, the positions that resolve it without conditions.
        bound: by field, those that resolve it if a requirement, an override's label or a context allows.
        graphs: by subgraph, the positions in it.
        stand_ins: the positions at interface objects, which do not know the type of what they hold.
        abstract: the positions at interfaces, which hold objects of several types.
    """

    type_name: str
    nodes: list[Node] = field(default_factory=list)
    bits: dict[Node, int] = field(default_factory=dict)
    free: dict[str, int] = field(default_factory=dict)
    bound: dict[str, int] = field(default_factory=dict)
    graphs: dict[str, int] = field(default_factory=dict)
    stand_ins: int = 0
    abstract: int = 0
    ways: tuple["Way", ...] | None = None

    def put(self, node: Node) -> int:
        """The bit of a position, a new one if it was not known."""
        bit = self.bits.get(node)
        if bit is not None:
            return bit
        bit = self.bits[node] = 1 << len(self.nodes)
        self.nodes.append(node)
        self.graphs[node.graph] = self.graphs.get(node.graph, 0) | bit
        for name, edge in node.fields.items():
            masks = self.bound if edge.requires or edge.gate or edge.context_arguments else self.free
            masks[name] = masks.get(name, 0) | bit
        if node.is_interface_object:
            self.stand_ins |= bit
        elif node.is_abstract:
            self.abstract |= bit
        return bit

    def node(self, bit: int) -> Node:
        """The position that a bit stands for."""
        return self.nodes[bit.bit_length() - 1]

    def members(self, mask: int) -> Iterator[tuple[int, Node]]:
        """The positions of a set, each with its bit."""
        while mask:
            bit = mask & -mask
            mask ^= bit
            yield bit, self.node(bit)


@dataclass(frozen=True, slots=True)
class Way:
    """Ways by one key: who resolves `key` for an object can enter at `targets`."""

    key: FieldSet
    targets: int

    @property
    def is_flat(self) -> bool:
        """Whether the key names fields of the type itself only, and nothing below them."""
        return all(isinstance(item, FieldSelection) and not item.selections for item in self.key)


class Places:
    """The places of one supergraph, by type."""

    def __init__(self, graph: QueryGraph) -> None:
        self.graph = graph
        self.supergraph = graph.supergraph
        self._places: dict[str, Place] = {}
        self._by_type: dict[str, list[Node]] = {}
        for node in graph.nodes.values():
            self._by_type.setdefault(node.type_name, []).append(node)

    def of(self, type_name: str) -> Place:
        """The place of a type."""
        place = self._places.get(type_name)
        if place is None:
            place = self._places[type_name] = Place(type_name)
        return place

    def home(self, node: Node) -> Place:
        """The place of a node's own type."""
        return self.of(node.type_name)

    def ways(self, place: Place) -> tuple[Way, ...]:
        """The ways between the positions of a type, by key; those between root types ask for none."""
        if place.ways is None:
            targets: dict[FieldSet, int] = {}
            if self.supergraph.root_kind(place.type_name) is not None:
                for node in self._by_type[place.type_name]:
                    targets[()] = targets.get((), 0) | place.put(node)
            for edge in self.graph.keys_into(place.type_name):
                targets[edge.key] = targets.get(edge.key, 0) | place.put(edge.target)
            place.ways = tuple(Way(key, mask) for key, mask in targets.items())
        return place.ways

    def declaring(self, type_name: str) -> list[Node]:
        """The nodes of a type, one for each subgraph that declares it."""
        return self._by_type.get(type_name, [])

    def declared(self, place: Place, here: int, name: str) -> int:
        """The positions of a set that resolve a field, if only under conditions."""
        return here & (place.free.get(name, 0) | place.bound.get(name, 0))

    def has_home_key(self, node: Node) -> bool:
        """Whether one can leave a subgraph and come back: it resolves a key by which it can be entered all by itself."""
        keys = self.supergraph.types[node.type_name].graphs[node.graph].keys
        return any(key.resolvable and is_local(node, key.fields) for key in keys)


def is_local(node: Node, fields: FieldSet) -> bool:
    """Whether one subgraph resolves a field set all by itself."""
    return all(_is_local_selection(node, selection) for selection in fields)


def _is_local_selection(node: Node, selection: FieldSelection | FragmentSelection) -> bool:
    if isinstance(selection, FragmentSelection):
        target = node.casts.get(selection.type_condition, node)
        return is_local(target, selection.selections)
    if selection.name == "__typename":
        return True
    edge = node.fields.get(selection.name)
    if edge is None:
        return node.is_abstract and all(is_local(cast, (selection,)) for cast in node.casts.values())
    return edge.tail is None or is_local(edge.tail, selection.selections)
