"""What one fetch selects, while it is being put together."""

from dataclasses import dataclass, field
from typing import TypeAlias

from router.operation.need import ALWAYS, Conditions, NeedField
from router.query_graph import FieldEdge, Node
from router.supergraph.field_set import Arguments

Slot: TypeAlias = tuple[str, str, Arguments, Conditions]


@dataclass(slots=True, eq=False)
class SelectedField:
    """A field in the text of a fetch; `type` is its type in that subgraph (None for `__typename`)."""

    item: NeedField
    edge: FieldEdge | None
    below: "Selection | None" = None
    alias: str | None = None


@dataclass(slots=True, eq=False)
class Selection:
    """A selection set: fields in order of selection, then fragments by type.

    `node` is the type that the selections are made on.
    """

    node: Node | None
    fields: dict[Slot, SelectedField] = field(default_factory=dict)
    fragments: dict[str, "Selection"] = field(default_factory=dict)

    def add_leaf(self, item: NeedField) -> None:
        """Select a field without selections."""
        edge = self.node.fields.get(item.name) if self.node is not None else None
        self.fields.setdefault(_slot(item), SelectedField(item, edge))

    def add_field(self, item: NeedField, edge: FieldEdge) -> "Selection":
        """Select a field and give the selection below it."""
        selected = self.fields.get(_slot(item))
        if selected is None:
            selected = self.fields[_slot(item)] = SelectedField(item, edge, Selection(edge.tail))
        assert selected.below is not None
        return selected.below

    def add_fragment(self, node: Node) -> "Selection":
        """Give the selection for objects of one type."""
        return self.fragments.setdefault(node.type_name, Selection(node))

    def merge(self, other: "Selection") -> None:
        """Take over everything that another selection on the same type selects."""
        for slot, theirs in other.fields.items():
            own = self.fields.get(slot)
            if own is None:
                self.fields[slot] = theirs
            elif own.below is not None and theirs.below is not None:
                own.below.merge(theirs.below)
        for name, fragment in other.fragments.items():
            if name in self.fragments:
                self.fragments[name].merge(fragment)
            else:
                self.fragments[name] = fragment

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected yet."""
        return not self.fields and not self.fragments


def _slot(item: NeedField) -> Slot:
    return item.key, item.name, item.arguments, item.conditions


def is_redundant(selection: Selection, selected: SelectedField) -> bool:
    """Whether a conditional leaf is selected unconditionally beside it."""
    item = selected.item
    always = (item.key, item.name, item.arguments, ALWAYS)
    return bool(item.conditions) and selected.below is None and always in selection.fields
