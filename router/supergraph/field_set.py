"""Field sets: the selections inside `@key`, `@requires` and `@provides`, read once into hashable values.

A field set is compared, hashed and walked many times while planning, so it is a tuple of frozen values and
not a syntax tree. Arguments are kept as canonical text: two spellings of one value are one value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)

Arguments: TypeAlias = tuple[tuple[str, str], ...]
"""The arguments of one field, sorted by name, each value as canonical GraphQL text."""


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One field of a field set; `selections` is empty for a leaf."""

    name: str
    arguments: Arguments = ()
    selections: "FieldSet" = ()


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """Selections that count only for objects of one type."""

    type_condition: str
    selections: "FieldSet"


FieldSet: TypeAlias = tuple[FieldSelection | FragmentSelection, ...]


def read_field_set(text: str) -> FieldSet:
    """Read the string of a directive such as `@key(fields:)`, in the order written; braces around it may be there.

    What is written twice is one selection: `id id` is `id`, and `a { b } a { c }` is `a { b c }`.

    Raises:
        GraphQLSyntaxError: the text is no selection set.
    """
    whole = text if text.lstrip().startswith("{") else f"{{{text}}}"
    definition = parse(whole, no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return _read_selections((definition.selection_set,))


def write_field_set(fields: FieldSet) -> str:
    """Give the canonical text: equal sets written in another order give equal texts."""
    return " ".join(sorted(_write_selection(selection) for selection in fields))


def freeze_arguments(arguments: Iterable[ArgumentNode] | None) -> Arguments:
    """Give arguments as a canonical, hashable value: `{b: 1, a: 2}` and `{a: 2, b: 1}` are equal."""
    return tuple(sorted((argument.name.value, write_value(argument.value)) for argument in arguments or ()))


def write_value(value: ValueNode) -> str:
    """Print a value with the keys of input objects sorted."""
    if isinstance(value, ObjectValueNode):
        fields = sorted(f"{field.name.value}: {write_value(field.value)}" for field in value.fields)
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, ListValueNode):
        return "[" + ", ".join(write_value(item) for item in value.values) + "]"
    if isinstance(value, VariableNode):
        return f"${value.name.value}"
    if isinstance(value, IntValueNode | FloatValueNode | EnumValueNode):
        return value.value
    return print_ast(value)


def write_type(node: TypeNode) -> str:
    """Print a reference to a type: `[ID!]!`."""
    if isinstance(node, NonNullTypeNode):
        return f"{write_type(node.type)}!"
    if isinstance(node, ListTypeNode):
        return f"[{write_type(node.type)}]"
    assert isinstance(node, NamedTypeNode)
    return node.name.value


def find_variables(value: ValueNode) -> list[str]:
    """Name the variables that a value uses, in order."""
    if isinstance(value, VariableNode):
        return [value.name.value]
    if isinstance(value, ListValueNode):
        return [name for item in value.values for name in find_variables(item)]
    if isinstance(value, ObjectValueNode):
        return [name for field in value.fields for name in find_variables(field.value)]
    return []


def _read_selections(sets: Iterable[SelectionSetNode]) -> FieldSet:
    """Read what is selected in one place; what is selected there twice counts once, with all that is selected in it."""
    inner: dict[FieldSelection | FragmentSelection, list[SelectionSetNode]] = {}
    for selection in _list_selections(sets):
        found = inner.setdefault(_read_head(selection), [])
        if selection.selection_set is not None:
            found.append(selection.selection_set)
    return tuple(
        replace(head, selections=_read_selections(found)) if found else head for head, found in inner.items()
    )


def _read_head(selection: FieldNode | InlineFragmentNode) -> FieldSelection | FragmentSelection:
    """A selection without what is selected in it."""
    if isinstance(selection, FieldNode):
        return FieldSelection(selection.name.value, freeze_arguments(selection.arguments))
    assert selection.type_condition is not None
    return FragmentSelection(selection.type_condition.name.value, ())


def _list_selections(sets: Iterable[SelectionSetNode]) -> Iterator[FieldNode | InlineFragmentNode]:
    """The selections in order; those of a fragment without a type condition stand in its place."""
    for node in sets:
        for selection in node.selections:
            if isinstance(selection, InlineFragmentNode) and selection.type_condition is None:
                yield from _list_selections((selection.selection_set,))
            elif isinstance(selection, FieldNode | InlineFragmentNode):
                yield selection


def _write_selection(selection: FieldSelection | FragmentSelection) -> str:
    if isinstance(selection, FragmentSelection):
        return f"... on {selection.type_condition} {{ {write_field_set(selection.selections)} }}"
    arguments = ", ".join(f"{name}: {value}" for name, value in selection.arguments)
    text = f"{selection.name}({arguments})" if arguments else selection.name
    return f"{text} {{ {write_field_set(selection.selections)} }}" if selection.selections else text
