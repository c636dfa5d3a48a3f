"""Coverage: what of a need a subgraph answers by itself, from one object on.

A subgraph that is entered for an object must be worth it: one that covers nothing more than a subgraph in which the object
is at hand already only makes the search longer, most of all where many subgraphs share everything.
"""

from router.operation.need import Need, NeedField
from router.planner.search import Search
from router.planner.sources import Source
from router.query_graph import Node
from router.supergraph.field_set import FieldSet, FragmentSelection

Covered = int
"""A set of fields and keys at their places: each has a bit."""


class Coverage:
    """Tells what nodes cover; keeps the answers for one search.

    Attributes:
        widest: the most sources of one field that were worth trying, those over the width too.
    """

    def __init__(self, search: Search, width: int | None) -> None:
        """With a `width`, no more sources of one field than that are worth trying by themselves."""
        self._search = search
        self._width = width
        self.widest = 1
        self._bits: dict[object, int] = {}
        self._known: dict[tuple[Node, Need], Covered] = {}

    def find(self, node: Node, need: Need) -> Covered:
        """Find the fields of a need that `node` leads to in its own subgraph, and the keys by which others are entered."""
        slot = node, need
        covered = self._known.get(slot)
        if covered is None:
            covered = self._find(node, need)
            self._known[slot] = covered
        return covered

    def find_worthwhile(
        self, need: Need, name: str, origins: list[Source], direct: list[Source]
    ) -> list[Source]:
        """Those of several sources of one field that are tried by themselves."""
        if len(origins) == 1:
            return origins
        covered = {
            origin: self.find(tail, need) if (tail := origin.node.fields[name].tail) is not None else 0
            for origin in origins
        }
        at_hand = [covered[source] for source in direct]
        kept = [
            origin
            for origin in origins
            if origin in direct or all(covered[origin] & ~other for other in at_hand)
        ]
        self.widest = max(self.widest, len(kept))
        if self._width is not None:
            cost = self._search.tokens.cost
            kept.sort(
                key=lambda origin: (-covered[origin].bit_count(), cost(origin.token.closure), origin.id)
            )
            del kept[self._width :]
        return kept

    def _find(self, node: Node, need: Need) -> Covered:
        covered = 0
        for item in need.fields:
            covered |= self._find_field(node, item)
        for arm in need.arms:
            for name, cast in node.casts.items():
                if self._search.supergraph.is_subtype(name, arm.type_name):
                    covered |= self._bit((need, name)) | self.find(cast, arm.need)
        for edge in self._search.graph.keys_into(node.type_name):
            if _has_all(node, edge.key):
                covered |= self._bit((need, edge.key))
        return covered

    def _find_field(self, node: Node, item: NeedField) -> Covered:
        edge = node.fields.get(item.name)
        if edge is None or edge.needs_more or not self._search.is_open(edge):
            return 0
        covered = self._bit(item)
        if item.need is not None and edge.tail is not None:
            covered |= self.find(edge.tail, item.need)
        return covered

    def _bit(self, what: object) -> Covered:
        return 1 << self._bits.setdefault(what, len(self._bits))


def _has_all(node: Node, fields: FieldSet) -> bool:
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            return False
        edge = node.fields.get(selection.name)
        if edge is None or edge.needs_more:
            return False
        if selection.selections and (edge.tail is None or not _has_all(edge.tail, selection.selections)):
            return False
    return True
