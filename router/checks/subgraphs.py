"""What each subgraph has of a graph, as a schema of its own.

If the subgraphs' SDLs are known on both sides, they are compared. A published supergraph alone still tells by its join
directives which subgraph has what; arguments and descriptions are then those of the graph.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    build_ast_schema,
    parse,
    parse_type,
    specified_scalar_types,
    value_from_ast_untyped,
    visit,
)

from router.checks.graph import Graph
from router.supergraph import Supergraph
from router.supergraph.links import read_features
from router.supergraph.rewrite import replace_in

_DEFINITIONS: dict[type[Node], Any] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}
_READ = frozenset({"deprecated", "specifiedBy", "oneOf"})


def build_subgraph_schemas(
    old: Graph, new: Graph
) -> tuple[dict[str, GraphQLSchema], dict[str, GraphQLSchema]]:
    """The schemas of the subgraphs of both sides by name, made in the same way so that they can be compared."""
    if old.sources and new.sources:
        return _build_from_sources(old), _build_from_sources(new)
    return _build_from_joins(old.supergraph), _build_from_joins(new.supergraph)


def _build_from_sources(graph: Graph) -> dict[str, GraphQLSchema]:
    return {source.name: _build(_define(parse(source.sdl).definitions)) for source in graph.sources}


def _define(nodes: Iterable[DefinitionNode]) -> Iterator[DefinitionNode]:
    """A subgraph may extend what others define; to itself, that is the definition."""
    nodes = tuple(nodes)
    defined = {node.name.value for node in nodes if isinstance(node, TypeDefinitionNode)}
    node: Any
    for node in nodes:
        definition = _DEFINITIONS.get(type(node))
        if definition is None or node.name.value in defined:
            yield node
        else:
            defined.add(node.name.value)
            yield definition(**{key: getattr(node, key, None) for key in node.keys})


def _build(nodes: Iterable[DefinitionNode]) -> GraphQLSchema:
    """A schema of what a valid subgraph says; types that it leaves to federation are scalars."""
    nodes = tuple(nodes)
    defined = {node.name.value for node in nodes if isinstance(node, TypeDefinitionNode)}
    missing = _find_named(nodes) - defined - specified_scalar_types.keys()
    scalars = tuple(
        ScalarTypeDefinitionNode(name=NameNode(value=name), directives=()) for name in sorted(missing)
    )
    return build_ast_schema(DocumentNode(definitions=(*nodes, *scalars)), assume_valid=True)


def _find_named(nodes: Iterable[Node]) -> set[str]:
    found: set[str] = set()

    class Names(Visitor):
        def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
            found.add(node.name.value)

    for node in nodes:
        visit(node, Names())
    return found


def _build_from_joins(supergraph: Supergraph) -> dict[str, GraphQLSchema]:
    features = read_features(supergraph.document)
    product = [
        node
        for node in supergraph.document.definitions
        if isinstance(node, TypeDefinitionNode) and not features.owns_type(node.name.value)
    ]
    roots = [node for node in supergraph.document.definitions if isinstance(node, SchemaDefinitionNode)]
    return {
        each.name: _build([*_select_roots(roots, product, each.graph), *_select(product, each.graph)])
        for each in supergraph.subgraphs
    }


def _select(nodes: Iterable[TypeDefinitionNode], graph: str) -> Iterator[TypeDefinitionNode]:
    for node in nodes:
        if _has(node, "join__type", graph):
            yield _select_in(node, graph)


def _select_roots(
    roots: Iterable[SchemaDefinitionNode], nodes: Iterable[TypeDefinitionNode], graph: str
) -> Iterator[SchemaDefinitionNode]:
    names = {node.name.value for node in _select(nodes, graph)}
    for root in roots:
        kept = tuple(each for each in root.operation_types if each.type.name.value in names)
        yield replace_in(root, directives=(), operation_types=kept)


def _select_in(node: Any, graph: str) -> TypeDefinitionNode:
    """The part of a type that a subgraph has."""
    changes: dict[str, Any] = {"directives": _plain(node)}
    if isinstance(node, UnionTypeDefinitionNode):
        changes["types"] = _pick(node, node.types, "join__unionMember", "member", graph)
    elif isinstance(node, EnumTypeDefinitionNode):
        values = (value for value in node.values or () if _has(value, "join__enumValue", graph))
        changes["values"] = tuple(replace_in(value, directives=_plain(value)) for value in values)
    elif not isinstance(node, ScalarTypeDefinitionNode):
        changes["fields"] = tuple(_select_fields(node, graph))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        changes["interfaces"] = _pick(node, node.interfaces, "join__implements", "interface", graph)
    selected: TypeDefinitionNode = replace_in(node, **changes)
    return selected


def _select_fields(node: Any, graph: str) -> Iterator[Any]:
    for field in node.fields or ():
        entries = _arguments(field, "join__field")
        own = next((entry for entry in entries if entry.get("graph") == graph), None)
        if (own is None and entries) or (own is not None and own.get("external")):
            continue
        declared = own.get("type") if own is not None else None
        changes = {"type": parse_type(declared)} if declared else {}
        yield replace_in(field, directives=_plain(field), **changes)


def _pick(
    node: Any, named: Iterable[NamedTypeNode] | None, directive: str, argument: str, graph: str
) -> tuple[NamedTypeNode, ...]:
    entries = _arguments(node, directive)
    own = {entry[argument] for entry in entries if entry.get("graph") == graph}
    return tuple(each for each in named or () if not entries or each.name.value in own)


def _has(node: Any, directive: str, graph: str) -> bool:
    """Whether a subgraph has an element; one that says nothing is everywhere."""
    entries = _arguments(node, directive)
    return not entries or any(entry.get("graph") == graph for entry in entries)


def _arguments(node: Any, directive: str) -> list[Mapping[str, Any]]:
    return [
        {each.name.value: value_from_ast_untyped(each.value) for each in usage.arguments or ()}
        for usage in node.directives or ()
        if usage.name.value == directive
    ]


def _plain(node: Any) -> tuple[Any, ...]:
    """The directives that are about the element and not about a subgraph."""
    return tuple(usage for usage in node.directives or () if usage.name.value in _READ)
