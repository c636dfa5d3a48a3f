"""The schema that a subgraph serves, from the SDL that it is composed of: what of it is whose."""

from functools import lru_cache
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    extend_schema,
    is_non_null_type,
    parse,
    validate,
)

from router.supergraph.field_set import FieldSet, FragmentSelection, read_field_set

_DEFINITIONS = """
scalar _Any
scalar FieldSet
scalar link__Import
scalar federation__Scope
scalar federation__Policy
scalar federation__ContextFieldValue
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @provides(fields: FieldSet!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION | OBJECT
directive @shareable repeatable on FIELD_DEFINITION | OBJECT
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE | SCALAR | INPUT_OBJECT | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT
directive @interfaceObject on OBJECT
directive @extends on OBJECT | INTERFACE
directive @context(name: String!) repeatable on OBJECT | INTERFACE | UNION
directive @fromContext(field: federation__ContextFieldValue) on ARGUMENT_DEFINITION
directive @link(url: String!, import: [link__Import], as: String, for: String) repeatable on SCHEMA
"""


@lru_cache(maxsize=256)
def build_subgraph_schema(sdl: str) -> GraphQLSchema:
    """The schema that a subgraph serves: its SDL with the machinery of federation."""
    document = parse(sdl)
    kept = [d for d in document.definitions if not isinstance(d, SchemaExtensionNode | SchemaDefinitionNode)]
    with_machinery = (*_define_extended(kept), *parse(_DEFINITIONS).definitions)
    schema = build_ast_schema(DocumentNode(definitions=with_machinery), assume_valid_sdl=True)
    entities = [
        type_.name
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and any(name == "key" for name, _ in _directives(type_))
    ]
    if not entities:
        return schema
    query = "extend type Query" if "Query" in schema.type_map else "type Query"
    more = parse(
        f"union _Entity = {' | '.join(entities)}\n"
        f"{query} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
    )
    if "Query" not in schema.type_map:
        return build_ast_schema(
            DocumentNode(definitions=(*with_machinery, *more.definitions)), assume_valid_sdl=True
        )

    return extend_schema(schema, more, assume_valid_sdl=True)


@lru_cache(maxsize=1024)
def read_operation(sdl: str, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """An operation that this subgraph is sent, and what is wrong with it. The same are sent again and again."""
    document = parse(text)
    return document, validate(build_subgraph_schema(sdl), document)


def _define_extended(definitions: list[DefinitionNode]) -> list[DefinitionNode]:
    """Definitions where a subgraph only extends a type: nobody else defines it for this subgraph."""
    defined = {d.name.value for d in definitions if isinstance(d, TypeDefinitionNode)}
    made: list[DefinitionNode] = []
    for definition in definitions:
        form = _DEFINED.get(type(definition))
        if form is not None and definition.name.value not in defined:  # type: ignore[attr-defined]
            defined.add(definition.name.value)  # type: ignore[attr-defined]
            known = {key: getattr(definition, key) for key in definition.keys if key != "loc"}
            marker = parse("type T @extends { x: Int }").definitions[0].directives  # type: ignore[attr-defined]
            definition = form(**{**known, "directives": (*(definition.directives or ()), *marker)})  # type: ignore[attr-defined]  # noqa: PLW2901
        made.append(definition)
    return made


_DEFINED: dict[type, Any] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
}


def _directives(type_: GraphQLObjectType) -> list[tuple[str, Any]]:
    nodes = (*((type_.ast_node,) if type_.ast_node is not None else ()), *type_.extension_ast_nodes)
    return [(d.name.value, d) for node in nodes for d in node.directives or ()]


def is_external(type_: GraphQLObjectType, name: str) -> bool:
    """Whether a subgraph cannot resolve a field; an extension's own key is not external."""
    directives = _directives(type_)
    node = type_.fields[name].ast_node
    here = {d.name.value for d in node.directives or ()} if node is not None else set()
    if "external" not in here and all(each != "external" for each, _ in directives):
        return False
    keys = [fields_argument(d) for each, d in directives if each == "key"]
    is_extension = any(each == "extends" for each, _ in directives)
    return not (is_extension and any(find_selection(key, name) is not None for key in keys))


def fields_argument(directive: Any) -> FieldSet:
    """The field set that a directive takes."""
    return read_field_set(directive.arguments[0].value.value)


def find_selection(fields: FieldSet, name: str) -> FieldSet | None:
    """What a field set has below a field; None if it does not have the field."""
    for selection in fields:
        if isinstance(selection, FragmentSelection):
            found = find_selection(selection.selections, name)
            if found is not None:
                return found
        elif selection.name == name:
            return selection.selections
    return None


def narrow(type_: Any, other: TypeNode) -> Any:
    """A type without the nulls that another reference to it rules out."""
    if isinstance(other, NonNullTypeNode):
        return GraphQLNonNull(
            narrow(getattr(type_, "of_type", type_) if is_non_null_type(type_) else type_, other.type)
        )
    if is_non_null_type(type_):
        return GraphQLNonNull(narrow(type_.of_type, other))
    if isinstance(other, ListTypeNode):
        return GraphQLList(narrow(type_.of_type, other.type))
    return type_
