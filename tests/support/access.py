"""A walk over the whole schema of a subgraph: every field of every entity, every root field, as every sort of caller.

Nothing of it is written down for a field: operations are built from the schema, so a field that is new is walked too,
and a field that nobody has a rule for is a fault.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from tests.subgraph.orders.client import BOB

Ask = Callable[[str, str | None, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Asks an operation with a token and variables; gives the answer."""

ANONYMOUS, OTHER, OWNER, ADMIN = "anonymous", "other", "owner", "admin"
CALLERS = (ANONYMOUS, OTHER, OWNER, ADMIN)
EVERYBODY = frozenset(CALLERS)
NOBODY: frozenset[str] = frozenset()
"""None of these: it takes a right to write."""
SIGNED_IN = frozenset({OTHER, OWNER, ADMIN})
OWN = frozenset({OWNER, ADMIN})
ONLY_OWNER = frozenset({OWNER})
ONLY_ADMIN = frozenset({ADMIN})
SCALARS = {
    "Int": 1,
    "Float": 1.0,
    "String": "x",
    "Boolean": False,
    "ID": "00000000-0000-7000-8000-000000000000",
    "DateTime": "2026-01-01T00:00:00Z",
    "Decimal": "1.00",
    "CurrencyCode": "USD",
    "JSON": {},
}
DEPTH_MAX = 3
CLAIMS = {
    "role": "ADMIN",
    "status": "COMPLETED",
    "customerId": str(BOB),
    "payerId": str(BOB),
    "userId": str(BOB),
} | {
    name: {"__typename": "User", "id": str(BOB)} for name in ("customer", "payer", "author", "owner", "user")
}
"""What somebody else might say beside a key, to be taken for the owner: the representations of `_entities` are anybody's."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A subgraph as it is walked: its schema, tokens by caller, and values for arguments by their names."""

    schema: GraphQLSchema
    ask: Ask
    tokens: Mapping[str, str | None]
    known: Mapping[str, Any]

    def list_entity_fields(self) -> Iterator[tuple[str, str, GraphQLField]]:
        """Type and name of every field of every entity."""
        union = self.schema.type_map["_Entity"]
        assert isinstance(union, GraphQLUnionType)
        for entity in union.types:
            for name, field in entity.fields.items():
                yield entity.name, name, field

    async def who_sees_entity(
        self, type_name: str, name: str, field: GraphQLField, key: Mapping[str, Any]
    ) -> frozenset[str]:
        """Who gets something of the entity with the key."""
        text, variables, definitions = self.write_field(name, field)
        operation = f"""query($key: _Any!{definitions}) {{ _entities(representations: [$key]) {{
            ... on {type_name} {{ {text} }} }} }}"""
        variables["key"] = {"__typename": type_name, **CLAIMS, **key}
        seen = set()
        for caller in CALLERS:
            answer = await self.ask(operation, self.tokens[caller], variables)
            data = answer.get("data") or {"_entities": [None]}
            (entity,) = data["_entities"]
            if entity is not None and _is_something(entity[name]):
                seen.add(caller)
        return frozenset(seen)

    async def who_sees_root(self, name: str, field: GraphQLField) -> frozenset[str]:
        """Who gets something from a root query field."""
        seen = set()
        for caller in CALLERS:
            answer = await self.ask_root("query", name, field, caller)
            if _is_something((answer.get("data") or {}).get(name)):
                seen.add(caller)
        return frozenset(seen)

    async def ask_root(self, kind: str, name: str, field: GraphQLField, caller: str) -> dict[str, Any]:
        """The answer to a root field alone."""
        operation, variables = self.write_root(kind, name, field)
        return await self.ask(operation, self.tokens[caller], variables)

    def write_root(self, kind: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
        """An operation that asks a root field alone, and its variables."""
        text, variables, definitions = self.write_field(name, field)
        head = f"({definitions.removeprefix(', ')})" if definitions else ""
        return f"{kind}{head} {{ {text} }}", variables

    def write_field(self, name: str, field: GraphQLField) -> tuple[str, dict[str, Any], str]:
        """A field with what it takes and what it gives, its variables, and how they are declared."""
        variables: dict[str, Any] = {}
        definitions, arguments = "", []
        for argument, definition in field.args.items():
            if is_required_argument(definition) or argument in self.known:
                variables[argument] = self.value(argument, definition.type)
                definitions += f", ${argument}: {definition.type}"
                arguments.append(f"{argument}: ${argument}")
        given = f"({', '.join(arguments)})" if arguments else ""
        return f"{name}{given} {select(get_named_type(field.type), DEPTH_MAX)}", variables, definitions

    def value(self, name: str, wanted: Any) -> Any:
        """A valid value for an argument or an input field of this name and type."""
        if isinstance(wanted, GraphQLNonNull):
            return self.value(name, wanted.of_type)
        if name in self.known:
            return self.known[name]
        if isinstance(wanted, GraphQLList):
            return [self.value(name, wanted.of_type)]
        if isinstance(wanted, GraphQLEnumType):
            return next(iter(wanted.values))
        if isinstance(wanted, GraphQLInputObjectType):
            return {
                each: self.value(each, definition.type)
                for each, definition in wanted.fields.items()
                if is_required_input_field(definition) or each in self.known
            }
        return SCALARS[wanted.name]


def select(named: Any, depth: int) -> str:
    """A selection of what an object has, without arguments, down to a depth."""
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        return "{ __typename }"
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    # Entities are walked field by field at their own place: here only that one is there.
    if "id" in named.fields:
        return "{ id }"
    parts = [
        f"{name} {select(get_named_type(field.type), depth - 1)}"
        for name, field in named.fields.items()
        if not any(is_required_argument(argument) for argument in field.args.values())
        and (depth > 1 or is_leaf_type(get_named_type(field.type)))
        and name not in {"edges", "pageInfo", "totalCount"}
    ]
    if "edges" in named.fields and "nodes" not in named.fields:
        parts.append("edges { node { id } }")
    return "{ __typename " + " ".join(parts) + " }"


def _is_something(value: Any) -> bool:
    """Whether there is anything in a value: an empty page and an object of nulls are nothing."""
    if isinstance(value, dict):
        return any(_is_something(each) for name, each in value.items() if name != "__typename") or set(
            value
        ) == {"__typename"}
    if isinstance(value, list):
        return any(_is_something(each) for each in value)
    return value is not None
