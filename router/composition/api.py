"""The API schema of a composed supergraph, and what `@inaccessible` must not break in it.

Spec: https://specs.apollo.dev/inaccessible/v0.2.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
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
    UnionTypeDefinitionNode,
    parse,
    print_schema,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from router.composition.context import Merge
from router.supergraph.api_schema import build_api_schema, is_machinery
from router.supergraph.links import write_plain_names


def check_api(merge: Merge, sdl: str) -> str | None:
    """The API SDL; None if it cannot be derived, and then the report says why."""
    written = parse(sdl, no_location=True)
    before = len(merge.report.errors)
    for fault in validate_sdl(written):
        merge.report.error("INVALID_GRAPHQL", f"The supergraph is not valid: {fault.message}")
    if len(merge.report.errors) > before:
        return None
    document = write_plain_names(written)
    _Visibility(merge, document).check()
    if len(merge.report.errors) > before:
        return None
    schema = build_api_schema(document)
    for error in validate_schema(schema):
        merge.report.error("INVALID_GRAPHQL", error.message)
    return None if len(merge.report.errors) > before else print_schema(schema)


class _Visibility:
    """Checks the visible elements of a supergraph against the hidden ones."""

    def __init__(self, merge: Merge, document: DocumentNode) -> None:
        self._report = merge.report
        self._types = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, TypeDefinitionNode) and not is_machinery(node.name.value)
        }

    def check(self) -> None:
        if "Query" in self._types and self._is_hidden(self._types["Query"]):
            self._report.error(
                "QUERY_ROOT_TYPE_INACCESSIBLE",
                'Type "Query" is @inaccessible but is the root query type, which must be in the API schema.',
            )
        for name, node in self._types.items():
            if self._is_hidden(node):
                continue
            children = list(self._children(node))
            if children and all(self._is_child_hidden(child) for child in children):
                self._report.error(
                    "ONLY_INACCESSIBLE_CHILDREN",
                    f'Type "{name}" is in the API schema but all of its children are @inaccessible.',
                )
            self._check_members(name, node)

    def _check_members(self, name: str, node: TypeDefinitionNode) -> None:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            for field in node.fields or ():
                self._check_field(name, node, field)
        elif isinstance(node, InputObjectTypeDefinitionNode):
            for given in node.fields or ():
                self._check_input(f"{name}.{given.name.value}", given)

    def _check_field(
        self,
        name: str,
        node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode,
        field: FieldDefinitionNode,
    ) -> None:
        where = f"{name}.{field.name.value}"
        if self._is_hidden(field):
            for interface in self._visible_interface_fields(node, field.name.value):
                self._report.error(
                    "IMPLEMENTED_BY_INACCESSIBLE",
                    f'Field "{where}" is @inaccessible but implements the interface field '
                    f'"{interface}.{field.name.value}", which is in the API schema.',
                )
            return
        self._check_reference(where, field.type)
        for argument in field.arguments or ():
            self._check_input(f"{where}({argument.name.value}:)", argument)
            if self._is_hidden(argument):
                self._check_hidden_argument(where, node, field, argument)

    def _check_hidden_argument(
        self,
        where: str,
        node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode,
        field: FieldDefinitionNode,
        argument: InputValueDefinitionNode,
    ) -> None:
        for interface in self._visible_interface_fields(node, field.name.value):
            declared = self._types[interface]
            assert isinstance(declared, InterfaceTypeDefinitionNode)
            for other in declared.fields or ():
                if other.name.value == field.name.value and any(
                    a.name.value == argument.name.value and not self._is_hidden(a)
                    for a in other.arguments or ()
                ):
                    self._report.error(
                        "IMPLEMENTED_BY_INACCESSIBLE",
                        f'Argument "{where}({argument.name.value}:)" is @inaccessible but implements the interface '
                        f'argument "{interface}.{field.name.value}({argument.name.value}:)", which is in the API schema.',
                    )

    def _check_input(self, where: str, given: InputValueDefinitionNode) -> None:
        if not self._is_hidden(given):
            self._check_reference(where, given.type)
            if given.default_value is not None and self._uses_hidden(given.type, given.default_value):
                self._report.error(
                    "DEFAULT_VALUE_USES_INACCESSIBLE",
                    f'The default of "{where}" uses an @inaccessible element but is itself in the API schema.',
                )
        elif isinstance(given.type, NonNullTypeNode) and given.default_value is None:
            self._report.error(
                "REQUIRED_INACCESSIBLE",
                f'"{where}" is @inaccessible but is required: clients could not give it a value.',
            )

    def _check_reference(self, where: str, type_node: Any) -> None:
        name = _name(type_node)
        target = self._types.get(name)
        if is_machinery(name):
            self._report.error(
                "REFERENCED_INACCESSIBLE",
                f'Type "{name}" belongs to a linked specification but is referenced by "{where}", which is in the API '
                "schema.",
            )
        if target is not None and self._is_hidden(target):
            self._report.error(
                "REFERENCED_INACCESSIBLE",
                f'Type "{target.name.value}" is @inaccessible but is referenced by "{where}", which is in the API schema.',
            )

    def _uses_hidden(self, type_node: Any, value: Any) -> bool:
        target = self._types.get(_name(type_node))
        if value.kind == "list_value":
            return any(self._uses_hidden(type_node, item) for item in value.values)
        if isinstance(target, EnumTypeDefinitionNode) and value.kind == "enum_value":
            return any(v.name.value == value.value and self._is_hidden(v) for v in target.values or ())
        if isinstance(target, InputObjectTypeDefinitionNode) and value.kind == "object_value":
            fields = {f.name.value: f for f in target.fields or ()}
            return any(
                (known := fields.get(entry.name.value)) is not None
                and (self._is_hidden(known) or self._uses_hidden(known.type, entry.value))
                for entry in value.fields
            )
        return False

    def _visible_interface_fields(self, node: Any, field_name: str) -> Iterator[str]:
        for reference in node.interfaces or ():
            declared = self._types.get(reference.name.value)
            if not isinstance(declared, InterfaceTypeDefinitionNode) or self._is_hidden(declared):
                continue
            if any(f.name.value == field_name and not self._is_hidden(f) for f in declared.fields or ()):
                yield reference.name.value

    def _children(self, node: TypeDefinitionNode) -> Iterator[Any]:
        if isinstance(node, UnionTypeDefinitionNode):
            yield from node.types or ()
        elif isinstance(node, EnumTypeDefinitionNode):
            yield from node.values or ()
        else:
            yield from getattr(node, "fields", None) or ()

    def _is_child_hidden(self, child: Any) -> bool:
        if child.kind == "named_type":
            target = self._types.get(child.name.value)
            return target is not None and self._is_hidden(target)
        return self._is_hidden(child)

    def _is_hidden(self, node: Any) -> bool:
        return any(directive.name.value == "inaccessible" for directive in node.directives or ())


def _name(node: Any) -> str:
    while isinstance(node, NonNullTypeNode | ListTypeNode):
        node = node.type
    return str(node.name.value)
