"""The API schema: what clients see of a supergraph.

It is the supergraph without the machinery (definitions and directives of the specs it links, arguments
filled from a context) and without what is marked `@inaccessible`.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
)

_MACHINERY_TYPE = re.compile(r"(?:join|link|core|federation|context|connect)__\w+|_(?:Any|Entity|Service)")
_PUBLIC_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
_EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)

_NodeT = TypeVar(
    "_NodeT",
    FieldDefinitionNode,
    InputValueDefinitionNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    UnionTypeDefinitionNode,
    TypeDefinitionNode,
    SchemaDefinitionNode,
)


def build_api_schema(document: DocumentNode) -> GraphQLSchema:
    """Build the API schema from the parsed supergraph; the document itself is left as it is."""
    scalars_of_specs = _find_scalars_of_specs(document)
    hidden = {
        node.name.value
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode)
        and (_is_inaccessible(node) or is_machinery(node.name.value) or node.name.value in scalars_of_specs)
    }
    definitions: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            definitions.append(_replace(node, directives=()))
        elif isinstance(node, TypeDefinitionNode) and node.name.value not in hidden:
            definitions.append(_public_type(node, hidden))
        elif isinstance(node, DirectiveDefinitionNode) and _is_public_directive(node):
            definitions.append(node)
    return build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid_sdl=True)


def is_machinery(type_name: str) -> bool:
    """Whether a type belongs to a linked spec and not to the product."""
    return _MACHINERY_TYPE.fullmatch(type_name) is not None


def _public_type(node: TypeDefinitionNode, hidden: set[str]) -> TypeDefinitionNode:
    if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        return _replace(
            node,
            directives=_public_directives(node),
            interfaces=_visible(node.interfaces, hidden),
            fields=tuple(_public_field(f) for f in node.fields or () if not _is_inaccessible(f)),
        )
    if isinstance(node, InputObjectTypeDefinitionNode):
        return _replace(node, directives=_public_directives(node), fields=_public_inputs(node.fields))
    if isinstance(node, UnionTypeDefinitionNode):
        return _replace(node, directives=(), types=_visible(node.types, hidden))
    if isinstance(node, EnumTypeDefinitionNode):
        values = tuple(value for value in node.values or () if not _is_inaccessible(value))
        return _replace(node, directives=(), values=values)
    return _replace(node, directives=_public_directives(node))


def _public_field(node: FieldDefinitionNode) -> FieldDefinitionNode:
    return _replace(node, directives=_public_directives(node), arguments=_public_inputs(node.arguments))


def _public_inputs(nodes: Iterable[InputValueDefinitionNode] | None) -> tuple[InputValueDefinitionNode, ...]:
    return tuple(
        _replace(node, directives=_public_directives(node))
        for node in nodes or ()
        if not _is_inaccessible(node)
    )


def _public_directives(node: object) -> tuple[object, ...]:
    directives = getattr(node, "directives", None) or ()
    return tuple(directive for directive in directives if directive.name.value in _PUBLIC_DIRECTIVES)


def _visible(names: Iterable[NamedTypeNode] | None, hidden: set[str]) -> tuple[NamedTypeNode, ...]:
    return tuple(name for name in names or () if name.name.value not in hidden)


def _is_inaccessible(node: object) -> bool:
    return any(
        directive.name.value == "inaccessible" for directive in (getattr(node, "directives", None) or ())
    )


def _is_public_directive(node: DirectiveDefinitionNode) -> bool:
    if "__" in node.name.value:
        return False
    return any(location.value in _EXECUTABLE_LOCATIONS for location in node.locations)


def _find_scalars_of_specs(document: DocumentNode) -> set[str]:
    """Find what only arguments of linked directives use, such as the scalar of a scope."""
    product: set[str] = set()
    used_by_specs: set[str] = set()
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and not _is_public_directive(node):
            used_by_specs.update(_named(argument.type) for argument in node.arguments or ())
        elif isinstance(node, TypeDefinitionNode) and not is_machinery(node.name.value):
            for member in getattr(node, "fields", None) or ():
                product.add(_named(member.type))
                product.update(
                    _named(argument.type) for argument in (getattr(member, "arguments", None) or ())
                )
    standard = {"String", "Int", "Float", "Boolean", "ID"}
    return {name for name in used_by_specs - product - standard if "__" in name}


def _named(node: object) -> str:
    while not isinstance(node, NamedTypeNode):
        node = getattr(node, "type")  # noqa: B009 - list and non-null nodes share no typed base
    return node.name.value


def _replace(node: _NodeT, **changes: Any) -> _NodeT:
    values: dict[str, Any] = {key: getattr(node, key, None) for key in node.keys}
    return type(node)(**(values | changes))
