"""Every operation that a schema allows, with hostile text in every place where text can be."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
)

HOSTILE_TEXTS = (
    "",
    " ",
    "\u202eevil",
    "é\u0301\u0301\u0301",
    "👩‍👩‍👧‍👦" * 20,
    "'; DROP TABLE accounts; --",
    "%_\\",
    "\r\nBcc: all@example.com",
    "\ufeff\u200b",
    "\U0010ffff",
    "x" * 70_000,
    "ﷺ" * 2_000,
    "00000000-0000-0000-0000-000000000000",
    "-1",
    "2026-01-01T00:00:00Z",
)


def operations(sdl: str, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give name, document and variables of an operation for each root field, with `text` wherever there is text.

    `_service` and `_entities` are left out.
    """
    schema = build_schema(sdl, assume_valid=True)
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, field in (root.fields if root else {}).items():
            if not name.startswith("_"):
                values = {key: _value(argument.type, text) for key, argument in field.args.items()}
                yield name, _document(kind, name, field), values


def _document(kind: str, name: str, field: GraphQLField) -> str:
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    passed = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"{kind}({declared})" if declared else kind
    call = f"{name}({passed})" if passed else name
    return f"{head} {{ {call} {_selection(get_named_type(field.type), 3)} }}"


def _selection(kind: Any, depth: int) -> str:
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLUnionType) or not isinstance(kind, GraphQLObjectType):
        return "{ __typename }"
    parts = ["__typename"]
    for name, field in kind.fields.items():
        if any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()):
            continue
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            parts.append(name)
        elif depth > 0:
            parts.append(f"{name} {_selection(inner, depth - 1)}")
    return "{ " + " ".join(parts) + " }"


def _value(kind: Any, text: str) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, text)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type, text)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _value(field.type, text) for name, field in kind.fields.items()}
    return {"Int": 5, "Boolean": True, "DateTime": "2026-01-01T00:00:00Z", "Float": 1.5}.get(kind.name, text)
