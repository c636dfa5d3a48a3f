"""From a subgraph's SDL, with all that federation allows there, to a schema that can be executed."""

from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    GraphQLSchema,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    build_ast_schema,
    parse,
    print_ast,
)

_DEFINITION_OF = {
    "extend type": "type",
    "extend interface": "interface",
    "extend union": "union",
    "extend enum": "enum",
    "extend input": "input",
    "extend scalar": "scalar",
}


def build_executable(sdl: str) -> GraphQLSchema:
    """The schema, with `_entities` and `_service`, and without directives; extensions stand by themselves.

    Raises:
        GraphQLError: the SDL is none.
    """
    document = parse(sdl)
    definitions: dict[str, TypeDefinitionNode | TypeExtensionNode] = {}
    extensions: list[TypeExtensionNode] = []
    rest: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode):
            definitions[node.name.value] = node
        elif isinstance(node, TypeExtensionNode):
            extensions.append(node)
        elif not isinstance(node, DirectiveDefinitionNode | SchemaExtensionNode):
            rest.append(node)
    keyed = sorted({node.name.value for node in (*definitions.values(), *extensions) if _is_entity(node)})
    parts = [print_ast(node) for node in (*definitions.values(), *rest)]
    for extension in extensions:
        if extension.name.value in definitions:
            parts.append(print_ast(extension))
        else:
            text = print_ast(extension)
            begin = next(each for each in _DEFINITION_OF if text.startswith(each))
            parts.append(text.replace(begin, _DEFINITION_OF[begin], 1))
            definitions[extension.name.value] = extension
    query = _find_query(rest)
    parts.append(f"{'extend ' if query in definitions else ''}type {query} {{ _service: _Service! }}")
    parts.append("type _Service { sdl: String } scalar _Any")
    if keyed:
        parts.append(f"union _Entity = {' | '.join(keyed)}")
        parts.append(f"extend type {query} {{ _entities(representations: [_Any!]!): [_Entity]! }}")
    return build_ast_schema(parse("\n".join(parts)), assume_valid_sdl=True)


def _is_entity(node: Any) -> bool:
    is_object = node.kind.startswith("object_type")
    return is_object and any(each.name.value.endswith("key") for each in node.directives or ())


def _find_query(rest: list[DefinitionNode]) -> str:
    for node in rest:
        if isinstance(node, SchemaDefinitionNode):
            for each in node.operation_types:
                if each.operation.value == "query":
                    return each.type.name.value
    return "Query"
