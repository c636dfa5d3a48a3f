"""The API schema: what clients see of a supergraph.

It is the supergraph without the machinery (definitions and directives of the specs it links, arguments
filled from a context) and without what is marked `@inaccessible`.
"""

from collections.abc import Iterable
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveLocation,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
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

from router.supergraph.defaults import settle_defaults
from router.supergraph.links import Features, read_features
from router.supergraph.rewrite import replace_in

_PUBLIC_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
# Whether these work is the router's to say, whatever a subgraph defines under their names.
INCREMENTAL_DIRECTIVES = frozenset({"defer", "stream"})
EXECUTABLE_LOCATIONS = frozenset(
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


DEFER_DIRECTIVE = GraphQLDirective(
    "defer",
    [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
    {
        "label": GraphQLArgument(GraphQLString),
        "if": GraphQLArgument(GraphQLNonNull(GraphQLBoolean), default_value=True),
    },
)
"""As Apollo Router shows it."""


def allow_defer(schema: GraphQLSchema) -> GraphQLSchema:
    """The API schema of a router that answers in parts where clients ask for it."""
    given = schema.to_kwargs()
    given["directives"] = (*schema.directives, DEFER_DIRECTIVE)
    given["assume_valid"] = True
    return GraphQLSchema(**given)


def forget_nodes(schema: GraphQLSchema) -> None:
    """Drop the syntax that `schema` was built from: for who only serves it."""
    schema.ast_node, schema.extension_ast_nodes = None, ()
    elements: list[Any] = [*schema.directives, *schema.type_map.values()]
    while elements:
        element = elements.pop()
        if element.ast_node is None:
            # The specification's own types are the same for all schemas.
            continue
        element.ast_node = None
        if getattr(element, "extension_ast_nodes", None):
            element.extension_ast_nodes = ()
        for name in ("fields", "args", "values"):
            elements += getattr(element, name, {}).values()
        for name in ("fields", "values", "interfaces", "types"):
            # What they are made by when first asked for holds the syntax too.
            if callable(getattr(element, f"_{name}", None)):
                setattr(element, f"_{name}", getattr(element, name))


def build_api_schema(document: DocumentNode) -> GraphQLSchema:
    """Build the API schema from the parsed supergraph; the document itself is left as it is."""
    features = read_features(document)
    hidden = {
        node.name.value
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode)
        and (is_inaccessible(node) or features.owns_type(node.name.value))
    }
    definitions: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            roots = tuple(root for root in node.operation_types if root.type.name.value not in hidden)
            definitions.append(replace_in(node, directives=(), operation_types=roots))
        elif isinstance(node, TypeDefinitionNode) and node.name.value not in hidden:
            definitions.append(_public_type(node, hidden))
        elif isinstance(node, DirectiveDefinitionNode) and _is_public_directive(node, features):
            definitions.append(replace_in(node, arguments=_public_inputs(node.arguments)))
    # Composing has validated it. The library's own rules are younger than federation's and would refuse some.
    schema = build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid=True)
    settle_defaults(schema)
    return schema


def _public_type(node: TypeDefinitionNode, hidden: set[str]) -> TypeDefinitionNode:
    if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        return replace_in(
            node,
            directives=_public_directives(node),
            interfaces=_visible(node.interfaces, hidden),
            fields=tuple(_public_field(f) for f in node.fields or () if not is_inaccessible(f)),
        )
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace_in(node, directives=_public_directives(node), fields=_public_inputs(node.fields))
    if isinstance(node, UnionTypeDefinitionNode):
        return replace_in(node, directives=(), types=_visible(node.types, hidden))
    if isinstance(node, EnumTypeDefinitionNode):
        values = tuple(value for value in node.values or () if not is_inaccessible(value))
        return replace_in(node, directives=(), values=values)
    return replace_in(node, directives=_public_directives(node))


def _public_field(node: FieldDefinitionNode) -> FieldDefinitionNode:
    return replace_in(node, directives=_public_directives(node), arguments=_public_inputs(node.arguments))


def _public_inputs(nodes: Iterable[InputValueDefinitionNode] | None) -> tuple[InputValueDefinitionNode, ...]:
    return tuple(
        replace_in(node, directives=_public_directives(node))
        for node in nodes or ()
        if not is_inaccessible(node)
    )


def _public_directives(node: object) -> tuple[object, ...]:
    directives = getattr(node, "directives", None) or ()
    return tuple(directive for directive in directives if directive.name.value in _PUBLIC_DIRECTIVES)


def _visible(names: Iterable[NamedTypeNode] | None, hidden: set[str]) -> tuple[NamedTypeNode, ...]:
    return tuple(name for name in names or () if name.name.value not in hidden)


def is_inaccessible(node: object) -> bool:
    """Whether `@inaccessible` stands on an element itself."""
    return any(
        directive.name.value == "inaccessible" for directive in (getattr(node, "directives", None) or ())
    )


def _is_public_directive(node: DirectiveDefinitionNode, features: Features) -> bool:
    name = node.name.value
    if features.owns_directive(name) or name in INCREMENTAL_DIRECTIVES:
        return False
    return any(location.value in EXECUTABLE_LOCATIONS for location in node.locations)
