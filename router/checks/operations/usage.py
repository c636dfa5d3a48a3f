"""Which elements of a schema an operation uses, as coordinates.

What cannot be told from the operation counts as used: a variable may bring any field of its input type and any value of
its enum. So a change that hits no operation hits none whatever the variables hold.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLSchema,
    InlineFragmentNode,
    ObjectFieldNode,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    type_from_ast,
    visit,
)

from router.checks.operations.read import ClientOperation


def find_used(schema: GraphQLSchema, operation: ClientOperation) -> frozenset[str]:
    """The coordinates of all elements that an operation, valid against the schema, uses or may use."""
    types = TypeInfo(schema)
    finder = _Finder(schema, types)
    visit(operation.document, TypeInfoVisitor(types, finder))
    return frozenset(finder.used)


class _Finder(Visitor):
    def __init__(self, schema: GraphQLSchema, types: TypeInfo) -> None:
        super().__init__()
        self._schema = schema
        self._types = types
        self.used: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        field = self._types.get_field_def()
        for owner in self._owners():
            coordinate = f"{owner}.{node.name.value}"
            self.used |= {
                owner,
                coordinate,
                *(f"{coordinate}({each.name.value}:)" for each in node.arguments or ()),
            }
        if field is not None:
            self.used.add(get_named_type(field.type).name)

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        if node.type_condition is not None:
            self.used.add(node.type_condition.name.value)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        self.used.add(node.type_condition.name.value)

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        directive = f"@{node.name.value}"
        self.used |= {directive, *(f"{directive}({each.name.value}:)" for each in node.arguments or ())}

    def enter_argument(self, _node: ArgumentNode, *_: Any) -> None:
        self._use(self._types.get_input_type())

    def enter_object_value(self, _node: ObjectValueNode, *_: Any) -> None:
        self._use(self._types.get_input_type())

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        owner = self._types.get_parent_input_type()
        if owner is not None:
            self.used.add(f"{get_named_type(owner).name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        of = self._types.get_input_type()
        if of is not None:
            self.used.add(f"{get_named_type(of).name}.{node.value}")

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        declared = type_from_ast(self._schema, node.type)
        if declared is not None:
            self.used.update(self._all_of(get_named_type(declared)))

    def _owners(self) -> Iterator[str]:
        """The type that a field is selected from, and the objects that it may be."""
        parent = self._types.get_parent_type()
        if parent is not None:
            yield parent.name
        if isinstance(parent, GraphQLInterfaceType):
            yield from (each.name for each in self._schema.get_possible_types(parent))

    def _use(self, of: GraphQLInputType | None) -> None:
        if of is not None:
            self.used.add(get_named_type(of).name)

    def _all_of(self, declared: Any) -> set[str]:
        """All that a value of an input type can hold."""
        found: set[str] = set()
        waiting = [declared]
        while waiting:
            each = waiting.pop()
            if each.name in found:
                continue
            found.add(each.name)
            if isinstance(each, GraphQLInputObjectType):
                found |= {f"{each.name}.{name}" for name in each.fields}
                waiting += [get_named_type(field.type) for field in each.fields.values()]
            elif isinstance(each, GraphQLEnumType):
                found |= {f"{each.name}.{name}" for name in each.values}
        return found
