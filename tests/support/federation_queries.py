"""Random operations over a schema, for laws that hold for every query."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)
from hypothesis import strategies as st

_DEPTH_MAX = 4
_FIELDS_MAX = 4
_ALIASES = ("x", "y", "id", "name", "__typename")


@dataclass
class RandomQuery:
    """A query and the values of its variables."""

    text: str
    variables: dict[str, Any]


@dataclass
class _Writer:
    schema: GraphQLSchema
    data: Any
    used: set[str] = field(default_factory=set)

    def selection(self, type_: Any, depth: int, keys: dict[str, str]) -> str:
        parts: list[str] = []
        is_union = isinstance(type_, GraphQLUnionType)
        for _ in range(self.data.draw(st.integers(1, _FIELDS_MAX))):
            if depth > 0 and (is_union or self._rarely(6 if isinstance(type_, GraphQLObjectType) else 2)):
                parts.append(self._fragment(type_, depth - 1, keys))
            elif is_union:
                continue
            else:
                parts.append(self._field(type_, depth, keys))
        return "{ " + " ".join(part for part in parts if part) + " __typename }"

    def _fragment(self, type_: Any, depth: int, keys: dict[str, str]) -> str:
        if isinstance(type_, GraphQLObjectType):
            return f"...{self._condition()} {self.selection(type_, depth, keys)}"
        possible = sorted(self.schema.get_possible_types(type_), key=lambda t: t.name)
        interfaces = sorted(
            {i.name: i for t in possible for i in t.interfaces}.values(), key=lambda t: t.name
        )
        chosen = self.data.draw(st.sampled_from([*possible, *interfaces]))
        return f"... on {chosen.name}{self._condition()} {self.selection(chosen, depth, keys)}"

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
        name = self.data.draw(st.sampled_from(sorted(fields)))
        definition = fields[name]
        alias = self.data.draw(st.sampled_from(_ALIASES)) if self._rarely(6) else name
        text = name + self._arguments(definition)
        if keys.setdefault(alias, text) != text:
            return ""
        text = text if alias == name else f"{alias}: {text}"
        text += self._condition()
        if is_composite_type(get_named_type(definition.type)):
            text += " " + self.selection(
                get_named_type(definition.type), depth - 1, {"__typename": "__typename"}
            )
        return text

    def _arguments(self, definition: GraphQLField) -> str:
        parts = []
        for name, argument in definition.args.items():
            if is_required_argument(argument) or self._rarely(2):
                value = self.data.draw(st.sampled_from(("1", "2", "$n")))
                if get_named_type(argument.type).name == "String":
                    value = self.data.draw(st.sampled_from(('"EUR"', '"USD"', "$s")))
                if value.startswith("$"):
                    self.used.add(value[1:])
                parts.append(f"{name}: {value}")
        return f"({', '.join(parts)})" if parts else ""

    def _condition(self) -> str:
        if not self._rarely(8):
            return ""
        variable = self.data.draw(st.sampled_from(("c", "d")))
        self.used.add(variable)
        return f" @{self.data.draw(st.sampled_from(('skip', 'include')))}(if: ${variable})"

    def _rarely(self, one_in: int) -> bool:
        return bool(self.data.draw(st.integers(1, one_in)) == one_in)


_TYPES = {"c": "Boolean!", "d": "Boolean!", "n": "Int = 3", "s": 'String! = "USD"'}


@st.composite
def random_queries(draw: st.DrawFn, schema: GraphQLSchema) -> RandomQuery:
    """Draw queries with aliases, fragments, arguments and conditions; not all are valid."""
    writer = _Writer(schema, draw(st.data()))
    body = writer.selection(schema.query_type, _DEPTH_MAX, {"__typename": "__typename"})
    declared = ", ".join(f"${name}: {_TYPES[name]}" for name in sorted(writer.used))
    variables: dict[str, Any] = {name: draw(st.booleans()) for name in sorted(writer.used & {"c", "d"})}
    variables |= {name: {"n": 3, "s": "USD"}[name] for name in sorted(writer.used & {"n", "s"})}
    return RandomQuery(f"query{f' ({declared})' if declared else ''} {body}", variables)
