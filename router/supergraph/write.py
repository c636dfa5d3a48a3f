"""Supergraph SDL as text, in the form and the order that federation's readers expect.

The schema block comes first, then directive definitions, then types, each sorted by name; one directive a line at
the head of a type; fields, values and members in the order given.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql.language.block_string import print_block_string


@dataclass(frozen=True, slots=True)
class WrittenElement:
    """A field, an input field or an enum value: `text` is all between its description and its directives."""

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


def _write_element(element: WrittenElement) -> str:
    directives = "".join(f" {directive}" for directive in element.directives)
    return f"{_describe(element.description, '  ')}  {element.text}{directives}"


def _describe(description: str | None, indent: str = "") -> str:
    if description is None:
        return ""
    return "".join(
        f"{indent}{line}\n" if line else "\n" for line in print_block_string(description).split("\n")
    )
