"""The composed schema as a frozen model: per type and per subgraph, what each subgraph can do.

The supergraph SDL says it in directives of the join spec; this is the same knowledge as records, with
field sets read. Nothing here decides anything: `router.query_graph` derives the steps that are possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from graphql import DocumentNode, GraphQLSchema, print_schema

from router.supergraph.access import AccessRules
from router.supergraph.api_schema import build_api_schema
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
    """A type of the supergraph; `graphs` holds the subgraphs that declare it."""

    name: str
    kind: TypeKind
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    interfaces: frozenset[str] = frozenset()
    members: tuple[str, ...] = ()
    graphs: Mapping[str, TypeIn] = field(default_factory=dict)

    @property
    def is_abstract(self) -> bool:
        """Whether objects of this type have another runtime type."""
        return self.kind in {TypeKind.INTERFACE, TypeKind.UNION}

    @property
    def is_composite(self) -> bool:
        """Whether it has fields to select from."""
        return self.kind in {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION}


@dataclass(frozen=True)
class Supergraph:
    """One composed schema. Build it with `read_supergraph` (or `Supergraph.read`)."""

    sdl: str
    document: DocumentNode
    subgraphs: tuple[SubgraphInfo, ...]
    types: Mapping[str, TypeInfo]
    root_types: Mapping[str, str]
    access: AccessRules

    @staticmethod
    def read(sdl: str) -> "Supergraph":
        """Read supergraph SDL; see `read_supergraph`."""
        from router.supergraph.read import read_supergraph  # noqa: PLC0415 - the reader builds this type

        return read_supergraph(sdl)

    @cached_property
    def api_schema(self) -> GraphQLSchema:
        """The schema that clients see: no join machinery, nothing inaccessible."""
        return build_api_schema(self.document)

    @cached_property
    def api_sdl(self) -> str:
        """The API schema as text."""
        return print_schema(self.api_schema)

    @cached_property
    def _possible_types(self) -> dict[str, tuple[str, ...]]:
        possible: dict[str, tuple[str, ...]] = {}
        for name, info in self.types.items():
            if info.kind is TypeKind.OBJECT:
                possible[name] = (name,)
            elif info.kind is TypeKind.UNION:
                possible[name] = info.members
            elif info.kind is TypeKind.INTERFACE:
                possible[name] = tuple(
                    other.name
                    for other in self.types.values()
                    if other.kind is TypeKind.OBJECT and name in other.interfaces
                )
        return possible

    def possible_types(self, name: str) -> tuple[str, ...]:
        """Name the object types that a value of type `name` can have, in supergraph order."""
        return self._possible_types.get(name, ())

    def is_subtype(self, name: str, of: str) -> bool:
        """Whether every object of type `name` is one of type `of`."""
        if name == of:
            return True
        info = self.types.get(of)
        if info is None or name not in self.types:
            return False
        return name in info.members or of in self.types[name].interfaces
