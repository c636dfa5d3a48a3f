"""A supergraph as the set of what it states, so that two composers' texts can be compared.

Order, spacing and the spelling of graph enum values do not count; each statement is a line that tells a difference
well enough to be read in a failing test.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    SchemaDefinitionNode,
    ValueNode,
    parse,
    print_ast,
)

_FIELD_SETS = frozenset({"key", "requires", "provides"})


def read_facts(sdl: str) -> set[str]:
    """Everything that a supergraph states, but for the descriptions of the link spec's own elements."""
    document = parse(sdl)
    graphs = {
        value.name.value: f"<{_argument((value.directives or ())[0], 'name')}>"
        for node in document.definitions
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph"
        for value in node.values or ()
    }
    facts: set[str] = set()
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            facts.update(_element("schema", node, graphs))
            facts.update(
                f"schema {each.operation.value}: {each.type.name.value}" for each in node.operation_types
            )
        elif isinstance(node, DirectiveDefinitionNode):
            facts.add(_definition(node, graphs))
        elif getattr(node, "name").value not in {"join__Graph", "link__Purpose"}:  # noqa: B009 -- all others are named
            facts.update(_type(node, graphs))
    return facts


def _type(node: Any, graphs: Mapping[str, str]) -> Iterator[str]:
    name = node.name.value
    yield f"{node.kind} {name}"
    yield from _element(name, node, graphs)
    for key, word in (("interfaces", "implements"), ("types", "has member")):
        yield from (f"{name} {word} {each.name.value}" for each in getattr(node, key, None) or ())
    for child in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
        where = f"{name}.{child.name.value}"
        yield from _typed(where, child, graphs)
        for argument in getattr(child, "arguments", None) or ():
            yield from _typed(f"{where}({argument.name.value}:)", argument, graphs)


def _typed(where: str, node: Any, graphs: Mapping[str, str]) -> Iterator[str]:
    default = getattr(node, "default_value", None)
    declared = print_ast(node.type) if hasattr(node, "type") else "value"
    yield f"{where} is {declared}{f' = {_value(default, graphs)}' if default is not None else ''}"
    yield from _element(where, node, graphs)


def _element(where: str, node: Any, graphs: Mapping[str, str]) -> Iterator[str]:
    if node.description is not None:
        yield f"{where} means {node.description.value!r}"
    for applied in node.directives or ():
        arguments = {
            each.name.value: _field_set(each.value)
            if _is_field_set(applied, each)
            else _value(each.value, graphs)
            for each in applied.arguments or ()
        }
        if applied.name.value == "join__type" and arguments.get("resolvable") == "true":
            del arguments["resolvable"]  # the default, which may be written
        listed = ", ".join(f"{name}: {text}" for name, text in sorted(arguments.items()))
        yield f"{where} @{applied.name.value}({listed})"


def _is_field_set(applied: Any, argument: Any) -> bool:
    return applied.name.value in {"join__type", "join__field"} and argument.name.value in _FIELD_SETS


def _field_set(node: Any) -> str:
    text = re.sub(r"[\s,]+", " ", node.value).strip()
    text = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text
    return re.sub(r"\s*([{}():])\s*", r"\1", text)


def _definition(node: DirectiveDefinitionNode, graphs: Mapping[str, str]) -> str:
    arguments = sorted(
        f"{each.name.value}: {print_ast(each.type)}"
        + (f" = {_value(each.default_value, graphs)}" if each.default_value is not None else "")
        for each in node.arguments or ()
    )
    locations = " | ".join(sorted(each.value for each in node.locations))
    repeatable = "repeatable " if node.repeatable else ""
    return f"directive @{node.name.value}({', '.join(arguments)}) {repeatable}on {locations}"


def _value(node: ValueNode, graphs: Mapping[str, str]) -> str:
    value: Any = node
    match node.kind:
        case "enum_value":
            return graphs.get(value.value, str(value.value))
        case "list_value":
            return f"[{', '.join(_value(each, graphs) for each in value.values)}]"
        case "object_value":
            parts = sorted(f"{each.name.value}: {_value(each.value, graphs)}" for each in value.fields)
            return f"{{{', '.join(parts)}}}"
        case "string_value":
            return json.dumps(value.value)
        case _:
            return print_ast(node)


def _argument(applied: Any, name: str) -> str:
    return next(str(each.value.value) for each in applied.arguments if each.name.value == name)
