"""A subgraph at each stage of its intake.

    SubgraphSource --read--> LinkedSubgraph --build--> Subgraph --upgrade--> Subgraph (federation 2) --rules--> merge

A `LinkedSubgraph` knows what its directives are called; a `Subgraph` is its schema as records, where the directives
of federation stand under their own names whatever the author imported them as.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from graphql import (
    ConstDirectiveNode,
    ConstValueNode,
    DirectiveDefinitionNode,
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    StringValueNode,
)

from router.composition.type_ref import TypeRef
from router.spec import connect


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """A subgraph as it is given: its name, where it answers (empty if nowhere yet), its SDL.

    `file` is where the SDL was read from, a path or URL, for messages; empty if it was given as text.
    """

    name: str
    url: str
    sdl: str
    file: str = ""


@dataclass(slots=True)
class Link:
    """One `@link`: `identity` is the url without its version, `imports` maps an element to its local name."""

    node: ConstDirectiveNode
    url: str
    identity: str
    name: str
    version: tuple[int, int]
    alias: str | None
    imports: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What the names that are not imported begin with."""
        return self.alias or self.name

    def local_directive(self, directive: str) -> str:
        """The name of a directive in this schema, without the `@`."""
        imported = self.imports.get(f"@{directive}")
        if imported is not None:
            return imported.removeprefix("@")
        return self.prefix if directive == self.name else f"{self.prefix}__{directive}"

    def local_type(self, name: str) -> str:
        """The name of one of the spec's types in this schema."""
        return self.imports.get(name, f"{self.prefix}__{name}")


@dataclass(frozen=True, slots=True)
class LinkedSubgraph:
    """A parsed subgraph whose links are understood.

    Attributes:
        version: the federation version, effective; federation 1 counts as 2.4.
        canonical: the local name of each directive of a known spec -> its own name (`federation__key` -> `key`).
        scalars: local names of the spec's scalars.
        links: all links of the schema, in the order written.
    """

    name: str
    url: str
    document: DocumentNode
    is_fed2: bool
    version: tuple[int, int]
    canonical: Mapping[str, str]
    local: Mapping[str, str]
    scalars: Mapping[str, str]
    links: tuple[Link, ...] = ()

    @property
    def connect(self) -> Link | None:
        """The link to the connectors' spec, if its version is known."""
        found = (link for link in self.links if link.identity == connect.IDENTITY)
        return next((link for link in found if link.version in connect.SINCE), None)

    @property
    def spec_types(self) -> frozenset[str]:
        """The names of the types that belong to a spec, and not to the subgraph."""
        own = self.connect.local_type if self.connect is not None else None
        names = {own(name) for name in connect.TYPES} if own is not None else set()
        return frozenset({*names, *self.scalars.values(), "link__Import", "link__Purpose"})


class Kind(StrEnum):
    """Kinds of types, spelt as their SDL keyword."""

    OBJECT = "type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"
    SCALAR = "scalar"


@dataclass(frozen=True, slots=True)
class Applied:
    """A directive where it is applied, under its canonical name."""

    name: str
    arguments: Mapping[str, ConstValueNode]
    node: ConstDirectiveNode
    on_extension: bool = False

    @property
    def is_resolvable(self) -> bool:
        """Of a `@key`: whether it opens a way into its subgraph."""
        node = self.arguments.get("resolvable")
        return node is None or getattr(node, "value", True) is not False


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field or directive, or a field of an input object."""

    name: str
    type: TypeRef
    default: ConstValueNode | None
    description: str | None
    directives: tuple[Applied, ...]
    node: Node

    @property
    def is_required(self) -> bool:
        """Whether a value must be given."""
        return str(self.type).endswith("!") and self.default is None

    def find(self, directive: str) -> Applied | None:
        """The first application of a directive."""
        return next((applied for applied in self.directives if applied.name == directive), None)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object or interface, with what the subgraph's directives say of it.

    Attributes:
        is_external: it cannot be resolved here, except where a field set provides it.
        is_provided: external, and some `@provides` of the subgraph names it.
        is_shareable: others may resolve it too.
        is_used: some key, requirement, provision or interface of the subgraph needs it.
    """

    name: str
    type: TypeRef
    arguments: Mapping[str, Argument]
    description: str | None
    directives: tuple[Applied, ...]
    node: Node
    is_external: bool = False
    is_provided: bool = False
    is_shareable: bool = False
    is_used: bool = False

    def find(self, directive: str) -> Applied | None:
        """The first application of a directive."""
        return next((applied for applied in self.directives if applied.name == directive), None)


@dataclass(frozen=True, slots=True)
class EnumValue:
    """A value of an enum."""

    name: str
    description: str | None
    directives: tuple[Applied, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Type:
    """A type as one subgraph declares it, its definition and extensions together."""

    name: str
    kind: Kind
    node: Node
    description: str | None = None
    directives: tuple[Applied, ...] = ()
    interfaces: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    inputs: Mapping[str, Argument] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    values: Mapping[str, EnumValue] = field(default_factory=dict)
    has_definition: bool = True

    @property
    def keys(self) -> tuple[Applied, ...]:
        """Its `@key`s."""
        return tuple(applied for applied in self.directives if applied.name == "key")

    @property
    def is_interface_object(self) -> bool:
        """Whether it stands for an interface of other subgraphs."""
        return any(applied.name == "interfaceObject" for applied in self.directives)

    def find(self, directive: str) -> Applied | None:
        """The first application of a directive."""
        return next((applied for applied in self.directives if applied.name == directive), None)


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field that a field set selects, on which type, and the selected field that it is below."""

    parent: str
    node: FieldNode
    above: "SelectedField | None" = None

    @property
    def name(self) -> str:
        """The field's name."""
        return self.node.name.value

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is selected below it."""
        return self.node.selection_set is None


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A `@key`, `@requires` or `@provides` where it is applied, with its selections read.

    Attributes:
        type_name, field_name: the type that the directive is on, or in, and the field; None for a key.
        owner: the type whose fields it selects.
        text: the selections as written; None if that is no string.
        fields: every field selected that there is, those outside before those inside, as far as it can be read.
        directives: those that are applied among the fields.
        faults: why it is no valid selection on its owner.
    """

    applied: Applied
    type_name: str
    field_name: str | None
    owner: str
    text: str | None
    fields: tuple[SelectedField, ...] = ()
    directives: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def coordinate(self) -> str:
        """`Type` or `Type.field`."""
        return self.type_name if self.field_name is None else f"{self.type_name}.{self.field_name}"

    def __str__(self) -> str:
        shown = "" if self.text is None else f'(fields: "{self.text}")'
        return f'@{self.applied.name}{shown} on "{self.coordinate}"'


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph's schema as records; root types stand under their default names.

    `directives` are those that the subgraph defines itself, `directive_arguments` the arguments of each.
    `field_sets` and `implementations`, the object types of each interface, are worked out when everything else is
    there, as are the attributes of its fields.
    """

    linked: LinkedSubgraph
    types: Mapping[str, Type]
    directives: Mapping[str, DirectiveDefinitionNode]
    schema: GraphQLSchema
    description: str | None = None
    directive_arguments: Mapping[str, Mapping[str, Argument]] = field(default_factory=dict)
    schema_directives: tuple[Applied, ...] = ()
    field_sets: tuple[FieldSet, ...] = ()
    implementations: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.linked.name

    def find_field(self, type_name: str, field_name: str) -> Field | None:
        """A field, or None where type or field is missing."""
        found = self.types.get(type_name)
        return found.fields.get(field_name) if found is not None else None

    def fields(self) -> Iterator[tuple[Type, Field]]:
        """Every field of every object and interface."""
        for declared in self.types.values():
            for item in declared.fields.values():
                yield declared, item

    def local_name(self, type_name: str) -> str:
        """What the subgraph calls a type: only root types may have another name."""
        root = self._roots().get(type_name)
        return root.name if root is not None else type_name

    def global_name(self, type_name: str) -> str:
        """What everybody calls a type of the subgraph."""
        roots = self._roots().items()
        return next((name for name, root in roots if root is not None and root.name == type_name), type_name)

    def _roots(self) -> dict[str, GraphQLObjectType | None]:
        return {
            "Query": self.schema.query_type,
            "Mutation": self.schema.mutation_type,
            "Subscription": self.schema.subscription_type,
        }


def argument_text(applied: Applied, name: str) -> str | None:
    """The value of a string argument; None if it is missing or no string."""
    value = applied.arguments.get(name)
    return value.value if isinstance(value, StringValueNode) else None
