"""A parsed supergraph back to text, in the form that composing gives it."""

from collections.abc import Iterable
from typing import Any, TypeVar

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    print_ast,
)

from router.supergraph.write import (
    WrittenElement,
    WrittenType,
    write_application,
    write_directive_definition,
    write_field,
    write_supergraph,
    write_value,
)

_KEYWORDS: dict[type[TypeDefinitionNode], str] = {
    ObjectTypeDefinitionNode: "type",
    InterfaceTypeDefinitionNode: "interface",
    UnionTypeDefinitionNode: "union",
    EnumTypeDefinitionNode: "enum",
    InputObjectTypeDefinitionNode: "input",
    ScalarTypeDefinitionNode: "scalar",
}
_NodeT = TypeVar("_NodeT", bound=Node)


def replace_in(node: _NodeT, **changes: Any) -> _NodeT:
    """A copy of a syntax node with other values for some of its keys."""
    values: dict[str, Any] = {key: getattr(node, key, None) for key in node.keys}
    return type(node)(**(values | changes))


def write_document(document: DocumentNode) -> str:
    """The text of a supergraph, which has one schema definition and no extensions."""
    schema = next(node for node in document.definitions if isinstance(node, SchemaDefinitionNode))
    return write_supergraph(
        description=_text(schema),
        schema_directives=_applications(schema.directives),
        root_types=[(root.operation.value, root.type.name.value) for root in schema.operation_types],
        directive_definitions=[
            (node.name.value, _write_definition(node))
            for node in document.definitions
            if isinstance(node, DirectiveDefinitionNode)
        ],
        types=[_read_type(node) for node in document.definitions if isinstance(node, TypeDefinitionNode)],
    )


def _write_definition(node: DirectiveDefinitionNode) -> str:
    return write_directive_definition(
        name=node.name.value,
        description=_text(node),
        arguments=[_read_input(argument) for argument in node.arguments or ()],
        is_repeatable=node.repeatable,
        locations=[location.value for location in node.locations],
    )


def _read_type(node: Any) -> WrittenType:
    return WrittenType(
        keyword=_KEYWORDS[type(node)],
        name=node.name.value,
        description=_text(node),
        interfaces=tuple(each.name.value for each in getattr(node, "interfaces", None) or ()),
        directives=_applications(node.directives),
        elements=tuple(
            _read_element(each) for key in ("fields", "values") for each in getattr(node, key, None) or ()
        ),
        members=tuple(each.name.value for each in getattr(node, "types", None) or ()),
    )


def _read_element(node: Any) -> WrittenElement:
    if isinstance(node, InputValueDefinitionNode):
        return _read_input(node)
    text = node.name.value
    if isinstance(node, FieldDefinitionNode):
        text = write_field(text, [_read_input(each) for each in node.arguments or ()], print_ast(node.type))
    return WrittenElement(text, _text(node), _applications(node.directives))


def _read_input(node: InputValueDefinitionNode) -> WrittenElement:
    default = f" = {write_value(node.default_value)}" if node.default_value is not None else ""
    text = f"{node.name.value}: {print_ast(node.type)}{default}"
    return WrittenElement(text, _text(node), _applications(node.directives))


def _applications(directives: Iterable[ConstDirectiveNode] | None) -> tuple[str, ...]:
    return tuple(
        write_application(
            node.name.value, {each.name.value: write_value(each.value) for each in node.arguments or ()}
        )
        for node in directives or ()
    )


def _text(node: Any) -> str | None:
    return node.description.value if node.description is not None else None
