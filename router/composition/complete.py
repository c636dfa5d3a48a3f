"""A subgraph's document made whole: what it may leave out is added, what federation itself adds is taken away."""

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
)

from router.composition.link import find_links
from router.composition.spec_definitions import LINK_DEFINITIONS, find_own_definitions, write_spec_definitions
from router.composition.subgraph import LinkedSubgraph
from router.spec import connect

DEFINITION_OF: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}
_FEDERATION_TYPES = frozenset({"_Any", "_Entity", "_Service"})
FEDERATION_FIELDS = frozenset({"_service", "_entities"})


def complete_document(linked: LinkedSubgraph) -> DocumentNode:
    """The document with a definition for every extended type, and federation's definitions."""
    provided = set(linked.local.values()) - find_own_definitions(linked)
    spec_types = {*linked.scalars.values(), *_FEDERATION_TYPES, "link__Import", "link__Purpose"}
    definitions: list[DefinitionNode] = []
    for node in linked.document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in provided:
            continue
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in spec_types:
            continue
        definitions.append(node)
    definitions = _drop_federation_fields(definitions)
    defined = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    for i, node in enumerate(definitions):
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            definitions[i] = _retype(node)
    own = {node.name.value for node in definitions if isinstance(node, DirectiveDefinitionNode)}
    added = f"{_spec_definitions(linked, own)}\n{_query_root(definitions, defined)}"
    definitions += parse(added, no_location=True).definitions
    definitions += _connect_definitions(linked, types=defined, directives=own)
    return DocumentNode(definitions=tuple(definitions))


def _connect_definitions(
    linked: LinkedSubgraph, *, types: set[str], directives: set[str]
) -> Iterator[DefinitionNode]:
    """What the connectors' spec defines, without what the subgraph defines itself."""
    link = linked.connect
    if link is None:
        return
    names = {name: link.local_type(name) for name in connect.TYPES}
    names |= {name: link.local_directive(name) for name in connect.DIRECTIVES}
    node: Any
    for node in parse(connect.DEFINITIONS.substitute(names), no_location=True).definitions:
        taken = directives if isinstance(node, DirectiveDefinitionNode) else types
        if node.name.value not in taken:
            yield node


def _query_root(definitions: Iterable[DefinitionNode], defined: set[str]) -> str:
    """SDL that makes sure of a query root: every subgraph has one, with federation's own fields in it."""
    schemas = [node for node in definitions if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)]
    named = [
        op.type.name.value
        for node in schemas
        for op in node.operation_types or ()
        if op.operation.value == "query"
    ]
    has_definition = any(isinstance(node, SchemaDefinitionNode) for node in schemas)
    if named:
        return f"extend type {named[0]} {{ _service: String }}" if named[0] in defined else ""
    root = f"{'extend ' if 'Query' in defined else ''}type Query {{ _service: String }}"
    if has_definition:
        return f"{root} extend schema {{ query: Query }}"
    return f"{root} {_plain_roots(definitions)}"


def _plain_roots(definitions: Iterable[DefinitionNode]) -> str:
    """A schema definition if what has a root type's name is no object type, and so no root type."""
    kinds = {
        node.name.value: node
        for node in definitions
        if isinstance(node, TypeDefinitionNode) and node.name.value in {"Mutation", "Subscription"}
    }
    roots = [name for name, node in kinds.items() if isinstance(node, ObjectTypeDefinitionNode)]
    if len(roots) == len(kinds):
        return ""
    return f"schema {{ query: Query {' '.join(f'{name.lower()}: {name}' for name in roots)} }}"


def _drop_federation_fields(definitions: Iterable[DefinitionNode]) -> list[DefinitionNode]:
    kept: list[DefinitionNode] = []
    for node in definitions:
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode) and any(
            field.name.value in FEDERATION_FIELDS for field in node.fields or ()
        ):
            fields = tuple(f for f in node.fields or () if f.name.value not in FEDERATION_FIELDS)
            if not fields and isinstance(node, ObjectTypeExtensionNode) and not node.directives:
                continue
            kept.append(_copy(node, fields=fields))
        else:
            kept.append(node)
    return kept


def _retype(node: TypeExtensionNode) -> TypeDefinitionNode:
    definition = DEFINITION_OF[type(node)]
    return definition(**{key: getattr(node, key) for key in node.keys if key != "description"})


def _copy(node: Any, **changes: Any) -> Any:
    return type(node)(**{key: getattr(node, key) for key in node.keys} | changes)


def _spec_definitions(linked: LinkedSubgraph, own: set[str]) -> str:
    link_name = next((node.name.value for node in find_links(linked.document)), None)
    parts = [write_spec_definitions(linked, own)]
    if link_name is not None and link_name not in own:
        parts.append(LINK_DEFINITIONS.replace("@link(", f"@{link_name}("))
    elif "link" in own or link_name is not None:
        parts.append("scalar link__Import enum link__Purpose { SECURITY EXECUTION }")
    return "\n".join(parts)
