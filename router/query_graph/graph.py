"""The query graph: in which subgraph which step can be taken.

A node is a type in one subgraph; a field edge goes from a node to the node of the field's type in the same
subgraph (or nowhere, for a leaf). Between subgraphs one moves only by the resolvable keys of the target
type (`keys_into`) or, on root types, freely.

A field with `@provides` leads to a copy ("view") of its type's node that has the provided fields as well, so
what is provided counts on that path only. The edges are sound by construction: an interface's field is an
edge only where selecting it on the interface is right for every object that the subgraph can return.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from router.supergraph.field_set import FieldSet
from router.supergraph.model import Supergraph
from router.supergraph.records import ContextArgument, TypeRef


@dataclass(frozen=True, slots=True)
class OverrideGate:
    """The edge exists only while the label of a progressive override is on (or off)."""

    label: str
    wanted: bool


@dataclass(frozen=True, slots=True, eq=False)
class FieldEdge:
    """A field that one subgraph resolves; `tail` is None for a leaf.

    With `requires` the subgraph needs these fields in the representation, with `context_arguments` values of
    objects further up as variables, so the field can only be asked in a fetch of its own that brings them.
    """

    name: str
    type: TypeRef
    tail: "Node | None"
    requires: FieldSet = ()
    gate: OverrideGate | None = None
    context_arguments: tuple[ContextArgument, ...] = ()

    @property
    def needs_more(self) -> bool:
        """Whether the subgraph has to be told more than who the object is, which takes a fetch of its own."""
        return bool(self.requires or self.context_arguments)

    def is_open(self, labels: frozenset[str]) -> bool:
        """Whether the override labels that are on allow this edge."""
        return self.gate is None or (self.gate.label in labels) is self.gate.wanted


@dataclass(slots=True, eq=False)
class Node:
    """A type in one subgraph, filled once while the graph is built.

    Attributes:
        id: its number, in build order; stands for the node where order or hashing matters.
        runtime: the object types that a value here can have as far as this subgraph knows, in supergraph
            order; for an interface object only the interface's own name.
        casts: for an abstract type, the node of each runtime type.
    """

    id: int
    type_name: str
    graph: str
    is_abstract: bool
    is_interface_object: bool
    runtime: tuple[str, ...] = ()
    fields: dict[str, FieldEdge] = field(default_factory=dict)
    casts: dict[str, "Node"] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.type_name}@{self.graph}#{self.id}"


@dataclass(frozen=True, slots=True, eq=False)
class KeyEdge:
    """A way into a subgraph: an object of the type, known by `key`, can be entered at `target`."""

    target: Node
    key: FieldSet


Way: TypeAlias = tuple[Node, tuple[KeyEdge, ...]]
"""A node that can be entered, with its keys."""


@dataclass(frozen=True, slots=True, eq=False)
class QueryGraph:
    """All nodes of one supergraph.

    Attributes:
        roots: by operation kind, the root nodes in the order of subgraph names.
        nodes: by type and subgraph.
        keys: by type, the ways into each subgraph for an object (or interface) of that type, in the order
            of subgraph names; includes those of interface objects for their implementations.
    """

    supergraph: Supergraph
    roots: Mapping[str, tuple[Node, ...]]
    nodes: Mapping[tuple[str, str], Node]
    keys: Mapping[str, tuple[KeyEdge, ...]]
    _ways: dict[tuple[str, str | None], tuple[Way, ...]] = field(default_factory=dict)

    def keys_into(self, type_name: str) -> tuple[KeyEdge, ...]:
        """Give the ways into every subgraph for an object of this type."""
        return self.keys.get(type_name, ())

    def ways_into(self, type_name: str, field_name: str | None = None) -> tuple[Way, ...]:
        """Give the ways into every subgraph by what they enter; only where there is a field, if one is named.

        They are found once: the schema has no more types and fields than it has.
        """
        slot = type_name, field_name
        ways = self._ways.get(slot)
        if ways is None:
            found: dict[Node, list[KeyEdge]] = {}
            for edge in self.keys_into(type_name):
                if field_name is None or field_name in edge.target.fields:
                    found.setdefault(edge.target, []).append(edge)
            ways = self._ways[slot] = tuple((target, tuple(edges)) for target, edges in found.items())
        return ways
