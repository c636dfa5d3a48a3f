"""What the model records of types and fields, in the supergraph and in each subgraph."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from router.supergraph.field_set import FieldSet


class TypeKind(StrEnum):
    """The kinds of named types."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    SCALAR = "scalar"
    ENUM = "enum"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class SubgraphInfo:
    """A subgraph: its `name`, its `join__Graph` value `graph` and its `url` (empty if none was given)."""

    name: str
    graph: str
    url: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type as a field returns it: the named type, and the whole reference (`[Item!]!`) as text."""

    name: str
    text: str

    @property
    def list_depth(self) -> int:
        """How many lists stand around the named type."""
        return self.text.count("[")


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` in one subgraph; with `resolvable` false it tells what is known, and opens no way in."""

    fields: FieldSet
    resolvable: bool


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that a subgraph takes from a context (`@fromContext`), hidden from clients."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class FieldIn:
    """A field as one subgraph (`join__Graph` value `graph`) declares it.

    `override_from` is a subgraph's name; `override_label` makes that override depend on the request.
    """

    graph: str
    type: TypeRef
    external: bool = False
    requires: FieldSet = ()
    provides: FieldSet = ()
    override_from: str | None = None
    override_label: str | None = None
    used_overridden: bool = False
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of the supergraph; `graphs` holds the subgraphs that mention it, by `join__Graph` value."""

    name: str
    type: TypeRef
    graphs: Mapping[str, FieldIn]


@dataclass(frozen=True, slots=True)
class TypeIn:
    """A type as one subgraph declares it. An interface object counts as an object there."""

    graph: str
    keys: tuple[Key, ...] = ()
    is_interface_object: bool = False
    interfaces: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """A type of the supergraph; `graphs` holds the subgraphs that declare it, `contexts` the contexts that it sets."""

    name: str
    kind: TypeKind
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    interfaces: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()
    graphs: Mapping[str, TypeIn] = field(default_factory=dict)
    contexts: frozenset[str] = frozenset()

    @property
    def is_abstract(self) -> bool:
        """Whether objects of this type have another runtime type."""
        return self.kind in {TypeKind.INTERFACE, TypeKind.UNION}

    @property
    def is_composite(self) -> bool:
        """Whether it has fields to select from."""
        return self.kind in {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION}
