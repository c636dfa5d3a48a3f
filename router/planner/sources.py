"""Sources, the objects that a fetch has in hand, and solutions, the ways to have what is needed of them.

A source remembers how it was come by (`via`), back to a root or an entity fetch. Nothing is built while
searching; when the choice is made, the chain says what each fetch has to select. A source entered by a key
holds the solution for the key, and a solution holds the sources it selects from: they are one idea.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from router.operation.need import ALWAYS, Conditions, Deferral, NeedField
from router.planner.positions import Position
from router.planner.tokens import Mask, Token
from router.query_graph import FieldEdge, Node
from router.supergraph.field_set import FieldSet


@dataclass(frozen=True, slots=True, eq=False)
class ViaRoot:
    """The root object of a subgraph."""


@dataclass(frozen=True, slots=True, eq=False)
class ViaRootSwitch:
    """The root object of another subgraph, where a field returned the root type."""

    origin: "Source"


@dataclass(frozen=True, slots=True, eq=False)
class ViaField:
    """The value of a field of another source, in the same fetch."""

    parent: "Source"
    field: NeedField
    edge: FieldEdge


@dataclass(frozen=True, slots=True, eq=False)
class ViaCast:
    """The same objects, as far as they are of one type."""

    parent: "Source"


@dataclass(frozen=True, slots=True, eq=False)
class ViaEntity:
    """The same objects, entered in another fetch by their key.

    Attributes:
        type_name: the type as the other sources know it; differs from the node's for interface objects.
        origin: a source of the same objects that can tell their type name.
        fields: what the representation holds: key and required fields.
        supplies: how these are had.
        contexts: what else the fetch takes, from objects further up.
    """

    type_name: str
    origin: "Source"
    fields: FieldSet
    supplies: tuple["Solution", ...]
    contexts: tuple["ContextSupply", ...] = ()


Via: TypeAlias = ViaRoot | ViaRootSwitch | ViaField | ViaCast | ViaEntity


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Objects of one node's type at one position, in the hands of the fetch `token`.

    Attributes:
        conditions: under which conditions of the client anything is selected here.
        deferral: the deferred fragment that anything selected here is part of; None for the primary part.
    """

    id: int
    position: Position
    node: Node
    token: Token
    via: Via
    conditions: Conditions
    deferral: Deferral | None


def source_above(source: Source) -> Source | None:
    """The source that this one was come by from: of the object above, or of the same objects; None for a root."""
    match source.via:
        case ViaRoot():
            return None
        case ViaRootSwitch(origin=above) | ViaEntity(origin=above):
            return above
        case ViaField(parent=above) | ViaCast(parent=above):
            return above


class Sources:
    """Makes sources, each once, so that what is found out about one is found out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Source] = {}

    def root(self, position: Position, node: Node, token: Token) -> Source:
        """Give the root object of a subgraph."""
        slot = node, token
        return self._known.get(slot) or self._add(slot, position, node, token, ViaRoot())

    def root_switch(self, origin: Source, node: Node, token: Token) -> Source:
        """Give the root object of another subgraph at `origin`'s position."""
        slot = node, token, "switch"
        return self._known.get(slot) or self._add(slot, origin.position, node, token, ViaRootSwitch(origin))

    def field(self, parent: Source, item: NeedField, edge: FieldEdge, position: Position) -> Source:
        """Give the value of a field of `parent`."""
        slot = parent, item, edge
        found = self._known.get(slot)
        if found is None:
            assert edge.tail is not None
            found = self._add(slot, position, edge.tail, parent.token, ViaField(parent, item, edge))
        return found

    def cast(self, parent: Source, node: Node) -> Source:
        """Give the objects of `parent` that have the type of `node`."""
        slot = parent, node
        return self._known.get(slot) or self._add(slot, parent.position, node, parent.token, ViaCast(parent))

    def entity(self, node: Node, token: Token, via: ViaEntity) -> Source:
        """Give the objects that `token` fetches by `via`."""
        contexts = tuple(supply.variable for supply in via.contexts)
        slot = (via.type_name, via.origin, node, token, via.fields, contexts)
        return self._known.get(slot) or self._add(slot, token.position, node, token, via)

    def _add(
        self, slot: tuple[object, ...], position: Position, node: Node, token: Token, via: Via
    ) -> Source:
        match via:
            case ViaField(parent=parent, field=field):
                conditions = parent.conditions | field.conditions
                deferral = field.deferral or parent.deferral
            case ViaCast(parent=parent):
                conditions, deferral = parent.conditions, parent.deferral
            case ViaRootSwitch(origin=origin) | ViaEntity(origin=origin):
                conditions, deferral = origin.conditions, token.deferral
            case ViaRoot():
                conditions, deferral = ALWAYS, token.deferral
        source = Source(len(self._known), position, node, token, via, conditions, deferral)
        self._known[slot] = source
        return source


class Solution(NamedTuple):
    """One way to have a need. A search makes thousands.

    Attributes:
        mask: all fetches that it takes, from the root on.
        suppliers: the fetches that select any of its leaves.
        size: how many fields are selected.
        leaves: fields without selections, each with the source that gives it.
        children: the solutions for the fields that have selections.
    """

    mask: Mask
    suppliers: Mask
    size: int
    leaves: tuple[tuple["Source", NeedField], ...] = ()
    children: tuple["Solution", ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ContextSupply:
    """The value of one context argument: which `fields` of the objects at `position` lead to it, and how they are had.

    `can_be_missed` is a value that may be null where the argument may not: its objects are then not asked for at all.
    """

    variable: str
    type: str
    position: Position
    fields: FieldSet
    solution: Solution
    can_be_missed: bool


def merge_solutions(parts: list[Solution]) -> Solution:
    """Put the solutions for the fields of one position together."""
    mask = suppliers = size = 0
    for part in parts:
        mask |= part.mask
        suppliers |= part.suppliers
        size += part.size
    leaves = tuple(leaf for part in parts for leaf in part.leaves)
    children = tuple(child for part in parts for child in part.children)
    return Solution(mask, suppliers, size, leaves, children)
