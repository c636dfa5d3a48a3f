"""A supergraph's elements with what is hidden in them, for the rules of `@inaccessible`.

Spec: https://specs.apollo.dev/inaccessible/v0.2.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
)

from router.composition.context import Merge
from router.composition.coordinates import Coordinate, find_sites
from router.supergraph.links import read_features

CompositeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


class Visibility:
    """Reads a supergraph whose directives have plain names; reports with the sites of the subgraphs."""

    def __init__(self, merge: Merge, document: DocumentNode) -> None:
        self._merge = merge
        self.features = read_features(document)
        self.types: Mapping[str, TypeDefinitionNode] = {
            node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)
        }
        self.directives = [node for node in document.definitions if isinstance(node, DirectiveDefinitionNode)]

    def error(self, code: str, message: str, coordinate: Coordinate) -> None:
        """Report what is wrong with an element."""
        self._merge.report.error(code, message, find_sites(self._merge, coordinate))

    @cached_property
    def visible_types(self) -> list[TypeDefinitionNode]:
        """The product's types that are not hidden."""
        return [
            node
            for name, node in self.types.items()
            if not is_hidden(node) and not self.features.owns_type(name)
        ]

    def is_type_hidden(self, name: str) -> bool:
        """Whether a type is hidden by its own directive."""
        node = self.types.get(name)
        return node is not None and is_hidden(node)

    def fields(self) -> Iterator[tuple[CompositeNode, FieldDefinitionNode]]:
        """Every field of the visible types, hidden or not."""
        for node in self.visible_types:
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                for item in node.fields or ():
                    yield node, item

    def inputs(self) -> Iterator[tuple[Coordinate, InputValueDefinitionNode]]:
        """Every argument and input field, hidden or not, of what is visible; also the arguments of directives."""
        for node, item in self.fields():
            if not is_hidden(item):
                for argument in item.arguments or ():
                    yield Coordinate(node.name.value, item.name.value, argument.name.value), argument
        for declared in self.visible_types:
            if isinstance(declared, InputObjectTypeDefinitionNode):
                for given in declared.fields or ():
                    yield Coordinate(declared.name.value, given.name.value), given
        for directive in self.directives:
            for argument in directive.arguments or ():
                yield Coordinate(f"@{directive.name.value}", None, argument.name.value), argument

    def implemented(self, node: CompositeNode, name: str) -> Iterator[tuple[str, FieldDefinitionNode]]:
        """The visible fields of visible interfaces that a field implements, with the interfaces' names."""
        for reference in node.interfaces or ():
            declared = self.types.get(reference.name.value)
            if isinstance(declared, InterfaceTypeDefinitionNode) and not is_hidden(declared):
                for item in declared.fields or ():
                    if item.name.value == name and not is_hidden(item):
                        yield declared.name.value, item


def is_hidden(node: Any) -> bool:
    """Whether `@inaccessible` stands on an element itself."""
    return any(directive.name.value == "inaccessible" for directive in node.directives or ())


def is_required(node: InputValueDefinitionNode) -> bool:
    """Whether an argument or input field has to be given."""
    return isinstance(node.type, NonNullTypeNode) and node.default_value is None


def named(node: TypeNode) -> str:
    """The name of the type inside lists and non-nulls."""
    while isinstance(node, NonNullTypeNode | ListTypeNode):
        node = node.type
    return str(getattr(node, "name").value)  # noqa: B009 - what is no wrapper is a name


def children(node: TypeDefinitionNode) -> list[Any]:
    """The fields, values or members that a type is made of."""
    if isinstance(node, UnionTypeDefinitionNode):
        return list(node.types or ())
    if isinstance(node, EnumTypeDefinitionNode):
        return list(node.values or ())
    return list(getattr(node, "fields", None) or ())
