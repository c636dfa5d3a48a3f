"""Contracts: what of a supergraph is hidden from some of its clients, by the tags of its elements.

The tags of a type are also those of its fields, their arguments, its input fields and its enum values; the tags of a
field are not those of its arguments. An object, interface, input or enum type is hidden by an excluded tag or because
nothing that it declares is shown, never for the lack of an included tag: it is needed for what is in it.

Spec: Apollo GraphOS, contracts; https://specs.apollo.dev/tag/v0.3.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLNamedType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    get_named_type,
    is_interface_type,
    is_union_type,
)

from router.supergraph.api_schema import is_inaccessible
from router.supergraph.links import read_features
from router.supergraph.model import Supergraph

Coordinates: TypeAlias = frozenset[str]
"""Schema coordinates of elements: `Type`, `Type.field`, `Type.field(argument:)`."""
_WITH_PARTS = (
    ObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    EnumTypeDefinitionNode,
)


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Which tags a contract asks for; with no `include`, all that is not excluded is shown."""

    include: frozenset[str]
    exclude: frozenset[str]

    def hides(self, tags: Iterable[str]) -> bool:
        """Whether an element with these tags is hidden; an excluded tag wins over an included one."""
        given = frozenset(tags)
        return bool(given & self.exclude) or bool(self.include and not given & self.include)


def find_tags(supergraph: Supergraph) -> frozenset[str]:
    """Every tag on an element of the supergraph."""
    found: set[str] = set()
    for node in _product_types(supergraph.document):
        found.update(_tags(node))
        for part in _parts(node):
            found.update(_tags(part))
            for argument in getattr(part, "arguments", None) or ():
                found.update(_tags(argument))
    return frozenset(found)


def find_filtered(supergraph: Supergraph, tags: TagFilter) -> Coordinates:
    """The elements that a filter hides."""
    return frozenset(_Finder(supergraph, tags).find())


def find_unreachable(document: DocumentNode, api_schema: GraphQLSchema) -> Coordinates:
    """The types of a supergraph that no operation can reach in its API schema."""
    return frozenset(node.name.value for node in _product_types(document)) - reach(api_schema)


class _Finder:
    def __init__(self, supergraph: Supergraph, tags: TagFilter) -> None:
        self._types = {node.name.value: node for node in _product_types(supergraph.document)}
        self._tags = tags
        self._query = supergraph.root_types.get("query")

    def find(self) -> Iterator[str]:
        """The coordinates of what is hidden."""
        for name, node in self._types.items():
            if not isinstance(node, _WITH_PARTS):
                if self._tags.hides(_tags(node)):
                    yield name
                continue
            is_empty = name != self._query
            for part in _parts(node):
                if self._hides(node, part):
                    yield f"{name}.{part.name.value}"
                elif not is_inaccessible(part) and not _is_from_interface_object(part):
                    is_empty = False
                yield from self._find_arguments(node, part)
            if is_empty or self._tags.exclude.intersection(_tags(node)):
                yield name

    def _find_arguments(self, node: TypeDefinitionNode, field: Any) -> Iterator[str]:
        for argument in getattr(field, "arguments", None) or ():
            if self._hides(node, field, argument.name.value):
                yield f"{node.name.value}.{field.name.value}({argument.name.value}:)"

    def _hides(self, parent: TypeDefinitionNode, part: Any, argument: str | None = None) -> bool:
        """Whether a field, a value or a field's argument is hidden, by its own tags and its type's.

        What a type has only through an `@interfaceObject` is the interface's, and hidden where it is hidden there.
        """
        promised = list(self._find_promised(parent, part)) if _is_from_interface_object(part) else []
        if promised:
            return any(self._hides(interface, field, argument) for interface, field in promised)
        element = part if argument is None else _find_named(part.arguments, argument)
        return element is not None and self._tags.hides((*_tags(parent), *_tags(element)))

    def _find_promised(self, node: Any, field: Any) -> Iterator[tuple[TypeDefinitionNode, Any]]:
        for reference in node.interfaces or ():
            interface: Any = self._types.get(reference.name.value)
            promised = _find_named(interface.fields, field.name.value) if interface is not None else None
            if promised is not None and _is_interface_object(interface):
                yield interface, promised


def reach(schema: GraphQLSchema) -> set[str]:
    """The names of the types that the roots and the directives lead to."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    waiting: list[GraphQLNamedType] = [root for root in roots if root is not None]
    for directive in schema.directives:
        waiting += (get_named_type(argument.type) for argument in directive.args.values())
    reached: set[str] = set()
    while waiting:
        found = waiting.pop()
        if found.name not in reached:
            reached.add(found.name)
            waiting += _next_types(schema, found)
    return reached


def _next_types(schema: GraphQLSchema, found: Any) -> Iterator[GraphQLNamedType]:
    for field in getattr(found, "fields", {}).values():
        yield get_named_type(field.type)
        for argument in getattr(field, "args", {}).values():
            yield get_named_type(argument.type)
    yield from getattr(found, "interfaces", ())
    if is_interface_type(found) or is_union_type(found):
        yield from schema.get_possible_types(found)


def _product_types(document: DocumentNode) -> list[TypeDefinitionNode]:
    features = read_features(document)
    return [
        node
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode) and not features.owns_type(node.name.value)
    ]


def _parts(node: Any) -> tuple[Any, ...]:
    return (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ()))


def _tags(node: Any) -> list[str]:
    return [
        argument.value.value
        for directive in node.directives or ()
        if directive.name.value == "tag"
        for argument in directive.arguments or ()
        if isinstance(argument.value, StringValueNode)
    ]


def _is_from_interface_object(node: Any) -> bool:
    """Whether no subgraph declares a field: its `@join__field` names none."""
    return any(d.name.value == "join__field" and not d.arguments for d in node.directives or ())


def _is_interface_object(node: Any) -> bool:
    return any(
        argument.name.value == "isInterfaceObject" and argument.value.value is True
        for directive in node.directives or ()
        if directive.name.value == "join__type"
        for argument in directive.arguments or ()
    )


def _find_named(nodes: Iterable[Any] | None, name: str) -> Any:
    return next((node for node in nodes or () if node.name.value == name), None)
