"""Random operations over a schema, for laws that hold for every operation."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
    get_variable_values,
    is_composite_type,
    is_required_argument,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

_DEPTH_MAX = 4
_FIELDS_MAX = 4
_ALIASES = ("x", "y", "id", "f0", "name", "__typename")
_TYPES = {"c": "Boolean!", "d": "Boolean = true", "n": "Int = 3", "m": "Int!", "s": 'String! = "USD"'}


@dataclass(frozen=True)
class RandomQuery:
    """An operation and the values of its variables."""

    text: str
    variables: dict[str, Any]


def draw_query(
    schema: GraphQLSchema,
    random: Random,
    *,
    aliases: tuple[str, ...] = _ALIASES,
    has_defers: bool = False,
) -> RandomQuery:
    """Draw a valid operation with aliases, fragments, arguments and conditions: mostly a query, else a mutation.

    With `has_defers` one fragment in two is deferred, and the schema has to know the directive.
    """
    while True:
        kind, root = "query", schema.query_type
        if schema.mutation_type is not None and random.random() < 0.15:
            kind, root = "mutation", schema.mutation_type
        assert root is not None
        query = _Writer(schema, random, aliases, has_defers).write(kind, root)
        if not validate(schema, parse(query.text)):
            return query


def without_defers(text: str) -> str:
    """The operation as one that is answered at once."""
    return re.sub(r" @defer(\([^)]*\))?", "", text)


def coerce_variables(schema: GraphQLSchema, query: RandomQuery) -> dict[str, Any]:
    """The values of all variables, with defaults for those left out."""
    document = parse(query.text)
    definitions = next(
        d for d in document.definitions if isinstance(d, OperationDefinitionNode)
    ).variable_definitions
    coerced = get_variable_values(schema, definitions or (), query.variables)
    assert isinstance(coerced, VariableValues), coerced
    return coerced.coerced


@dataclass
class _Writer:
    schema: GraphQLSchema
    random: Random
    aliases: tuple[str, ...]
    has_defers: bool = False
    defers: int = 0
    used: set[str] = field(default_factory=set)
    fragments: list[str] = field(default_factory=list)

    def write(self, kind: str, root: GraphQLObjectType) -> RandomQuery:
        body = self._selection(root, _DEPTH_MAX, {"__typename": "__typename"})
        declared = ", ".join(f"${name}: {_TYPES[name]}" for name in sorted(self.used))
        variables: dict[str, Any] = {name: self._rarely(2) for name in sorted(self.used & {"c", "d"})}
        variables |= {
            name: {"n": 3, "m": 2, "s": "USD"}[name] for name in sorted(self.used & {"n", "m", "s"})
        }
        for name in ("d", "n", "s"):
            if name in variables and self._rarely(2):
                del variables[name]
        header = f"{kind}{f' ({declared})' if declared else ''}"
        return RandomQuery(" ".join((header, body, *self.fragments)), variables)

    def _selection(self, type_: Any, depth: int, keys: dict[str, str]) -> str:
        parts: list[str] = []
        is_union = isinstance(type_, GraphQLUnionType)
        for _ in range(self.random.randint(1, _FIELDS_MAX)):
            if depth > 0 and (is_union or self._rarely(6 if isinstance(type_, GraphQLObjectType) else 2)):
                parts.append(self._fragment(type_, depth - 1, keys))
            elif not is_union:
                parts.append(self._field(type_, depth, keys))
        kept = [part for part in parts if part]
        if not kept or self._rarely(3):
            kept.append("__typename")
        return "{ " + " ".join(kept) + " }"

    def _fragment(self, type_: Any, depth: int, keys: dict[str, str]) -> str:
        chosen = type_
        if not isinstance(type_, GraphQLObjectType) or self._rarely(4):
            possible = [type_]
            if not isinstance(type_, GraphQLObjectType):
                possible = sorted(self.schema.get_possible_types(type_), key=lambda t: t.name)
            interfaces = {i.name: i for t in possible for i in t.interfaces}
            chosen = self.random.choice([*possible, *(interfaces[name] for name in sorted(interfaces))])
        body = self._selection(chosen, depth, keys)
        if self._rarely(6):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {chosen.name} {body}")
            return f"...{name}{self._directives()}"
        if chosen is type_ and self._rarely(2):
            return f"...{self._directives()} {body}"
        return f"... on {chosen.name}{self._directives()} {body}"

    def _field(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int, keys: dict[str, str]
    ) -> str:
        fields = {
            name: definition
            for name, definition in sorted(type_.fields.items())
            if depth > 0 or not is_composite_type(get_named_type(definition.type))
        }
        if not fields:
            return ""
        name = self.random.choice(sorted(fields))
        definition = fields[name]
        alias = self.random.choice(self.aliases) if self._rarely(6) else name
        text = name + self._arguments(definition)
        if keys.setdefault(alias, text) != text:
            return ""
        text = text if alias == name else f"{alias}: {text}"
        text += self._condition()
        if is_composite_type(get_named_type(definition.type)):
            text += f" {self._selection(get_named_type(definition.type), depth - 1, {'__typename': '__typename'})}"
        return text

    def _arguments(self, definition: GraphQLField) -> str:
        parts = []
        for name, argument in definition.args.items():
            if not is_required_argument(argument) and not self._rarely(2):
                continue
            choices = ('"EUR"', '"USD"', "$s")
            if get_named_type(argument.type).name != "String":
                choices = ("1", "2", "$m" if is_required_argument(argument) else "$n")
            value = self.random.choice(choices)
            if value.startswith("$"):
                self.used.add(value[1:])
            parts.append(f"{name}: {value}")
        return f"({', '.join(parts)})" if parts else ""

    def _condition(self) -> str:
        if not self._rarely(8):
            return ""
        value = self.random.choice(("$c", "$d", "$c", "$d", "true", "false"))
        if value.startswith("$"):
            self.used.add(value[1:])
        return f" @{self.random.choice(('skip', 'include'))}(if: {value})"

    def _directives(self) -> str:
        return self._condition() + self._defer()

    def _defer(self) -> str:
        if not self.has_defers or self._rarely(3):
            return ""
        given = []
        if self._rarely(2):
            self.defers += 1
            given.append(f'label: "d{self.defers}"')
        if self._rarely(4):
            variable = self.random.choice(("c", "d"))
            self.used.add(variable)
            given.append(f"if: ${variable}")
        return f" @defer({', '.join(given)})" if given else " @defer"

    def _rarely(self, one_in: int) -> bool:
        return self.random.randint(1, one_in) == one_in
