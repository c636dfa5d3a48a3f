"""Every place of a schema that takes a value, with a hostile value in it and what is valid everywhere else.

Places are found in the schema: arguments of root fields and of entities' fields, the fields of input objects, the keys of
entities. All values of one place go in one request, under aliases, and one by one where one of them spoils the request.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedInputType,
    GraphQLNonNull,
    get_named_type,
    is_required_argument,
)

from tests.support.access import Walk, select

TEXTS = (
    "",
    " ",
    "a\0b",
    "\ud800",
    "\u202eevil",
    "e" + "\u0301" * 500,
    "👩‍👩‍👧‍👦" * 20,
    "'; DROP TABLE accounts; --",
    "%_\\",
    "\r\nBcc: all@example.com",
    "ada\u200b@example.com",
    "\ufeff\u2060",
    "\U0010ffff",
    "ﷺ" * 2_000,
    "00000000-0000-0000-0000-000000000000",
    "-1",
    "2026-01-01T00:00:00Z",
    "{" * 2_000,
)
RAW = "@raw@"
"""Before what stands in the JSON as it is, without quotation marks."""
NUMBERS = (-1, 0, 2**31 - 1, -(2**31), 2**31, 2**53, 1.5, "1", f"{RAW}1e400", f"{RAW}{'9' * 400}")
HUGE = "x" * 500_000
"""By itself: whoever sends it says nothing else."""
VALUES: Mapping[str, Sequence[Any]] = {
    "Int": NUMBERS,
    "Float": (*NUMBERS, 1e308, 5e-324, "NaN"),
    "Decimal": (
        *("-1", "0", "-0", "0.00", "0.001", "1e400", "1e5", "1E-400", "NaN", "sNaN", "Infinity", "+1", " 1", "1_000"),
        *("1,5", "0x10", "\u0661", "9" * 400, "92233720368547758.08", "92233720368547758.07", "0." + "0" * 400 + "1"),
        *NUMBERS,
    ),
    "CurrencyCode": ("EUR", "JPY", "KWD", "usd", "XXX", "US", "", "\uff35\uff33\uff24", "U\0D", "\ud800", "x" * 70_000, 840),
    "DateTime": (
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999Z"),
        *("9999-12-31T23:59:59-23:59", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
        *("2026-01-01T00:00:00+99:00", "2026-01-01T00:00:00", "2026-01-01", "now", "infinity", "", "\0", 0, 2**63),
    ),
    "JSON": (
        *("\0", "\ud800", {"\0": 1}, {"\ud800": 1}, 2**70, f"{RAW}1e400", f"{RAW}{'[' * 200}{']' * 200}", [], None),
        {"a": "x" * 70_000},
    ),
}  # fmt: skip
CLEAR = {"UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT", "COST_LIMIT", "GRAPHQL_VALIDATION_FAILED"}
"""The codes of errors that tell a client what to mend."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes: an argument of a field, or what is below it at `path` (names, and 0 in a list)."""

    owner: str
    """`query`, `mutation`, or the name of an entity's type."""
    name: str
    field: GraphQLField
    path: tuple[str | int, ...]
    wanted: GraphQLNamedInputType
    """What goes there."""

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}({'.'.join(map(str, self.path))})"

    def list_values(self) -> Sequence[Any]:
        """What to put there; nothing where the rule is GraphQL's own, and kept before a resolver is asked."""
        if self.wanted.name == "Boolean" or isinstance(self.wanted, GraphQLEnumType):
            return ()
        return VALUES.get(self.wanted.name, TEXTS)

    @property
    def is_text(self) -> bool:
        """Whether any text is of the right type there."""
        return self.list_values() is TEXTS


def list_places(walk: Walk) -> Iterator[Place]:
    """Every place of a subgraph's schema, but for subscriptions."""
    schema = walk.schema
    for owner, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, field in (root.fields if root else {}).items():
            if not name.startswith("_"):
                yield from _list_in_field(owner, name, field)
    for type_name, name, field in walk.list_entity_fields():
        yield from _list_in_field(type_name, name, field)


def _list_in_field(owner: str, name: str, field: GraphQLField) -> Iterator[Place]:
    for argument, definition in field.args.items():
        for path, leaf in _list_leaves(definition.type):
            yield Place(owner, name, field, (argument, *path), leaf)


def _list_leaves(wanted: Any) -> Iterator[tuple[tuple[str | int, ...], GraphQLNamedInputType]]:
    if isinstance(wanted, GraphQLNonNull):
        yield from _list_leaves(wanted.of_type)
    elif isinstance(wanted, GraphQLList):
        for path, leaf in _list_leaves(wanted.of_type):
            yield (0, *path), leaf
    elif isinstance(wanted, GraphQLInputObjectType):
        for name, field in wanted.fields.items():
            for path, leaf in _list_leaves(field.type):
                yield (name, *path), leaf
    else:
        yield (), wanted


def write_request(walk: Walk, place: Place, values: Sequence[Any], key: Mapping[str, Any] | None) -> bytes:
    """A request with an alias for each of the values; `key` is the entity's whose field it is."""
    argument = str(place.path[0])
    variables: dict[str, Any] = {}
    definitions, calls = [], []
    for number, value in enumerate(values):
        given = []
        for each, definition in place.field.args.items():
            if each != argument and not is_required_argument(definition):
                continue
            variable = f"{each}_{number}"
            base = str(uuid4()) if each == "idempotencyKey" else walk.value(each, definition.type)
            path = place.path[1:] if each == argument else None
            variables[variable] = base if path is None else _put(walk, each, definition.type, path, value)
            definitions.append(f"${variable}: {definition.type}")
            given.append(f"{each}: ${variable}")
        # A mutation is done whatever is asked of it, and a document that is short is soon read.
        named = get_named_type(place.field.type)
        selection = "{ __typename }" if place.owner == "mutation" else select(named, 2)
        calls.append(f"a{number}: {place.name}({', '.join(given)}) {selection}")
    text = "\n".join(calls)
    kind = place.owner
    if key is not None:
        kind, text = "query", f"_entities(representations: [$key]) {{ ... on {place.owner} {{ {text} }} }}"
        definitions.append("$key: _Any!")
        variables["key"] = {"__typename": place.owner, **key}
    return write_body(f"{kind}({', '.join(definitions)}) {{ {text} }}", variables)


def write_body(operation: str, variables: Mapping[str, Any]) -> bytes:
    """A body, with raw values as they are and half surrogate pairs escaped."""
    text = json.dumps({"query": operation, "variables": variables})
    while (begin := text.find(f'"{RAW}')) >= 0:
        end = text.index('"', begin + 1)
        text = text[:begin] + text[begin + len(RAW) + 1 : end] + text[end + 1 :]
    return text.encode()


def _put(walk: Walk, name: str, wanted: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if isinstance(wanted, GraphQLNonNull):
        return _put(walk, name, wanted.of_type, path, value)
    if not path:
        return value
    if isinstance(wanted, GraphQLList):
        return [_put(walk, name, wanted.of_type, path[1:], value)]
    assert isinstance(wanted, GraphQLInputObjectType)
    below = str(path[0])
    base = walk.value(name, wanted)
    return {**base, below: _put(walk, below, wanted.fields[below].type, path[1:], value)}
