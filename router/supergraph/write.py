"""Supergraph SDL as text, in the form and the order that federation's readers expect.

The schema block comes first, then directive definitions, then types, each sorted by name; one directive a line at
the head of a type; fields, values and members in the order given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphql import ConstValueNode, FloatValueNode, ListValueNode, ObjectValueNode, StringValueNode, print_ast
from graphql.language.block_string import is_printable_as_block_string, print_block_string
from graphql.language.print_string import print_string


@dataclass(frozen=True, slots=True)
class WrittenElement:
    """A field, an argument, an input field or an enum value.

    `text` is all between its description and its directives.
    """

    text: str
    description: str | None = None
    directives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenType:
    """A type definition; `keyword` is `type`, `interface`, `union`, `enum`, `input` or `scalar`."""

    keyword: str
    name: str
    description: str | None = None
    interfaces: tuple[str, ...] = ()
    directives: tuple[str, ...] = ()
    elements: tuple[WrittenElement, ...] = ()
    members: tuple[str, ...] = ()


def write_supergraph(
    *,
    description: str | None,
    schema_directives: Iterable[str],
    root_types: Iterable[tuple[str, str]],
    directive_definitions: Iterable[tuple[str, str]],
    types: Iterable[WrittenType],
) -> str:
    """The whole document, ending in a newline.

    `root_types` are pairs of operation kind and type name, `directive_definitions` pairs of name and SDL.
    """
    roots = "".join(f"  {kind}: {name}\n" for kind, name in root_types)
    links = "".join(f"  {directive}\n" for directive in schema_directives)
    parts = [f"{_describe(description)}schema\n{links}{{\n{roots}}}"]
    parts += [sdl for _, sdl in sorted(directive_definitions, key=lambda item: name_order(item[0]))]
    parts += [_write_type(item) for item in sorted(types, key=lambda item: name_order(item.name))]
    return "\n\n".join(parts) + "\n"


def write_field(name: str, arguments: Sequence[WrittenElement], type_text: str) -> str:
    """The `text` of a field."""
    return f"{name}{_write_arguments(arguments, '  ')}: {type_text}"


def write_directive_definition(
    *,
    name: str,
    description: str | None,
    arguments: Sequence[WrittenElement],
    is_repeatable: bool,
    locations: Iterable[str],
) -> str:
    """The definition of a directive."""
    repeatable = " repeatable" if is_repeatable else ""
    head = f"{_describe(description)}directive @{name}{_write_arguments(arguments, '')}"
    return f"{head}{repeatable} on {' | '.join(locations)}"


def write_application(name: str, arguments: Mapping[str, str]) -> str:
    """A directive as it is applied, its values written."""
    text = ", ".join(f"{key}: {value}" for key, value in arguments.items())
    return f"@{name}({text})" if text else f"@{name}"


def write_string(text: str) -> str:
    """A string as a value, in one line."""
    return print_string(text)


def write_value(node: ConstValueNode, *, is_canonical: bool = False) -> str:
    """A value in one line; `is_canonical` gives equal values the same text, however they are spelt."""
    if isinstance(node, StringValueNode):
        return print_string(node.value)
    if isinstance(node, ListValueNode):
        return "[" + ", ".join(write_value(item, is_canonical=is_canonical) for item in node.values) + "]"
    if isinstance(node, ObjectValueNode):
        entries = [
            f"{entry.name.value}: {write_value(entry.value, is_canonical=is_canonical)}"
            for entry in node.fields
        ]
        return "{" + ", ".join(sorted(entries) if is_canonical else entries) + "}"
    if is_canonical and isinstance(node, FloatValueNode) and float(node.value).is_integer():
        return str(int(float(node.value)))
    return print_ast(node)


def name_order(name: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """A sort key: `_` before digits before letters without regard to case, then lower case first."""
    ranks = tuple((0 if char == "_" else 1 if char.isdigit() else 2, char.lower()) for char in name)
    return ranks, name.swapcase()


def _write_type(item: WrittenType) -> str:
    implements = f" implements {' & '.join(item.interfaces)}" if item.interfaces else ""
    head = f"{_describe(item.description)}{item.keyword} {item.name}{implements}"
    directives = "".join(f"\n  {directive}" for directive in item.directives)
    if item.keyword == "union":
        return f"{head}{directives}\n = {' | '.join(item.members)}"
    if item.keyword == "scalar":
        return f"{head}{directives}"
    body = "\n".join(_write_element(element) for element in item.elements)
    return f"{head}{directives}\n{{\n{body}\n}}" if directives else f"{head} {{\n{body}\n}}"


def _write_element(element: WrittenElement, indent: str = "  ") -> str:
    return f"{_describe(element.description, indent)}{indent}{_write_line(element)}"


def _write_line(element: WrittenElement) -> str:
    return " ".join((element.text, *element.directives))


def _write_arguments(arguments: Sequence[WrittenElement], indent: str) -> str:
    if not arguments:
        return ""
    if all(argument.description is None for argument in arguments):
        return "(" + ", ".join(_write_line(argument) for argument in arguments) + ")"
    lines = "\n".join(_write_element(argument, indent + "  ") for argument in arguments)
    return f"(\n{lines}\n{indent})"


def _describe(description: str | None, indent: str = "") -> str:
    if description is None:
        return ""
    text = (
        print_block_string(description)
        if is_printable_as_block_string(description)
        else write_string(description)
    )
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.split("\n"))
